using WalletFunctions.Juspay;

namespace WalletFunctions.Problems;

/// <summary>One occurrence of a problem: its row in the error table, and what is known about this request.</summary>
/// <param name="Type">The row.</param>
/// <param name="Detail">What happened and what to change. It contains no secret and nothing that the caller sent.</param>
internal sealed record Problem(ProblemType Type, string Detail)
{
    /// <summary>What Juspay answered, if it did.</summary>
    public JuspayReport? Juspay { get; init; }

    /// <summary>How long to wait before repeating the request, if Juspay or Key Vault determine it.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed later. An occurrence may be retryable although its type is not.</summary>
    public bool Retryable { get => field || Type.Retryable; init; }
}
