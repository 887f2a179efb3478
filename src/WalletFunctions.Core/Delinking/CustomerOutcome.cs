using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>One wallet of a customer, and what became of it.</summary>
/// <param name="Wallet">The wallet as it was listed.</param>
/// <param name="Outcome">The delink's end; null where the wallet was unlinked already and nothing was sent.</param>
public sealed record WalletResult(ListedWallet Wallet, DelinkOutcome? Outcome);

/// <summary>The end of delinking a whole customer: a result for every wallet, or no list of them.</summary>
public abstract record CustomerOutcome
{
    private CustomerOutcome()
    {
    }

    /// <summary>Both cases at once, so that none can be forgotten.</summary>
    public abstract TResult Match<TResult>(Func<Settled, TResult> settled, Func<NotListed, TResult> notListed);

    /// <summary>Every wallet of the customer was dealt with.</summary>
    /// <param name="Wallets">All of them, in Juspay's order.</param>
    public sealed record Settled(IReadOnlyList<WalletResult> Wallets) : CustomerOutcome
    {
        /// <summary>How many this call has delinked.</summary>
        public int Delinked => Wallets.Count(wallet => wallet.Outcome is DelinkOutcome.Delinked);

        /// <summary>How many were unlinked before.</summary>
        public int AlreadyUnlinked => Wallets.Count(wallet => wallet.Outcome is null);

        /// <summary>How many may still be linked.</summary>
        public int Failed => Wallets.Count(wallet => wallet.Outcome is DelinkOutcome.Failed);

        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Settled, TResult> settled, Func<NotListed, TResult> notListed) => settled(this);
    }

    /// <summary>The customer's wallets are not known, and none was touched.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record NotListed(DelinkOutcome.Failed Failure) : CustomerOutcome
    {
        /// <inheritdoc />
        public override TResult Match<TResult>(Func<Settled, TResult> settled, Func<NotListed, TResult> notListed) => notListed(this);
    }
}
