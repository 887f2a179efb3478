using System.Globalization;
using System.Text;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Faults;

/// <summary>The places of a fault, in the order in which a request passes them.</summary>
internal enum Place
{
    /// <summary>The identity endpoint, before the first read of the API key.</summary>
    Identity,

    /// <summary>Key Vault, before the first read of the API key.</summary>
    KeyVault,

    /// <summary>Key Vault, after Juspay refused the key in memory because it was rotated.</summary>
    KeyVaultAfterRotation,

    /// <summary>The connection to Juspay, before or while the request is sent.</summary>
    WayToJuspay,

    /// <summary>A connection to Juspay that was used before, before or while the request is sent.</summary>
    ReusedConnection,

    /// <summary>Juspay, before the wallet is unlinked.</summary>
    JuspayBefore,

    /// <summary>Juspay, after the wallet was unlinked.</summary>
    JuspayAfter,

    /// <summary>The connection from Juspay, after the wallet was unlinked.</summary>
    WayFromJuspay,

    /// <summary>The read of a wallet that is already unlinked, after Juspay refused to delink it.</summary>
    WalletRead,

    /// <summary>The queue, before it takes an event.</summary>
    QueueBefore,

    /// <summary>The queue, after it took an event.</summary>
    QueueAfter,

    /// <summary>The queue, when it has to take the copy of a message whose delink failed.</summary>
    QueueCopy,

    /// <summary>The queue, when a message whose delink is done has to be removed.</summary>
    QueueFinish,
}

/// <summary>The expected result for a number of faults.</summary>
/// <param name="Answer">The outcome: <c>delinked</c>, <c>accepted</c>, or the problem's code.</param>
/// <param name="Calls">How many requests about the wallet reach Juspay.</param>
/// <param name="IsLinked">Whether the wallet is linked at Juspay after the answer.</param>
/// <param name="Seconds">How long the caller waits, on a clock that only time-outs and requested waits advance.</param>
internal sealed record Cell(string Answer, int Calls, bool IsLinked, double Seconds = 0)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Answer is "delinked" or "accepted" ? $"**{Answer}**" : $"`{Answer}`")}, {Calls}×, {(IsLinked ? "linked" : "unlinked")}{(Seconds > 0 ? $", {Seconds:0.###} s" : "")}");
}

/// <summary>One fault at one place, once, twice and always.</summary>
internal sealed record Row(Place Place, string Fault, Cell Once, Cell Twice, Cell Always);

/// <summary>Every fault at every place where it can occur, with the expected result.</summary>
internal static class FaultMatrix
{
    // Without the check, it would count as a success.
    private const string Unlinked = """{"id":"wlm_vNb87tTUvbb86bD","linked":false}""";

    /// <summary>The answers of a server, and its failures to answer.</summary>
    public static readonly IReadOnlyDictionary<string, Fault> Answers = new Dictionary<string, Fault>(StringComparer.Ordinal)
    {
        ["reset"] = new() { Reset = true },
        ["silence"] = new() { DelayMs = -1 },
        ["408"] = new() { Status = 408 },
        ["409"] = new() { Status = 409 },
        ["425"] = new() { Status = 425 },
        ["429"] = new() { Status = 429 },
        ["429, wait 1 s"] = new() { Status = 429, Headers = Header("Retry-After", "1") },
        ["429, wait until a date"] = new() { Status = 429, Headers = Header("Retry-After", "Mon, 23 Nov 2026 10:00:01 GMT") },
        ["429, wait longer than there is time"] = new() { Status = 429, Headers = Header("Retry-After", "15") },
        ["500"] = new() { Status = 500 },
        ["500, HTML"] = new() { Status = 500, Body = "<html>Internal Server Error</html>", Headers = Header("Content-Type", "text/html") },
        ["501"] = new() { Status = 501 },
        ["502"] = new() { Status = 502 },
        ["503"] = new() { Status = 503 },
        ["503, wait 1 s"] = new() { Status = 503, Headers = Header("Retry-After", "1") },
        ["504"] = new() { Status = 504 },
        ["redirect 302"] = new() { Status = 302, Headers = Header("Location", "/wallets/" + TestHost.Paytm) },
        ["redirect 307"] = new() { Status = 307, Headers = Header("Location", "/wallets/" + TestHost.Paytm) },
        ["204"] = new() { Status = 204 },
        ["HTML"] = new() { Status = 200, Body = "<html>Welcome</html>", Headers = Header("Content-Type", "text/html") },
        ["wrong content type"] = new() { Headers = Header("Content-Type", "text/html") },
        ["gzip bomb"] = new() { Status = 200, Body = Unlinked, PadToBytes = 10_000_000, Gzip = true },
        ["not the encoding it names"] = new() { Status = 200, Body = "plain", Headers = Header("Content-Encoding", "gzip") },
        ["10 MB"] = new() { Status = 200, Body = Unlinked, PadToBytes = 10_000_000 },
        ["garbage"] = new() { Status = 200, GarbageBytes = 300 },
        ["truncated JSON"] = new() { Status = 200, Body = """{"id":"wlm_vNb87tTUvbb86bD","linked":fal""" },
        ["other wallet's id"] = new() { Status = 200, Body = """{"id":"wlt_q23xzki3pazgtezo","linked":false}""" },
        ["still linked"] = new() { Status = 200, Body = """{"id":"wlm_vNb87tTUvbb86bD","linked":true}""" },
        ["duplicated members"] = new() { Status = 200, Body = """{"id":"wlm_vNb87tTUvbb86bD","linked":true,"linked":false}""" },
        ["denied"] = new() { Status = 403 },
        ["key refused"] = new() { Status = 401 },
        ["half a body, then reset"] = new() { ResetAfterBytes = 10 },
    };

    /// <summary>The failures of the queue only.</summary>
    private static readonly Dictionary<string, Fault> AnswersOfQueues = new(StringComparer.Ordinal)
    {
        ["slow"] = new() { DelayMs = 300 },
        ["404, gone"] = new() { Status = 404, Body = "<Error><Code>QueueNotFound</Code></Error>" },
        ["507, full"] = new() { Status = 507 },
    };

    private static readonly string[] RepeatedAtTheQueue = ["reset", "silence", "408", "429", "500", "502", "503", "504", "half a body, then reset"];

    public static readonly IReadOnlyList<Row> Rows =
    [
        // After a fault in the first read, the Azure client reads. If it repeats the request, the caller only waits longer; if it does not,
        // only this call fails.
        .. At(Place.Identity, Heals(1, 1, "api_key_unavailable", 0), "reset", "429", "500", "503"),
        .. At(Place.Identity, StaysAfterFirstRead(2.5, 10), "silence"),
        .. At(Place.Identity, StaysAfterFirstRead(), "409", "425", "502", "redirect 302", "HTML", "gzip bomb", "10 MB", "truncated JSON", "denied"),
        .. At(Place.Identity, Heals(1, 1, "api_key_unavailable", 0), WireFault.Refused, WireFault.ConnectSilence),
        .. At(Place.Identity, Always("delinked", 1, 2.499), WireFault.DripsUnder),
        .. At(Place.Identity, Always("delinked", 1, 2.5, 5), WireFault.DripsOver),

        .. At(Place.KeyVault, Heals(1, 1, "api_key_unavailable", 0), "reset", "408", "429", "429, wait 1 s", "500", "502", "503", "504", "half a body, then reset"),
        .. At(Place.KeyVault, StaysAfterFirstRead(2.5, 10), "silence"),
        .. At(Place.KeyVault, StaysAfterFirstRead(),
            "409", "425", "redirect 302", "HTML", "gzip bomb", "10 MB", "garbage", "truncated JSON", "denied"),
        .. At(Place.KeyVault, Heals(1, 1, "api_key_unavailable", 0),
            WireFault.NoSuchHost, WireFault.Refused, WireFault.ConnectSilence, WireFault.TlsUntrusted, WireFault.TlsGarbage, WireFault.TlsClosed, WireFault.TlsSilence),

        .. At(Place.KeyVaultAfterRotation, Heals(2, 2, "api_key_unavailable", 1), "reset", "408", "429", "500", "502", "503", "504", "half a body, then reset"),
        .. At(Place.KeyVaultAfterRotation, Stays("api_key_unavailable", 1, seconds: 10), "silence"),
        .. At(Place.KeyVaultAfterRotation, Stays("api_key_unavailable", 1),
            "409", "425", "redirect 302", "HTML", "gzip bomb", "10 MB", "garbage", "truncated JSON", "denied"),

        .. At(Place.WayToJuspay, Heals(1, 1, "juspay_unavailable", 0),
            WireFault.NoSuchHost, WireFault.Refused, WireFault.ConnectSilence, WireFault.TlsUntrusted, WireFault.TlsGarbage, WireFault.TlsClosed, WireFault.TlsSilence,
            WireFault.Closed, WireFault.Reset, WireFault.RequestCut),
        .. At(Place.WayToJuspay, Heals(1, 1, "juspay_timeout", 0, 5, 10, 15), WireFault.RequestStalls),

        // A connection that breaks before the first byte of the answer is replaced, and this does not count as an attempt.
        .. At(Place.ReusedConnection, Always("delinked", 1), WireFault.Closed, WireFault.Reset, WireFault.RequestCut),
        .. At(Place.ReusedConnection, Always("delinked", 2), WireFault.AnswerClosed, WireFault.AnswerReset, WireFault.ClosedInBody, WireFault.ResetInBody),

        .. At(Place.JuspayBefore, Heals(2, 3, "juspay_unavailable", 3),
            "reset", "408", "425", "500", "500, HTML", "502", "503", "504", "not the encoding it names"),
        .. At(Place.JuspayBefore, Heals(2, 3, "juspay_timeout", 3, 5, 10, 15), "silence"),
        .. At(Place.JuspayBefore, Heals(2, 3, "juspay_throttled", 3), "429"),
        .. At(Place.JuspayBefore, Heals(2, 3, "juspay_throttled", 3, 1, 2, 2), "429, wait 1 s"),
        .. At(Place.JuspayBefore, Heals(2, 3, "juspay_throttled", 3, 1, 1, 1), "429, wait until a date"),
        .. At(Place.JuspayBefore, Heals(2, 3, "juspay_unavailable", 3, 1, 2, 2), "503, wait 1 s"),
        .. At(Place.JuspayBefore, Stays("juspay_throttled", 1), "429, wait longer than there is time"),
        .. At(Place.JuspayBefore, Stays("wallet_busy", 1), "409"),
        .. At(Place.JuspayBefore, Stays("juspay_unavailable", 1), "501"),
        .. At(Place.JuspayBefore, Stays("juspay_unexpected_response", 1),
            "redirect 302", "redirect 307", "204", "HTML", "gzip bomb", "10 MB", "garbage", "truncated JSON", "other wallet's id", "still linked", "duplicated members"),

        .. At(Place.JuspayAfter, Heals(2, 3, "juspay_unavailable", 3),
            "reset", "408", "425", "500", "500, HTML", "502", "503", "504", "not the encoding it names", "half a body, then reset"),
        .. At(Place.JuspayAfter, Heals(2, 3, "juspay_timeout", 3, 5, 10, 15), "silence"),
        .. At(Place.JuspayAfter, Heals(2, 3, "juspay_throttled", 3), "429"),
        .. At(Place.JuspayAfter, Heals(2, 3, "juspay_throttled", 3, 1, 2, 2), "429, wait 1 s"),
        .. At(Place.JuspayAfter, Heals(2, 3, "juspay_throttled", 3, 1, 1, 1), "429, wait until a date"),
        .. At(Place.JuspayAfter, Heals(2, 3, "juspay_unavailable", 3, 1, 2, 2), "503, wait 1 s"),
        .. At(Place.JuspayAfter, Stays("juspay_throttled", 1), "429, wait longer than there is time"),
        .. At(Place.JuspayAfter, Stays("wallet_busy", 1), "409"),
        .. At(Place.JuspayAfter, Stays("juspay_unavailable", 1), "501"),
        .. At(Place.JuspayAfter, Always("delinked", 1), "wrong content type"),
        .. At(Place.JuspayAfter, Stays("juspay_unexpected_response", 1),
            "redirect 302", "redirect 307", "204", "HTML", "gzip bomb", "10 MB", "garbage", "truncated JSON", "other wallet's id", "still linked", "duplicated members"),

        .. At(Place.WayFromJuspay, Heals(2, 3, "juspay_unavailable", 3),
            WireFault.AnswerClosed, WireFault.AnswerReset, WireFault.ClosedInHeaders, WireFault.ResetInHeaders, WireFault.ClosedInBody, WireFault.ResetInBody, WireFault.NotHttp),
        .. At(Place.WayFromJuspay, Heals(2, 3, "juspay_timeout", 3, 5, 10, 15), WireFault.StallsInBody, WireFault.DripsOver),
        .. At(Place.WayFromJuspay, Always("delinked", 1, 4.999), WireFault.DripsUnder),

        // The wallet is read once. If that does not settle its state, the next call does.
        .. At(Place.WalletRead, Stays("juspay_unavailable", 2), "reset", "408", "425", "500", "500, HTML", "501", "502", "503", "504", "not the encoding it names", "half a body, then reset"),
        .. At(Place.WalletRead, Stays("juspay_timeout", 2, seconds: 5), "silence"),
        .. At(Place.WalletRead, Stays("juspay_throttled", 2), "429", "429, wait 1 s", "429, wait until a date", "429, wait longer than there is time"),
        .. At(Place.WalletRead, Stays("wallet_busy", 2), "409"),
        .. At(Place.WalletRead, Stays("juspay_unexpected_response", 2),
            "redirect 302", "redirect 307", "204", "HTML", "gzip bomb", "10 MB", "garbage", "truncated JSON", "other wallet's id", "duplicated members"),
        .. At(Place.WalletRead, Stays("juspay_unauthenticated", 2), "key refused"),
        .. At(Place.WalletRead, Stays("juspay_forbidden", 2), "denied"),
        .. At(Place.WalletRead, Always("delinked", 2), "wrong content type"),

        // The client sends a request to the queue twice.
        .. At(Place.QueueBefore, Accepted(1, 1, 1), "slow"),
        .. At(Place.QueueBefore, Refused(1, 0, 0), "reset", "silence", "408", "429", "500", "502", "503", "504"),
        .. At(Place.QueueBefore, Stays("intake_unavailable", 0), "404, gone", "409", "507, full", "denied", "redirect 302", "HTML", "garbage"),

        // The queue has taken the event, once for each request. The sender is asked to send it again, which is harmless.
        .. At(Place.QueueAfter, Accepted(1, 1, 1), "slow", "wrong content type"),
        .. At(Place.QueueAfter, Refused(2, 2, 2), "reset", "silence", "408", "429", "500", "502", "503", "504", "half a body, then reset"),
        .. At(Place.QueueAfter, Stays("intake_unavailable", 1), "404, gone", "409", "507, full", "denied", "HTML", "garbage"),

        // Juspay gives no answer to the first request. If the fault lasts, it is down as long as the queue, and the fault ends after five deliveries. No host delivers a
        // message a sixth time: it is in the poison queue in the end.
        .. At(Place.QueueCopy, Accepted(2, 2, 5, isPoison: true), "reset", "silence", "408", "429", "500", "502", "503", "504", "404, gone", "409", "507, full", "denied"),

        // If the fault lasts, it ends after two deliveries.
        .. At(Place.QueueFinish, Accepted(1, 2, 3), "reset", "silence", "408", "429", "500", "502", "503", "504"),
        .. At(Place.QueueFinish, Accepted(2, 3, 3), "404, gone", "409", "507, full", "denied"),
    ];

    /// <summary>The fault of that name at the queue.</summary>
    public static Fault AtTheQueue(string fault) => AnswersOfQueues.GetValueOrDefault(fault) ?? Answers[fault];

    /// <summary>Whether the client of the queue repeats a request after the fault.</summary>
    public static bool IsRepeatedAtTheQueue(string fault) => RepeatedAtTheQueue.Contains(fault, StringComparer.Ordinal);

    /// <summary>The matrix as a Markdown page.</summary>
    public static string ToMarkdown()
    {
        var page = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            # Fault matrix

            The result of a delink of one wallet for {Rows.Count} faults by place. Each fault strikes once, twice and always, which makes {Rows.Count * 3} cells. A cell has the outcome or the
            problem's code, the number of requests about the wallet that reach Juspay, the wallet's state there, and the time that the caller waits if it is more than 0.

            `FaultMatrixTests` causes each fault over real HTTP and TLS on loopback, and fails if any of these four differs. After each cell it also checks that 200 was answered only for an
            unlinked wallet, that no wallet is unlinked after an answer that is not retryable, that the same call succeeds after the fault, and that no log, answer or exception contains a secret.

            At the queue, the delink is a webhook's event with `Webhooks:Intake=queue`, and requests and state are those at the end, when nothing is left in the queue. At each check
            before that, an accepted event is done or in a queue. The message of a wallet that is still linked after **accepted** is in the poison queue, about which an alert informs the operator.

            `FaultMatrixTests` writes this file from the table in `FaultMatrix.cs`.

            """));
        foreach (var place in Rows.GroupBy(row => row.Place))
        {
            page.Append(CultureInfo.InvariantCulture, $"""

                ## {Title(place.Key)}

                | fault | once | twice | always |
                |---|---|---|---|

                """);
            foreach (var row in place)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {row.Fault} | {row.Once} | {row.Twice} | {row.Always} |\n");
            }
        }

        return page.ToString();
    }

    private static string Title(Place place) => place switch
    {
        Place.Identity => "The identity endpoint, before the API key was ever read",
        Place.KeyVault => "Key Vault, before the API key was ever read",
        Place.KeyVaultAfterRotation => "Key Vault, after Juspay has refused the key in memory because it was rotated",
        Place.WayToJuspay => "On the way to Juspay",
        Place.ReusedConnection => "On a connection to Juspay that was used before",
        Place.JuspayBefore => "At Juspay, before the wallet is unlinked",
        Place.JuspayAfter => "At Juspay, after the wallet was unlinked",
        Place.WayFromJuspay => "On the way back from Juspay",
        Place.WalletRead => "The read of a wallet that is already unlinked, after Juspay has refused to unlink it",
        Place.QueueBefore => "At the queue, before it takes a webhook's event",
        Place.QueueAfter => "At the queue, after it took a webhook's event",
        Place.QueueCopy => "At the queue, when a delink failed and the copy of its message has to be taken",
        Place.QueueFinish => "At the queue, when a delink is done and its message has to be removed",
    };

    private static IEnumerable<Row> At(Place place, Func<bool, (Cell Once, Cell Twice, Cell Always)> comes, params string[] faults)
    {
        var isUnlinkedByThen = place is Place.JuspayAfter or Place.WayFromJuspay or Place.WalletRead or Place.QueueAfter;
        var (once, twice, always) = comes(!isUnlinkedByThen);
        return faults.Select(fault => new Row(place, fault, once, twice, always));
    }

    private static IEnumerable<Row> At(Place place, Func<bool, (Cell Once, Cell Twice, Cell Always)> comes, params WireFault[] faults) =>
        At(place, comes, [.. faults.Select(fault => fault.ToString())]);

    /// <summary>A transient fault is survived, a lasting one is reported.</summary>
    private static Func<bool, (Cell Once, Cell Twice, Cell Always)> Heals(
        int callsOnce, int callsTwice, string code, int calls, params double[] seconds) => staysLinked => (
        new("delinked", callsOnce, false, seconds.ElementAtOrDefault(0)),
        new("delinked", callsTwice, false, seconds.ElementAtOrDefault(1)),
        new(code, calls, staysLinked, seconds.ElementAtOrDefault(2)));

    /// <summary>Results of a fault whose first occurrence ends the call.</summary>
    private static Func<bool, (Cell Once, Cell Twice, Cell Always)> Stays(string code, int calls, double seconds = 0) =>
        staysLinked => (new(code, calls, staysLinked, seconds), new(code, calls, staysLinked, seconds), new(code, calls, staysLinked, seconds));

    /// <summary>Results of a fault whose first occurrence ends the first read, and whose second ends the call.</summary>
    private static Func<bool, (Cell Once, Cell Twice, Cell Always)> StaysAfterFirstRead(double secondsOnce = 0, double seconds = 0) =>
        _ => (new("delinked", 1, false, secondsOnce), new("api_key_unavailable", 0, true, seconds), new("api_key_unavailable", 0, true, seconds));

    /// <summary>Results of a fault that does not change the answer.</summary>
    private static Func<bool, (Cell Once, Cell Twice, Cell Always)> Always(string answer, int calls, double seconds = 0, double? secondsTwice = null) =>
        _ => (new(answer, calls, false, seconds), new(answer, calls, false, secondsTwice ?? seconds), new(answer, calls, false, secondsTwice ?? seconds));

    /// <summary>Results of a fault of the queue that does not change the answer.</summary>
    private static Func<bool, (Cell Once, Cell Twice, Cell Always)> Accepted(int callsOnce, int callsTwice, int callsAlways, bool isPoison = false) =>
        _ => (new("accepted", callsOnce, false), new("accepted", callsTwice, false), new("accepted", callsAlways, isPoison));

    /// <summary>Results of a fault of the queue that only the repeated request survives.</summary>
    private static Func<bool, (Cell Once, Cell Twice, Cell Always)> Refused(int callsOnce, int callsTwice, int callsAlways) => staysLinked => (
        new("accepted", callsOnce, false),
        new("intake_unavailable", callsTwice, staysLinked),
        new("intake_unavailable", callsAlways, staysLinked));

    private static Dictionary<string, string> Header(string name, string value) => new(StringComparer.OrdinalIgnoreCase) { [name] = value };
}
