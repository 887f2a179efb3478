using System.Text.RegularExpressions;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The local host's pages in a browser without network access, used with the keyboard only.</summary>
public sealed class PageTests
{
    [BrowserFact]
    public async Task Page_Delink_ShowsTheAnswerTheStateTheRequestAndTheLog()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 2");

        await page.PressAsync("Enter", $"Delink PAYTM {TestHost.Paytm}");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"linked\": false')");
        await page.WaitForAsync("document.querySelectorAll('.unlinked').length === 1 && document.querySelectorAll('.linked').length === 1");
        await page.WaitForAsync("/command=delink.*Basic \\*\\*\\*.*200/s.test(document.querySelector('#requests').innerText)");
        await page.WaitForAsync("document.querySelector('#log').innerText.includes('wallet=wlm_…86bD')");

        Assert.False(host.IsLinked(TestHost.Paytm));
        Assert.True(host.IsLinked(TestHost.Mobikwik));
        var shown = (await page.EvaluateAsync("document.documentElement.outerHTML"))!.GetValue<string>();
        Assert.DoesNotContain(host.Simulation.ApiKey, shown, StringComparison.Ordinal);
        await page.PictureAsync("local-host-light");
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_BadWeather_IsSeenAndPasses()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!, colorScheme: "dark");
        await page.WaitForAsync("document.querySelector('#juspay-weather input:checked')");

        await page.EvaluateAsync("document.querySelectorAll('#juspay-weather input')[2].click()");
        await page.WaitForAsync("document.querySelectorAll('#juspay-weather input')[2].checked");
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Waiting.Count is 1);
        await page.PressAsync(" ", $"Delink MOBIKWIK {TestHost.Mobikwik}");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('juspay_unavailable')");
        await page.WaitForAsync("document.querySelectorAll('.unlinked').length === 1");
        await page.PressAsync("Enter", "Rotate the key");
        await page.WaitForAsync("document.querySelector('#versions').innerText.startsWith('2 versions')");
        await page.PictureAsync("local-host-dark");

        await page.EvaluateAsync("document.querySelectorAll('#juspay-weather input')[0].click()");
        await page.PressAsync("Enter", $"Send a signed event that closes {TestHost.Customer}");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"already_unlinked\": 1')");
        await page.PressAsync("Enter", "Reset everything");
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 2");

        Assert.Empty(host.Simulation.Faults.Waiting);
        Assert.Contains("502", Assert.Single(page.Errors), StringComparison.Ordinal);
        page.Errors.Clear();
        Assert.Single(host.KeyVault.Versions["juspay-api-key"]);
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_FailedAction_IsShownUntilTheNextAction()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 2");
        await page.EvaluateAsync(
            "window.looks = 0; const real = fetch; window.fetch = async (path, options) => { "
            + "if (path === '/_simulator/webhooks') { throw new TypeError('the connection broke'); } "
            + "const answer = await real(path, options); window.looks += path === '/_simulator' ? 1 : 0; return answer; }");

        await page.PressAsync("Enter", $"Send a signed event that closes {TestHost.Customer}");
        await page.WaitForAsync("document.querySelector('#trouble').innerText.includes('the connection broke')");
        // The refresh after the action, and two of the refreshes that occur every second.
        await page.WaitForAsync("window.looks >= 3");

        Assert.Equal("The local host does not answer as expected: the connection broke", (string?)await page.EvaluateAsync("document.querySelector('#trouble').innerText"));
        Assert.Equal("no answer", (string?)await page.EvaluateAsync("document.querySelector('#answer .bad').innerText"));
        await page.PressAsync("Enter", $"Delink PAYTM {TestHost.Paytm}");
        await page.WaitForAsync("document.querySelector('#trouble').hidden && document.querySelector('#answer .good').innerText === '200'");
        AssertSelfContained(host, page);
    }

    /// <summary>The page at the address ::1, to which the name localhost resolves on many machines.</summary>
    [BrowserFact(onIPv6: true)]
    public async Task Page_OverIPv6_ClosesAnAccount()
    {
        await using var host = await TestHost.StartAsync(["--urls", "http://[::1]:0"]);
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 2");

        await page.PressAsync("Enter", $"Send a signed event that closes {TestHost.Customer}");

        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"delinked\": 2')");
        await page.WaitForAsync("document.querySelectorAll('.unlinked').length === 2");
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_Controls_HaveNames()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 2");

        var controls = await page.ControlsAsync();

        Assert.True(controls.Length > 15);
        Assert.All(controls, control => Assert.NotEmpty(control.Name));
        // Radio buttons may share a name, because they have different legends. All other names must be distinct.
        Assert.Distinct(controls.Where(control => control.Role is not "radio"));
    }

    [BrowserFact]
    public async Task Docs_WithoutANetwork_ShowEveryRoute()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/"));

        await page.WaitForAsync("document.body.innerText.includes('Delink one wallet')");
        foreach (var route in new[] { "Delink all wallets of a customer", "Delink what a signed event asks for", "Whether the process answers" })
        {
            await page.WaitForAsync($"document.documentElement.innerText.includes('{route}')");
        }

        await page.PictureAsync("docs", whole: false);
        AssertSelfContained(host, page);
    }

    [Fact]
    public async Task Pages_AreForThisMachineAlone()
    {
        await using var host = await TestHost.StartAsync();

        foreach (var path in new[] { "/", "/docs/", "/_simulator", "/_simulator/page.js" })
        {
            Assert.Equal(200, await StatusAsync(HttpMethod.Get, path));
            Assert.Equal(200, await StatusAsync(HttpMethod.Get, path, ("Sec-Fetch-Site", "cross-site")));
            Assert.Equal(404, await StatusAsync(HttpMethod.Get, path, ("Host", "rebound.example")));
        }

        Assert.Equal(200, await StatusAsync(HttpMethod.Post, "/_simulator/reset", ("Sec-Fetch-Site", "same-origin")));
        Assert.Equal(404, await StatusAsync(HttpMethod.Post, "/_simulator/reset", ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(404, await StatusAsync(HttpMethod.Post, "/_simulator/reset", ("Sec-Fetch-Site", "same-site")));
        Assert.Equal(200, await StatusAsync(HttpMethod.Get, "/health", ("Host", "rebound.example")));

        async Task<int> StatusAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(method, path);
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await host.Client.SendAsync(request);
            return (int)answer.StatusCode;
        }
    }

    private static void AssertSelfContained(TestHost host, Chromium page)
    {
        Assert.Empty(page.Errors);
        Assert.NotEmpty(page.Requests);
        Assert.All(page.Requests, address => Assert.Matches($"^({Regex.Escape(host.Client.BaseAddress!.AbsoluteUri)}|data:|blob:)", address));
    }
}
