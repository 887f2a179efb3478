namespace WalletFunctions.Infrastructure.Tests;

[Collection(nameof(Deployments))]
public sealed class PolicyTests(Deployments deployments)
{
    [Theory]
    [MemberData(nameof(Deployments.Names), MemberType = typeof(Deployments))]
    public void EveryDeployment_KeepsEveryPolicy(string name)
    {
        var violations = Violations(deployments[name]);

        Assert.True(violations is [], string.Join('\n', violations));
    }

    /// <summary>A policy that cannot fail proves nothing, so one thing is changed at a time, and its policy must detect it.</summary>
    [Theory]
    [MemberData(nameof(Breakages.Names), MemberType = typeof(Breakages))]
    public void Breakage_IsNoticedByItsPolicy(string name)
    {
        var breakage = Breakages.All.Single(breakage => breakage.Name == name);
        var deployment = deployments[breakage.Environment].Copy();
        breakage.Change(deployment);

        Assert.Contains(breakage.Policy, Violations(deployment).Select(violation => violation.Split(':')[0]));
    }

    /// <summary>
    /// Mistakes that the policies are tested with. Each changes the snapshot; the table shows which policies also report it. To write the table again, run the tests with
    /// UPDATE_SNAPSHOTS=1.
    /// </summary>
    [Fact]
    public void PlantedBreakages_AreCaughtByPolicies()
    {
        var caught = Planted.All.Select(planted =>
        {
            var deployment = deployments[planted.Deployment].Copy();
            Assert.Empty(Violations(deployment));
            planted.Change(deployment);
            return (planted.Name, Policies: Violations(deployment).Select(violation => violation.Split(':')[0]).Distinct().ToArray());
        }).ToArray();

        Assert.Equal(40, caught.Length);
        Assert.Equal(40, caught.Select(breakage => breakage.Name).Distinct().Count());
        Assert.True(caught.Count(breakage => breakage.Policies is not []) >= 36, string.Join(", ", caught.Where(breakage => breakage.Policies is []).Select(breakage => breakage.Name)));
        var table = string.Concat(caught.Select((breakage, index) =>
            $"| {index + 1} | {breakage.Name} | {(breakage.Policies is [] ? "nothing" : string.Join(", ", breakage.Policies.Select(policy => $"`{policy}`")))} |\n"));
        Assert.Equal(BreakagesFile(table), Repository.Read(BreakagesPath));
    }

    private static readonly string[] BreakagesPath = ["tests", "WalletFunctions.Infrastructure.Tests", "BREAKAGES.md"];

    private static string BreakagesFile(string table)
    {
        var text = $"""
            # Forty breakages and the policies that catch them

            Each breakage changes the snapshot. The table shows which policies also report it. `PolicyTests` writes this file.

            | | what goes wrong | caught by |
            |---|---|---|
            {table}
            """;
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") is "1")
        {
            File.WriteAllText(Path.Combine([Repository.Root, .. BreakagesPath]), text);
        }

        return text;
    }

    [Fact]
    public void EveryPolicy_CanBeBroken() =>
        Assert.Equal(Policies.All.Select(policy => policy.Name).Order(), Breakages.All.Select(breakage => breakage.Policy).Distinct().Order());

    private static IReadOnlyList<string> Violations(Deployment deployment) =>
        [.. Policies.All.SelectMany(policy => policy.Violations(deployment).Select(violation => $"{policy.Name}: {violation}"))];
}
