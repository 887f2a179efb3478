using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The page on screens of several sizes, and for people who read it with other means than a screen.</summary>
public sealed class PageLayoutTests
{
    private const string Failure = "document.querySelectorAll('#juspay-faults input')[2].click()";

    [BrowserFact]
    public async Task Page_OnALaptop_ShowsTheClickAndTheRequestWithoutScrolling()
    {
        await using var host = await TestHost.StartAsync(["--Webhooks:Intake=queue"]);
        await using var page = await OpenAsync(host, 1280, 800);
        var columns = await ColumnsAsync(page);
        await page.EvaluateAsync(Failure);
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Waiting.Count is 1);

        await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");
        await page.WaitForAsync("document.querySelector('#queue .bad')");
        await page.PressAsync("Enter", $"Delink MOBIKWIK {TestHost.Mobikwik}");
        await page.WaitForAsync("document.querySelector('#requests').innerText.includes('command=delink') && document.querySelector('#answer .bad')");

        Assert.Equal(columns, await ColumnsAsync(page));
        Assert.Equal(0, (int?)await page.EvaluateAsync("scrollY"));
        foreach (var element in new[] { ".customer li:last-child button", "#requests tr", "#queue tr", "#answer strong", "#reset", "#log-title" })
        {
            Assert.True((bool?)await page.EvaluateAsync(
                $"(e => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().bottom <= innerHeight)(document.querySelector('{element}'))"), element);
        }

        Assert.True((bool?)await page.EvaluateAsync(
            "document.querySelector('.customer li:last-child button').getBoundingClientRect().right < document.querySelector('#requests tr').getBoundingClientRect().left"));
    }

    [BrowserTheory]
    [InlineData(390)]
    [InlineData(320)]
    public async Task Page_OnAPhone_CutsNothingOffAndHasLargeTargets(int width)
    {
        await using var host = await TestHost.StartAsync(["--Webhooks:Intake=queue"]);
        await using var page = await OpenAsync(host, width, 800);
        await page.EvaluateAsync(Failure);
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Waiting.Count is 1);
        await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");
        await page.PressAsync("Enter", $"Delink MOBIKWIK {TestHost.Mobikwik}");
        await page.WaitForAsync("document.querySelectorAll('#requests tr').length > 1 && document.querySelector('#answer .bad') && document.querySelector('#queue .bad')");
        await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => { details.open = true; })");

        Assert.Equal("", (string?)await page.EvaluateAsync(
            "[document.documentElement, ...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth && e.clientWidth > 0).map(e => e.outerHTML.slice(0, 80)).join()"));
        Assert.Equal("", (string?)await page.EvaluateAsync(
            "[...document.querySelectorAll('button, a, summary, fieldset label')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80)).join()"));
        Assert.Equal(1, (int?)await page.EvaluateAsync("new Set([...document.querySelectorAll('button')].filter(e => e.checkVisibility()).map(e => e.offsetWidth)).size"));
        Assert.Matches("^\\w+ /<wbr>(\\w+/<wbr>)+\\w+<wbr>$", (string?)await page.EvaluateAsync("document.querySelector('#requests summary code').innerHTML"));
    }

    [AxeFact]
    public async Task Page_InEachState_ViolatesNoRuleOfAxe()
    {
        await using var host = await TestHost.StartAsync(
            ["--Webhooks:Intake=queue", "--Merchants:shop_a:MerchantId=ShopA", "--LocalHost:FunctionKeys:default=local-key"]);
        foreach (var (width, colorScheme) in new[] { (1280, "light"), (320, "dark") })
        {
            await using var page = await OpenAsync(host, width, 800, colorScheme);
            Assert.Empty(await Axe.ViolationsAsync(page));

            await page.EvaluateAsync(Failure);
            await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");
            await page.PressAsync("Enter", "Delink PAYTM wlm_shop_a_0000000001");
            await page.WaitForAsync("document.querySelector('#answer .wait') && document.querySelector('#queue .wait') && document.querySelector('#log details')");
            await page.EvaluateAsync("document.querySelectorAll('details').forEach(details => { details.open = true; })");
            Assert.Empty(await Axe.ViolationsAsync(page));

            await page.EvaluateAsync("window.fetch = () => Promise.reject(new TypeError('no connection'))");
            await page.WaitForAsync("!document.querySelector('#stopped').hidden");
            Assert.Empty(await Axe.ViolationsAsync(page));
        }
    }

    [AxeFact]
    public async Task Page_WithARealJuspay_ViolatesNoRuleOfAxe()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:BaseUrl=http://127.0.0.1:1"]);
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);
        await page.WaitForAsync("document.querySelector('#notes li')");

        Assert.Empty(await Axe.ViolationsAsync(page));
    }

    /// <summary>The reference is a package. What axe finds in it is listed here with the package's version, so that a change is noticed.</summary>
    [AxeFact]
    public async Task Docs_ViolateTheRulesThatTheirPackageViolates()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/"));
        await page.WaitForAsync("document.documentElement.innerText.includes('Get this document')");

        var violations = await Axe.ViolationsAsync(page);

        Assert.Equal(("2.19.0", "color-contrast html-has-lang"), (ScalarVersion, string.Join(' ', violations.Keys.Order(StringComparer.Ordinal))));
    }

    private static string ScalarVersion => System.Xml.Linq.XDocument.Parse(Repository.Read("Directory.Packages.props"))
        .Descendants("PackageVersion").Single(package => (string?)package.Attribute("Include") is "Scalar.AspNetCore").Attribute("Version")!.Value;

    private static async Task<Chromium> OpenAsync(TestHost host, int width, int height, string colorScheme = "light")
    {
        var page = await Chromium.OpenAsync(host.Client.BaseAddress!, colorScheme);
        await page.SizeAsync(width, height);
        await page.WaitForAsync("document.querySelectorAll('.state').length >= 2");
        return page;
    }

    private static async Task<string?> ColumnsAsync(Chromium page) =>
        (string?)await page.EvaluateAsync("[...document.querySelectorAll('th, .see section')].map(e => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width].join(' '); }).join()");
}
