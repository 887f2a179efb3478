using WalletFunctions.Juspay;
using WalletFunctions.Problems;

namespace WalletFunctions.Delinking;

/// <summary>The end of a delink: its result, or the problem that prevented it.</summary>
internal sealed class Outcome<T>
    where T : class
{
    private readonly T? _result;

    private Outcome(T? result, Problem? problem) => (_result, Problem) = (result, problem);

    /// <summary>Null after success.</summary>
    public Problem? Problem { get; }

    public static implicit operator Outcome<T>(T result) => new(result, problem: null);

    public static implicit operator Outcome<T>(Problem problem) => new(result: null, problem);

    /// <summary>Handles both cases, so that a caller cannot forget one.</summary>
    public TResult Match<TResult>(Func<T, TResult> done, Func<Problem, TResult> failed) => Problem is null ? done(_result!) : failed(Problem);
}

/// <summary>One wallet of a customer, and how its delink ended.</summary>
/// <param name="Wallet">The wallet as it was listed.</param>
/// <param name="Outcome">The outcome of the delink; its wallet, if any, is not linked. Null if the wallet was already unlinked, so that nothing was sent.</param>
internal sealed record WalletResult(ListedWallet Wallet, Outcome<WalletAccount>? Outcome);

/// <summary>All wallets of a customer, in Juspay's order, each with its result.</summary>
internal sealed record CustomerWallets(IReadOnlyList<WalletResult> Wallets)
{
    /// <summary>How many wallets this call delinked.</summary>
    public int Delinked => Wallets.Count(wallet => wallet.Outcome is { Problem: null });

    /// <summary>How many wallets were unlinked before.</summary>
    public int AlreadyUnlinked => Wallets.Count(wallet => wallet.Outcome is null);

    /// <summary>How many wallets may still be linked.</summary>
    public int Failed => Wallets.Count(wallet => wallet.Outcome is { Problem: not null });

    /// <summary>The problem if some wallets may still be linked.</summary>
    public Problem Partial => new(ProblemType.PartiallyDelinked,
        $"{Failed} of {Wallets.Count} wallets may still be linked; see 'wallets'. Repeat the call to delink the others: delinking twice is harmless.")
    {
        // A repeat is for all of them.
        RetryAfter = Wallets.Max(wallet => wallet.Outcome?.Problem?.RetryAfter),
    };
}
