namespace WalletFunctions.Tools;

/// <summary>Reads a body whose length the sender chose.</summary>
internal static class BoundedBody
{
    private const int UnknownLength = 1024;

    /// <summary>Reads the whole body, or returns null if it is longer than <paramref name="maxBytes"/>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="declaredLength">The length that the sender declared. It only sizes the buffer, since it may be wrong.</param>
    /// <param name="maxBytes">The most bytes that are accepted.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, long? declaredLength, int maxBytes, CancellationToken cancellationToken)
    {
        // One byte more than expected, so that one read also finds the end.
        var buffer = new byte[Math.Clamp(declaredLength ?? UnknownLength, 0, maxBytes) + 1];
        var length = 0;
        while (true)
        {
            length += await body.ReadAtLeastAsync(buffer.AsMemory(length), buffer.Length - length, throwOnEndOfStream: false, cancellationToken);
            if (length < buffer.Length)
            {
                return buffer.AsMemory(0, length);
            }

            if (length > maxBytes)
            {
                return null;
            }

            Array.Resize(ref buffer, Math.Min(length * 2, maxBytes + 1));
        }
    }
}
