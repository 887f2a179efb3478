using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.Tests.Contract;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>
/// The OpenAPI document matches the code. <see cref="Answer"/> asserts that the document describes every answer in all other tests, when the answer is read.
/// </summary>
public sealed partial class OpenApiTests(LocalTarget target) : IClassFixture<LocalTarget>
{
    [GeneratedRegex("""HttpTrigger\(AuthorizationLevel\.(?<level>[A-Za-z]+), "(?<method>[a-z]+)", Route = "(?<route>[^"]+)"\)""")]
    private static partial Regex Trigger { get; }

    [Fact]
    public void Document_IsMadeFromTheCodeAsItIsNow() => Repository.AssertIsUpToDate(OpenApiDocument.File, Samples.Indent(OpenApiBuilder.Build()));

    [Fact]
    public async Task Document_AskedForWithoutAKey_IsTheOneInTheRepository()
    {
        var answer = await target.SendAsync(HttpMethod.Get, "/openapi.json", key: null);

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal(Repository.Read(OpenApiDocument.File), answer.Body);
    }

    [Fact]
    public void Document_Codes_AreTheErrorTableBothWays()
    {
        var listed = Schema("Problem").GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray().Select(code => code.GetString());
        var documented = Failures().Select(failure => failure.Code).Distinct(StringComparer.Ordinal);
        var table = OpenApiBuilder.ProblemsOfRoutes.Select(row => row.Code).ToArray();

        Assert.Equal(table, listed);
        Assert.Equal(table.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Document_Statuses_AreTheErrorTablesExceptWhereAWebhookIsPostponed() => Assert.All(Failures(), failure =>
    {
        var row = ProblemType.All.Single(row => row.Code == failure.Code);
        Assert.True(failure.Status == row.Status || (failure.Status is 503 && failure.Path.StartsWith("/webhooks/", StringComparison.Ordinal)), failure.ToString());
    });

    [Fact]
    public void Document_Routes_AreThoseOfTheFunctionsApp()
    {
        var functions = Directory.EnumerateFiles(Path.Combine(Repository.Root(), "src", "WalletFunctions"), "*.cs")
            .SelectMany(file => Trigger.Matches(File.ReadAllText(file)))
            .Select(trigger => trigger.Groups)
            .Select(trigger => (trigger["method"].Value.ToUpperInvariant(), Nameless("/" + trigger["route"].Value), trigger["level"].Value is "Function"));

        Assert.Equal(Documented().Order(), functions.Order());
    }

    [SimulatorFact]
    public async Task Document_Routes_AreThoseOfTheLocalHost()
    {
        await using var host = await TestHost.StartAsync();

        var routes = host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => Nameless(endpoint.RoutePattern.RawText!))
            .Where(route => !OpenApiDocument.LocalHostAlone(route));

        Assert.Equal(Documented().Select(route => route.Path).Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("wallet_id")]
    [InlineData("customer_id")]
    [InlineData("routing_id")]
    public void Document_Patterns_AcceptWhatCoreAccepts(string parameter)
    {
        Predicate<string> core = parameter switch
        {
            "wallet_id" => text => WalletId.Parse(text) is not null,
            "customer_id" => text => CustomerId.Parse(text) is not null,
            // Leading and trailing white space is not part of a header's value.
            _ => text => text == text.Trim() && RoutingId.Parse(text) is not null,
        };
        var schema = OpenApiDocument.Root.GetProperty("components").GetProperty("parameters").GetProperty(parameter).GetProperty("schema");
        var texts = Enumerable.Range(0, 0x180).Select(c => (char)c)
            .SelectMany(c => new[] { $"{c}", $"a{c}", $"{c}a", $"a{c}b", $".{c}", $"{c}.." })
            .Concat([.. new[] { 127, 128, 129 }.SelectMany(length => new[] { new string('a', length), new string('.', length), new string('.', length - 1) + "a" })]);

        Assert.All(texts, text => Assert.Equal((text, core(text)), (text, JsonSchema.Violations(OpenApiDocument.Root, schema, Json(text)).Any() is false)));
    }

    [Fact]
    public void Document_Examples_FitTheirSchemas()
    {
        var violations =
            from operation in OpenApiDocument.Operations
            from part in operation.Operation.GetProperty("responses").EnumerateObject().Select(response => response.Value)
                .Concat(operation.Operation.TryGetProperty("requestBody", out var body) ? [body] : [])
            where part.TryGetProperty("content", out _)
            from media in part.GetProperty("content").EnumerateObject()
            where media.Value.TryGetProperty("examples", out _)
            from example in media.Value.GetProperty("examples").EnumerateObject()
            let value = OpenApiDocument.Resolve(example.Value).GetProperty("value")
            from violation in JsonSchema.Violations(OpenApiDocument.Root, media.Value.GetProperty("schema"), value, example.Name)
            select $"{operation.Path}: {violation}";

        Assert.Empty(violations);
    }

    [Fact]
    public void Document_Samples_AreAllThereAreAndAllAreShown()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root(), "tests", "WalletFunctions.Tests", "Samples")).Select(Path.GetFileNameWithoutExtension);
        var shown = Regex.Matches(Repository.Read(OpenApiDocument.File), "#/components/examples/([a-z_.]+)")
            .Select(reference => reference.Groups[1].Value).Distinct(StringComparer.Ordinal);

        Assert.Equal(Samples.Names.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        Assert.Equal(Samples.Names.Where(name => name != ProblemType.RouteNotFound.Code).Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":false}""", "")]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":"false"}""", "$.linked is not const")]
    [InlineData(200, "application/json", """{"linked":false}""", "$.id is missing")]
    [InlineData(200, "application/json", """{"id":"../x","linked":false}""", "$.id is not pattern")]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":false,"token":"tkn_1"}""", "$.token is not type")]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":false,"sub_details":[{"current_balance":{}}]}""", "$.sub_details[0].current_balance is not type")]
    [InlineData(200, "text/html", "<html/>", "content type text/html")]
    [InlineData(201, "application/json", "{}", "status 201")]
    [InlineData(401, "application/json", "{}", "a body")]
    [InlineData(404, "application/problem+json", """{"code":"wallet_busy"}""", "$.code is not enum")]
    public void Answer_OtherThanDescribed_IsSeen(int status, string contentType, string body, string violation)
    {
        var answer = new Answer(status, body, contentType, null, "Cache-Control: no-store\nX-Content-Type-Options: nosniff\n");

        var violations = string.Join('\n', OpenApiDocument.Violations("POST", "/wallets/wlt_1", answer));

        Assert.Contains(violation, violations, StringComparison.Ordinal);
        Assert.Equal(violation is "", violations is "");
    }

    [Theory]
    [InlineData("", "Cache-Control is missing")]
    [InlineData("Cache-Control: public\n", "Cache-Control is not const")]
    [InlineData("Cache-Control: no-store\nRetry-After: 5\n", "Retry-After is not documented")]
    public void Header_OtherThanDescribed_IsSeen(string headers, string violation)
    {
        var answer = new Answer(200, """{"id":"wlt_1","linked":false}""", "application/json", null, headers + "X-Content-Type-Options: nosniff\n");

        Assert.StartsWith(violation, Assert.Single(OpenApiDocument.Violations("POST", "/wallets/wlt_1", answer)), StringComparison.Ordinal);
    }

    private static JsonElement Schema(string name) => OpenApiDocument.Root.GetProperty("components").GetProperty("schemas").GetProperty(name);

    private static JsonElement Json(string text) => JsonDocument.Parse($"\"{JsonEncodedText.Encode(text)}\"").RootElement;

    /// <summary>Returns every problem in the document: the path, the status of the answer and the code.</summary>
    private static IEnumerable<(string Path, int Status, string Code)> Failures() =>
        from operation in OpenApiDocument.Operations
        from response in operation.Operation.GetProperty("responses").EnumerateObject()
        where response.Value.TryGetProperty("content", out var content) && content.TryGetProperty("application/problem+json", out _)
        let own = response.Value.GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("allOf")[1].GetProperty("properties")
        from code in own.GetProperty("code").GetProperty("enum").EnumerateArray()
        select (operation.Path, own.GetProperty("status").GetProperty("const").GetInt32(), code.GetString());

    private static IEnumerable<(string Method, string Path, bool NeedsKey)> Documented() =>
        from operation in OpenApiDocument.Operations
        let choices = operation.Operation.GetProperty("security").EnumerateArray()
        select (operation.Method, Nameless(operation.Path), choices.Any(choice => choice.TryGetProperty("functionKey", out _)));

    /// <summary>Returns a route without the names of its parameters, which differ between hosts.</summary>
    private static string Nameless(string route) => Regex.Replace(route, "{[^}]+}", "{}");
}
