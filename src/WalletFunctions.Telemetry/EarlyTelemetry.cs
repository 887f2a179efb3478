using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace WalletFunctions;

/// <summary>
/// Keeps the spans and measurements that Core creates before the exporters are set up. Setting them up takes as much processor time as the whole first delink, so
/// it starts after the answer.
/// </summary>
internal sealed class EarlyTelemetry : IDisposable
{
    /// <summary>The most spans, and the most measurements, that are kept. Of a larger burst, the rest is not exported.</summary>
    private const int Capacity = 10_000;

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<Action> _measurements = new();
    private readonly TaskCompletionSource _firstDelink = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivityListener _spanListener;
    private readonly MeterListener _meterListener = new();

    public EarlyTelemetry()
    {
        _spanListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Keep,
        };
        ActivitySource.AddActivityListener(_spanListener);

        _meterListener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Telemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meterListener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep((Counter<long>)instrument, value, tags.ToArray()));
        _meterListener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep((Histogram<double>)instrument, value, tags.ToArray()));
        _meterListener.Start();
    }

    /// <summary>Completes when the first delink has ended.</summary>
    public Task FirstDelink => _firstDelink.Task;

    /// <summary>Creates the spans again for an exporter that listens now: with the same traces, times and tags, but with new ids.</summary>
    public void ReplaySpans()
    {
        _spanListener.Dispose();
        var copies = new Dictionary<ActivitySpanId, ActivityContext>();
        // A parent starts before its children and ends after them.
        foreach (var span in _spans.OrderBy(span => span.StartTimeUtc).ThenByDescending(span => span.Duration))
        {
            // A parent that has not ended yet, or that the exporter's sampler dropped, has no copy. Its children stay in the same trace.
            var parent = copies.GetValueOrDefault(span.ParentSpanId, new ActivityContext(span.TraceId, span.ParentSpanId, span.ActivityTraceFlags, isRemote: span.HasRemoteParent));
            using var copy = Telemetry.Source.StartActivity(span.OperationName, span.Kind, parent, span.TagObjects, startTime: new DateTimeOffset(span.StartTimeUtc));
            if (copy is not null)
            {
                copy.SetStatus(span.Status).SetEndTime(span.StartTimeUtc + span.Duration);
                copies[span.SpanId] = copy.Context;
            }
        }

        // Frees the spans, because this object lives as long as the exporters.
        _spans.Clear();
    }

    /// <summary>Repeats the measurements for an exporter that listens now.</summary>
    public void ReplayMeasurements()
    {
        _meterListener.Dispose();
        while (_measurements.TryDequeue(out var measure))
        {
            measure();
        }
    }

    public void Dispose()
    {
        _spanListener.Dispose();
        _meterListener.Dispose();
    }

    private void Keep(Activity span)
    {
        if (_spans.Count < Capacity)
        {
            _spans.Enqueue(span);
        }

        if (span.OperationName == Telemetry.Delink.Name)
        {
            _firstDelink.TrySetResult();
        }
    }

    private void Keep(Counter<long> counter, long value, KeyValuePair<string, object?>[] tags) => Keep(() => counter.Add(value, tags));

    private void Keep(Histogram<double> histogram, double value, KeyValuePair<string, object?>[] tags) => Keep(() => histogram.Record(value, tags));

    private void Keep(Action measure)
    {
        if (_measurements.Count < Capacity)
        {
            _measurements.Enqueue(measure);
        }
    }
}
