namespace WalletFunctions.Juspay;

/// <summary>The settings under <c>Juspay</c>.</summary>
internal sealed record JuspayOptions
{
    /// <summary>Juspay's address without a slash at the end: https, or http on loopback. Regions and banks have addresses of their own.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>Sent as <c>x-merchantid</c>, case sensitive; null sends none.</summary>
    public string? MerchantId { get; init; }

    /// <summary>The limit of one request, from connecting to the end of the answer.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The limit of one wallet's delink: all attempts, waits and key reads. The platform bills waiting too.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The limit of a customer's delink, with all wallets.</summary>
    public TimeSpan CustomerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a request is sent while it fails in a transient way; 1 never repeats it.</summary>
    public int MaxAttempts { get; init; } = 3;
}
