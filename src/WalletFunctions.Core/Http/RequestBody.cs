using System.Globalization;
using WalletFunctions.Juspay;

namespace WalletFunctions.Http;

/// <summary>Reads a caller's body, up to a limit.</summary>
internal static class RequestBody
{
    /// <summary>The longest body read, in bytes. A command has 14, an event some hundred.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>The body, or why it was not read.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadAsync(IncomingRequest request, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? read;
        try
        {
            read = DeclaredLength(request) > MaxBytes ? null : await BoundedBody.ReadAsync(request.Body, MaxBytes, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return (default, new Problem(ProblemType.MalformedBody, "The body ended before it was complete. Send it again."));
        }

        if (read is not { } body)
        {
            return (default, new Problem(ProblemType.BodyTooLarge, $"The body is longer than {MaxBytes / 1024} KiB."));
        }

        if (!IsPlain(request.Header("Content-Encoding")))
        {
            return (default, new Problem(ProblemType.UnsupportedContentType, "The body is compressed. Send it without Content-Encoding."));
        }

        if (body.IsEmpty && request.Header("Transfer-Encoding").Any(value => value.Contains("chunked", StringComparison.OrdinalIgnoreCase)))
        {
            return (default, new Problem(ProblemType.LengthRequired, "A chunked body does not arrive here. Send it with a Content-Length."));
        }

        return (body, null);
    }

    private static long DeclaredLength(IncomingRequest request) =>
        long.TryParse(request.SingleHeader("Content-Length"), CultureInfo.InvariantCulture, out var length) ? length : 0;

    private static bool IsPlain(IEnumerable<string> contentEncoding) =>
        contentEncoding.All(value => value.Trim() is "" || value.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase));
}
