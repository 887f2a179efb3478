using Azure.Storage.Queues;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.Tests.Support;

/// <summary>
/// The local host in this process: real HTTP to it and from it to Juspay, and real Azure clients to the simulated vault, with a clock that only the test advances.
/// </summary>
internal sealed class TestHost : HostUnderTest
{
    private readonly LocalHostApp _app;

    private TestHost(LocalHostApp app, ObservedTime time, Transcript transcript)
        : base(app.Simulation, app.BaseAddress, transcript)
    {
        _app = app;
        Time = time;
    }

    public ObservedTime Time { get; }

    public override DateTimeOffset Now => Time.GetUtcNow();

    public IServiceProvider Services => _app.Services;

    public static async Task<TestHost> StartAsync(
        string[]? settings = null, Action<Simulation>? prepare = null, Action<WebApplicationBuilder, Simulation, ObservedTime>? configure = null, double random = 0)
    {
        var time = new ObservedTime();
        var transcript = new Transcript();
        var app = await LocalHostApp.StartAsync(["--urls", "http://127.0.0.1:0", .. settings ?? []], (simulation, builder) =>
        {
            prepare?.Invoke(simulation);
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddSingleton<Random>(new FixedRandom(random));
            configure?.Invoke(builder, simulation, time);
            builder.Logging.ClearProviders().AddProvider(transcript);
        });
        return new TestHost(app, time, transcript);
    }

    /// <summary>Advances the clock by an attempt's limit for each request without an answer.</summary>
    public async Task<Answer> WaitOutSilenceAsync(Task<Answer> answer)
    {
        var waitedFor = 0;
        while (!answer.IsCompleted)
        {
            if (Simulation.Faults.Silenced is var silenced && silenced > waitedFor)
            {
                waitedFor = silenced;
                Time.Advance(TimeSpan.FromSeconds(5));
            }

            await Task.Delay(1);
        }

        return await answer;
    }

    /// <summary>Lets time pass until something happens in the background.</summary>
    public async Task PassUntilAsync(Func<bool> condition)
    {
        for (var step = 0; !condition(); step++)
        {
            Assert.True(step < 3000, "it does not happen");
            await Task.Delay(5);
            Time.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    /// <summary>Puts a message into the queue, as a service of the merchant does.</summary>
    public Task PutMessageAsync(string text) => new QueueClient(Simulation.Queues!.ConnectionString, IntakeQueue.Name).SendMessageAsync(text);

    public override async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        AssertLeaksNothing();
    }
}
