using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Merchants;
using WalletFunctions.Problems;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Delinking;

/// <summary>The outcome of a delink for each answer and failure, over real HTTP to the simulated Juspay, with a clock that does not advance by itself.</summary>
public sealed class WalletDelinkerTests
{
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Delink_LinkedWallet_IsUnlinkedAtJuspay()
    {
        await using var host = await TestHost.StartAsync();

        var (outcome, trail) = await DelinkAsync(host);

        Assert.False(AssertDelinked(outcome).Linked);
        Assert.False(host.IsLinked(TestHost.Paytm));
        Assert.Equal((1, false), (trail.Attempts, trail.Confirmed));
        Assert.NotNull(trail.KeyVersion);
        Assert.StartsWith("sim-", trail.JuspayRequestId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task Delink_FailureThatPasses_IsTriedAgain(int status)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = status, Count = 2 });

        var (outcome, trail) = await DelinkAsync(host);

        AssertDelinked(outcome);
        Assert.Equal((3, 3, 0), (trail.Attempts, host.Delinks, host.WalletReads));
    }

    [Fact]
    public async Task Delink_SeveralAnswers_LeavesTheLastRequestIdInTheTrail()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 503, Headers = Header("x-request-id", "first") });
        host.Fault(new Fault { Status = 503, Headers = Header("x-request-id", "second") });
        host.Fault(new Fault { Reset = true });

        var (outcome, trail) = await DelinkAsync(host);

        AssertFailed(outcome);
        Assert.Equal((3, "second"), (trail.Attempts, trail.JuspayRequestId));
    }

    [Fact]
    public async Task Delink_NewKeyWithoutAnAnswer_LeavesTheRequestIdOfTheRefusalInTheTrail()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.RotateKey();
        host.Fault(new Fault { Status = 401, Headers = Header("x-request-id", "of-the-refusal") });
        host.Fault(new Fault { Reset = true, Count = 100 });

        var (outcome, trail) = await DelinkAsync(host);

        AssertFailed(outcome);
        Assert.Equal((4, "of-the-refusal"), (trail.Attempts, trail.JuspayRequestId));
    }

    [Fact]
    public async Task Delink_CancelledDuringTheWalletRead_LeavesTheReadInTheTrail()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Fault(new Fault { Status = 400, Body = Envelope("INVALID_ACTION"), Method = "POST" });
        host.Fault(new Fault { DelayMs = -1, Method = "GET" });
        using var cancellation = new CancellationTokenSource();
        var delink = DelinkAsync(host, cancellationToken: cancellation.Token);
        await TestHost.WaitUntilAsync(() => host.WalletReads is 1);

        await cancellation.CancelAsync();

        var (outcome, trail) = await delink;
        Assert.Equal(("caller_cancelled", 1, true), (AssertFailed(outcome).Type.Code, trail.Attempts, trail.Confirmed));
    }

    [Theory]
    [InlineData(408, "juspay_unavailable")]
    [InlineData(429, "juspay_throttled")]
    [InlineData(500, "juspay_unavailable")]
    [InlineData(503, "juspay_unavailable")]
    public async Task Delink_FailureThatLasts_EndsAfterThreeAttempts(int status, string reason)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = status, Count = 100 });

        Assert.Equal(reason, await FailureAsync(host));
        Assert.Equal(3, host.Delinks);
        Assert.True(host.IsLinked(TestHost.Paytm));
    }

    [Theory]
    [InlineData(400, "juspay_rejected")]
    [InlineData(402, "juspay_rejected")]
    [InlineData(403, "juspay_forbidden")]
    [InlineData(404, "juspay_unexpected_response")]
    [InlineData(405, "juspay_rejected")]
    [InlineData(409, "wallet_busy")]
    [InlineData(422, "juspay_rejected")]
    [InlineData(301, "juspay_unexpected_response")]
    [InlineData(302, "juspay_unexpected_response")]
    [InlineData(204, "juspay_unexpected_response")]
    [InlineData(501, "juspay_unavailable")]
    public async Task Delink_RefusalOrOddAnswer_IsNotTriedAgain(int status, string reason)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = status, Count = 100, Headers = Header("Location", "https://elsewhere.example/wallets/x") });

        Assert.Equal(reason, await FailureAsync(host));
        Assert.Equal((1, 0), (host.Delinks, host.WalletReads));
    }

    [Theory]
    [InlineData("DUPLICATE_REQUEST", "wallet_busy")]
    [InlineData("UNAUTHENTICATED", "juspay_unauthenticated")]
    [InlineData("UNAUTHORIZED", "juspay_unauthenticated")]
    [InlineData("RESOURCE_NOT_FOUND", "wallet_not_found")]
    [InlineData("INVALID_INPUT", "juspay_rejected")]
    [InlineData("INVALID_ACCOUNT_DETAILS", "juspay_rejected")]
    [InlineData("EXPIRED", "juspay_rejected")]
    public async Task Delink_RefusalWithACode_GoesByTheCode(string code, string reason)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 400, Count = 100, Body = Envelope(code) });

        Assert.Equal(reason, await FailureAsync(host));
        Assert.Equal(0, host.WalletReads);
    }

    /// <summary>Juspay may have delinked the wallet before it failed, also if the status is 4xx.</summary>
    [Theory]
    [InlineData(400, """{"error_info":{"category":"SERVER_ERROR"}}""")]
    [InlineData(422, """{"error_info":{"category":"SERVER_ERROR","code":"INTERNAL"}}""")]
    public async Task Delink_RefusalOfTheCategoryOfServerErrors_IsAFailure(int status, string body)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = status, Body = body, Count = 3 });

        Assert.Equal("juspay_unavailable", await FailureAsync(host));
        AssertDelinked((await DelinkAsync(host)).Outcome);
        Assert.Equal(4, host.Delinks);
    }

    [Theory]
    [InlineData("INVALID_ACTION")]
    [InlineData("ALREADY_EXISTS")]
    public async Task Delink_WrongStateOfAnUnlinkedWallet_IsSuccessAfterReadingTheWallet(string code)
    {
        await using var host = await TestHost.StartAsync();
        await DelinkAsync(host);
        host.Fault(new Fault { Status = 400, Body = Envelope(code), Method = "POST" });

        var (outcome, trail) = await DelinkAsync(host);

        Assert.False(AssertDelinked(outcome).Linked);
        Assert.Equal((1, true, 1), (trail.Attempts, trail.Confirmed, host.WalletReads));
    }

    [Fact]
    public async Task Delink_WrongStateOfALinkedWallet_StaysARefusal()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 400, Body = Envelope("INVALID_ACTION"), Method = "POST" });

        Assert.Equal("juspay_rejected", await FailureAsync(host));
        Assert.Equal(1, host.WalletReads);
        Assert.Single(host.Juspay.MintedTokens);
    }

    [Theory]
    [InlineData(404, "juspay_unexpected_response")]
    [InlineData(409, "wallet_busy")]
    [InlineData(429, "juspay_throttled")]
    [InlineData(500, "juspay_unavailable")]
    [InlineData(401, "juspay_unauthenticated")]
    [InlineData(403, "juspay_forbidden")]
    [InlineData(422, "juspay_rejected")]
    public async Task Delink_WrongStateAndAFailedWalletRead_ReportsTheReadUnlessItIsRefused(int status, string reason)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 400, Body = Envelope("INVALID_ACTION"), Method = "POST" });
        host.Fault(new Fault { Status = status, Method = "GET" });

        Assert.Equal(reason, await FailureAsync(host));
    }

    [Theory]
    [InlineData(400, "INVALID_INPUT")]
    [InlineData(404, "RESOURCE_NOT_FOUND")]
    public async Task Delink_RefusalAfterALostSuccess_IsSuccessAfterReadingTheWallet(int status, string code)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Reset = true, Moment = FaultMoment.After });
        host.Fault(new Fault { Status = status, Body = Envelope(code), Method = "POST" });

        var (outcome, trail) = await DelinkAsync(host);

        AssertDelinked(outcome);
        Assert.Equal((2, true), (trail.Attempts, trail.Confirmed));
    }

    [Theory]
    [InlineData(400, "INVALID_INPUT")]
    [InlineData(404, "RESOURCE_NOT_FOUND")]
    [InlineData(401, "UNAUTHORIZED")]
    [InlineData(403, "BAD_ORIGIN")]
    public async Task Delink_RefusalAfterAFailureThatMayHaveDelinked_StaysUncertain(int status, string code)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 500, Moment = FaultMoment.After });
        host.Fault(new Fault { Status = status, Body = Envelope(code), Count = 100 });

        Assert.Equal("juspay_unavailable", await FailureAsync(host));
    }

    [Fact]
    public async Task Delink_NotFoundAtOnce_ReadsNoWallet()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal("wallet_not_found", await FailureAsync(host, "wlt_unknown"));
        Assert.Equal((1, 0), (host.Delinks, host.WalletReads));
    }

    [Theory]
    [InlineData("""{"id":"wlm_vNb87tTUvbb86bD","linked":true}""")]
    [InlineData("""{"id":"wlt_another","linked":false}""")]
    [InlineData("""{"id":"WLM_VNB87TTUVBB86BD","linked":false}""")]
    [InlineData("""{"linked":false}""")]
    [InlineData("""{"status":"error","error_info":{"code":"INVALID_ACTION"}}""")]
    [InlineData("<html>Welcome</html>")]
    [InlineData("")]
    public async Task Delink_200ThatIsNoProof_IsNoSuccess(string body)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 200, Body = body });

        Assert.Equal("juspay_unexpected_response", await FailureAsync(host));
        Assert.Equal(1, host.Delinks);
    }

    [Fact]
    public async Task Delink_AnswerOf10Megabytes_IsReadNoFurtherThanTheLimit()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 200, GarbageBytes = 10_000_000 });

        var failed = AssertFailed((await DelinkAsync(host)).Outcome);

        Assert.Equal("juspay_unexpected_response", failed.Type.Code);
        Assert.Contains("256 KiB", failed.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Delink_BodyThatIsNotOfItsEncoding_IsNoSuccess(string encoding)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 200, Body = "not compressed at all", Headers = Header("Content-Encoding", encoding), Count = 100 });

        Assert.True(await FailureAsync(host) is "juspay_unavailable" or "juspay_unexpected_response");
    }

    [Theory]
    [InlineData(FaultMoment.Before)]
    [InlineData(FaultMoment.After)]
    public async Task Delink_ConnectionReset_IsTriedAgain(FaultMoment moment)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Reset = true, Moment = moment });

        AssertDelinked((await DelinkAsync(host)).Outcome);
        Assert.False(host.IsLinked(TestHost.Paytm));
    }

    [Fact]
    public async Task Delink_AnswerCutInTheMiddle_IsTriedAgain()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { ResetAfterBytes = 20 });

        AssertDelinked((await DelinkAsync(host)).Outcome);
        Assert.Equal(2, host.Delinks);
    }

    [Fact]
    public async Task Delink_ConnectionRefused_IsUnavailable()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:BaseUrl=http://127.0.0.1:1", "--LocalHost:JuspayApiKey=any-key"]);

        var (outcome, trail) = await DelinkAsync(host);

        var failed = AssertFailed(outcome);
        Assert.Equal(("juspay_unavailable", 0, 2), (failed.Type.Code, trail.Attempts, trail.Retries));
        Assert.Contains("could not be reached", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delink_NoAnswer_IsTriedAgainAfterTheAttemptsTimeout()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Fault(new Fault { DelayMs = -1 });
        var delink = DelinkAsync(host);
        await ReceivedAsync(host, 1);

        host.Time.Advance(AttemptTimeout);

        AssertDelinked((await delink).Outcome);
        Assert.Equal(2, host.Delinks);
    }

    [Fact]
    public async Task Delink_NeverAnAnswer_EndsAtTheDeadline()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Fault(new Fault { DelayMs = -1, Count = 100 });
        var delink = DelinkAsync(host);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await ReceivedAsync(host, attempt);
            host.Time.Advance(AttemptTimeout);
        }

        Assert.Equal("juspay_timeout", AssertFailed((await delink).Outcome).Type.Code);
        Assert.Equal(3, host.Delinks);
    }

    [Fact]
    public async Task Delink_DeadlineDuringAnAttempt_IsNoAnswerInTime()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:TotalTimeout=00:00:05"]);
        await ReadyAsync(host);
        host.Fault(new Fault { Status = 503 });
        host.Fault(new Fault { DelayMs = -1, Count = 100 });
        var delink = DelinkAsync(host);
        await ReceivedAsync(host, 2);

        host.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("juspay_timeout", AssertFailed((await delink).Outcome).Type.Code);
    }

    [Fact]
    public async Task Delink_VaultSilentUntilTheDeadline_IsKeyUnavailable()
    {
        await using var host = await TestHost.StartAsync(
            ["--Juspay:TotalTimeout=00:00:05"], prepare: simulation => simulation.Faults.Add(new Fault { Target = FaultTarget.KeyVault, DelayMs = -1, Count = 100 }));
        var delink = DelinkAsync(host);
        await host.Time.WaitForTimerAsync(TimeSpan.FromSeconds(5));

        host.Time.Advance(TimeSpan.FromSeconds(5));

        var failed = AssertFailed((await delink).Outcome);
        Assert.Equal("api_key_unavailable", failed.Type.Code);
        Assert.Contains("Key Vault", failed.Detail, StringComparison.Ordinal);
        Assert.Equal(0, host.Delinks);
    }

    [Fact]
    public async Task Delink_SlowDripWithinTheTimeout_IsSuccess()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { DripMs = 1 });

        AssertDelinked((await DelinkAsync(host)).Outcome);
    }

    [Fact]
    public async Task Delink_Cancelled_StopsAndSaysSo()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Fault(new Fault { DelayMs = -1 });
        using var cancellation = new CancellationTokenSource();
        var delink = DelinkAsync(host, cancellationToken: cancellation.Token);
        await ReceivedAsync(host, 1);

        await cancellation.CancelAsync();

        var failed = AssertFailed((await delink).Outcome);
        Assert.Equal("caller_cancelled", failed.Type.Code);
        Assert.Contains("cancelled", failed.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("Mon, 23 Nov 2026 10:00:07 GMT")]
    public async Task Delink_RetryAfterWithinTheDeadline_IsHonoured(string retryAfter)
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Fault(new Fault { Status = 429, Headers = Header("Retry-After", retryAfter) });
        var delink = DelinkAsync(host);
        await host.Time.WaitForTimerAsync(TimeSpan.FromSeconds(7));
        Assert.Equal(1, host.Delinks);

        host.Time.Advance(TimeSpan.FromSeconds(7));

        AssertDelinked((await delink).Outcome);
        Assert.Equal(2, host.Delinks);
    }

    [Fact]
    public async Task Delink_RetryAfterBeyondWhatIsLeft_IsHandedOn()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Fault(new Fault { DelayMs = -1 });
        host.Fault(new Fault { Status = 429, Headers = Header("Retry-After", "11"), Count = 100 });
        var delink = DelinkAsync(host);
        await ReceivedAsync(host, 1);

        host.Time.Advance(AttemptTimeout);

        Assert.Equal(TimeSpan.FromSeconds(11), AssertFailed((await delink).Outcome).RetryAfter);
        Assert.Equal(2, host.Delinks);
    }

    [Theory]
    [InlineData("15", 15)]
    [InlineData("60", 60)]
    [InlineData("Mon, 23 Nov 2026 11:00:00 GMT", 3600)]
    public async Task Delink_RetryAfterBeyondTheDeadline_IsHandedOn(string retryAfter, int seconds)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 429, Headers = Header("Retry-After", retryAfter), Count = 100 });

        var failed = AssertFailed((await DelinkAsync(host)).Outcome);

        Assert.Equal(("juspay_throttled", TimeSpan.FromSeconds(seconds)), (failed.Type.Code, failed.RetryAfter));
        Assert.Equal(1, host.Delinks);
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("Mon, 23 Nov 2020 10:00:00 GMT")]
    [InlineData("99999999999999999999")]
    public async Task Delink_RetryAfterWithoutMeaning_ChangesNothing(string retryAfter)
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault { Status = 503, Headers = Header("Retry-After", retryAfter) });

        AssertDelinked((await DelinkAsync(host)).Outcome);
    }

    [Fact]
    public async Task Delink_Backoff_DoublesAndIsDrawnByChance()
    {
        await using var host = await TestHost.StartAsync(random: 0.5);
        await ReadyAsync(host);
        host.Fault(new Fault { Status = 503, Count = 2 });
        var delink = DelinkAsync(host);

        await host.Time.WaitForTimerAsync(TimeSpan.FromMilliseconds(200));
        host.Time.Advance(TimeSpan.FromMilliseconds(200));
        await host.Time.WaitForTimerAsync(TimeSpan.FromMilliseconds(400));
        host.Time.Advance(TimeSpan.FromMilliseconds(400));

        AssertDelinked((await delink).Outcome);
    }

    [Fact]
    public async Task Delink_KeyRotatedMeanwhile_UsesTheNewOne()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        var version = host.RotateKey();

        var (outcome, trail) = await DelinkAsync(host);

        AssertDelinked(outcome);
        Assert.Equal((2, version, 2), (trail.Attempts, trail.KeyVersion, host.KeyVault.Reads));
    }

    [Fact]
    public async Task Delink_KeyRotatedBeforeTheLook_UsesTheNewOne()
    {
        await using var host = await TestHost.StartAsync();
        await DelinkAsync(host);
        host.Fault(new Fault { Status = 400, Body = Envelope("INVALID_ACTION"), Method = "POST" });
        host.RotateKey();

        AssertDelinked((await DelinkAsync(host)).Outcome);
    }

    [Fact]
    public async Task Delink_KeyVoidAtJuspayOnly_ReadsTheVaultOnceAndFails()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Juspay.Accept("another-key");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("juspay_unauthenticated", await FailureAsync(host));
        }

        Assert.Equal((5, 2), (host.Delinks, host.KeyVault.Reads));
    }

    /// <summary>The fault that causes each verdict. A verdict without an entry fails two tests.</summary>
    private static readonly Dictionary<JuspayVerdict, Fault> Verdicts = new()
    {
        [JuspayVerdict.Success] = new(),
        [JuspayVerdict.KeyRefused] = new() { Status = 401 },
        [JuspayVerdict.Forbidden] = new() { Status = 403 },
        [JuspayVerdict.NotFound] = new() { Status = 404, Body = Envelope("RESOURCE_NOT_FOUND") },
        [JuspayVerdict.Busy] = new() { Status = 400, Body = Envelope("DUPLICATE_REQUEST") },
        [JuspayVerdict.WrongState] = new() { Status = 400, Body = Envelope("INVALID_ACTION") },
        [JuspayVerdict.Rejected] = new() { Status = 400, Body = Envelope("INVALID_INPUT") },
        [JuspayVerdict.Throttled] = new() { Status = 429 },
        [JuspayVerdict.NotProcessed] = new() { Status = 408 },
        [JuspayVerdict.Failed] = new() { Status = 503 },
        [JuspayVerdict.FailedForGood] = new() { Status = 501 },
        [JuspayVerdict.Unexpected] = new() { Status = 302 },
        // The simulator always accepts a connection, so the verdict itself is tested with an address where nothing listens.
        [JuspayVerdict.NotSent] = new() { Reset = true },
        [JuspayVerdict.Lost] = new() { Status = 200, ResetAfterBytes = 0, Body = "{}" },
        [JuspayVerdict.TimedOut] = new() { DelayMs = -1 },
    };

    [Theory]
    [MemberData(nameof(AllVerdicts))]
    public async Task Verdict_OfTheAnswerThatMeansIt_IsFound(string name)
    {
        var verdict = Enum.Parse<JuspayVerdict>(name);
        Assert.True(Verdicts.TryGetValue(verdict, out var fault), $"Add to {nameof(Verdicts)} what makes Juspay's answer {verdict}.");
        await using var host = await TestHost.StartAsync();
        host.Fault(fault);
        var client = new JuspayClient(
            new JuspayOptions { BaseUrl = verdict is JuspayVerdict.NotSent ? "http://127.0.0.1:1" : host.Juspay.BaseUrl },
            host.Services.GetRequiredService<HttpClient>(),
            host.Time);
        Assert.True(JuspayApiKey.TryParse(host.Simulation.ApiKey, out var key, out _));

        var answer = client.DelinkAsync(new WalletRequest(WalletId.Parse(TestHost.Paytm)!, RoutingId.Parse(TestHost.Customer)!, "request-1"), key, default);
        if (verdict is JuspayVerdict.TimedOut)
        {
            await ReceivedAsync(host, 1);
            host.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(verdict, (await answer).Verdict);
    }

    public static TheoryData<string> AllVerdicts => new(Enum.GetNames<JuspayVerdict>());

    /// <summary>No hidden success: Juspay carries the first delink out and its answer is lost; every further answer has the verdict.</summary>
    [Theory]
    [MemberData(nameof(AllVerdicts))]
    public async Task Verdict_AfterADelinkWhoseAnswerWasLost_IsNeverFinal(string name)
    {
        var verdict = Enum.Parse<JuspayVerdict>(name);
        Assert.True(Verdicts.TryGetValue(verdict, out var fault), $"Add to {nameof(Verdicts)} what makes Juspay's answer {verdict}.");
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Fault(new Fault { Moment = FaultMoment.After, Reset = true });
        host.Fault(fault with { Count = 100 });

        var answer = await host.WaitOutSilenceAsync(host.DelinkAsync());

        Assert.False(host.IsLinked(TestHost.Paytm));
        Assert.True(answer.Status is 200 || answer.IsRetryable, answer.Body);
    }

    [Fact]
    public async Task Delink_KeyRefusedSoonAfterAFutileRead_IsRetryableUntilTheNextRead()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.Juspay.Accept("a-newer-key");
        var first = await host.DelinkAsync();
        host.Simulation.StoreSecret("a-newer-key", enabled: true, expiresOn: null);
        host.Time.Advance(TimeSpan.FromSeconds(10));

        var second = await host.DelinkAsync();
        host.Time.Advance(TimeSpan.FromSeconds(20));
        var third = await host.DelinkAsync();

        Assert.Equal(("juspay_unauthenticated", false, null), (first.Code, first.IsRetryable, first.RetryAfter));
        Assert.Contains("which was read again", first.Member("detail")!.Value.GetString(), StringComparison.Ordinal);
        Assert.Equal(("juspay_unauthenticated", true, "20"), (second.Code, second.IsRetryable, second.RetryAfter));
        Assert.EndsWith(
            "is not read again before Retry-After. Repeat the call then; it succeeds if the operator has stored a valid key.",
            second.Member("detail")!.Value.GetString(), StringComparison.Ordinal);
        Assert.Equal(200, third.Status);
    }

    [Fact]
    public async Task Delink_KeyThatIsRefusedAndNotReadAgainInTime_SaysThatKeyVaultIsSlow()
    {
        await using var host = await TestHost.StartAsync(["--Juspay:TotalTimeout=00:00:06"]);
        await ReadyAsync(host);
        host.Juspay.Accept("a-newer-key");
        host.Fault(new Fault { Target = FaultTarget.KeyVault, DelayMs = -1, Count = 100 });

        var delink = host.DelinkAsync();
        await TestHost.WaitUntilAsync(() => host.Simulation.Faults.Silenced > 0);
        host.Time.Advance(TimeSpan.FromSeconds(6));

        var answer = await delink;
        Assert.Equal(("api_key_unavailable", true), (answer.Code, answer.IsRetryable));
        Assert.Equal("Key Vault did not return the API key in time.", answer.Member("detail")!.Value.GetString());
    }

    [Fact]
    public async Task Delink_KeyThatIsReplacedBeforeJuspayFallsSilent_SaysThatJuspayIsSlow()
    {
        await using var host = await TestHost.StartAsync();
        await ReadyAsync(host);
        host.RotateKey();
        host.Fault(new Fault { Status = 401 });
        host.Fault(new Fault { DelayMs = -1, Count = 10 });

        var answer = await host.WaitOutSilenceAsync(host.DelinkAsync());

        Assert.Equal("juspay_timeout", answer.Code);
    }

    /// <summary>The last request's span ends when Juspay has answered, which is before the delink ends.</summary>
    [Fact]
    public async Task DelinkCustomer_CallerWhoHangsUpAfterTheLastAnswer_IsDone()
    {
        await using var host = await TestHost.StartAsync();
        using var hangUp = new CancellationTokenSource();
        using var request = Telemetry.Delink.Start();
        var unanswered = 2;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (span.TraceId == request!.TraceId && span.OperationName == JuspayOperation.DelinkWallet.Span.Name && Interlocked.Decrement(ref unanswered) is 0)
                {
                    hangUp.Cancel();
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        var outcome = await host.Services.GetRequiredService<MerchantDirectory>().ForCaller(null)!.Customers.DelinkAsync(
            new CustomerRequest(CustomerId.Parse(TestHost.Customer)!, RoutingId.Parse(TestHost.Customer)!, "request-1"),
            new AuditEntry { TraceId = "of the request", Caller = "default" }, hangUp.Token);

        Assert.True(hangUp.IsCancellationRequested);
        Assert.Equal(2, outcome.Match(done: wallets => wallets.Delinked, failed: problem => throw new Xunit.Sdk.XunitException(problem.ToString())));
    }

    private static async Task<(Outcome<WalletAccount> Outcome, DelinkTrail Trail)> DelinkAsync(
        TestHost host, string walletId = TestHost.Paytm, CancellationToken cancellationToken = default)
    {
        var trail = new DelinkTrail();
        var request = new WalletRequest(WalletId.Parse(walletId)!, RoutingId.Parse(TestHost.Customer)!, "request-1");
        return (await host.Services.GetRequiredService<MerchantDirectory>().ForCaller(null)!.Wallets.DelinkAsync(request, trail, cancellationToken), trail);
    }

    private static async Task<string> FailureAsync(TestHost host, string walletId = TestHost.Paytm) =>
        AssertFailed((await DelinkAsync(host, walletId)).Outcome).Type.Code;

    private static WalletAccount AssertDelinked(Outcome<WalletAccount> outcome) => outcome.Match(
        done: wallet => wallet, failed: problem => throw new Xunit.Sdk.XunitException(problem.ToString()));

    private static Problem AssertFailed(Outcome<WalletAccount> outcome) => Assert.IsType<Problem>(outcome.Problem);

    /// <summary>Waits for the key, so that the rest of the test depends only on Juspay.</summary>
    private static async Task ReadyAsync(TestHost host) => Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);

    private static Task ReceivedAsync(TestHost host, int delinks) => TestHost.WaitUntilAsync(() => host.Delinks >= delinks);

    private static string Envelope(string code) => $$$"""{"error_message":"no","status":"error","error_info":{"code":"{{{code}}}","category":"USER_ERROR"}}""";

    private static Dictionary<string, string> Header(string name, string value) => new(StringComparer.OrdinalIgnoreCase) { [name] = value };
}
