using System.Text.Json;
using System.Text.RegularExpressions;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Problems;
using WalletFunctions.Tests.Contract;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>
/// Every example in the OpenAPI document is a request that is sent here or an answer that is received here. The examples of problems are
/// compared in <see cref="ErrorTableTests"/>.
/// </summary>
public sealed class ExampleTests
{
    private static readonly Exchange[] Exchanges =
    [
        new("wallet.paytm", (host, _) => host.DelinkAsync()),
        new("wallet.paytm", (host, request) => host.DelinkAsync(body: request, contentType: "application/json"), "command"),
        new("wallet.mobikwik", (host, _) => host.DelinkAsync(TestHost.Mobikwik)),
        new("customer", (host, _) => host.DelinkCustomerAsync()),
        new("customer.again", async (host, _) =>
        {
            await host.DelinkCustomerAsync();
            return await host.DelinkCustomerAsync();
        }),
        new("customer.empty", (host, _) => host.DelinkCustomerAsync(SimulatedJuspay.CustomerWithoutWallets)),
        new("webhook.wallet", (host, request) => host.SendEventAsync(request), "event.wallet"),
        new("webhook.customer", (host, request) => host.SendEventAsync(request), "event.customer_closed"),
        new("webhook.customer", (host, request) => host.SendEventAsync(request), "event.consent_withdrawn"),
        new("webhook.customer", (host, request) => host.SendEventAsync(request), "event.cloudevents"),
        new("webhook.nothing_to_delink", (host, _) => host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"unknown"}}""")),
        new("webhook.accepted", (host, request) => host.SendEventAsync(request), "event.customer_closed", Status: 202, Settings: "--Webhooks:Intake=queue"),
        new("webhook.ignored", (host, _) => host.SendEventAsync("""{"type":"order.created"}""")),
        new("webhook.juspay_unavailable", (host, request) =>
        {
            host.Fault(new Fault { Status = 503, Count = 100 });
            return host.SendEventAsync(request);
        }, "event.wallet", Status: 503),
        new("health", (host, _) => host.GetAsync("/health")),
        new("ready", (host, _) => host.GetAsync("/health/ready")),
    ];

    public static IEnumerable<object[]> Indices => Exchanges.Select((exchange, index) => new object[] { exchange.Answer, exchange.Request ?? "", index });

    [SimulatorTheory]
    [MemberData(nameof(Indices))]
    public async Task Example_Sent_IsAnsweredWithTheExample(string answered, string sent, int index)
    {
        await using var host = await TestHost.StartAsync(Exchanges[index].Settings?.Split(' '));

        var answer = await Exchanges[index].Send(host, sent is "" ? "" : Examples.Text(sent));

        Assert.Equal(Exchanges[index].Status, answer.Status);
        Examples.AssertIs(answered, answer.Body);
    }

    [Fact]
    public void Examples_OfTheDocument_AreThoseOfTheTests()
    {
        var tested = Exchanges.Select(exchange => exchange.Answer)
            .Concat(Exchanges.Select(exchange => exchange.Request).OfType<string>())
            .Concat(ErrorTableTests.Names.Select(row => (string)row[0]).Where(code => code != ProblemType.RouteNotFound.Code));

        Assert.Equal(tested.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), Examples.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Examples_OfTheDocument_AreAllShown()
    {
        var shown = Regex.Matches(Repository.Read(OpenApiDocument.File), "#/components/examples/([a-z_.]+)").Select(reference => reference.Groups[1].Value);

        Assert.Equal(Examples.Names.Order(StringComparer.Ordinal), shown.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Examples_OfRequests_FitTheirSchemas() => Assert.Empty(
        OpenApiDocument.Components("requestBodies").EnumerateObject().SelectMany(body => Shown(body.Value)).SelectMany(shown => shown.Violations));

    [Fact]
    public void Examples_OfAnswers_FitTheirResponses() => Assert.Empty(
        from operation in OpenApiDocument.Operations
        from response in OpenApiDocument.Responses(operation.Operation)
        from shown in Shown(response.Response)
        from violation in shown.Violations.Concat(
            shown.ContentType is OpenApiDocument.ProblemJson ? OpenApiDocument.ProblemViolations(response.Response, response.Status, shown.Value) : [])
        select $"{operation.Path} {response.Status}: {violation}");

    /// <summary>The examples that a request body or a response shows, and how they violate its schema.</summary>
    private static IEnumerable<(string ContentType, JsonElement Value, IEnumerable<string> Violations)> Shown(JsonElement part) =>
        from media in part.GetProperty("content").EnumerateObject()
        where media.Value.TryGetProperty("examples", out _)
        from example in media.Value.GetProperty("examples").EnumerateObject()
        let value = OpenApiDocument.Resolve(example.Value).GetProperty("value")
        select (media.Name, value, JsonSchema.Violations(OpenApiDocument.Root, media.Value.GetProperty("schema"), value, example.Name));

    /// <summary>An answer that the document shows, and the request that gets it.</summary>
    /// <param name="Answer">The example of the answer.</param>
    /// <param name="Send">Sends the request, given the text of its example.</param>
    /// <param name="Request">The example of the request, if the document shows it.</param>
    /// <param name="Status">The HTTP status of the answer.</param>
    /// <param name="Settings">The settings of the host, separated by spaces.</param>
    private sealed record Exchange(string Answer, Func<TestHost, string, Task<Answer>> Send, string? Request = null, int Status = 200, string? Settings = null);
}
