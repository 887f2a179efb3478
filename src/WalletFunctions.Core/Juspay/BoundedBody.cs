namespace WalletFunctions.Juspay;

/// <summary>Reads a body that somebody else chose the length of.</summary>
internal static class BoundedBody
{
    private const int UnknownLength = 1024;

    /// <summary>The whole body, or null as soon as it proves longer than <paramref name="maxBytes"/>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="declaredLength">How long it is said to be, which is not relied on: it makes a buffer that fits.</param>
    /// <param name="maxBytes">The most that is read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<byte[]?> ReadAsync(Stream body, long? declaredLength, int maxBytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Clamp(declaredLength ?? UnknownLength, 1, maxBytes)];
        var oneMore = Array.Empty<byte>();
        var length = 0;
        while (true)
        {
            var isFull = length == buffer.Length;
            if (isFull && oneMore.Length is 0)
            {
                oneMore = new byte[1];
            }

            var read = await body.ReadAsync(isFull ? oneMore : buffer.AsMemory(length), cancellationToken);
            if (read is 0)
            {
                Array.Resize(ref buffer, length);
                return buffer;
            }

            if (isFull)
            {
                if (length == maxBytes)
                {
                    return null;
                }

                Array.Resize(ref buffer, Math.Min(length * 2, maxBytes));
                buffer[length] = oneMore[0];
            }

            length += read;
        }
    }
}
