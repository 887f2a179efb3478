using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Fuzzing;

/// <summary>One parser of bytes from outside, with an independent check of what it may accept.</summary>
/// <param name="Name">The parser's input.</param>
/// <param name="Seeds">The inputs that the mutations start from: accepted ones, nearly accepted ones, and past findings.</param>
/// <param name="Read">
/// Reads an input and names the result, with the same name for inputs that are treated in the same way. Throws if the parser threw or
/// accepted what it must not.
/// </param>
internal sealed record FuzzTarget(string Name, string[] Seeds, Func<byte[], string> Read);

/// <summary>
/// Fuzzes the parsers with generated mutations. An input with a new result joins those that are mutated further, so that
/// the search passes the first checks.
/// </summary>
internal static partial class ParserFuzz
{
    private const int MaxInput = 2048;

    private static readonly JsonDocumentOptions Lenient = new() { AllowDuplicateProperties = true, MaxDepth = 128 };
    private static readonly JuspayApiKey ApiKey = JuspayApiKey.TryParse("fuzzed0key", out var key, out _) ? key : throw new UnreachableException();

    private static readonly WebhookSecrets Secrets =
        WebhookSecrets.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SecretEncoding.Whsec, out var secrets, out _) ? secrets : throw new UnreachableException();

    // The test vector that Standard Webhooks publishes.
    private static readonly DateTimeOffset SignedAt = DateTimeOffset.FromUnixTimeSeconds(1614265330);
    private const string Signed = "msg_p5jXN8AQM9LWM0D4loKWxJek\n1614265330\nv1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n{\"test\": 2432232314}";

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "command", "delink", "link", "=", "&", "%", "%64", "%00", "+", ";", "\"", "\\", "\\u0064", "\\ud800", "{", "}", "[", "]", ":", ",", "null", "true", "false",
            "\"linked\"", "\"id\"", "\"token\"", "\"type\"", "\"data\"", "\"wallet_id\"", "\"customer_id\"", "\"error_info\"", "\"code\"", "1e400", "-0", "../", "..", " ", "\r\n",
            "\0", "\t", "\u001b[31m", "\u2028", "\u202e", "é", "😀", "v1,", "v1a,", "whsec_", ".", "wlm_vNb87tTUvbb86bD", "fuzzed0key", "customer.closed", "wallet.delink_requested",
        }.Select(Encoding.UTF8.GetBytes),
        [0xEF, 0xBB, 0xBF], [0xC0, 0xAE], [0xED, 0xA0, 0x80], [0xFF], [0xF8, 0x88],
    ];

    public static readonly IReadOnlyList<FuzzTarget> Targets =
    [
        new("form body", ["command=delink", "command=%64elink&x=1", "command=delink&command=link", "a&command=delink&=", "command", "%zz", "command=delink;command=link"], ReadForm),
        new("JSON body", ["""{"command":"delink"}""", """{"comm\u0061nd":"delink","x":[1,{}]}""", """{"command":"delink","command":"link"}""", """{"command":"\ud800"}""", """{"\ud800\ud800":1,"command":"delink"}""", "[]"], ReadJson),
        new("wallet id", ["wlm_vNb87tTUvbb86bD", "..", "a/../b", "a%2Fb", ""], input => ReadId(WalletId.Parse(Text(input))?.Value, Text(input), WalletIds)),
        new("customer id", ["customer_1122", "a.b+c@d", "...", "a/b"], input => ReadId(CustomerId.Parse(Text(input))?.Value, Text(input), CustomerIds)),
        new("routing id", ["customer_1122", "cart 7", "a,b", "a\r\nx-evil: 1"], input => ReadId(RoutingId.Parse(Text(input))?.Value, Text(input).Trim(' ', '\t'), RoutingIds)),
        new("webhook signature", [Signed, Signed.Replace("v1,", "v2,x v1,", StringComparison.Ordinal), "\n\n\n"], ReadSignature),
        new("webhook event",
            [
                """{"type":"wallet.delink_requested","data":{"wallet_id":"wlm_1","customer_id":"c_1"}}""",
                """{"type":"customer.closed","data":{"customer_id":"c_1"}}""", """{"type":"x"}""", """{"specversion":"1.0","type":"customer.closed","data":{}}""",
            ],
            ReadEvent),
        new("wallet answer",
            [
                """{"id":"wlm_1","linked":false,"token":"t","x":"fuzzed0ke\u0079","sub_details":[{"token":"u"}]}""", """{"id":"wlm_1","linked":"TRUE","current_balance":1e400}""",
                """{"id":"a","linked":"true","linked":"false"}""", """{"id":"\ud800","linked":false}""",
            ],
            ReadWallet),
        new("wallet list",
            [
                """{"list":[{"id":"wlm_1","linked":"true","wallet":"PAYTM","token":"t"}],"offset":0,"count":1,"total":2}""", """{"list":[]}""", """{"list":[],"total":-1}""", """{"list":[],"total":"2.0"}""",
            ],
            input => WalletPage.TryRead(input, ApiKey, out var page, out var problem) ? $"{page.Wallets.Count > 0} {page.Total is null} {page.Total > 0}" : problem),
        new("error envelope",
            [
                """{"error_message":"m","status":"s","error_code":"c","error_info":{"code":"X","developer_message":"d","request_id":"r"}}""",
                """{"error_info":{"code":"fuzzed0key"}}""", "<html/>", """{"error_info":{"code":"a\u001b[31mb\nc"}}""",
            ],
            ReadReport),
        new("stored secrets", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n  whsec_", "key", "a:b", " \n"], ReadSecrets),
    ];

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,128}\z")]
    private static partial Regex WalletIds { get; }

    [GeneratedRegex(@"\A(?=.*[^.])[A-Za-z0-9_.@+-]{1,128}\z")]
    private static partial Regex CustomerIds { get; }

    [GeneratedRegex(@"\A[\x20-\x2B\x2D-\x7E]{1,128}\z")]
    private static partial Regex RoutingIds { get; }

    /// <summary>Gives a number of inputs to a target.</summary>
    /// <returns>How often each result occurred.</returns>
    /// <exception cref="FuzzFinding">The parser threw, or accepted what it must not.</exception>
    public static IReadOnlyDictionary<string, int> Run(FuzzTarget target, int inputs, int seed)
    {
        var chance = new Random(seed);
        var corpus = target.Seeds.Select(Encoding.UTF8.GetBytes).ToList();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < inputs; i++)
        {
            var input = i < corpus.Count ? corpus[i] : Mutate(corpus, chance);
            string treated;
            try
            {
                treated = target.Read(input);
            }
            catch (Exception exception)
            {
                throw new FuzzFinding(target, input, exception);
            }

            if (!seen.TryGetValue(treated, out var count) && corpus.Count < 500)
            {
                corpus.Add(input);
            }

            seen[treated] = count + 1;
        }

        return seen;
    }

    private static byte[] Mutate(List<byte[]> corpus, Random chance)
    {
        var input = corpus[chance.Next(corpus.Count)].ToList();
        for (var times = chance.Next(1, 5); times > 0; times--)
        {
            var at = chance.Next(input.Count + 1);
            var length = Math.Min(chance.Next(1, 9), input.Count - at);
            switch (chance.Next(8))
            {
                case 0 when at < input.Count:
                    input[at] ^= (byte)(1 << chance.Next(8));
                    break;
                case 1 when at < input.Count:
                    input[at] = (byte)chance.Next(256);
                    break;
                case 2:
                    input.RemoveRange(at, length);
                    break;
                case 3:
                    input.InsertRange(chance.Next(input.Count + 1), input.GetRange(at, length));
                    break;
                case 4:
                    input.RemoveRange(at, input.Count - at);
                    break;
                case 5:
                    input.InsertRange(at, corpus[chance.Next(corpus.Count)]);
                    break;
                case 6:
                    input.InsertRange(at, Enumerable.Repeat(Tokens[chance.Next(Tokens.Length)], chance.Next(1, 200)).SelectMany(token => token));
                    break;
                default:
                    input.InsertRange(at, Tokens[chance.Next(Tokens.Length)]);
                    break;
            }
        }

        return [.. input.Take(MaxInput)];
    }

    private static string Text(byte[] input) => Encoding.UTF8.GetString(input);

    private static string ReadForm(byte[] input)
    {
        var treated = ReadBody(input, "application/x-www-form-urlencoded");
        if (treated is "accepted")
        {
            var commands = new List<string>();
            foreach (var field in new QueryStringEnumerable(Text(input)))
            {
                if (field.DecodeName().Span is "command")
                {
                    commands.Add(field.DecodeValue().ToString());
                }
            }

            Demand(commands is ["delink"], "another parser finds no single command=delink");
        }

        return treated;
    }

    private static string ReadJson(byte[] input)
    {
        var treated = ReadBody(input, "application/json");
        if (treated is "accepted")
        {
            using var document = JsonDocument.Parse(input, Lenient);
            var commands = document.RootElement.EnumerateObject().Where(member => member.NameEquals("command")).ToArray();
            Demand(commands is [{ Value.ValueKind: JsonValueKind.String } command] && command.Value.ValueEquals("delink"), "another parser finds no single command delink");
        }

        return treated;
    }

    private static string ReadBody(byte[] input, string contentType)
    {
        var request = new IncomingRequest
        {
            Header = name => name is "Content-Type" ? [contentType] : name is "Content-Length" ? [$"{input.Length}"] : [],
            Body = new MemoryStream(input),
        };
        var check = DelinkBody.CheckAsync(request, CancellationToken.None);
        Demand(check.IsCompletedSuccessfully, "the check did not complete synchronously, although the body is in memory");
        return check.GetAwaiter().GetResult() is { } problem ? problem.Type.Code : "accepted";
    }

    private static string ReadId(string? accepted, string text, Regex allowed)
    {
        Demand(accepted is null || (accepted == text && allowed.IsMatch(text)), "an invalid id was accepted");
        return accepted is null ? $"refused, {text.Length is 0 or > 128}" : "accepted";
    }

    private static string ReadSignature(byte[] input)
    {
        var parts = Text(input).Split('\n', 4);
        var body = Encoding.UTF8.GetBytes(parts.ElementAtOrDefault(3) ?? "");
        var headers = new DeliveryHeaders(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
        var isValid = WebhookSignature.IsValid(WebhookSender.Own.Scheme, headers, body, Secrets, SignedAt);
        Demand(!isValid || $"{headers.Id}\n{headers.Timestamp}" == Signed[..Signed.IndexOf("\nv1", StringComparison.Ordinal)], "a signature of other content was accepted");
        return isValid ? "valid" : "invalid";
    }

    private static string ReadEvent(byte[] input) => WebhookSender.Own.Format.TryRead(input, _ => null, DateTimeOffset.UnixEpoch, out var read, out var problem, out _)
        ? read switch
        {
            [{ WalletId: { } wallet, CustomerId: { } customer }] => Checked("a wallet", WalletIds.IsMatch(wallet.Value) && CustomerIds.IsMatch(customer.Value)),
            [{ CustomerId: { } customer }] => Checked("a customer", CustomerIds.IsMatch(customer.Value)),
            _ => Checked("ignored", read.Count is 0),
        }
        : problem;

    private static string ReadWallet(byte[] input)
    {
        if (!WalletAccount.TryRead(input, ApiKey, out var wallet, out var problem))
        {
            return problem;
        }

        using var theirs = JsonDocument.Parse(input, Lenient);
        using var ours = JsonDocument.Parse(wallet.Json, Lenient);
        Demand(theirs.RootElement.EnumerateObject().Count(member => member.NameEquals("linked")) is 1, "the member linked occurs more than once");
        Demand(ours.RootElement.GetProperty("linked").ValueKind == (wallet.Linked ? JsonValueKind.True : JsonValueKind.False), "the rewritten object has another value of linked");
        Demand(ours.RootElement.GetProperty("id").GetString() == wallet.Id, "the rewritten object has another id");
        Demand(HasNoToken(ours.RootElement), "the rewritten object contains a token");
        Demand(!HasKey(ours.RootElement), "the rewritten object contains the key");
        return wallet.Linked ? "linked" : "unlinked";
    }

    private static bool HasKey(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Any(member => member.Name.Contains("fuzzed0key", StringComparison.Ordinal) || HasKey(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().Any(HasKey),
        _ => element.ToString().Contains("fuzzed0key", StringComparison.Ordinal),
    };

    private static bool HasNoToken(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(member =>
            (!member.Name.Equals("token", StringComparison.OrdinalIgnoreCase) || member.Value.ValueKind is JsonValueKind.Null) && HasNoToken(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().All(HasNoToken),
        _ => true,
    };

    private static string ReadReport(byte[] input)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.BadRequest);
        var report = JuspayReport.Read(400, input, response.Headers, ApiKey);
        foreach (var text in new[] { report.Code, report.Message, report.RequestId })
        {
            Demand(text is null || !text.Any(char.IsControl), "the text contains a control character");
            Demand(text is null || !text.Contains("fuzzed0key", StringComparison.Ordinal), "the text contains the key");
        }

        return $"{report.HasEnvelope} {report.Vocabulary is not null} {report.Message is not null} {report.RequestId is not null}";
    }

    private static string ReadSecrets(byte[] input)
    {
        var isSecret = WebhookSecrets.TryParse(Text(input), SecretEncoding.Whsec, out var parsed, out var problem);
        Demand(!isSecret || parsed!.Keys.All(one => one.Length is >= 24 and <= 64), "a key of an invalid length was accepted");
        var isKey = JuspayApiKey.TryParse(Text(input), out _, out var keyProblem);
        return $"{isSecret} {problem} {isKey} {keyProblem}";
    }

    private static string Checked(string treated, bool holds)
    {
        Demand(holds, "an invalid id was accepted");
        return treated;
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}

/// <summary>An input that a parser handled wrongly, as text and as base64, so that it can join the seeds.</summary>
#pragma warning disable CA1032, RCS1194 // Made in one place only.
internal sealed class FuzzFinding(FuzzTarget target, byte[] input, Exception exception)
    : Exception($"{target.Name}: {exception.Message}\n{Encoding.UTF8.GetString(input)}\nbase64 {Convert.ToBase64String(input)}", exception);
