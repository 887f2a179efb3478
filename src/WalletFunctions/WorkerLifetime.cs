using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace WalletFunctions;

/// <summary>
/// Lets the Functions host decide when the worker ends. On a signal, the host waits for the running requests and then tells the worker to end. Ctrl+C and a stop
/// of the process group send the signal to the worker too, and .NET's default lifetime would end the worker at once: the running requests would delink wallets
/// at Juspay but would be neither answered nor audited.
/// </summary>
internal sealed class WorkerLifetime(IHostApplicationLifetime application, TimeProvider time) : IHostLifetime, IDisposable
{
    /// <summary>
    /// Time after a signal at which the worker ends even if the host has not ended it, so that no worker outlives its host. It is longer than the host lets any
    /// request run (<c>functionTimeout</c> in host.json).
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
