using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>
/// An Azure Functions host for tests: Kestrel serves the routes that the worker announces, and each request is sent to the worker with the protocol of
/// the real host. Comments that say "as the host does" describe what was observed with host 4.1037.
/// Not emulated: <c>functionTimeout</c>, keys of single functions, and placeholders that are specialized later.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    private const string KeyNameClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";
    private const string LevelClaim = "http://schemas.microsoft.com/2017/07/functions/claims/authlevel";
    private const string NameClaimType = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
    private const string RoleClaimType = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";

    private readonly FunctionsWorker _worker;
    private readonly WebApplication _server;
    private readonly Dictionary<string, string> _keyNames;
    private QueueListener? _queue;

    private FunctionsHost(FunctionsWorker worker, WebApplication server, Dictionary<string, string> keyNames)
    {
        _worker = worker;
        _server = server;
        _keyNames = keyNames;
    }

    public Uri BaseAddress => new(_server.Urls.Single());

    public FunctionsWorker Worker => _worker;

    /// <summary>The host's own span of every request, in W3C form. As the host does: null, and the worker gets an empty trace context, unless the host traces requests.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Starts a worker, and a server for its functions.</summary>
    /// <param name="app">The app.</param>
    /// <param name="environment">Variables of the worker's process, in addition to those of this process; a null value removes one.</param>
    /// <param name="keys">The function keys of the whole host, by their names.</param>
    /// <param name="log">Gets each line that reaches the host's log.</param>
    /// <param name="launcher">A command that limits its own process and then becomes the worker. The worker's command line is appended to its arguments.</param>
    /// <exception cref="WorkerEndedException">The worker's process ended.</exception>
    public static async Task<FunctionsHost> StartAsync(
        PublishedApp app, IEnumerable<KeyValuePair<string, string?>> environment, IEnumerable<(string Name, string Key)> keys, Action<HostLogLine> log,
        IReadOnlyList<string>? launcher = null)
    {
        var worker = await FunctionsWorker.StartAsync(app, environment, log, launcher);
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", "--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var host = new FunctionsHost(worker, builder.Build(), keys.ToDictionary(key => key.Key, key => key.Name, StringComparer.Ordinal));
        foreach (var function in worker.Functions)
        {
            host.Map(function);
        }

        if (worker.Functions.FirstOrDefault(function => Trigger(function, "queueTrigger") is not null) is { } queued)
        {
            host._queue = host.Listen(queued, environment.Single(variable => variable.Key is "Intake").Value!);
        }

        // As the host does: return its home page for every method, unless a function has that route.
        host._server.Map("/", context => context.Response.WriteAsync("<!DOCTYPE html><html><body>Your Functions app is up and running</body></html>")).WithOrder(1);
        await host._server.StartAsync();
        await (host._queue?.StartAsync(CancellationToken.None) ?? Task.CompletedTask);
        return host;
    }

    /// <summary>
    /// Ends as the host does on a signal: it accepts no new requests, waits for the running ones, and then tells the worker to end.
    /// </summary>
    /// <returns>The worker's exit code.</returns>
    public async Task<int> StopAsync()
    {
        await _server.StopAsync();
        await StopListeningAsync();
        return await _worker.TerminateAsync();
    }

    /// <summary>Takes no further message out of the queue.</summary>
    public Task StopListeningAsync() => _queue?.StopAsync(CancellationToken.None) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopListeningAsync();
        _queue?.Dispose();
        await _worker.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>Listens to the queue of a function. The rules are those of the local host, which were read in the host's extension.</summary>
    private QueueListener Listen(JsonObject function, string connectionString)
    {
        var trigger = Trigger(function, "queueTrigger")!;
        return new(
            new IntakeSettings { MaxAge = default, ConnectionString = connectionString },
            new ConfigurationBuilder().Build(),
            async (text, cancellationToken) =>
            {
                var invocation = new JsonObject
                {
                    ["inputData"] = new JsonArray(new JsonObject { ["name"] = trigger["name"]!.GetValue<string>(), ["data"] = new JsonObject { ["string"] = text } }),
                    ["triggerMetadata"] = Object(MembersOf(Encoding.UTF8.GetBytes(text)), Text),
                    ["traceContext"] = new JsonObject(),
                };
                var response = await _worker.InvokeAsync(function["functionId"]!.GetValue<string>(), invocation, cancellationToken);
                if (response["result"]?["status"]?.GetValue<string>() is not "Success")
                {
                    throw new InvalidOperationException("The invocation failed.");
                }
            });
    }

    private static JsonNode? Trigger(JsonObject function, string type) =>
        function["rawBindings"]!.AsArray().Select(binding => JsonNode.Parse(binding!.GetValue<string>())!).SingleOrDefault(binding => Is(binding["type"], type));

    private static bool Is(JsonNode? value, string text) => string.Equals(value?.GetValue<string>(), text, StringComparison.OrdinalIgnoreCase);

    private void Map(JsonObject function)
    {
        if (Trigger(function, "httpTrigger") is not { } trigger)
        {
            return;
        }

        var methods = trigger["methods"]?.AsArray().Select(method => method!.GetValue<string>()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var needsKey = !Is(trigger["authLevel"], "Anonymous");
        _server.Map(trigger["route"]!.GetValue<string>(), async context =>
        {
            var keyName = KeyName(context.Request);
            // As the host does: a wrong method returns 404, not 405, and both refusals have an empty body.
            if (methods?.Contains(context.Request.Method) is false)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
            else if (needsKey && keyName is null)
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else
            {
                await RunAsync(context, function["functionId"]!.GetValue<string>(), trigger["name"]!.GetValue<string>(), keyName);
            }
        });
    }

    /// <summary>Returns the name of the key in a request. As the host does: the query is used only if there is no header.</summary>
    private string? KeyName(HttpRequest request)
    {
        var key = request.Headers.TryGetValue("x-functions-key", out var header) ? header[0] : request.Query["code"] is [var code, ..] ? code : null;
        return key is null ? null : _keyNames.GetValueOrDefault(key);
    }

    private async Task RunAsync(HttpContext context, string functionId, string triggerName, string? keyName)
    {
        JsonObject response;
        try
        {
            var body = await ReadBodyAsync(context.Request);
            var invocation = new JsonObject
            {
                ["inputData"] = new JsonArray(new JsonObject { ["name"] = triggerName, ["data"] = new JsonObject { ["http"] = Read(context.Request, keyName, body) } }),
                ["triggerMetadata"] = Object(TriggerMetadata(context.Request, body), Text),
                ["traceContext"] = TraceParent is null ? [] : new JsonObject { ["traceParent"] = TraceParent },
            };
            response = await _worker.InvokeAsync(functionId, invocation, context.RequestAborted);
        }
        catch (Exception exception) when (exception is IOException or WorkerEndedException)
        {
            response = [];
        }

        // As the host does: a failed invocation returns 500 with an empty body.
        if (response["result"]?["status"]?.GetValue<string>() is not "Success")
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        await WriteAsync(context.Response, response["returnValue"]!["http"]!);
    }

    /// <summary>As the host does: a body without a length is not read.</summary>
    private static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        if (request.ContentLength > 0)
        {
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        }

        return body.ToArray();
    }

    private static JsonObject Read(HttpRequest request, string? keyName, byte[] body)
    {
        var http = new JsonObject
        {
            ["method"] = request.Method,
            ["url"] = $"{request.Scheme}://{request.Host}{request.Path}{request.QueryString}",
            // As the host does: header names are in lower case, and the values of a repeated header are joined by commas.
            ["nullableHeaders"] = Object(request.Headers.Select(header => (header.Key.ToLowerInvariant(), header.Value.ToString())), Nullable),
            ["nullableQuery"] = Object(request.Query.Select(query => (query.Key, query.Value.ToString())), Nullable),
            ["nullableParams"] = Object(RouteValues(request), Nullable),
            ["identities"] = new JsonArray([.. Identities(request, keyName)]),
        };
        if (body.Length > 0)
        {
            http["body"] = new JsonObject { ["bytes"] = Convert.ToBase64String(body) };
        }

        return http;
    }

    /// <summary>
    /// Returns the values that the worker uses for parameters of a function that are not the trigger. By the host's source, they are the members of a JSON body, the
    /// query, and the values in the path; of equal names, the last counts.
    /// Source: HttpTriggerAttributeBindingProvider.cs of https://github.com/Azure/azure-webjobs-sdk-extensions.
    /// </summary>
    private static IEnumerable<(string, string)> TriggerMetadata(HttpRequest request, byte[] body) =>
        MembersOf(body).Concat(request.Query.Where(query => query.Key is not "code").Select(query => (query.Key, query.Value.ToString()))).Concat(RouteValues(request))
            .GroupBy(value => value.Item1, StringComparer.OrdinalIgnoreCase).Select(values => values.Last());

    /// <summary>Returns the members of a JSON object as text; none of anything else.</summary>
    private static IEnumerable<(string, string)> MembersOf(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind is not JsonValueKind.Object ? []
                : [.. document.RootElement.EnumerateObject().Where(member => member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array))
                    .Select(member => (member.Name, member.Value.ToString()))
                    .GroupBy(member => member.Name, StringComparer.OrdinalIgnoreCase).Select(members => members.Last())];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>
    /// Returns the caller's identities in the host's order: first the one that App Service authentication sends in a header, which it removes from callers'
    /// requests, then that of the function key.
    /// </summary>
    private static IEnumerable<JsonNode> Identities(HttpRequest request, string? keyName)
    {
        if (request.Headers["x-ms-client-principal"] is [{ } principal])
        {
            var announced = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(principal)))!;
            yield return Identity(
                announced["auth_typ"]!.GetValue<string>(),
                announced["claims"]!.AsArray().Select(claim => (claim!["typ"]!.GetValue<string>(), claim["val"]!.GetValue<string>())));
        }

        if (keyName is not null)
        {
            yield return Identity("WebJobsAuthLevel", [(LevelClaim, keyName is "master" ? "Admin" : "Function"), (KeyNameClaim, keyName)]);
        }
    }

    private static JsonObject Identity(string type, IEnumerable<(string Type, string Value)> claims) => new()
    {
        ["authenticationType"] = Nullable(type),
        ["nameClaimType"] = Nullable(NameClaimType),
        ["roleClaimType"] = Nullable(RoleClaimType),
        ["claims"] = new JsonArray([.. claims.Select(claim => new JsonObject { ["type"] = claim.Type, ["value"] = claim.Value })]),
    };

    private static IEnumerable<(string, string)> RouteValues(HttpRequest request) =>
        request.RouteValues.Select(value => (value.Key, value.Value?.ToString() ?? "")).Where(value => value.Item2 is not "");

    private static async Task WriteAsync(HttpResponse response, JsonNode http)
    {
        response.StatusCode = int.Parse(http["statusCode"]!.GetValue<string>(), null);
        foreach (var (name, value) in http["headers"]?.AsObject() ?? [])
        {
            response.Headers[name] = value!.GetValue<string>();
        }

        var body = Convert.FromBase64String(http["body"]?["bytes"]?.GetValue<string>() ?? "");
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    private static JsonObject Object(IEnumerable<(string Name, string Value)> members, Func<string, JsonObject> value) =>
        new(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Name, value(member.Value))));

    private static JsonObject Nullable(string value) => new() { ["value"] = value };

    private static JsonObject Text(string value) => new() { ["string"] = value };
}
