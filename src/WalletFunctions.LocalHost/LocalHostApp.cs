using System.Diagnostics;
using System.Runtime.InteropServices;
using WalletFunctions.Http;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Merchants;
using WalletFunctions.Queue;

namespace WalletFunctions.LocalHost;

/// <summary>The routes of the Functions app on Kestrel, with the same Core, and simulators for the services that are not configured.</summary>
internal sealed class LocalHostApp : IAsyncDisposable
{
    /// <summary>Turns off the watching of setting files. Settings are read once, and the number of watchers on a machine is limited.</summary>
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

    /// <summary>The requests that wait for an answer.</summary>
    public OpenRequests OpenRequests => Services.GetRequiredService<OpenRequests>();

    /// <summary>The address of Juspay, simulated or real.</summary>
    public string JuspayUrl => _app.Configuration["Juspay:BaseUrl"]!;

    public Uri BaseAddress => new(_app.Urls.First());

    /// <summary>Builds and starts the host.</summary>
    /// <param name="args">The command line: settings as <c>--Section:Name=value</c>, and <c>--urls</c>.</param>
    /// <param name="prepare">Changes the simulation before the first request, and the services before Core adds its own.</param>
    public static async Task<LocalHostApp> StartAsync(string[] args, Action<Simulation, WebApplicationBuilder>? prepare = null)
    {
        var builder = WebApplication.CreateSlimBuilder([NoReload, .. args]);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls("http://localhost:7071");
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        // Kestrel's Information lines contain whole paths, and therefore wallet ids.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Program prints the same failure as one sentence, without a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);

        var simulation = await Simulation.StartAsync(builder.Configuration, builder.Services);
        prepare?.Invoke(simulation, builder);
        builder.Services.AddSingleton<RecentLog>();
        builder.Services.AddSingleton<ILoggerProvider>(services => services.GetRequiredService<RecentLog>());
        builder.Services.AddSingleton<OpenRequests>();
        builder.Services.AddSingleton<FunctionKeys>();
        builder.Services.AddSingleton(services => new CallerMerchants(
            services.GetRequiredService<FunctionKeys>(), services.GetRequiredService<MerchantDirectory>(), simulation));
        await AddCoreAsync(builder, simulation);
        if (builder.Configuration.GetValue<bool>(LocalHostSettings.Traces))
        {
            builder.Services.AddHostedService<SpanLog>();
        }

        var app = builder.Build();
        app.Use(app.Services.GetRequiredService<OpenRequests>().CountAsync);
        simulation.Queues?.Time = app.Services.GetRequiredService<TimeProvider>();
        var keys = app.Services.GetRequiredService<FunctionKeys>();
        app.MapFunction("POST", "/wallets/{walletId}", keys, (context, request) => context.RequestServices.GetRequiredService<WalletEndpoint>()
            .HandleAsync(context.RouteValue("walletId"), request, context.RequestAborted));
        app.MapFunction("POST", "/customers/{customerId}/delink", keys, (context, request) => context.RequestServices.GetRequiredService<CustomerEndpoint>()
            .HandleAsync(context.RouteValue("customerId"), request, context.RequestAborted));
        app.MapFunction("POST", "/webhooks/delink", keys: null, (context, request) => context.RequestServices.GetRequiredService<WebhookEndpoint>()
            .HandleAsync(name: null, request, context.RequestAborted));
        app.MapFunction("POST GET OPTIONS", "/webhooks/{name}/delink", keys: null, (context, request) =>
        {
            var endpoint = context.RequestServices.GetRequiredService<WebhookEndpoint>();
            return context.Request.Method is "POST"
                ? endpoint.HandleAsync(context.RouteValue("name"), request, context.RequestAborted)
                : Task.FromResult(endpoint.Handshake(context.RouteValue("name"), request));
        });
        app.MapFunction("GET", "/health", keys: null, (_, _) => Task.FromResult(HealthEndpoint.Alive()));
        app.MapFunction("GET", "/health/ready", keys, (context, request) => context.RequestServices.GetRequiredService<HealthEndpoint>()
            .ReadyAsync(request, context.RequestAborted));
        app.MapFunction("GET", "/openapi.json", keys: null, (_, _) => Task.FromResult(OpenApiEndpoint.Document()));
        // GET / is the page. Every other method gets the answer of the Functions app.
        app.MapMethods("/", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"], (HttpContext context) =>
            context.Response.WriteAsync(RootEndpoint.NotFound(context.Request.ToIncomingRequest(keyName: null))));
        var thisMachine = app.MapForThisMachine();
        thisMachine.MapSimulatorControls(simulation);
        thisMachine.MapPages(simulation, app.Services.GetRequiredService<CallerMerchants>(), app.Configuration);
        await app.StartAsync();
        return new LocalHostApp(app, simulation, keys);
    }

    /// <exception cref="SettingsException">The configuration cannot be used. The exception names all wrong settings, those of Core and those of the local host.</exception>
    private static async Task AddCoreAsync(WebApplicationBuilder builder, Simulation simulation)
    {
        var problems = LocalHostSettings.Problems(builder.Configuration);
        try
        {
            builder.Services.AddWalletFunctions(builder.Configuration).AddTelemetryExport(builder.Configuration);
            if (builder.Services.Any(service => service.ServiceType == typeof(IntakeQueue)))
            {
                builder.Services.AddHostedService(services => new QueueListener(
                    services.GetRequiredService<IntakeSettings>(), builder.Configuration, services.GetRequiredService<QueueEndpoint>().HandleAsync));
            }
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

    /// <summary>Waits until Ctrl+C, and says which open requests keep the host from ending then. A second Ctrl+C ends the process.</summary>
    public async Task WaitForShutdownAsync()
    {
        var count = 0;
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (Interlocked.Increment(ref count) > 1)
            {
                Environment.Exit(130);
            }
        });
        using var stopping = _app.Lifetime.ApplicationStopping.Register(() => Console.Write(OpenRequests.Notice));
        await _app.WaitForShutdownAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await Simulation.DisposeAsync();
    }
}

/// <summary>
/// Converts between the HTTP types of Kestrel and of Core. Where Kestrel differs from the Functions host, it does here what host 4.1037 was seen to do, so that a
/// client that works against the local host works against Azure.
/// </summary>
internal static class KestrelHttp
{
    public static void MapFunction(
        this WebApplication app, string methods, string route, FunctionKeys? keys, Func<HttpContext, IncomingRequest, Task<HttpAnswer>> function) =>
        app.Map(route, async context =>
        {
            string? keyName = null;
            if (!methods.Split(' ').Contains(context.Request.Method, StringComparer.Ordinal))
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
    /// Gets a value from the path. Functions host 4.1037: it is decoded once, except <c>%2F</c>. Kestrel, which both hosts use, has already done
    /// that.
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
