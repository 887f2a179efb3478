namespace WalletFunctions.Juspay;

/// <summary>The settings under <c>Juspay</c>.</summary>
public sealed record JuspayOptions
{
    /// <summary>
    /// Where Juspay is, without a slash at the end: https, or http on loopback. Free configuration, since regions and banks have hosts of their own.
    /// </summary>
    public required string BaseUrl { get; init; }

    /// <summary>Sent as <c>x-merchantid</c>, case sensitive; null sends none.</summary>
    public string? MerchantId { get; init; }

    /// <summary>How long one request may take, from connecting to the end of the answer.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a caller waits at the most, over all attempts, waits and key reads. Waiting is billed.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The same for a customer with all their wallets.</summary>
    public TimeSpan CustomerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a delink is sent at the most while Juspay fails in a way that passes; 1 never repeats.</summary>
    public int MaxAttempts { get; init; } = 3;
}
