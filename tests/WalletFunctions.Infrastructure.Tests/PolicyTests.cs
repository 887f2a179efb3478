namespace WalletFunctions.Infrastructure.Tests;

[Collection(nameof(Deployments))]
public sealed class PolicyTests(Deployments deployments)
{
    [Theory]
    [MemberData(nameof(Deployments.Names), MemberType = typeof(Deployments))]
    public void EveryDeployment_KeepsEveryPolicy(string name) => Assert.Equal([], Violations(deployments[name]));

    /// <summary>A policy that nothing can break would prove nothing: one thing is changed at a time, and exactly the policy about it has to notice.</summary>
    [Theory]
    [MemberData(nameof(Breakages.Names), MemberType = typeof(Breakages))]
    public void Breakage_IsNoticedByItsPolicyAlone(string name)
    {
        var breakage = Breakages.All.Single(breakage => breakage.Name == name);
        var deployment = Deployments.Committed(breakage.Environment).Copy();
        breakage.Change(deployment);

        var violations = Violations(deployment);

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.StartsWith(breakage.Policy + ": ", violation, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryPolicy_CanBeBroken() =>
        Assert.Equal(Policies.All.Select(policy => policy.Name).Order(), Breakages.All.Select(breakage => breakage.Policy).Distinct().Order());

    private static IReadOnlyList<string> Violations(Deployment deployment) =>
        [.. Policies.All.SelectMany(policy => policy.Violations(deployment).Select(violation => $"{policy.Name}: {violation}"))];
}
