using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.FunctionsApp;

public sealed class WorkerLifetimeTests
{
    [Fact]
    public void Signal_WithoutATerminationByTheHost_EndsTheWorkerAfterALimit()
    {
        var time = new ObservedTime();
        var application = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        using var lifetime = new WorkerLifetime(application, time);

        lifetime.LeaveEndToHost();
        time.Advance(WorkerLifetime.Patience / 2);
        // A second signal does not extend the limit.
        lifetime.LeaveEndToHost();
        Assert.False(application.ApplicationStopping.IsCancellationRequested);
        time.Advance(WorkerLifetime.Patience / 2);

        Assert.True(application.ApplicationStopping.IsCancellationRequested);
    }
}
