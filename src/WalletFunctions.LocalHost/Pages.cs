using System.Net;
using Scalar.AspNetCore;
using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.LocalHost;

/// <summary><c>/</c>, the page for trying requests and failures, and <c>/docs</c>, the reference. They load everything from this host.</summary>
internal static class Pages
{
    private const string BySwitch =
        """
        <label><input type="checkbox" id="sign" checked> Sign webhooks with the local host's secret when they are sent</label> <output id="signed"></output>
        """;

    private const string ByHand =
        """
        <details>
          <summary>The vault is real, so webhooks are not signed here</summary>
          <p>These commands print the values of the three headers. The body must be the same to the byte.</p>
          <pre>secret=whsec_... id=msg_1 timestamp=$(date +%s)
        body='{"type":"customer.closed","data":{"customer_id":"customer_1122"}}'
        key=$(printf '%s' "${secret#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
        echo "webhook-id: $id"; echo "webhook-timestamp: $timestamp"
        echo "webhook-signature: v1,$(printf '%s' "$id.$timestamp.$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)"</pre>
        </details>
        """;

    public static void MapPages(this RouteGroupBuilder thisMachine, Simulation simulation, CallerMerchants callers, IConfiguration configuration)
    {
        var page = Read("index.html")
            .Replace("{version}", ProductVersion.Text, StringComparison.Ordinal)
            .Replace("{callers}", WebUtility.HtmlEncode(callers.ToJson()), StringComparison.Ordinal)
            .Replace("{juspay}", Place(simulation.Juspay is null, configuration["Juspay:BaseUrl"]), StringComparison.Ordinal)
            .Replace("{vault}", Place(simulation.KeyVault is null, configuration["KeyVault:Uri"]), StringComparison.Ordinal);
        Map("/", "text/html", page);
        Map("/_simulator/page.css", "text/css", Read("page.css"));
        Map("/_simulator/page.js", "text/javascript", Read("page.js"));
        Map("/_simulator/docs.js", "text/javascript", Read("docs.js"));
        Map("/_simulator/elements.js", "text/javascript", Read("elements.js"));

        thisMachine.MapScalarApiReference("/docs", docs => docs
            .WithTitle("WalletFunctions")
            .AddHeadContent("""<link rel="icon" href="favicon.svg">""")
            .AddHeaderContent(DocsHeader(canSign: simulation.KeyVault is not null))
            .WithJavaScriptConfiguration("_simulator/docs.js")
            .WithOpenApiRoutePattern("/openapi.json")
            .ExpandAllTags()
            .AddApiKeyAuthentication("functionKey", scheme => scheme.WithValue(callers.All is [var first, ..] ? first.Key : ""))
            .DisableDefaultFonts()
            .HideDeveloperTools()
            .HideClientButton()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp())
            .AddEndpointFilter((context, next) =>
            {
                // Nothing is loaded from elsewhere. The library's page has scripts and styles in its HTML, and compiles checks of its own.
                context.HttpContext.Response.Headers.ContentSecurityPolicy = "default-src 'self' 'unsafe-inline' 'unsafe-eval'; img-src 'self' data:; font-src 'self' data:";
                return next(context);
            });

        void Map(string route, string contentType, string text) => thisMachine.MapGet(route, (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; img-src data:";
            return Results.Text(text, contentType + "; charset=utf-8");
        });
    }

    /// <summary>The top of <c>/docs</c>: a link back, and how webhooks are signed there.</summary>
    /// <param name="canSign">Whether the vault is simulated, so that its signing secrets are known here.</param>
    internal static string DocsHeader(bool canSign) => Read("docs-header.html").Replace("{signing}", canSign ? BySwitch : ByHand, StringComparison.Ordinal);

    /// <summary>The address of a real service; nothing for a simulated one.</summary>
    private static string Place(bool isReal, string? address) => isReal ? WebUtility.HtmlEncode(address!.TrimEnd('/')) : "";

    private static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Pages).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
