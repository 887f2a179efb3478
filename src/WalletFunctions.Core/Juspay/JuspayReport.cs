using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace WalletFunctions.Juspay;

/// <summary>
/// What Juspay said when it did not answer with a wallet. Every field of its envelope is optional, so each of ours falls back in the order
/// that its documentation allows. All texts are bounded, on one line, and without our key. A body that is not strict JSON has no fields.
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

    /// <summary>
    /// <c>error_info.code</c> alone: the only field with a documented vocabulary, and so the only one that decides anything. Null where absent.
    /// </summary>
    internal string? Vocabulary { get; private init; }

    /// <summary>Whether the body was an error envelope of Juspay's, and not some proxy's or another service's page.</summary>
    internal bool HasEnvelope { get; private init; }

    internal static JuspayReport Read(int httpStatus, ReadOnlyMemory<byte> body, HttpResponseHeaders headers, JuspayApiKey apiKey)
    {
        // A body that cannot be read is no envelope; the status alone decides then.
        var envelope = StrictJson.TryRead<Envelope>(body, Envelope.Read, out var read, out _) ? read : new Envelope();
        return new JuspayReport(
            httpStatus,
            Clean(envelope.InfoCode ?? envelope.ErrorCode ?? envelope.Status, MaxWord) ?? httpStatus.ToString(CultureInfo.InvariantCulture),
            Clean(envelope.Message, MaxMessage),
            Clean(envelope.RequestId, MaxWord) ?? RequestIdOf(headers, apiKey))
        {
            Vocabulary = envelope.InfoCode,
            HasEnvelope = envelope.InfoCode is not null || envelope.ErrorCode is not null || envelope.ErrorMessage is not null,
        };

        string? Clean(string? text, int maxLength) => text is null ? null : apiKey.Clean(text, maxLength);
    }

    /// <summary>Juspay's id of the request, from the headers of any of its answers; null where it gave none.</summary>
    internal static string? RequestIdOf(HttpResponseHeaders headers, JuspayApiKey apiKey) =>
        (Header(headers, "x-request-id") ?? Header(headers, "x-response-id")) is { } id ? apiKey.Clean(id, MaxWord) : null;

    private static string? Header(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private sealed record Envelope
    {
        public string? InfoCode { get; private init; }

        public string? ErrorCode { get; private init; }

        public string? Status { get; private init; }

        public string? ErrorMessage { get; private init; }

        public string? Message { get; private init; }

        public string? RequestId { get; private init; }

        public static Envelope? Read(JsonElement root, out string? problem)
        {
            problem = null;
            if (root.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            var info = root.TryGetProperty("error_info"u8, out var nested) ? nested : default;
            var status = Text(root, "status"u8);
            var errorMessage = Text(root, "error_message"u8);
            return new Envelope
            {
                InfoCode = Text(info, "code"u8),
                ErrorCode = Text(root, "error_code"u8),
                Status = status,
                ErrorMessage = errorMessage,
                Message = errorMessage ?? Text(info, "developer_message"u8) ?? Text(info, "user_message"u8) ?? status,
                RequestId = Text(info, "request_id"u8),
            };
        }

        private static string? Text(JsonElement parent, ReadOnlySpan<byte> name) => parent.Text(name) is { Length: > 0 } text ? text : null;
    }
}
