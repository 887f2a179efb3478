using System.Net;
using Scalar.AspNetCore;
using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.LocalHost;

/// <summary>Serves <c>/</c>, a page to try the routes on, and <c>/docs</c>, their reference. Both pages load everything from this host.</summary>
internal static class Pages
{
    public static void MapPages(this RouteGroupBuilder thisMachine, Simulation simulation, FunctionKeys keys)
    {
        var page = Read("index.html")
            .Replace("{version}", ProductVersion.Text, StringComparison.Ordinal)
            .Replace("{keys}", string.Concat(keys.All.Select(key => Option(key.Name, key.Value))), StringComparison.Ordinal)
            .Replace("{juspay}", simulation.Juspay is null ? "real" : "simulated", StringComparison.Ordinal)
            .Replace("{vault}", simulation.KeyVault is null ? "real" : "simulated", StringComparison.Ordinal);
        Map("/", "text/html", page);
        Map("/_simulator/page.css", "text/css", Read("page.css"));
        Map("/_simulator/page.js", "text/javascript", Read("page.js"));

        thisMachine.MapScalarApiReference("/docs", docs => docs
            .WithTitle("WalletFunctions")
            .WithOpenApiRoutePattern("/openapi.json")
            .ExpandAllTags()
            .AddPreferredSecuritySchemes("functionKey")
            .AddApiKeyAuthentication("functionKey", scheme => scheme.WithValue(keys.All.First().Value))
            .DisableDefaultFonts()
            .HideDeveloperTools()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp());

        void Map(string route, string contentType, string text) => thisMachine.MapGet(route, (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src data:";
            return Results.Text(text, contentType + "; charset=utf-8");
        });
    }

    private static string Option(string name, string key) =>
        $"""<option value="{WebUtility.HtmlEncode(key)}">{WebUtility.HtmlEncode(name)}</option>""";

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Pages).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
