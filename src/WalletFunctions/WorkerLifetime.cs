using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace WalletFunctions;

/// <summary>
/// Lets the Functions host decide when the worker ends. On a signal, the host waits for the running requests and then tells the worker to end. .NET's default
/// lifetime would end the worker at the signal itself, which Ctrl+C and a stop of the process group also send to the worker. Running requests would then be
/// delinked at Juspay but neither answered nor audited.
/// </summary>
internal sealed class WorkerLifetime(IHostApplicationLifetime application, TimeProvider time) : IHostLifetime, IDisposable
{
    /// <summary>
    /// How long after a signal the worker ends without the host's request, so that it does not outlive a host that has ended. It is longer than the host lets
    /// any request run (<c>functionTimeout</c> in host.json).
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

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
