using System.Text;
using System.Text.Json;
using WalletFunctions.Tools;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Http;

/// <summary>Answers the requests by which senders check a route before they send events. Nothing is delinked, so no signature is needed.</summary>
internal static class WebhookHandshake
{
    private const int MaxChallengeLength = 1024;

    /// <summary>Answers a GET or OPTIONS request. Without the header of the sender's handshake, the answer is that of a path without a function.</summary>
    public static HttpAnswer Answer(Handshake handshake, IncomingRequest request) => handshake switch
    {
        Handshake.Okta when Challenge(request.SingleHeader("X-Okta-Verification-Challenge")) is { } challenge =>
            HttpAnswer.Ok(new OktaVerification(challenge), HttpJson.Plain.OktaVerification),
        Handshake.EventGrid when Challenge(request.SingleHeader("WebHook-Request-Origin")) is { } origin => new HttpAnswer(200, HttpAnswer.Json, default)
        {
            OwnHeaders = new Dictionary<string, string>(StringComparer.Ordinal) { ["WebHook-Allowed-Origin"] = origin, ["WebHook-Allowed-Rate"] = "*" },
        },
        _ => HttpAnswer.NoSuchRoute,
    };

    /// <summary>Answers a delivery that is part of a handshake; null if it is not.</summary>
    public static HttpAnswer? AnswerEvent(Handshake handshake, ReadOnlyMemory<byte> body, IncomingRequest request) => handshake switch
    {
        Handshake.EventGrid when StrictJson.TryRead<string>(body, ReadValidationCode, out var code, out _) =>
            HttpAnswer.Ok(new WebhookDocument { ValidationResponse = code }, HttpJson.Plain.WebhookDocument),
        Handshake.WooCommerce when IsPing(body.Span) => HttpAnswer.Ok(new WebhookDocument { Ignored = true }, HttpJson.Plain.WebhookDocument),
        _ => null,
    };

    private static string? Challenge(string? text) =>
        text is { Length: > 0 and <= MaxChallengeLength } && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? text : null;

    private static string? ReadValidationCode(JsonElement root, out string? problem)
    {
        problem = null;
        return root.ValueKind is JsonValueKind.Array && root.GetArrayLength() is 1
            && root[0].Text("eventType"u8) is "Microsoft.EventGrid.SubscriptionValidationEvent"
                ? Challenge(root[0].Member("data"u8).Text("validationCode"u8))
                : null;
    }

    /// <summary>Whether the body is the form <c>webhook_id={number}</c>, which WooCommerce sends unsigned when a webhook is saved.</summary>
    private static bool IsPing(ReadOnlySpan<byte> body) =>
        body.StartsWith("webhook_id="u8) && body.Length is > 11 and <= 31 && Encoding.ASCII.GetString(body[11..]).All(char.IsAsciiDigit);
}

internal sealed record OktaVerification(string Verification);
