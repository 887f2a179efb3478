using System.Net.Http.Headers;
using System.Text.Json;

namespace WalletFunctions.Juspay;

/// <summary>
/// What Juspay said when it did not answer with a wallet. Every field of its envelope is optional, so each of ours falls back in the order
/// that its documentation allows. All texts are bounded, on one line, and without our key.
/// </summary>
/// <param name="HttpStatus">The HTTP status of the answer.</param>
/// <param name="Code"><c>error_info.code</c>, else <c>error_code</c>, else <c>status</c>, else the HTTP status; at most 64 characters.</param>
/// <param name="Message">
/// <c>error_message</c>, else <c>error_info.developer_message</c>, else <c>error_info.user_message</c>, else <c>status</c>, else null; at
/// most 256 characters.
/// </param>
/// <param name="RequestId"><c>error_info.request_id</c>, else the header <c>x-request-id</c>, else <c>x-response-id</c>, else null.</param>
public sealed record JuspayReport(int HttpStatus, string Code, string? Message, string? RequestId)
{
    internal const int MaxWord = 64;
    internal const int MaxMessage = 256;

    private const int MaxDepth = 32;

    /// <summary>
    /// <c>error_info.code</c> alone: the only field with a documented vocabulary, and so the only one that decides anything. Null where absent.
    /// </summary>
    internal string? Vocabulary { get; private init; }

    /// <summary>Whether the body was an error envelope of Juspay's, and not some proxy's or another service's page.</summary>
    internal bool HasEnvelope { get; private init; }

    internal static JuspayReport Read(int httpStatus, ReadOnlyMemory<byte> body, HttpResponseHeaders headers, JuspayApiKey apiKey)
    {
        Envelope envelope;
        try
        {
            envelope = Envelope.Parse(body);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            envelope = default;
        }

        var code = envelope.InfoCode ?? envelope.ErrorCode ?? envelope.Status;
        return new JuspayReport(
            httpStatus,
            Clean(code, MaxWord) ?? httpStatus.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Clean(envelope.Message, MaxMessage),
            Clean(envelope.RequestId ?? RequestIdOf(headers), MaxWord))
        {
            Vocabulary = envelope.InfoCode,
            HasEnvelope = envelope.InfoCode is not null || envelope.ErrorCode is not null || envelope.ErrorMessage is not null,
        };

        string? Clean(string? text, int maxLength) => text is null ? null : Mask.OneLine(apiKey.Redact(text), maxLength);
    }

    internal static string? RequestIdOf(HttpResponseHeaders headers) =>
        Single(headers, "x-request-id") ?? Single(headers, "x-response-id");

    private static string? Single(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? Mask.OneLine(values.ToString(), MaxWord) : null;

    private readonly record struct Envelope(string? InfoCode, string? ErrorCode, string? Status, string? ErrorMessage, string? Message, string? RequestId)
    {
        public static Envelope Parse(ReadOnlyMemory<byte> body)
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object)
            {
                return default;
            }

            var info = root.TryGetProperty("error_info"u8, out var nested) && nested.ValueKind is JsonValueKind.Object ? nested : default;
            var status = Text(root, "status"u8);
            var errorMessage = Text(root, "error_message"u8);
            return new Envelope(
                Text(info, "code"u8),
                Text(root, "error_code"u8),
                status,
                errorMessage,
                errorMessage ?? Text(info, "developer_message"u8) ?? Text(info, "user_message"u8) ?? status,
                Text(info, "request_id"u8));
        }

        private static string? Text(JsonElement parent, ReadOnlySpan<byte> name) => parent.Text(name) is { Length: > 0 } text ? text : null;
    }
}
