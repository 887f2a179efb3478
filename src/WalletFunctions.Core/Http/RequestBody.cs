using System.Globalization;
using WalletFunctions.Problems;
using WalletFunctions.Tools;

namespace WalletFunctions.Http;

/// <summary>A caller's body, up to a limit.</summary>
/// <param name="Bytes">The whole body; empty after a problem.</param>
/// <param name="Problem">Why the body was not read.</param>
internal sealed record RequestBody(ReadOnlyMemory<byte> Bytes, Problem? Problem)
{
    /// <summary>The longest body accepted, in bytes. A command has 14, an event about a hundred.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>The same for senders that choose the body themselves, and may send up to a hundred events in it.</summary>
    public const int MaxBytesOfSenders = 256 * 1024;

    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static async Task<RequestBody> ReadAsync(IncomingRequest request, CancellationToken cancellationToken, int maxBytes = MaxBytes)
    {
        ReadOnlyMemory<byte>? read;
        try
        {
            var declaredLength = DeclaredLength(request);
            read = declaredLength > maxBytes ? null : await BoundedBody.ReadAsync(request.Body, declaredLength, maxBytes, cancellationToken);
        }
        // Without the complete body, it is unknown whether the body is malformed.
        catch (IOException)
        {
            return Refused(new Problem(ProblemType.CallerCancelled, "The connection ended before the body was complete. Send the request again."));
        }

        if (read is not { } body)
        {
            return Refused(new Problem(ProblemType.BodyTooLarge, $"The body is longer than {maxBytes / 1024} KiB."));
        }

        if (!IsPlain(request.Header("Content-Encoding")))
        {
            return Refused(new Problem(ProblemType.UnsupportedContentType, "The body is compressed. Send it without Content-Encoding."));
        }

        if (body.Length is 0 && request.Header("Transfer-Encoding").Any(value => value.Contains("chunked", StringComparison.OrdinalIgnoreCase)))
        {
            return Refused(new Problem(ProblemType.LengthRequired, "A chunked body, which .NET's PostAsJsonAsync sends, cannot be received. Send the body with a Content-Length."));
        }

        return new(body, Problem: null);
    }

    private static RequestBody Refused(Problem problem) => new(default, problem);

    private static long? DeclaredLength(IncomingRequest request) =>
        long.TryParse(request.SingleHeader("Content-Length"), CultureInfo.InvariantCulture, out var length) ? length : null;

    private static bool IsPlain(IEnumerable<string> contentEncoding) =>
        contentEncoding.All(value => value.Trim() is "" || value.Trim().Equals("identity", StringComparison.OrdinalIgnoreCase));
}
