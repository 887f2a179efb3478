using System.Text;
using System.Text.RegularExpressions;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.OpenApi;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.LocalHost;

/// <summary>The local host's pages in a browser without a network, used only with the keyboard.</summary>
public sealed class PageTests
{
    private const string SendButton = "[...document.querySelectorAll('button')].find(button => button.innerText.trim().startsWith('Send') && button.innerText.includes('request to'))";
    private const string Send = SendButton + ".click()";

    [BrowserFact]
    public async Task Page_Delink_ShowsTheAnswerTheStateTheRequestAndTheLog()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await OpenAsync(host);

        await page.PressAsync("Enter", $"Delink PAYTM {TestHost.Paytm}");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"linked\": false')");
        await page.WaitForAsync("document.querySelectorAll('.unlinked').length === 1 && document.querySelectorAll('.linked').length === 1");
        await page.WaitForAsync("/command=delink with the Juspay API key, hidden here.*200/s.test(document.querySelector('#requests').innerText)");
        await page.WaitForAsync("/delinked\\s+caller default\\s+wallet wlm_…86bD\\s+status 200/.test(document.querySelector('#log').innerText)");

        Assert.False(host.IsLinked(TestHost.Paytm));
        Assert.True(host.IsLinked(TestHost.Mobikwik));
        var shown = (await page.EvaluateAsync("document.documentElement.outerHTML"))!.GetValue<string>();
        Assert.DoesNotContain(host.Simulation.ApiKey, shown, StringComparison.Ordinal);
        await page.PictureAsync("local-host-light");
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_Details_StayOpenWhileThePageIsUpdated()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await OpenAsync(host);
        await page.PressAsync("Enter", $"Delink PAYTM {TestHost.Paytm}");
        await page.WaitForAsync("document.querySelector('#requests details') && document.querySelectorAll('#log details').length === 2");

        await page.EvaluateAsync("document.querySelectorAll('#requests summary, #log li:first-child summary').forEach(summary => summary.click())");
        await page.PressAsync("Enter", $"Delink MOBIKWIK {TestHost.Mobikwik}");
        await page.WaitForAsync("document.querySelectorAll('#requests tr').length === 2 && document.querySelectorAll('#log li').length === 3");

        Assert.Matches($"^{TestHost.Customer}$", (string?)await page.EvaluateAsync("[...document.querySelectorAll('#requests [open] dt')].find(name => name.innerText === 'x-routing-id').nextSibling.innerText"));
        Assert.Matches("^[0-9a-f]{32}$", (string?)await page.EvaluateAsync("[...document.querySelectorAll('#log [open] dt')].find(name => name.innerText === 'trace_id').nextSibling.innerText"));
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_Fault_IsSeenAndPasses()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await OpenAsync(host, colorScheme: "dark");
        await page.WaitForAsync("document.querySelector('#juspay-faults input:checked')");

        await page.EvaluateAsync("document.querySelectorAll('#juspay-faults input')[2].click()");
        await page.WaitForAsync("document.querySelectorAll('#juspay-faults input')[2].checked");
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Waiting.Count is 1);
        await page.PressAsync(" ", $"Delink MOBIKWIK {TestHost.Mobikwik}");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('juspay_unavailable')");
        await page.WaitForAsync("document.querySelectorAll('.unlinked').length === 1");
        await page.PressAsync("Enter", "Rotate the key");
        await page.WaitForAsync("document.querySelector('#versions').innerText.startsWith('2 versions')");
        await page.PictureAsync("local-host-dark");

        await page.EvaluateAsync("document.querySelectorAll('#juspay-faults input')[0].click()");
        await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"already_unlinked\": 1')");
        await page.PressAsync("Enter", "Reset everything");
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 2");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('appear here')");
        await page.WaitForAsync("document.querySelector('#requests').innerText.includes('appears here')");
        await page.WaitForAsync("document.querySelector('#log').innerText.includes('Each delink writes one line here')");

        Assert.Empty(host.Simulation.Faults.Waiting);
        Assert.Contains("502", Assert.Single(page.Errors), StringComparison.Ordinal);
        page.Errors.Clear();
        Assert.Single(host.KeyVault.Versions["juspay-api-key"]);
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_FaultThatChangesDuringACall_DoesNotHideItsAnswer()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await OpenAsync(host);
        await page.EvaluateAsync("document.querySelectorAll('#juspay-faults input')[5].click()");
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Waiting.Count is 1);
        await page.PressAsync("Enter", $"Delink PAYTM {TestHost.Paytm}");
        await page.WaitForAsync("document.querySelector('#answer').innerText.startsWith('in progress') && document.querySelector('#requests details')");

        await page.EvaluateAsync("document.querySelectorAll('#juspay-faults input')[0].click()");
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Waiting.Count is 0);
        await host.PassUntilAsync(() => !host.IsLinked(TestHost.Paytm));
        await page.WaitForAsync("document.querySelector('#answer').innerText.startsWith('200')");

        Assert.False(host.IsLinked(TestHost.Paytm));
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_FailedAction_IsShownUntilTheNextAction()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await OpenAsync(host);
        await CountLooksAsync(page, "if (path === '/_simulator/webhooks') { throw new TypeError('the connection broke'); } ");

        await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('the connection broke')");
        // The read after the action, and two of the reads of every second.
        await page.WaitForAsync("window.looks >= 3");

        Assert.Equal("no answer", (string?)await page.EvaluateAsync("document.querySelector('#answer .bad').innerText"));
        Assert.Contains("the connection broke", (string?)await page.EvaluateAsync("document.querySelector('#answer').innerText"), StringComparison.Ordinal);
        await page.PressAsync("Enter", $"Delink PAYTM {TestHost.Paytm}");
        await page.WaitForAsync("document.querySelector('#answer .good').innerText === '200'");
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_HostThatStops_IsSaidAndItsReturnIsNoticed()
    {
        var host = await TestHost.StartAsync();
        var address = host.Client.BaseAddress!;
        await using var page = await OpenAsync(host);
        await page.EvaluateAsync("window.isTheSamePage = true; 0");

        await host.DisposeAsync();
        await page.WaitForAsync("document.querySelector('#stopped').innerText.startsWith('The local host does not answer (')");
        await using (await TestHost.StartAsync([$"--urls={address}"]))
        {
            await page.WaitForAsync("document.querySelector('#stopped').hidden && window.isTheSamePage");
        }

        // With other settings, the page is another one.
        await page.WaitForAsync("!document.querySelector('#stopped').hidden");
        await using var other = await TestHost.StartAsync([$"--urls={address}", "--Merchants:shop_a:MerchantId=ShopA", "--LocalHost:FunctionKeys:shop_a=key-a"]);
        await page.WaitForAsync("!window.isTheSamePage && document.querySelectorAll('.linked').length === 4");
        Assert.Contains("at shop_a, function key \"shop_a\"", (string?)await page.EvaluateAsync("document.querySelector('#customers').innerText"), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Page_RealJuspay_TakesIdsAndOffersNoFaults()
    {
        await using var real = await TestHost.StartAsync();
        await using var host = await TestHost.StartAsync([$"--Juspay:BaseUrl={real.Juspay.BaseUrl}", $"--LocalHost:JuspayApiKey={real.Simulation.ApiKey}"]);
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);
        await page.WaitForAsync($"document.querySelector('#services').innerText.includes('Juspay is real, at {real.Juspay.BaseUrl}.')");

        Assert.Equal("", (string?)await page.EvaluateAsync("['wallets', 'requests', 'failures'].filter(name => document.querySelector(`#${name}-section`).checkVisibility()).join()"));
        await page.EvaluateAsync($"document.querySelector('#customer').value = '{TestHost.Customer}'; 0");
        await page.PressAsync("Enter", "Delink the wallet");
        Assert.Equal("wallet", (string?)await page.EvaluateAsync("document.querySelector(':invalid:focus').id"));
        await page.EvaluateAsync($"document.querySelector('#wallet').value = '{TestHost.Paytm}'; 0");
        await page.PressAsync("Enter", "Delink the wallet");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"linked\": false')");
        Assert.Equal((false, true), (real.IsLinked(TestHost.Paytm), real.IsLinked(TestHost.Mobikwik)));

        await page.PressAsync("Enter", "Delink all of the customer");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"delinked\": 1')");
        Assert.False(real.IsLinked(TestHost.Mobikwik));
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_RealJuspayWithoutAnApiKey_SaysSo()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:BaseUrl=http://127.0.0.1:1"]);
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);

        await page.WaitForAsync("document.querySelector('#notes').innerText.startsWith('No Juspay API key. Juspay is real, and the simulated vault has no key for it. Set LocalHost:JuspayApiKey')");

        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_SeveralMerchants_CallsWithTheKeyOfEachOrSaysWhoseItUsed()
    {
        await using var host = await TestHost.StartAsync(
            ["--Merchants:shop_a:MerchantId=ShopA", "--Merchants:shop_b:MerchantId=ShopB", "--LocalHost:FunctionKeys:default=local-key", "--LocalHost:FunctionKeys:shop_a--crm=key-a"]);
        await using var page = await Chromium.OpenAsync(host.Client.BaseAddress!);
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 6");

        await page.PressAsync("Enter", "Delink all wallets of shop_a_customer");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"delinked\": 2')");
        await page.WaitForAsync("document.querySelector('#requests').innerText.includes('with the Juspay API key of shop_a, hidden here')");
        await page.PressAsync("Enter", "Delink PAYTM wlm_shop_b_0000000001");
        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('wallet_not_found')");

        Assert.Equal(
            "This wallet is in the account of shop_b, for which no function key acts. The call used the key \"default\" of the top-level settings, where Juspay does not know the wallet.",
            (string?)await page.EvaluateAsync("document.querySelector('#answer .wait').innerText"));
        Assert.Equal(
            "No function key for shop_b. Add one: --LocalHost:FunctionKeys:shop_b=shop_b-key", (string?)await page.EvaluateAsync("document.querySelector('#notes').innerText"));
        Assert.Contains("404", Assert.Single(page.Errors), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Page_Queue_ShowsWhatWaitsAndWhy()
    {
        await using var host = await TestHost.StartAsync(["--Webhooks:Intake=queue", "--Webhooks:MaxAge=00:01:00"]);
        await using var page = await OpenAsync(host);
        await page.WaitForAsync("document.querySelector('#queue').innerText.startsWith('An accepted webhook waits here')");
        host.Fault(new Fault { Status = 503, Count = 1000 });

        await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");
        await page.WaitForAsync("document.querySelector('#answer').innerText.startsWith('202')");
        await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");
        await page.WaitForAsync($"/all of {TestHost.Customer}\\s+attempt 1 failed: juspay_unavailable\\s+attempt 2 in 10 s/.test(document.querySelector('#queue').innerText)");
        // Two deliveries of the same event look the same, and are two rows at each read.
        await TestHost.WaitUntilAsync(() => host.Simulation.Queues!.MessagesOf("delink-events") is [_, _]);
        await CountLooksAsync(page);
        await page.WaitForAsync("window.looks >= 3");
        Assert.Equal(2, (int?)await page.EvaluateAsync("document.querySelectorAll('#queue .wait').length"));
        Assert.Equal(
            "requests,queue,answer", (string?)await page.EvaluateAsync("[...document.querySelectorAll('.see > section')].map(section => section.id.split('-')[0]).join()"));
        await host.PassUntilAsync(() => host.Simulation.Queues!.MessagesOf("delink-events-failed") is [_, _]);

        await page.WaitForAsync($"/all of {TestHost.Customer}\\s+attempt \\d+ failed: juspay_unavailable\\. .+\\s+given up, in delink-events-failed/.test(document.querySelector('#queue').innerText)");
        await page.WaitForAsync("document.querySelector('#queue-count').innerText === '0 waiting, 2 given up'");
        AssertSelfContained(host, page);
    }

    /// <summary>On many machines, the name localhost is the address ::1.</summary>
    [BrowserFact(onIPv6: true)]
    public async Task Page_OverIPv6_ClosesAnAccount()
    {
        await using var host = await TestHost.StartAsync(["--urls", "http://[::1]:0"]);
        await using var page = await OpenAsync(host);

        await page.PressAsync("Enter", $"Close account of {TestHost.Customer}, with a signed event");

        await page.WaitForAsync("document.querySelector('#answer').innerText.includes('\"delinked\": 2')");
        await page.WaitForAsync("document.querySelectorAll('.unlinked').length === 2");
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Page_Controls_HaveNames()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await OpenAsync(host);

        var controls = await page.ControlsAsync();

        Assert.True(controls.Length > 15);
        Assert.All(controls, control => Assert.NotEmpty(control.Name));
        // Controls with the same name are in groups with different legends. All other names are unique.
        Assert.Distinct(controls.Where(control => control.Role is not "radio"));
    }

    [BrowserFact]
    public async Task Docs_WithoutANetwork_ShowEveryRoute()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/"));

        foreach (var summary in OpenApiDocument.Operations.Select(operation => operation.Operation.GetProperty("summary")))
        {
            await page.WaitForAsync($"document.documentElement.innerText.includes({summary.GetRawText()})");
        }

        await page.PictureAsync("docs", within: ".t-doc__sidebar", whole: false);
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Docs_Webhook_IsSentWithASignatureAndWithoutAFunctionKey()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/#tag/webhooks/POST/webhooks/delink"));
        await OpenRequestAsync(page, "post /webhooks/delink");

        await page.EvaluateAsync(Send);
        await page.WaitForAsync("document.body.innerText.includes('200 OK')");
        await page.WaitForAsync("document.querySelector('#signed').innerText.startsWith('Signed msg_1 at ')");

        Assert.False(host.IsLinked(TestHost.Paytm));
        var names = await HeadersAsync(page, "/webhooks/delink");
        Assert.Subset(names, new HashSet<string>(StringComparer.Ordinal) { "webhook-id", "webhook-timestamp", "webhook-signature" });
        Assert.DoesNotContain("x-functions-key", names);
        Assert.DoesNotContain("traceparent", names);
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Docs_WebhookThatIsNotToBeSigned_IsSentAsItIs()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/#tag/webhooks/POST/webhooks/delink"));
        await OpenRequestAsync(page, "post /webhooks/delink");

        await page.EvaluateAsync($"document.querySelector('#sign').checked = false; {Send}");
        await page.WaitForAsync("document.body.innerText.includes('401 Unauthorized')");

        Assert.True(host.IsLinked(TestHost.Paytm));
        Assert.Contains("401", Assert.Single(page.Errors), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Docs_WebhookOfAnUnknownMerchant_SaysThatItIsNotSigned()
    {
        await using var host = await TestHost.StartAsync(["--Merchants:shop_b:MerchantId=ShopB"]);
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/#tag/webhooks/POST/webhooks/{name}/delink"));
        await OpenRequestAsync(page, "post /webhooks/{name}/delink");

        await page.EvaluateAsync(Send);

        await page.WaitForAsync("document.querySelector('#signed').innerText === 'Not signed: merchant must be one of: shop_b.'");
        Assert.True(host.IsLinked(TestHost.Paytm));
    }

    [BrowserFact]
    public async Task Docs_Delink_IsSentWithTheFunctionKeyAlone()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/#tag/delink/POST/wallets/{wallet_id}"));
        await OpenRequestAsync(page, "post /wallets/{wallet_id}");

        await page.EvaluateAsync(Send);
        await page.WaitForAsync("document.body.innerText.includes('200 OK')");

        Assert.False(host.IsLinked(TestHost.Paytm));
        var names = await HeadersAsync(page, $"/wallets/{TestHost.Paytm}");
        Assert.Contains("x-functions-key", names);
        Assert.DoesNotContain("webhook-signature", names);
        Assert.DoesNotContain("traceparent", names);
        AssertSelfContained(host, page);
    }

    [BrowserFact]
    public async Task Docs_Links_LeadBackAndNowhereElse()
    {
        await using var host = await TestHost.StartAsync();
        await using var page = await Chromium.OpenAsync(new Uri(host.Client.BaseAddress!, "/docs/#tag/webhooks/POST/webhooks/delink"));
        await page.WaitForAsync("document.querySelectorAll('a[href*=\"#tag/\"]').length > 10");

        await AssertStaysHereAsync();
        await OpenRequestAsync(page, "post /webhooks/delink");
        await AssertStaysHereAsync();

        async Task AssertStaysHereAsync()
        {
            // Only the links that are displayed.
            var links = (await page.EvaluateAsync("[...document.querySelectorAll('a[href]')].filter(link => link.getClientRects().length).map(link => link.href)"))!
                .AsArray().Select(link => link!.GetValue<string>()).ToArray();
            var words = (await page.EvaluateAsync("document.body.innerText"))!.GetValue<string>();

            Assert.Contains(host.Client.BaseAddress!.AbsoluteUri, links);
            Assert.All(links, link => Assert.StartsWith(host.Client.BaseAddress!.AbsoluteUri, link, StringComparison.Ordinal));
            Assert.All(["Ask AI", "API Client", "Powered by", "MCP"], offer => Assert.DoesNotContain(offer, words, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>With a real vault, the local host does not know the signing secret, so the page shows commands that sign.</summary>
    [ProgramFact("openssl")]
    public async Task Docs_WithARealVault_ShowCommandsThatSign()
    {
        const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        var commands = Regex.Match(Pages.DocsHeader(canSign: false), "<pre>(?<commands>[^<]+)</pre>").Groups["commands"].Value.Replace("whsec_...", Secret, StringComparison.Ordinal);
        var run = await ChildProcess.RunAsync("sh", ["-c", commands], Path.GetTempPath());
        var headers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var body = Regex.Match(commands, "^body='(.+)'$", RegexOptions.Multiline).Groups[1].Value;

        Assert.True(WebhookSecrets.TryParse(Secret, SecretEncoding.Whsec, out var secrets, out _));
        Assert.True(WebhookSignature.IsValid(
            WebhookSender.Own.Scheme, new DeliveryHeaders(headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"]),
            Encoding.UTF8.GetBytes(body), secrets!, DateTimeOffset.UtcNow));
        Assert.DoesNotContain("id=\"sign\"", Pages.DocsHeader(canSign: false), StringComparison.Ordinal);
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

    /// <summary>Opens the form that sends a request, and keeps the headers of the requests that the page sends.</summary>
    private static async Task OpenRequestAsync(Chromium page, string request)
    {
        var button = $"[...document.querySelectorAll('button')].find(button => button.innerText.includes('Test Request') && button.innerText.includes('({request})'))";
        await page.WaitForAsync(button);
        await page.EvaluateAsync(
            "window.sent = {}; const real = fetch; window.fetch = (...args) => { const request = args[0] instanceof Request ? args[0].clone() : new Request(...args); "
            + $"sent[new URL(request.url).pathname] = [...request.headers.keys()]; return real(...args); }}; {button}.click()");
        await page.WaitForAsync(SendButton);
    }

    private static async Task<HashSet<string>> HeadersAsync(Chromium page, string path) =>
        (await page.EvaluateAsync($"sent['{path}']"))!.AsArray().Select(name => name!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);

    private static async Task<Chromium> OpenAsync(TestHost host, string colorScheme = "light")
    {
        var page = await Chromium.OpenAsync(host.Client.BaseAddress!, colorScheme);
        await page.SizeAsync(1280, 800);
        await page.WaitForAsync("document.querySelectorAll('.linked').length === 2");
        return page;
    }

    /// <summary>Counts the reads of the state in <c>window.looks</c>, and runs a statement before each request.</summary>
    private static async Task CountLooksAsync(Chromium page, string before = "") => await page.EvaluateAsync(
        "window.looks = 0; const real = fetch; window.fetch = async (path, options) => { " + before
        + "const answer = await real(path, options); window.looks += path === '/_simulator' ? 1 : 0; return answer; }");

    private static void AssertSelfContained(TestHost host, Chromium page)
    {
        Assert.Empty(page.Errors);
        Assert.NotEmpty(page.Requests);
        Assert.All(page.Requests, address => Assert.Matches($"^({Regex.Escape(host.Client.BaseAddress!.AbsoluteUri)}|data:|blob:)", address));
    }
}
