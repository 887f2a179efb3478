using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>A line that reaches the log of the Functions host.</summary>
/// <param name="Level">Its level there.</param>
/// <param name="Category">Its category there; <see cref="ConsoleCategory"/> for lines that the worker prints.</param>
/// <param name="Message">The text.</param>
internal sealed record HostLogLine(LogLevel Level, string Category, string Message)
{
    public const string ConsoleCategory = "Host.Function.Console";
}

/// <summary>The worker's process ended unexpectedly.</summary>
internal sealed class WorkerEndedException(int exitCode, string[] printed) : Exception($"The worker ended with code {exitCode}: {string.Join('\n', printed)}")
{
    public int ExitCode { get; } = exitCode;

    /// <summary>The lines that it printed.</summary>
    public string[] Printed { get; } = printed;
}

/// <summary>
/// A worker process, and the host's side of the stream to it. Comments that say "as the host does" describe what was observed with host 4.1037.
/// </summary>
internal sealed class FunctionsWorker : IAsyncDisposable
{
    /// <summary>The maximum time for the worker to start and to end, on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WorkerProtocol _protocol;
    private readonly Action<HostLogLine> _log;
    private readonly Process _process = new();
    private readonly WebApplication _server;
    private readonly Channel<JsonObject> _outgoing = Channel.CreateUnbounded<JsonObject>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonObject>> _asked = new();
    private readonly ConcurrentDictionary<string, bool> _running = new();
    private readonly ConcurrentQueue<string> _printed = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JsonObject _capabilities = [];

    private FunctionsWorker(WorkerProtocol protocol, Action<HostLogLine> log)
    {
        _protocol = protocol;
        _log = log;
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port: 0, listener => listener.Protocols = HttpProtocols.Http2);
            // The stream stays open while the worker runs, and may be idle for a long time.
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        _server = builder.Build();
        _server.MapPost(WorkerProtocol.Path, TalkAsync);
    }

    /// <summary>The worker's metadata of its functions.</summary>
    public IReadOnlyList<JsonObject> Functions { get; private set; } = [];

    public Process Process => _process;

    /// <summary>The lines that the process has printed so far.</summary>
    public IEnumerable<string> Printed => _printed;

    /// <summary>Starts the process and loads its functions.</summary>
    /// <param name="app">The app.</param>
    /// <param name="environment">As for <see cref="FunctionsHost.StartAsync"/>.</param>
    /// <param name="log">As for <see cref="FunctionsHost.StartAsync"/>.</param>
    /// <param name="launcher">As for <see cref="FunctionsHost.StartAsync"/>.</param>
    /// <exception cref="WorkerEndedException">The process ended before its functions were loaded.</exception>
    public static async Task<FunctionsWorker> StartAsync(
        PublishedApp app, IEnumerable<KeyValuePair<string, string?>> environment, Action<HostLogLine> log, IReadOnlyList<string>? launcher = null)
    {
        var worker = new FunctionsWorker(WorkerProtocol.LoadFrom(app.BuiltFolder), log);
        try
        {
            await worker._server.StartAsync();
            worker.StartProcess(app, environment, launcher ?? []);
            await worker.LoadFunctionsAsync(app.Folder).WaitAsync(Patience);
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a function.</summary>
    /// <param name="functionId">The function.</param>
    /// <param name="request">The further members of the message.</param>
    /// <param name="cancellationToken">Cancelled when the caller disconnects. The worker is notified, and its answer is still awaited.</param>
    /// <returns>The worker's <c>InvocationResponse</c>.</returns>
    public async Task<JsonObject> InvokeAsync(string functionId, JsonObject request, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        request["invocationId"] = id;
        request["functionId"] = functionId;
        _running[id] = true;
        try
        {
            // As the host does: send it only to a worker that declares that it can handle it.
            using var cancelling = cancellationToken.Register(() => Tell("HandlesInvocationCancelMessage", "invocationCancel", new() { ["invocationId"] = id }));
            return await AskAsync("invocationRequest", request);
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    /// <summary>Tells the worker to end, as the host does when it ends itself, and waits until it has ended.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        Tell("HandlesWorkerTerminateMessage", "workerTerminate", new() { ["gracePeriod"] = "5s" });
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        // A worker keeps running after its host has ended.
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        Kill(this, EventArgs.Empty);
        _outgoing.Writer.TryComplete();
        await _server.DisposeAsync();
        _process.Dispose();
    }

    private void StartProcess(PublishedApp app, IEnumerable<KeyValuePair<string, string?>> environment, IReadOnlyList<string> launcher)
    {
        string[] command =
        [
            .. launcher, "dotnet", app.Assembly, "--functions-uri", _server.Urls.Single(), "--functions-worker-id", Guid.NewGuid().ToString(),
            "--functions-request-id", Guid.NewGuid().ToString(), "--functions-grpc-max-message-length", "2147483647",
        ];
        var start = _process.StartInfo;
        start.FileName = command[0];
        start.WorkingDirectory = app.Folder;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = app.Folder;
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = app.Folder;
        foreach (var (name, value) in environment)
        {
            start.Environment.Remove(name);
            if (value is not null)
            {
                start.Environment.Add(name, value);
            }
        }

        _process.OutputDataReceived += (_, line) => Print(line.Data, LogLevel.Information);
        _process.ErrorDataReceived += (_, line) => Print(line.Data, GuessLevel(line.Data));
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _ = GiveUpAsync();
        AppDomain.CurrentDomain.ProcessExit += Kill;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task LoadFunctionsAsync(string folder)
    {
        await _connected.Task;
        var initialised = await AskAsync("workerInitRequest", new() { ["hostVersion"] = "4.1037.0", ["workerDirectory"] = folder, ["functionAppDirectory"] = folder });
        _capabilities = initialised["capabilities"]!.AsObject();
        var metadata = await AskAsync("functionsMetadataRequest", new() { ["functionAppDirectory"] = folder });
        Functions = [.. metadata["functionMetadataResults"]!.AsArray().Select(function => function!.AsObject())];
        foreach (var function in Functions)
        {
            var loaded = await AskAsync("functionLoadRequest", new() { ["functionId"] = function["functionId"]!.DeepClone(), ["metadata"] = function.DeepClone() });
            if (loaded["result"]?["status"]?.GetValue<string>() is not "Success")
            {
                throw new InvalidOperationException($"A function cannot be loaded: {loaded.ToJsonString()}");
            }
        }
    }

    /// <summary>Sends a message and waits for its answer, which carries the same request id.</summary>
    private async Task<JsonObject> AskAsync(string kind, JsonObject content)
    {
        var id = Guid.NewGuid().ToString();
        var asked = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _outgoing.Writer.TryWrite(new() { ["requestId"] = id, [kind] = content });
        if (_process.HasExited)
        {
            await GiveUpAsync();
        }

        return await asked.Task;
    }

    private void Tell(string capability, string kind, JsonObject content)
    {
        if (_capabilities.ContainsKey(capability))
        {
            _outgoing.Writer.TryWrite(new() { [kind] = content });
        }
    }

    /// <summary>Handles the worker's only call: the worker's messages are the request, the host's are the response.</summary>
    private async Task TalkAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.StartAsync();
        var sending = SendAsync(context.Response);
        try
        {
            await foreach (var message in _protocol.ReadAllAsync(context.Request.BodyReader))
            {
                Understand(message);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The process has ended.
        }

        _outgoing.Writer.TryComplete();
        await sending;
    }

    private async Task SendAsync(HttpResponse response)
    {
        await foreach (var message in _outgoing.Reader.ReadAllAsync())
        {
            await response.BodyWriter.WriteAsync(_protocol.Write(message));
        }
    }

    private void Understand(JsonObject message)
    {
        if (message["startStream"] is not null)
        {
            _connected.TrySetResult();
        }
        else if (message["rpcLog"] is { } log)
        {
            // As the host does: a line that belongs to no running invocation is dropped.
            if (log["invocationId"]?.GetValue<string>() is { } invocation && _running.ContainsKey(invocation))
            {
                var level = Enum.Parse<LogLevel>(log["level"]?.GetValue<string>() ?? nameof(LogLevel.Trace));
                _log(new(level, log["category"]!.GetValue<string>(), log["message"]?.GetValue<string>() ?? ""));
            }
        }
        else if (message["requestId"]?.GetValue<string>() is { } id && _asked.TryRemove(id, out var asked))
        {
            asked.SetResult(message.Single(member => member.Key is not "requestId").Value!.AsObject());
        }
    }

    /// <summary>Logs a line that the worker printed. As the host does: both streams are read line by line.</summary>
    private void Print(string? line, LogLevel level)
    {
        if (line is not null)
        {
            _printed.Enqueue(line);
            _log(new(level, HostLogLine.ConsoleCategory, line));
        }
    }

    /// <summary>Returns the level that the host assigns to a line of standard error.</summary>
    private static LogLevel GuessLevel(string? line)
    {
        return Has("warn") ? LogLevel.Warning : Has("error") || Has("fail") || Has("severe") || Has("unhandled exception") ? LogLevel.Error : LogLevel.Information;

        bool Has(string word) => line?.Contains(word, StringComparison.OrdinalIgnoreCase) is true;
    }

    private async Task GiveUpAsync()
    {
        // This also waits for the last lines that the process printed.
        await _process.WaitForExitAsync();
        var ended = new WorkerEndedException(_process.ExitCode, [.. _printed]);
        _connected.TrySetException(ended);
        foreach (var asked in _asked.Values)
        {
            asked.TrySetException(ended);
        }
    }

    private void Kill(object? sender, EventArgs e)
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // The process was never started, or has already ended.
        }
    }
}
