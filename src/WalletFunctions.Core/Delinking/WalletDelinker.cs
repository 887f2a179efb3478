using WalletFunctions.Juspay;
using WalletFunctions.Tools;

namespace WalletFunctions.Delinking;

/// <summary>
/// Delinks one wallet. Delinking twice is harmless, so transient failures are repeated within one deadline. A refusal counts only if no earlier attempt
/// can have delinked the wallet; otherwise the wallet is read to settle its state.
/// </summary>
internal sealed class WalletDelinker(JuspayClient juspay, JuspaySessions sessions, TimeSpan limit)
{
    /// <summary>Delinks the wallet. Returns an outcome in each case, also after cancellation. The wallet of a success is not linked.</summary>
    /// <param name="request">The wallet.</param>
    /// <param name="trail">Filled at each step, so that it is correct after any end.</param>
    /// <param name="caller">Cancelled when the caller disconnects, which ends the delink at any step.</param>
    /// <param name="within">The limit of several delinks that this one is a part of, if any.</param>
    public Task<Outcome<WalletAccount>> DelinkAsync(
        WalletRequest request, DelinkTrail trail, CancellationToken caller, TimeLimit? within = null) =>
        sessions.RunAsync<WalletAccount>(
            limit,
            trail,
            async session =>
            {
                var answer = await session.SendWithRetriesAsync((key, deadline) => SendDelinkAsync(request, key, trail, deadline));
                return await DecideAsync(answer, request, session);
            },
            caller,
            within);

    /// <summary>Sends one delink, and counts it unless it was not sent.</summary>
    private async Task<JuspayAnswer> SendDelinkAsync(WalletRequest request, JuspayApiKey key, DelinkTrail trail, CancellationToken deadline)
    {
        deadline.ThrowIfCancellationRequested();
        JuspayAnswer? answer = null;
        try
        {
            return answer = await juspay.DelinkAsync(request, key, deadline);
        }
        finally
        {
            // Without an answer, the call was cancelled, and the request may have been sent before that.
            if (answer is not { Verdict: JuspayVerdict.NotSent })
            {
                trail.CountDelink();
            }
        }
    }

    private async Task<Outcome<WalletAccount>> DecideAsync(JuspayAnswer answer, WalletRequest request, JuspaySession session) => answer.Effect switch
    {
        JuspayEffect.Done => answer.Wallet is { Linked: false } wallet ? wallet : session.ProblemOf(answer),
        JuspayEffect.RefusedInThisState => await SettleAsync(answer, request, session),
        JuspayEffect.Refused => session.Ambiguous is null ? session.ProblemOf(answer) : await SettleAsync(answer, request, session),
        JuspayEffect.CallerRefused => session.ProblemOf(session.Ambiguous ?? answer),
        JuspayEffect.NotDone or JuspayEffect.Unknown => session.ProblemOf(answer),
    };

    /// <summary>
    /// Settles a refusal that may mean that the wallet is already unlinked. The wallet is read only here, because reading a linked wallet makes Juspay
    /// create a debit token.
    /// </summary>
    private async Task<Outcome<WalletAccount>> SettleAsync(JuspayAnswer refusal, WalletRequest request, JuspaySession session)
    {
        var read = await session.SendAsync((key, deadline) =>
        {
            deadline.ThrowIfCancellationRequested();
            // Noted before the answer, because the read may reach Juspay although none comes in time.
            session.Trail.Confirmed = true;
            return juspay.GetAsync(request, key, deadline);
        });
        if (read.Wallet is { Linked: false } wallet)
        {
            return wallet;
        }

        // While the effect of an attempt is unknown, a refusal is not final: the caller gets the earlier problem, which is retryable. A read that did not
        // show the wallet's state settles nothing, so its own problem counts.
        return session.ProblemOf(session.Ambiguous ?? (read.Effect is JuspayEffect.NotDone or JuspayEffect.Unknown or JuspayEffect.CallerRefused ? read : refusal));
    }
}
