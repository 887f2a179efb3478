using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using WalletFunctions.Intake;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>Webhooks and callers with <c>Webhooks:Intake</c>: accepted means done or in a queue.</summary>
public abstract class QueueTests(Hosts hosts)
{
    private protected const string Closed = """{"type":"customer.closed","data":{"customer_id":"customer_1122"}}""";

    private protected static readonly string[] Queue = ["--Webhooks:Intake=queue"];

    private protected Hosts Hosts => hosts;

    [SimulatorFact]
    public async Task Event_Accepted_IsDoneSoon()
    {
        await using var host = await hosts.StartAsync(Queue);

        var answer = await host.SendEventAsync(Closed, id: "msg_1");

        Assert.Equal((202, """{"outcome":"accepted"}"""), (answer.Status, answer.Body));
        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && !host.IsLinked(TestHost.Mobikwik));
        await TestHost.WaitUntilAsync(() => host.Transcript.Logs.Any(line => line.Contains(" caller=queue::msg_1 ", StringComparison.Ordinal) && line.Contains(" outcome=delinked ", StringComparison.Ordinal)));
        Assert.Contains(host.Transcript.Logs, line => line.Contains(" caller=webhook:msg_1 ", StringComparison.Ordinal) && line.Contains(" outcome=accepted status=202 ", StringComparison.Ordinal));
        await TestHost.WaitUntilAsync(() => Waiting(host) is []);
    }

    [SimulatorFact]
    public async Task Event_OfOneWallet_LeavesTheOtherLinked()
    {
        await using var host = await hosts.StartAsync(Queue);

        var answer = await host.SendEventAsync("""{"type":"wallet.delink_requested","data":{"wallet_id":"wlm_vNb87tTUvbb86bD","customer_id":"customer_1122"}}""");

        Assert.Equal(202, answer.Status);
        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && Waiting(host) is []);
        Assert.True(host.IsLinked(TestHost.Mobikwik));
    }

    /// <summary>The trace of the accepted event goes on when the delink is done.</summary>
    [SimulatorFact]
    public async Task Event_Accepted_KeepsItsTrace()
    {
        await using var host = await hosts.StartAsync(Queue);

        await host.SendEventAsync(Closed, id: "msg_trace");

        await TestHost.WaitUntilAsync(() => Records(host).Length is 2);
        Assert.Single(Records(host).Select(record => record.Split("trace_id=")[1]).Distinct(StringComparer.Ordinal));

        static string[] Records(HostUnderTest host) => [.. host.Transcript.Logs.Where(line => line.Contains(" delink_audit ", StringComparison.Ordinal) && line.Contains("msg_trace", StringComparison.Ordinal))];
    }

    [SimulatorTheory]
    [InlineData("""{"type":"order.created"}""", """{"ignored":true}""")]
    public async Task Event_OfAnotherType_IsNotQueued(string body, string answer)
    {
        await using var host = await hosts.StartAsync(Queue);

        var ignored = await host.SendEventAsync(body);

        Assert.Equal((200, answer), (ignored.Status, ignored.Body));
        Assert.Empty(Waiting(host));
    }

    /// <summary>The Functions host offers the members of a message as values of the function's parameters, too.</summary>
    [SimulatorFact]
    public async Task Message_WithTheNameOfAParameter_IsDone()
    {
        await using var host = await hosts.StartAsync(Queue);

        await new QueueClient(host.Simulation.Queues!.ConnectionString, IntakeQueue.Name).SendMessageAsync(
            $$"""{"v":1,"customer_id":"customer_1122","received_at":"{{host.Now:O}}","cancellationToken":"x","message":"x","context":"x"}""");

        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && !host.IsLinked(TestHost.Mobikwik) && Waiting(host) is []);
        Assert.Empty(Failed(host));
    }

    /// <summary>Most senders would not send it again after a 400, so it is kept for the operator.</summary>
    [SimulatorFact]
    public async Task Event_Unreadable_IsKept()
    {
        await using var host = await hosts.StartAsync(Queue);

        var answer = await host.SendEventAsync("""{"type":"customer.closed","data":{"customer":"customer_1122"}}""", id: "msg_1");

        Assert.Equal((202, """{"outcome":"kept"}"""), (answer.Status, answer.Body));
        var failed = Assert.Single(Failed(host));
        Assert.Equal(("malformed_body", "msg_1"), ((string?)failed["problem"], (string?)failed["event_id"]));
        Assert.Contains("body:/data/customer_id", (string?)failed["detail"], StringComparison.Ordinal);
        Assert.Equal("""{"type":"customer.closed","data":{"customer":"customer_1122"}}""", (string?)failed["message"]);
        Assert.Equal((null, null), (failed["part"], failed["parts"]));
        Assert.Contains("""{\"type\":\"customer.closed\",""", host.Simulation.Queues!.MessagesOf(IntakeQueue.FailedName)[0].Text, StringComparison.Ordinal);
        Assert.Contains(host.Transcript.Logs, line => line.Contains("event_unreadable sender=-", StringComparison.Ordinal));
        Assert.Empty(host.Juspay.Requests);
    }

    /// <summary>A message of the queue has at most 64 KiB. A character of two UTF-16 units must not be cut in half.</summary>
    [SimulatorTheory]
    [InlineData("x", 102_400)]
    [InlineData("é✓", 51_200)]
    [InlineData("x😀", 20_000)]
    [InlineData("😀", 51_200)]
    [InlineData("&\u0001", 100_000)]
    public async Task Event_UnreadableAndLong_IsKeptInParts(string text, int count)
    {
        await using var host = await hosts.StartAsync([.. Queue, "--Webhooks:Senders:standard:Preset=standard-webhooks"]);
        var body = $"{{\"{string.Concat(Enumerable.Repeat(text, count))}";

        var answer = await host.SendEventAsync(body, id: "msg_1", path: "/webhooks/standard/delink");

        Assert.Equal((202, """{"outcome":"kept"}"""), (answer.Status, answer.Body));
        var parts = Failed(host);
        Assert.Equal(Enumerable.Range(1, parts.Count), parts.Select(part => (int)part["part"]!));
        Assert.All(parts, part => Assert.Equal((parts.Count, "msg_1", (string?)parts[0]["failed_at"]), ((int)part["parts"]!, (string?)part["event_id"], (string?)part["failed_at"])));
        Assert.Equal(body, string.Concat(parts.Select(part => (string?)part["message"])));
        Assert.All(parts, part => Assert.InRange(((string?)part["message"])!.Length, 1, 10_000));
        Assert.Contains(host.Transcript.Logs, line => line.Contains("event_unreadable sender=standard ", StringComparison.Ordinal));
    }

    [SimulatorFact]
    public async Task Event_UnreadableAndLongWhileTheQueueTakesOnlySomeParts_Is503()
    {
        await using var host = await hosts.StartAsync([.. Queue, "--Webhooks:Senders:standard:Preset=standard-webhooks"]);
        var puts = 0;
        host.Simulation.Faults.Otherwise = (target, request) => target is FaultTarget.Queue && request.Method is "POST" && Interlocked.Increment(ref puts) > 2 ? new Fault { Status = 500 } : null;

        ContractTests.AssertProblem(await host.SendEventAsync(new string('x', 100_000), path: "/webhooks/standard/delink"), 503, "intake_unavailable", retryable: true);
    }

    [SimulatorFact]
    public async Task Event_UnreadableWhileTheQueueFails_Is503()
    {
        await using var host = await hosts.StartAsync(Queue);
        host.Fault(new Fault { Target = FaultTarget.Queue, Method = "POST", Status = 500, Count = 2 });

        ContractTests.AssertProblem(await host.SendEventAsync("""{"type":"customer.closed"}"""), 503, "intake_unavailable", retryable: true);
        Assert.Empty(Failed(host));
    }

    /// <summary>Juspay refuses the second of two simultaneous delinks of one wallet with 409.</summary>
    [SimulatorFact]
    public async Task Event_WhoseWalletIsBusy_IsTriedAgainLater()
    {
        await using var host = await hosts.StartAsync(Queue);
        host.Fault(new Fault { Method = "POST", Status = 409 });

        var answers = await Task.WhenAll(host.SendEventAsync(Closed, id: "msg_1"), host.SendEventAsync(Closed, id: "msg_2"));

        Assert.Equal([202, 202], answers.Select(answer => answer.Status));
        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && !host.IsLinked(TestHost.Mobikwik));
        await TestHost.WaitUntilAsync(() => Waiting(host) is [var busy] && busy.Text.Contains("\"problem\":\"partially_delinked\"", StringComparison.Ordinal));
        Assert.Empty(Failed(host));
    }

    [SimulatorTheory]
    [InlineData(500)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task Event_WhileTheQueueFails_Is503(int status)
    {
        await using var host = await hosts.StartAsync(Queue);
        host.Fault(new Fault { Target = FaultTarget.Queue, Method = "POST", Status = status, Count = 1000 });

        ContractTests.AssertProblem(await host.SendEventAsync(Closed), 503, "intake_unavailable", retryable: true);
        ContractTests.AssertProblem(await DelinkAsync(host), 503, "intake_unavailable", retryable: true);
        Assert.Empty(Waiting(host));
        host.Simulation.Faults.Clear(FaultTarget.Queue);
        Assert.Equal(202, (await host.SendEventAsync(Closed)).Status);
        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm));
    }

    [SimulatorTheory]
    [InlineData("respond-async", 202)]
    [InlineData("wait=5, Respond-Async", 202)]
    [InlineData("wait=5", 200)]
    public async Task Caller_WhoPrefersNotToWait_Gets202(string prefer, int status)
    {
        await using var host = await hosts.StartAsync(Queue);

        var answer = await DelinkAsync(host, prefer);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status is 202, answer.Headers.Contains("Preference-Applied: respond-async", StringComparison.OrdinalIgnoreCase));
        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && !host.IsLinked(TestHost.Mobikwik));
    }

    [SimulatorFact]
    public async Task Caller_OfAWalletWhoPrefersNotToWait_Gets202()
    {
        await using var host = await hosts.StartAsync(Queue);
        var request = new HttpRequestMessage(HttpMethod.Post, $"/wallets/{TestHost.Paytm}") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.Add("x-routing-id", TestHost.Customer);
        request.Headers.Add("Prefer", "respond-async");

        var answer = await host.SendAsync(request);

        Assert.Equal((202, """{"outcome":"accepted"}"""), (answer.Status, answer.Body));
        await TestHost.WaitUntilAsync(() => !host.IsLinked(TestHost.Paytm) && Waiting(host) is []);
        Assert.True(host.IsLinked(TestHost.Mobikwik));
        Assert.Contains(host.Transcript.Logs, line => line.Contains(" caller=queue:key:default: ", StringComparison.Ordinal) && line.Contains(" outcome=delinked ", StringComparison.Ordinal));
    }

    [SimulatorFact]
    public async Task Caller_WhoPrefersNotToWaitWithoutAQueue_Waits()
    {
        await using var host = await hosts.StartAsync();

        Assert.Equal(200, (await DelinkAsync(host)).Status);
    }

    private protected static IReadOnlyList<QueuedMessage> Waiting(HostUnderTest host) => host.Simulation.Queues!.MessagesOf(IntakeQueue.Name);

    private protected static IReadOnlyList<JsonNode> Failed(HostUnderTest host) =>
        [.. host.Simulation.Queues!.MessagesOf(IntakeQueue.FailedName).Select(message => JsonNode.Parse(message.Text)!)];

    private static Task<Answer> DelinkAsync(HostUnderTest host, string prefer = "respond-async")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/customers/{TestHost.Customer}/delink") { Content = new FormUrlEncodedContent([new("command", "delink")]) };
        request.Headers.TryAddWithoutValidation("Prefer", prefer);
        return host.SendAsync(request);
    }
}
