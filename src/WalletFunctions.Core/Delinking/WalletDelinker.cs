using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>
/// Delinks one wallet, and answers when it knows the wallet's state or knows that it cannot find out. Delinking twice is harmless, so transient
/// failures are tried again inside one deadline. A refusal is believed only if no earlier attempt can have delinked the wallet; otherwise the wallet
/// is read.
/// </summary>
public sealed class WalletDelinker
{
    private readonly JuspayClient _juspay;
    private readonly JuspaySession.Terms _terms;
    private readonly TimeSpan _limit;

    internal WalletDelinker(JuspayClient juspay, JuspaySession.Terms terms, TimeSpan limit)
    {
        _juspay = juspay;
        _terms = terms;
        _limit = limit;
    }

    /// <summary>Delinks the wallet. Every end is an outcome, cancellation too.</summary>
    /// <param name="request">The wallet.</param>
    /// <param name="trail">Filled as the delink goes on, so that it is right however it ends.</param>
    /// <param name="caller">Cancelled when the caller hangs up, which ends the delink at any point.</param>
    /// <param name="within">The deadline of the customer's delink that this is a part of, if any.</param>
    public Task<DelinkOutcome> DelinkAsync(WalletRequest request, DelinkTrail trail, CancellationToken caller, CancellationToken? within = null) =>
        JuspaySession.RunAsync<DelinkOutcome>(
            _terms,
            _limit,
            trail,
            work: async session =>
            {
                var answer = await session.PersistAsync((key, deadline) => DelinkAsync(request, key, session.Trail, deadline));
                return await DecideAsync(answer, request, session);
            },
            failed: failure => failure,
            caller,
            within);

    /// <summary>Sends one delink, and counts it unless it did not leave.</summary>
    private async Task<JuspayAnswer> DelinkAsync(WalletRequest request, JuspayApiKey key, DelinkTrail trail, CancellationToken deadline)
    {
        deadline.ThrowIfCancellationRequested();
        JuspayAnswer? answer = null;
        try
        {
            return answer = await _juspay.DelinkAsync(request, key, deadline);
        }
        finally
        {
            // Without an answer the call was cancelled, and the request may have left before that.
            if (answer is not { Verdict: JuspayVerdict.NotSent })
            {
                trail.CountDelink();
            }
        }
    }

    private async Task<DelinkOutcome> DecideAsync(JuspayAnswer answer, WalletRequest request, JuspaySession session) => answer.Effect switch
    {
        JuspayEffect.Done => answer.Wallet is { Linked: false } wallet ? new DelinkOutcome.Delinked(wallet) : session.Because(answer),
        JuspayEffect.RefusedInThisState => await SettleAsync(answer, request, session),
        JuspayEffect.Refused => session.Ambiguous is null ? session.Because(answer) : await SettleAsync(answer, request, session),
        JuspayEffect.CallerRefused => session.Because(session.Ambiguous ?? answer),
        JuspayEffect.NotDone or JuspayEffect.Unknown => session.Because(answer),
    };

    /// <summary>
    /// Settles a refusal that may mean that the wallet is unlinked already. The wallet is read only here, because reading a linked wallet makes Juspay
    /// mint a debit token.
    /// </summary>
    private async Task<DelinkOutcome> SettleAsync(JuspayAnswer refusal, WalletRequest request, JuspaySession session)
    {
        session.Trail.Confirmed = true;
        var look = await session.SendAsync((key, deadline) => _juspay.GetAsync(request, key, deadline));
        if (look.Wallet is { Linked: false } wallet)
        {
            return new DelinkOutcome.Delinked(wallet);
        }

        // While the end of an attempt is unknown, a refusal is not final: the caller gets the earlier failure, which is retryable.
        return session.Because(session.Ambiguous ?? (look.Effect is JuspayEffect.NotDone or JuspayEffect.Unknown ? look : refusal));
    }
}
