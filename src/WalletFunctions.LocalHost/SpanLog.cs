using System.Diagnostics;

namespace WalletFunctions.LocalHost;

/// <summary>Logs each of Core's spans when it ends, so that traces can be read without a collector.</summary>
internal sealed partial class SpanLog(ILogger<SpanLog> logger) : IHostedService, IDisposable
{
    private ActivityListener? _listener;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Write,
        };
        ActivitySource.AddActivityListener(_listener);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _listener?.Dispose();

    private void Write(Activity span)
    {
        var tags = string.Concat(span.TagObjects.Select(tag => $" {tag.Key}={tag.Value}"));
        LogSpan(
            span.OperationName, (long)span.Duration.TotalMilliseconds, tags, span.TraceId.ToHexString(), span.SpanId.ToHexString(),
            span.ParentSpanId.ToHexString());
    }

    [LoggerMessage(EventId = 501, EventName = "Span", Level = LogLevel.Information,
        Message = "span {Name} duration_ms={DurationMs}{Tags} trace_id={TraceId} span_id={SpanId} parent_span_id={ParentSpanId}")]
    private partial void LogSpan(string name, long durationMs, string tags, string traceId, string spanId, string parentSpanId);
}
