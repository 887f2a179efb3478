using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>
/// Juspay's error. Each field of its envelope is optional, so each value here falls back to others in the order that Juspay documents. All texts are
/// short, on one line, and without the API key. A body that is not strict JSON has no fields.
/// </summary>
/// <param name="HttpStatus">The HTTP status of the answer.</param>
/// <param name="Code"><c>error_info.code</c>, else <c>error_code</c>, else <c>status</c>, else the HTTP status; at most 64 characters.</param>
/// <param name="Message">
/// <c>error_message</c>, else <c>error_info.developer_message</c>, else <c>error_info.user_message</c>, else <c>status</c>, else null; at
/// most 256 characters.
/// </param>
/// <param name="RequestId"><c>error_info.request_id</c>, else the header <c>x-request-id</c>, else <c>x-response-id</c>, else null.</param>
internal sealed record JuspayReport(int HttpStatus, string Code, string? Message, string? RequestId)
{
    public const int MaxWord = 64;
    public const int MaxMessage = 256;

    /// <summary>
    /// <c>error_info.code</c>; null if absent. Decisions use only this field and <c>error_info.category</c>, because Juspay documents the values of no other field.
    /// </summary>
    internal string? Vocabulary { get; private init; }

    /// <summary>Whether <c>error_info.category</c> says that Juspay failed.</summary>
    internal bool IsServerError { get; private init; }

    /// <summary>Whether the body is Juspay's error envelope, and not the page of a proxy or of another service.</summary>
    internal bool HasEnvelope { get; private init; }

    public static JuspayReport Read(int httpStatus, ReadOnlyMemory<byte> body, HttpResponseHeaders headers, JuspayApiKey apiKey)
    {
        // Without a readable envelope, the status alone decides.
        return StrictJson.TryRead(body, Convert, out var report, out _) ? report : Of(default);

        JuspayReport Convert(JsonElement root, out string? problem)
        {
            problem = null;
            return Of(root);
        }

        JuspayReport Of(JsonElement root)
        {
            var info = root.Member("error_info"u8);
            var (infoCode, errorCode, status, errorMessage) =
                (Text(info, "code"u8), Text(root, "error_code"u8), Text(root, "status"u8), Text(root, "error_message"u8));
            var message = errorMessage ?? Text(info, "developer_message"u8) ?? Text(info, "user_message"u8) ?? status;
            return new JuspayReport(
                httpStatus,
                Clean(infoCode ?? errorCode ?? status, MaxWord) ?? httpStatus.ToString(CultureInfo.InvariantCulture),
                Clean(message, MaxMessage),
                Clean(Text(info, "request_id"u8), MaxWord) ?? RequestIdOf(headers, apiKey))
            {
                Vocabulary = infoCode,
                IsServerError = info.Text("category"u8) is "SERVER_ERROR",
                HasEnvelope = (infoCode ?? errorCode ?? errorMessage) is not null,
            };
        }

        string? Clean(string? text, int maxLength) => text is null ? null : apiKey.Clean(text, maxLength);
    }

    /// <summary>Juspay's id of the request, from the headers of any answer; null if there is none.</summary>
    public static string? RequestIdOf(HttpResponseHeaders headers, JuspayApiKey apiKey) =>
        (Header(headers, "x-request-id") ?? Header(headers, "x-response-id")) is { } id ? apiKey.Clean(id, MaxWord) : null;

    private static string? Header(HttpResponseHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static string? Text(JsonElement parent, ReadOnlySpan<byte> name) => parent.Text(name) is { Length: > 0 } text ? text : null;
}
