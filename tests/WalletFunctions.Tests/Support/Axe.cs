namespace WalletFunctions.Tests.Support;

/// <summary>A test that needs Chromium and axe-core, and gives the reason if it is skipped.</summary>
public sealed class AxeFactAttribute : FactAttribute
{
    public AxeFactAttribute() => Skip = new BrowserFactAttribute().Skip ?? Axe.WhyNot;
}

/// <summary>The rules of axe-core, an npm package that finds what keeps people from using a page.</summary>
internal static class Axe
{
    private static readonly NpmPackages Packages = new("axe", "the pages are not checked with it", "axe-core@4.14.1");

    /// <summary>Why it cannot be used here; null if it can.</summary>
    public static string? WhyNot => Packages.WhyNot;

    /// <summary>Returns the ids of the rules that the page violates, each with the first element that does.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ViolationsAsync(Chromium page)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(Packages.PathOf("axe-core", "axe.min.js")) + ";0");
        var violations = await page.EvaluateAsync("axe.run().then(result => result.violations.map(rule => [rule.id, rule.nodes[0].html]))");
        return violations!.AsArray().ToDictionary(rule => rule![0]!.GetValue<string>(), rule => rule![1]!.GetValue<string>());
    }
}
