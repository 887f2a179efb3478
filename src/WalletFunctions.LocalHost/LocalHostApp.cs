using System.Diagnostics;
using WalletFunctions.Http;
using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.LocalHost;

/// <summary>Serves the routes of the Functions app on Kestrel with the same Core. Simulates Juspay and Key Vault unless the configuration names real ones.</summary>
internal sealed class LocalHostApp : IAsyncDisposable
{
    /// <summary>Turns off file watchers, because settings are read once and a machine allows a limited number of watchers.</summary>
    public const string NoReload = "--hostBuilder:reloadConfigOnChange=false";

    private readonly WebApplication _app;

    private LocalHostApp(WebApplication app, Simulation simulation, FunctionKeys keys)
    {
        _app = app;
        Simulation = simulation;
        Keys = keys;
    }

    public Simulation Simulation { get; }

    public FunctionKeys Keys { get; }

    public IServiceProvider Services => _app.Services;

    public Uri BaseAddress => new(_app.Urls.First());

    /// <summary>Builds and starts the host.</summary>
    /// <param name="args">The command line: settings as <c>--Section:Name=value</c>, and <c>--urls</c>.</param>
    /// <param name="prepare">Called with the simulation and the builder before Core's services are added and before the first request.</param>
    public static async Task<LocalHostApp> StartAsync(string[] args, Action<Simulation, WebApplicationBuilder>? prepare = null)
    {
        var builder = WebApplication.CreateSlimBuilder([NoReload, .. args]);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls("http://localhost:7071");
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // Kestrel's Information lines contain full paths, and so wallet ids.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // This category logs a failed start as a stack trace; Program prints it as one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);

        var simulation = await Simulation.StartAsync(builder.Configuration, builder.Services);
        prepare?.Invoke(simulation, builder);
        builder.Services.AddSingleton<RecentLog>();
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<RecentLog>());
        await AddCoreAsync(builder, simulation);
        if (builder.Configuration.GetValue<bool>(LocalHostSettings.Traces))
        {
            builder.Services.AddHostedService<SpanLog>();
        }

        var app = builder.Build();
        var keys = new FunctionKeys(app.Configuration);
        app.MapFunction("POST", "/wallets/{walletId}", keys, (context, request) => context.RequestServices.GetRequiredService<WalletEndpoint>()
            .HandleAsync(context.RouteValue("walletId"), request, context.RequestAborted));
        app.MapFunction("POST", "/customers/{customerId}/delink", keys, (context, request) => context.RequestServices.GetRequiredService<CustomerEndpoint>()
            .HandleAsync(context.RouteValue("customerId"), request, context.RequestAborted));
        app.MapFunction("POST", "/webhooks/delink", keys: null, (context, request) => context.RequestServices.GetRequiredService<WebhookEndpoint>()
            .HandleAsync(merchantName: null, request, context.RequestAborted));
        app.MapFunction("POST", "/webhooks/{merchant}/delink", keys: null, (context, request) => context.RequestServices.GetRequiredService<WebhookEndpoint>()
            .HandleAsync(context.RouteValue("merchant"), request, context.RequestAborted));
        app.MapFunction("GET", "/health", keys: null, (_, _) => Task.FromResult(HealthEndpoint.Alive()));
        app.MapFunction("GET", "/health/ready", keys, (context, request) => context.RequestServices.GetRequiredService<HealthEndpoint>()
            .ReadyAsync(request, context.RequestAborted));
        app.MapFunction("GET", "/openapi.json", keys: null, (_, _) => Task.FromResult(OpenApiEndpoint.Document()));
        // GET / serves the page. Other methods return what the Functions app returns for /.
        app.MapMethods("/", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"], (HttpContext context) =>
            context.Response.WriteAsync(RootEndpoint.NotFound(context.Request.ToIncomingRequest(keyName: null))));
        var thisMachine = app.MapForThisMachine();
        thisMachine.MapSimulatorControls(simulation);
        thisMachine.MapPages(simulation, keys);
        await app.StartAsync();
        return new LocalHostApp(app, simulation, keys);
    }

    /// <exception cref="SettingsException">The configuration cannot be used. The exception names every wrong setting, both of Core and of the local host.</exception>
    private static async Task AddCoreAsync(WebApplicationBuilder builder, Simulation simulation)
    {
        var problems = LocalHostSettings.Problems(builder.Configuration);
        try
        {
            builder.Services.AddWalletFunctions(builder.Configuration).AddTelemetryExport(builder.Configuration);
        }
        catch (SettingsException exception)
        {
            problems = [.. problems, .. exception.Problems];
        }

        if (problems.Count > 0)
        {
            await simulation.DisposeAsync();
            throw new SettingsException(problems);
        }
    }

    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Simulation.DisposeAsync();
    }
}

/// <summary>
/// Converts between the HTTP types of Kestrel and of Core. Where Kestrel's own behaviour differs, this class does what Functions host 4.1037 was observed to do,
/// so that a client that works against the local host works against Azure.
/// </summary>
internal static class KestrelHttp
{
    public static void MapFunction(
        this WebApplication app, string method, string route, FunctionKeys? keys, Func<HttpContext, IncomingRequest, Task<HttpAnswer>> function) =>
        app.Map(route, async context =>
        {
            string? keyName = null;
            if (context.Request.Method != method)
            {
                // Functions host 4.1037: a wrong method returns 404 with an empty body, not 405.
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
            else if (keys is not null && (keyName = keys.NameFor(context.Request)) is null)
            {
                // Functions host 4.1037: a missing or wrong key returns 401 with an empty body.
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else
            {
                await context.Response.WriteAsync(await function(context, context.Request.ToIncomingRequest(keyName)));
            }
        });

    /// <summary>
    /// Returns a value from the path. Kestrel, on which both hosts are built, has already decoded it once, except <c>%2F</c>, which matches Functions host
    /// 4.1037.
    /// </summary>
    public static string? RouteValue(this HttpContext context, string name) => (string?)context.Request.RouteValues[name];

    public static IncomingRequest ToIncomingRequest(this HttpRequest request, string? keyName) => new()
    {
        // Functions host 4.1037: the values of a repeated header arrive as one value, joined by commas.
        Header = name => request.Headers.TryGetValue(name, out var values) ? [values.ToString()] : [],
        // Functions host 4.1037: a chunked body arrives empty.
        Body = request.Headers.TransferEncoding.Count > 0 ? Stream.Null : request.Body,
        CallerKeyName = keyName,
        HostTraceParent = Activity.Current?.Id,
    };

    public static async Task WriteAsync(this HttpResponse response, HttpAnswer answer)
    {
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        response.ContentLength = answer.Body.Length;
        await response.Body.WriteAsync(answer.Body);
    }
}
