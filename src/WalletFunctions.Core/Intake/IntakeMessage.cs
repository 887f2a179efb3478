using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using WalletFunctions.Tools;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Intake;

/// <summary>A message of the queue: one accepted delink. Other services in the merchant's subscription may also put messages into the queue.</summary>
internal sealed record IntakeMessage
{
    public const int Version = 1;

    private const int MaxTextLength = 256;

    public int V { get; init; } = Version;

    /// <summary>The merchant's name in the settings; null for the top level.</summary>
    public string? Merchant { get; init; }

    public required string CustomerId { get; init; }

    /// <summary>The only wallet to delink; null delinks all wallets of the customer.</summary>
    public string? WalletId { get; init; }

    /// <summary>When the event was accepted, in UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>How many attempts were made.</summary>
    public int Attempt { get; init; }

    /// <summary>The sender's id of the delivery.</summary>
    public string? EventId { get; init; }

    /// <summary>Who sent the event: a sender's or a merchant's name, or <c>key:</c> and the name of a function key.</summary>
    public string? Sender { get; init; }

    /// <summary>The trace that the event belongs to.</summary>
    public string? Traceparent { get; init; }

    /// <summary>The code of the last attempt's problem.</summary>
    public string? Problem { get; init; }

    /// <summary>What the message asks for. Only for a message that was read.</summary>
    [JsonIgnore]
    public WebhookEvent Event => new(Juspay.CustomerId.Parse(CustomerId)!, Juspay.WalletId.Parse(WalletId));

    public string ToJson() => JsonSerializer.Serialize(this, IntakeJson.Plain.IntakeMessage);

    /// <summary>Reads a message. <paramref name="problem"/> ends the sentence "the message cannot be used: …".</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out IntakeMessage? message, [NotNullWhen(false)] out string? problem) =>
        StrictJson.TryRead(Encoding.UTF8.GetBytes(text), Read, out message, out problem);

    private static IntakeMessage? Read(JsonElement root, out string? problem)
    {
        DateTimeOffset? receivedAt = DateTimeOffset.TryParse(
            root.Text("received_at"u8), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
        var attempt = root.Member("attempt"u8) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var count) && count >= 0 ? count : 0;
        problem = root.ValueKind is not JsonValueKind.Object ? "it is not a JSON object"
            : root.Member("v"u8) is not { ValueKind: JsonValueKind.Number } version || !version.TryGetInt32(out var v) || v != Version ? $"its member v is not {Version}"
            : Juspay.CustomerId.Parse(root.Text("customer_id"u8)) is null ? "customer_id is missing or cannot be a customer id"
            // A member that limits the delink must not be ignored because it cannot be read.
            : Has(root, "wallet_id"u8) && Juspay.WalletId.Parse(root.Text("wallet_id"u8)) is null ? "wallet_id cannot be a wallet id"
            : Has(root, "merchant"u8) && Short(root.Text("merchant"u8)) is null ? "merchant cannot be the name of a merchant"
            : receivedAt is null ? "received_at is missing or is not a time such as 2026-11-23T10:00:00Z"
            : null;
        return problem is not null ? null : new IntakeMessage
        {
            Merchant = Short(root.Text("merchant"u8)),
            CustomerId = root.Text("customer_id"u8)!,
            WalletId = root.Text("wallet_id"u8),
            ReceivedAt = receivedAt!.Value,
            Attempt = attempt,
            EventId = Short(root.Text("event_id"u8)),
            Sender = Short(root.Text("sender"u8)),
            Traceparent = Short(root.Text("traceparent"u8)),
            Problem = Short(root.Text("problem"u8)),
        };

        static bool Has(JsonElement root, ReadOnlySpan<byte> name) => root.Member(name).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

        static string? Short(string? text) => text is { Length: <= MaxTextLength } ? text : null;
    }
}

/// <summary>A message that is not tried again.</summary>
/// <param name="Problem">The code of the last problem.</param>
/// <param name="Detail">What was wrong, without anything that a sender sent.</param>
/// <param name="FailedAt">When it was given up, in UTC.</param>
/// <param name="Sender">Who sent the event, if known.</param>
/// <param name="EventId">The sender's id of the delivery, if known.</param>
/// <param name="Message">The message as it was in the queue, or the body of the webhook, or a part of it.</param>
internal sealed record FailedMessage(string Problem, string Detail, DateTimeOffset FailedAt, string? Sender, string? EventId, string Message)
{
    /// <summary>
    /// The most characters of one part. A message has at most 64 KiB, and JSON and XML need up to 6 bytes for a character, so that 5,536 bytes are left for the other members.
    /// </summary>
    private const int MaxPartLength = 10_000;

    public int V { get; } = IntakeMessage.Version;

    /// <summary>The number of this part, from 1; null if there is only one.</summary>
    public int? Part { get; init; }

    /// <summary>How many parts there are; null if there is only one.</summary>
    public int? Parts { get; init; }

    /// <summary>Returns this message if it fits into one message of the queue, or else its parts, which differ in <see cref="Message"/> and <see cref="Part"/> only.</summary>
    public IEnumerable<FailedMessage> InParts()
    {
        if (Message.Length <= MaxPartLength)
        {
            return [this];
        }

        var texts = new List<string>();
        for (var at = 0; at < Message.Length; at += texts[^1].Length)
        {
            var end = Math.Min(at + MaxPartLength, Message.Length);
            // Half a character cannot be written as UTF-8.
            texts.Add(Message[at..(end < Message.Length && char.IsHighSurrogate(Message[end - 1]) ? end - 1 : end)]);
        }

        return texts.Select((text, index) => this with { Message = text, Part = index + 1, Parts = texts.Count });
    }

    public string ToJson() => JsonSerializer.Serialize(this, IntakeJson.Plain.FailedMessage);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IntakeMessage))]
[JsonSerializable(typeof(FailedMessage))]
internal sealed partial class IntakeJson : JsonSerializerContext
{
    public static IntakeJson Plain => field ??=
        new IntakeJson(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
