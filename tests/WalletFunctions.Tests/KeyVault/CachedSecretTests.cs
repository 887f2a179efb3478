using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Merchants;
using WalletFunctions.Tests.Support;
using Reading = WalletFunctions.KeyVault.SecretReading<WalletFunctions.Juspay.JuspayApiKey>;

namespace WalletFunctions.Tests.KeyVault;

/// <summary>Reading, refreshing and replacing the API key, with the real Azure clients against the simulated vault and identity endpoint.</summary>
public sealed class CachedSecretTests
{
    private static readonly Fault VaultDown = new() { Target = FaultTarget.KeyVault, Count = 100, Status = 503 };

    [Fact]
    public async Task Get_ManyTimes_ReadsOnce()
    {
        await using var host = await TestHost.StartAsync();

        var readings = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ApiKey(host).GetAsync(default).AsTask()));

        Assert.All(readings, reading => Assert.IsType<Reading.Held>(reading));
        Assert.Equal(1, host.KeyVault.Reads);
    }

    [Fact]
    public async Task KeepFresh_AtTheInterval_FindsTheNewVersion()
    {
        await using var host = await TestHost.StartAsync(["--KeyVault:RefreshInterval=00:10:00"]);
        var first = await HeldAsync(host);
        var version = host.RotateKey();
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10));

        host.Time.Advance(TimeSpan.FromMinutes(10));
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10), count: 2);

        var second = await HeldAsync(host);
        Assert.NotEqual(first.Value, second.Value);
        Assert.Equal(version, second.Version);
        Assert.Equal(2, host.KeyVault.Reads);
    }

    [Fact]
    public async Task KeepFresh_OutageAfterTheFirstRead_KeepsTheKeyAndWarns()
    {
        await using var host = await TestHost.StartAsync(["--KeyVault:RefreshInterval=00:10:00"]);
        var first = await HeldAsync(host);
        host.Fault(VaultDown);
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10));

        host.Time.Advance(TimeSpan.FromMinutes(10));
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10), count: 2);

        Assert.Equal(first, await HeldAsync(host));
        Assert.Contains(host.Transcript.Logs, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("secret_unavailable", StringComparison.Ordinal)
            && line.Contains($"version_in_use={first.Version}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two lines\nof text")]
    public async Task KeepFresh_BlunderInTheNewVersion_KeepsTheKey(string blunder)
    {
        await using var host = await TestHost.StartAsync(["--KeyVault:RefreshInterval=00:10:00"]);
        var first = await HeldAsync(host);
        host.Simulation.StoreSecret(blunder, enabled: true, expiresOn: null);
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10));

        host.Time.Advance(TimeSpan.FromMinutes(10));
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10), count: 2);

        Assert.Equal(first, await HeldAsync(host));
        Assert.Contains(host.Transcript.Logs, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("secret_unavailable", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, true, nameof(SecretFault.Missing))]
    [InlineData("whatever", false, nameof(SecretFault.Disabled))]
    [InlineData("", true, nameof(SecretFault.Empty))]
    [InlineData(" \n", true, nameof(SecretFault.Empty))]
    [InlineData("key\u0007bell", true, nameof(SecretFault.Unusable))]
    [InlineData("kéy", true, nameof(SecretFault.Unusable))]
    public async Task Get_SecretThatCannotBeUsed_SaysWhy(string? value, bool enabled, string fault)
    {
        await using var host = await TestHost.StartAsync(prepare: simulation => simulation.StoreSecret(value, enabled, expiresOn: null));

        var why = Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default));

        Assert.Equal(fault, why.Fault.ToString());
        Assert.Contains("'juspay-api-key'", why.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_NoRight_IsDenied()
    {
        await using var host = await TestHost.StartAsync(prepare: simulation => simulation.KeyVault!.Allowed = false);

        var why = Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default));

        Assert.Equal(SecretFault.Denied, why.Fault);
        Assert.Contains("Key Vault Secrets User", why.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error":{"code":"Forbidden","innererror":{"code":"SecretNotYetValid"}}}""", nameof(SecretFault.Disabled))]
    [InlineData("""{"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByFirewall"}}}""", nameof(SecretFault.Denied))]
    [InlineData("""{"error":{"code":"Forbidden"}}""", nameof(SecretFault.Denied))]
    [InlineData("""{"error":"Forbidden"}""", nameof(SecretFault.Denied))]
    [InlineData("[]", nameof(SecretFault.Denied))]
    [InlineData("<html>a proxy's page</html>", nameof(SecretFault.Denied))]
    public async Task Get_403_GoesByTheInnerCode(string body, string fault)
    {
        await using var host = await TestHost.StartAsync(prepare: simulation =>
            simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, Status = 403, Body = body, Count = 2 }));

        Assert.Equal(fault, Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default)).Fault.ToString());
    }

    [Theory]
    [InlineData(FaultTarget.KeyVault, 500)]
    [InlineData(FaultTarget.KeyVault, 429)]
    [InlineData(FaultTarget.Identity, 502)]
    [InlineData(FaultTarget.Identity, 400)]
    public async Task Get_VaultOrIdentityFails_IsUnavailableUntilTheyRecover(FaultTarget target, int status)
    {
        await using var host = await TestHost.StartAsync(prepare: simulation =>
            simulation.Faults.Add(new Fault { Target = target, Count = 100, Status = status, Body = "{}" }));

        var why = Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default));
        Assert.True(why.Fault is SecretFault.Unreachable or SecretFault.Denied, why.ToString());
        Assert.Equal(CachedSecret<JuspayApiKey>.PauseAfterFailure, why.RetryAfter);
        // The failure is visible before its log line is written.
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(
            line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("version_in_use=none", StringComparison.Ordinal)));

        host.Simulation.Reset();
        await host.Time.WaitForTimerAsync(CachedSecret<JuspayApiKey>.PauseAfterFailure);
        host.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(3), Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default)).RetryAfter);
        host.Time.Advance(TimeSpan.FromSeconds(3));
        await HeldAsync(host);
    }

    [Fact]
    public async Task Get_ConnectionToTheVaultBreaks_IsUnreachable()
    {
        await using var host = await TestHost.StartAsync(prepare: simulation =>
            simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, Count = 100, Reset = true }));

        Assert.Equal(SecretFault.Unreachable, Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default)).Fault);
    }

    [Fact]
    public async Task Get_VaultNeverAnswers_GivesUpAfterTheReadTimeout()
    {
        await using var host = await TestHost.StartAsync(prepare: simulation =>
            simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, Count = 100, DelayMs = -1 }));
        var reading = ApiKey(host).GetAsync(default).AsTask();
        await host.Time.WaitForTimerAsync(CachedSecret<JuspayApiKey>.ReadTimeout);

        host.Time.Advance(CachedSecret<JuspayApiKey>.ReadTimeout);

        Assert.Equal(SecretFault.Unreachable, Assert.IsType<Reading.Unavailable>(await reading).Fault);
    }

    [Fact]
    public async Task Get_SoonAfterAFailure_AnswersWithoutAskingAgain()
    {
        await using var host = await TestHost.StartAsync(prepare: simulation => simulation.StoreSecret(null, enabled: true, expiresOn: null));
        await ApiKey(host).GetAsync(default);
        var reads = host.KeyVault.Reads;

        for (var i = 0; i < 10; i++)
        {
            Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default));
        }

        Assert.Equal(reads, host.KeyVault.Reads);
    }

    [Fact]
    public async Task Get_CallerCancels_DoesNotEndTheReadForOthers()
    {
        await using var host = await TestHost.StartAsync(prepare: simulation => simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, DelayMs = 300 }));
        using var cancellation = new CancellationTokenSource();
        var impatient = ApiKey(host).GetAsync(cancellation.Token).AsTask();
        var patient = ApiKey(host).GetAsync(default).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.IsType<Reading.Held>(await patient);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public async Task Get_ExpiredSecret_IsUsedAndWarnedAboutAtEveryRefresh(int days)
    {
        var expiry = new ObservedTime().GetUtcNow().AddDays(days);
        await using var host = await TestHost.StartAsync(
            ["--KeyVault:RefreshInterval=00:10:00"], prepare: simulation => simulation.StoreSecret("expired-key", enabled: true, expiry));
        await HeldAsync(host);
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10));
        host.Time.Advance(TimeSpan.FromMinutes(10));
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10), count: 2);

        Assert.Equal(2, host.Transcript.Logs.Count(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("secret_expired", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Replace_ManyAtOnce_ReadsOnceAndFindsTheNewKey()
    {
        await using var host = await TestHost.StartAsync();
        var refused = await HeldAsync(host);
        host.RotateKey();

        var replacements = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ReplaceAsync(host, refused)));

        Assert.All(replacements, replacement => Assert.NotEqual(refused.Value, replacement.Value));
        Assert.Equal(2, host.KeyVault.Reads);
    }

    [Fact]
    public async Task Replace_NothingNew_ReadsAgainOnlyAfterThePause()
    {
        await using var host = await TestHost.StartAsync();
        var refused = await HeldAsync(host);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(refused, await ReplaceAsync(host, refused));
        }

        Assert.Equal(2, host.KeyVault.Reads);
        host.Time.Advance(CachedSecret<JuspayApiKey>.PauseAfterFutileRead);
        await ReplaceAsync(host, refused);
        Assert.Equal(3, host.KeyVault.Reads);
    }

    [Fact]
    public async Task Replace_TwoRotationsInARow_FindsBoth()
    {
        await using var host = await TestHost.StartAsync();
        var first = await HeldAsync(host);
        host.RotateKey();
        var second = await ReplaceAsync(host, first);
        host.RotateKey();
        var third = await ReplaceAsync(host, second);

        Assert.NotEqual(second.Value, third.Value);
        Assert.Equal(third, await ReplaceAsync(host, first));
        Assert.Equal(3, host.KeyVault.Reads);
    }

    [Fact]
    public async Task Replace_WhileAnOlderReadIsUnderWay_ReadsAgain()
    {
        await using var host = await TestHost.StartAsync(["--KeyVault:RefreshInterval=00:10:00"]);
        var refused = await HeldAsync(host);
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10));
        // The answer to the refresh has the old key and is slow, and the key is rotated meanwhile.
        host.Fault(new Fault { Target = FaultTarget.KeyVault, Moment = FaultMoment.After, DelayMs = 300 });
        host.Time.Advance(TimeSpan.FromMinutes(10));
        await TestHost.WaitUntilAsync(() => host.KeyVault.Reads is 2);
        host.RotateKey();

        var replacement = await ReplaceAsync(host, refused);

        Assert.NotEqual(refused.Value, replacement.Value);
        Assert.Equal(3, host.KeyVault.Reads);
    }

    [Theory]
    [InlineData(503, nameof(SecretFault.Unreachable))]
    [InlineData(404, nameof(SecretFault.Missing))]
    public async Task Replace_ReadThatFails_SaysWhyAndIsTriedAgainSoon(int status, string fault)
    {
        await using var host = await TestHost.StartAsync();
        var refused = await HeldAsync(host);
        host.RotateKey();
        host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = status, Count = 3 });

        var failed = Assert.IsType<Reading.Unavailable>((await ApiKey(host).ReplaceAsync(refused)).Reading);
        var reads = host.KeyVault.Reads;
        var soon = Assert.IsType<Reading.Unavailable>((await ApiKey(host).ReplaceAsync(refused)).Reading);
        host.Simulation.Faults.Clear();
        host.Time.Advance(CachedSecret<JuspayApiKey>.PauseAfterFailure);
        var replacement = await ReplaceAsync(host, refused);

        Assert.Equal((fault, CachedSecret<JuspayApiKey>.PauseAfterFailure), (failed.Fault.ToString(), failed.RetryAfter));
        Assert.Equal(failed, soon);
        Assert.NotEqual(refused.Value, replacement.Value);
        Assert.Equal(reads + 1, host.KeyVault.Reads);
    }

    [Fact]
    public async Task Forget_AfterAFailedRead_LetsTheNextOneReadAtOnce()
    {
        await using var host = await TestHost.StartAsync(prepare: simulation => simulation.Faults.Add(VaultDown));
        Assert.IsType<Reading.Unavailable>(await ApiKey(host).GetAsync(default));
        host.Simulation.Faults.Clear();

        await ApiKey(host).ForgetAsync(default);

        Assert.IsType<Reading.Held>(await ApiKey(host).GetAsync(default));
    }

    [Fact]
    public async Task Forget_WhatIsHeld_IsReadAgain()
    {
        await using var host = await TestHost.StartAsync();
        var first = await HeldAsync(host);
        var version = host.RotateKey();

        await ApiKey(host).ForgetAsync(default);

        Assert.Equal((version, 2), ((await HeldAsync(host)).Version, host.KeyVault.Reads));
        Assert.NotEqual(version, first.Version);
    }

    [Fact]
    public async Task Forget_DuringARead_ForgetsItsEndAsWell()
    {
        await using var host = await TestHost.StartAsync(["--KeyVault:RefreshInterval=00:10:00"]);
        await HeldAsync(host);
        await host.Time.WaitForTimerAsync(TimeSpan.FromMinutes(10));
        host.Fault(new Fault { Target = FaultTarget.KeyVault, Status = 409, DelayMs = 300 });
        host.Time.Advance(TimeSpan.FromMinutes(10));
        await TestHost.WaitUntilAsync(() => host.KeyVault.Reads is 2);

        await ApiKey(host).ForgetAsync(default);

        Assert.IsType<Reading.Held>(await ApiKey(host).GetAsync(default));
        Assert.Equal(3, host.KeyVault.Reads);
    }

    /// <summary>A logger may be slow, or ask for the secret itself.</summary>
    [Fact]
    public async Task Read_WhileItsLogLineIsWritten_DoesNotBlockOthers()
    {
        await using var host = await TestHost.StartAsync();
        CachedSecret<JuspayApiKey>? secret = null;
        Reading.Held? seen = null;
        using var asked = new ManualResetEventSlim();
        var logger = new CallbackLogger(line =>
        {
            if (line.Contains("secret_held", StringComparison.Ordinal))
            {
                // On another thread, as another request would ask.
                ThreadPool.QueueUserWorkItem(_ =>
                {
                    seen = secret!.InMemory;
                    asked.Set();
                });
                asked.Wait(TimeSpan.FromSeconds(10));
            }
        });
        secret = new(host.Services.GetRequiredService<KeyVaultReader>().ReaderOf("juspay-api-key"), "juspay-api-key", JuspayApiKey.TryParse, TimeSpan.FromDays(1), host.Time, logger);

        await secret.GetAsync(default);

        Assert.True(asked.IsSet);
        Assert.NotNull(seen);
    }

    /// <summary>The Functions worker assigns a log line to the invocation in whose execution context it is written.</summary>
    [Fact]
    public async Task Read_ThatARequestStarted_RunsOutsideTheRequestsExecutionContext()
    {
        await using var host = await TestHost.StartAsync();
        var invocation = new AsyncLocal<string?>();
        var seen = new List<string?>();
        var logger = new CallbackLogger(_ => seen.Add(invocation.Value));
        var secret = new CachedSecret<JuspayApiKey>(
            host.Services.GetRequiredService<KeyVaultReader>().ReaderOf("juspay-api-key"), "juspay-api-key", JuspayApiKey.TryParse, TimeSpan.FromDays(1), host.Time, logger);
        invocation.Value = "an invocation";

        await secret.GetAsync(default);

        Assert.Equal([null], seen);
    }

    [Fact]
    public async Task Read_HasASpanThatNamesTheSecretAndWhatItFound()
    {
        const string Name = "a-secret-of-this-test-alone";
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source == Telemetry.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var stored = new Queue<string>(["key-1234", "key-1234", "key-5678", " "]);
        var time = new FakeTimeProvider();
        var secret = new CachedSecret<JuspayApiKey>(
            _ => Task.FromResult(SecretModelFactory.KeyVaultSecret(SecretModelFactory.SecretProperties(name: Name, version: "of " + stored.Peek()), stored.Dequeue())),
            Name, JuspayApiKey.TryParse, TimeSpan.FromDays(1), time, new CallbackLogger(_ => { }));

        var held = Assert.IsType<Reading.Held>(await secret.GetAsync(default));
        for (var read = 1; read < 4; read++)
        {
            time.Advance(TimeSpan.FromSeconds(30));
            held = await secret.ReplaceAsync(held) is { Reading: Reading.Held newer } ? newer : held;
        }

        var ours = spans.Where(span => (string?)span.GetTagItem(Telemetry.Secret) == Name).ToArray();
        Assert.All(ours, span => Assert.Equal("read secret", span.OperationName));
        Assert.Equal(
            [("changed", null, ActivityStatusCode.Unset), ("unchanged", null, ActivityStatusCode.Unset), ("changed", null, ActivityStatusCode.Unset), ("Empty", "Empty", ActivityStatusCode.Error)],
            ours.Select(span => ((string?)span.GetTagItem(Telemetry.Outcome), (string?)span.GetTagItem(Telemetry.ErrorType), span.Status)));
    }

    private sealed class CallbackLogger(Action<string> write) : ILogger<CachedSecret<JuspayApiKey>>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            write(formatter(state, exception));
    }

    private static async Task<Reading.Held> ReplaceAsync(TestHost host, Reading.Held refused) =>
        Assert.IsType<Reading.Held>((await ApiKey(host).ReplaceAsync(refused)).Reading);

    private static CachedSecret<JuspayApiKey> ApiKey(TestHost host) => host.Services.GetRequiredService<MerchantDirectory>().ForCaller(null)!.ApiKey;

    private static async Task<Reading.Held> HeldAsync(TestHost host) => Assert.IsType<Reading.Held>(await ApiKey(host).GetAsync(default));
}
