using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Tests.Contract;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>
/// The OpenAPI document, which people edit, agrees with the code: routes and version here, the rest in the other tests of this folder.
/// <see cref="Answer"/> compares every answer of every test with the document.
/// </summary>
public sealed partial class OpenApiTests(LocalTarget target) : IClassFixture<LocalTarget>
{
    [GeneratedRegex("""HttpTrigger\(AuthorizationLevel\.(?<level>[A-Za-z]+), (?:"(?<method>[a-z]+)", )+Route = "(?<route>[^"]+)"\)""")]
    private static partial Regex Trigger { get; }

    [Fact]
    public async Task Document_AskedForWithoutAKey_IsTheOneInTheRepository()
    {
        var answer = await target.SendAsync(HttpMethod.Get, "/openapi.json", key: null);

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal(Repository.Read(OpenApiDocument.File), answer.Body);
    }

    [Fact]
    public void Document_Version_IsTheProducts() => Assert.Equal(ProductVersion.Text, OpenApiDocument.Root.GetProperty("info").GetProperty("version").GetString());

    [Fact]
    public void Document_Routes_AreThoseOfTheFunctionsApp()
    {
        var functions = Directory.EnumerateFiles(Path.Combine(Repository.Root(), "src", "WalletFunctions"), "*.cs")
            .SelectMany(file => Trigger.Matches(File.ReadAllText(file)))
            .Select(trigger => trigger.Groups)
            .SelectMany(trigger => trigger["method"].Captures.Select(method =>
                (method.Value.ToUpperInvariant(), Nameless("/" + trigger["route"].Value), trigger["level"].Value is "Function")));

        Assert.Equal(Documented().Order(), functions.Order());
    }

    [SimulatorFact]
    public async Task Document_Routes_AreThoseOfTheLocalHost()
    {
        await using var host = await TestHost.StartAsync();

        var routes = host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => Nameless(endpoint.RoutePattern.RawText!))
            .Where(route => !OpenApiDocument.LocalHostAlone(route));

        Assert.Equal(Documented().Select(route => route.Path).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Method, string Path, bool NeedsKey)> Documented() =>
        from operation in OpenApiDocument.Operations
        let choices = operation.Operation.GetProperty("security").EnumerateArray()
        select (operation.Method, Nameless(operation.Path), choices.Any(choice => choice.TryGetProperty("functionKey", out _)));

    /// <summary>A route without the names of its parameters, which differ between the hosts.</summary>
    private static string Nameless(string route) => Regex.Replace(route, "{[^}]+}", "{}");
}
