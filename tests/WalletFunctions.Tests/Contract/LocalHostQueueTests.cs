using Azure.Storage.Queues;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <inheritdoc />
public sealed class LocalHostQueueTests() : QueueTests(new LocalHosts())
{
    [SimulatorFact]
    public async Task Delink_ThatFails_WaitsLongerEachTimeAndIsDoneInTheEnd()
    {
        await using var host = await TestHost.StartAsync(Queue);
        host.Fault(new Fault { Status = 503, Count = 1000 });
        var delays = new List<double>();

        await host.SendEventAsync(Closed, id: "msg_1");
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            // The clock also runs through the retries of one attempt.
            await host.PassUntilAsync(() => Waiting(host) is [var waiting] && Message(waiting).Attempt == attempt);
            var waiting = Message(Assert.Single(Waiting(host)));
            Assert.Equal(("juspay_unavailable", "customer_1122", "msg_1"), (waiting.Problem, waiting.CustomerId, waiting.EventId));
            delays.Add((Waiting(host)[0].VisibleAt - host.Now).TotalSeconds);
            host.Time.Advance(TimeSpan.FromSeconds(80));
        }

        host.Simulation.Faults.Clear(null);
        await host.PassUntilAsync(() => !host.IsLinked(TestHost.Paytm) && !host.IsLinked(TestHost.Mobikwik) && Waiting(host) is []);
        Assert.Equal(delays.Order(), delays);
        Assert.Empty(Failed(host));
    }

    /// <summary>10 seconds, doubled up to an hour, of which up to a half is random; longer if Juspay asks for it.</summary>
    [SimulatorTheory]
    [InlineData(0, null, 0, 10)]
    [InlineData(1, null, 0, 20)]
    [InlineData(8, null, 0, 2560)]
    [InlineData(9, null, 0, 3600)]
    [InlineData(2_000_000, null, 0, 3600)]
    [InlineData(1, null, 0.5, 15)]
    [InlineData(9, null, 1, 1800)]
    [InlineData(0, "5", 0, 10)]
    [InlineData(0, "60", 0.5, 60)]
    [InlineData(0, "7200", 0, 3600)]
    public async Task Delink_ThatFails_WaitsAsTheDocumentSays(int attempts, string? retryAfter, double random, double seconds)
    {
        await using var host = await TestHost.StartAsync([.. Queue, "--Juspay:MaxAttempts=1"], random: random);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        if (retryAfter is not null)
        {
            headers["Retry-After"] = retryAfter;
        }

        host.Fault(new Fault { Status = 503, Headers = headers });

        await host.PutMessageAsync($$"""{"v":1,"customer_id":"customer_1122","wallet_id":"{{TestHost.Paytm}}","received_at":"{{host.Now:O}}","attempt":{{attempts}}}""");

        await TestHost.WaitUntilAsync(() => Waiting(host) is [var waiting] && Message(waiting).Attempt == attempts + 1);
        Assert.Equal(seconds, (Waiting(host)[0].VisibleAt - host.Now).TotalSeconds);
    }

    [SimulatorFact]
    public async Task Delink_OfACustomerThatJuspayThrottles_WaitsAsLongAsJuspayAsks()
    {
        await using var host = await TestHost.StartAsync(Queue);
        host.Throttle("POST", "60");

        await host.SendEventAsync(Closed);

        await TestHost.WaitUntilAsync(() => Waiting(host) is [var waiting] && Message(waiting).Attempt is 1);
        Assert.Equal(60, (Waiting(host)[0].VisibleAt - host.Now).TotalSeconds);
    }

    [SimulatorTheory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public async Task Delink_ThatFails_IsGivenUpAtTheGreatestAge(int seconds, bool isGivenUp)
    {
        await using var host = await TestHost.StartAsync([.. Queue, "--Juspay:MaxAttempts=1", "--Webhooks:MaxAge=00:01:00"]);
        host.Fault(new Fault { Status = 503 });

        await host.PutMessageAsync($$"""{"v":1,"customer_id":"customer_1122","wallet_id":"{{TestHost.Paytm}}","received_at":"{{host.Now.AddSeconds(-seconds):O}}"}""");

        await TestHost.WaitUntilAsync(() => Failed(host) is [_] || (Waiting(host) is [var waiting] && Message(waiting).Attempt is 1));
        Assert.Equal(isGivenUp, Failed(host) is [_]);
    }

    [SimulatorFact]
    public async Task Delink_ThatFailsForTooLong_IsGivenUpAndKept()
    {
        await using var host = await TestHost.StartAsync([.. Queue, "--Webhooks:MaxAge=00:01:00"]);
        host.Fault(new Fault { Status = 401, Count = 1000 });

        await host.SendEventAsync(Closed, id: "msg_1");
        await host.PassUntilAsync(() => Failed(host) is [_]);

        var failed = Assert.Single(Failed(host));
        Assert.Equal(("juspay_unauthenticated", "msg_1"), ((string?)failed["problem"], (string?)failed["event_id"]));
        Assert.True(IntakeMessage.TryRead((string)failed["message"]!, out var message, out _));
        Assert.True(message.Attempt > 1);
        await TestHost.WaitUntilAsync(() => Waiting(host) is []);
        Assert.Single(host.Transcript.Logs, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains($"event_abandoned problem=juspay_unauthenticated attempts={message.Attempt} ", StringComparison.Ordinal));
        Assert.True(host.IsLinked(TestHost.Paytm));
    }

    [SimulatorFact]
    public async Task Message_ThatIsNotHandled_NeverExpires()
    {
        await using var host = await TestHost.StartAsync(Queue);
        host.Fault(new Fault { Target = FaultTarget.Queue, Method = "GET", Status = 503, Count = int.MaxValue });

        await host.SendEventAsync(Closed);
        await host.SendEventAsync("""{"type":"customer.closed"}""");
        host.Time.Advance(TimeSpan.FromDays(365));

        Assert.Single(Waiting(host));
        Assert.Single(Failed(host));
    }

    [SimulatorFact]
    public async Task Delink_OfWhatJuspayDoesNotKnow_IsFinished()
    {
        await using var host = await TestHost.StartAsync(Queue);

        await host.SendEventAsync("""{"type":"customer.closed","data":{"customer_id":"nobody"}}""");

        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains("caller=queue:", StringComparison.Ordinal) && line.Contains("outcome=nothing_to_delink", StringComparison.Ordinal)));
        Assert.Single(host.Transcript.Logs, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("nothing_to_delink trace_id=", StringComparison.Ordinal));
        await TestHost.WaitUntilAsync(() => Waiting(host) is []);
        Assert.Empty(Failed(host));
    }

    [SimulatorTheory]
    [InlineData("not json", "malformed_body", "The message cannot be used: it is not valid JSON.")]
    [InlineData("""{"v":2,"customer_id":"customer_1122","received_at":"2026-11-23T10:00:00Z"}""", "malformed_body")]
    [InlineData("""{"v":1,"customer_id":"..","received_at":"2026-11-23T10:00:00Z"}""", "malformed_body")]
    [InlineData("""{"v":1,"customer_id":"customer_1122","wallet_id":7,"received_at":"2026-11-23T10:00:00Z"}""", "malformed_body")]
    [InlineData("""{"v":1,"merchant":7,"customer_id":"customer_1122","received_at":"2026-11-23T10:00:00Z"}""", "malformed_body")]
    [InlineData("""{"v":1,"customer_id":"customer_1122","received_at":"yesterday"}""", "malformed_body")]
    [InlineData("""{"v":1,"customer_id":"customer_1122","received_at":"9999-12-31T23:59:59Z"}""", "malformed_body", "The message cannot be used: received_at is more than an hour ahead.")]
    [InlineData("""{"v":1,"merchant":"of-nobody","customer_id":"customer_1122","received_at":"2026-11-23T10:00:00Z"}""", "unknown_merchant", "No merchant of the message's name is configured.")]
    [InlineData("""{"v":1,"merchant":"x\nevent_abandoned y","customer_id":"customer_1122","received_at":"2026-11-23T10:00:00Z"}""", "unknown_merchant")]
    public async Task Message_ThatCannotBeUsed_IsKept(string text, string problem, string detail = "")
    {
        await using var host = await TestHost.StartAsync(Queue);

        await host.PutMessageAsync(text);

        await TestHost.WaitUntilAsync(() => Failed(host) is [_]);
        Assert.Equal((problem, text), ((string?)Failed(host)[0]["problem"], (string?)Failed(host)[0]["message"]));
        Assert.Contains(detail, (string?)Failed(host)[0]["detail"], StringComparison.Ordinal);
        await TestHost.WaitUntilAsync(() => Waiting(host) is []);
        Assert.True(host.IsLinked(TestHost.Paytm));
        // What the message says must not look like another line or field of the log.
        Assert.Matches("event_abandoned problem=[a-z_]+ attempts=0 merchant=[A-Za-z0-9_.-]+: the delink", Assert.Single(host.Transcript.Logs, line => line.Contains("event_abandoned", StringComparison.Ordinal)));
    }

    [SimulatorFact]
    public async Task Message_OfAService_IsDone()
    {
        await using var host = await TestHost.StartAsync(Queue);

        await host.PutMessageAsync("""{"v":1,"customer_id":"customer_1122","received_at":"2026-11-23T10:00:00Z","a_new_member":1}""");

        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && Waiting(host) is []);
        Assert.Empty(Failed(host));
    }

    [SimulatorTheory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public async Task Message_OfTheFuture_IsDoneIfItIsAtMostAnHourAhead(int minutes, bool isDone)
    {
        await using var host = await TestHost.StartAsync(Queue);

        await host.PutMessageAsync($$"""{"v":1,"customer_id":"customer_1122","received_at":"{{host.Now.AddMinutes(minutes):O}}"}""");

        await TestHost.WaitUntilAsync(() => Waiting(host) is [] && Failed(host).Count == (isDone ? 0 : 1));
        Assert.NotEqual(isDone, host.IsLinked(TestHost.Paytm));
    }

    /// <summary>If the queue refuses the copy, the original comes again, and after five failures it is poison.</summary>
    [SimulatorFact]
    public async Task Message_WhoseCopyIsRefused_ComesAgain()
    {
        await using var host = await TestHost.StartAsync([.. Queue, "--Juspay:MaxAttempts=1"]);
        host.Fault(new Fault { Status = 503 });
        await host.SendEventAsync(Closed);
        // The client repeats a put once.
        host.Fault(new Fault { Target = FaultTarget.Queue, Method = "POST", Status = 503, Count = 2 });

        await host.PassUntilAsync(() => !host.IsLinked(TestHost.Paytm) && !host.IsLinked(TestHost.Mobikwik) && Waiting(host) is []);
        Assert.Empty(Failed(host));
    }

    /// <summary>After a process that ended during each of five deliveries, the Functions host does not begin a sixth.</summary>
    [SimulatorFact]
    public async Task Message_OfFiveDeliveriesThatWereNeverFinished_IsPoison()
    {
        var time = new ObservedTime();
        await using var queues = new SimulatedQueues(new FaultQueue()) { Time = time };
        await queues.StartAsync();
        var queue = new QueueClient(queues.ConnectionString, IntakeQueue.Name);
        await queue.CreateAsync();
        await queue.SendMessageAsync($$"""{"v":1,"customer_id":"customer_1122","received_at":"{{time.GetUtcNow():O}}"}""");
        for (var delivery = 1; delivery <= 5; delivery++)
        {
            Assert.Equal(delivery, (await queue.ReceiveMessageAsync(TimeSpan.FromMinutes(10))).Value.DequeueCount);
            time.Advance(TimeSpan.FromMinutes(10));
        }

        await using var host = await TestHost.StartAsync([.. Queue, $"--Intake={queues.ConnectionString}"]);

        await TestHost.WaitUntilAsync(() => queues.MessagesOf(QueueListener.PoisonName) is [_] && queues.MessagesOf(IntakeQueue.Name) is []);
        Assert.Empty(host.Juspay.Requests);
    }

    private static IntakeMessage Message(QueuedMessage message) => IntakeMessage.TryRead(message.Text, out var read, out var problem) ? read : throw new InvalidOperationException(problem);
}
