using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace WalletFunctions;

/// <summary>
/// Leaves the end of the worker to the Functions host, which waits for the requests that it has taken on and then tells the worker to end. .NET's
/// own lifetime would end the process as soon as a signal arrives. Ctrl+C, or the stop of a process group, signals the worker as well as
/// the host, so requests under way would be delinked at Juspay, but neither answered nor audited.
/// </summary>
internal sealed class WorkerLifetime(IHostApplicationLifetime application, TimeProvider time) : IHostLifetime, IDisposable
{
    /// <summary>
    /// When a signalled worker ends by itself, because its host is gone and cannot tell it to. The host gives up on every request sooner (host.json,
    /// <c>functionTimeout</c>).
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<IDisposable> _registrations = [];
    private ITimer? _limit;

    /// <inheritdoc />
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                LeaveEndToHost();
            }));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _limit?.Dispose();
    }

    internal void LeaveEndToHost() => _limit ??= time.CreateTimer(_ => application.StopApplication(), state: null, Patience, Timeout.InfiniteTimeSpan);
}
