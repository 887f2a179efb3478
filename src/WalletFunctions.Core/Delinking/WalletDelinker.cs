using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>
/// Delinks one wallet, and answers only when it knows what became of it or that it cannot know. Delinking twice is harmless, so whatever
/// may pass is tried again inside one deadline. A refusal is believed only if no earlier attempt can have delinked the wallet already;
/// otherwise the wallet is looked at.
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
    /// <param name="cancellationToken">The caller's; it ends the waiting wherever the delink stands.</param>
    public Task<DelinkOutcome> DelinkAsync(WalletRequest request, DelinkTrail trail, CancellationToken cancellationToken) =>
        JuspaySession.RunAsync<DelinkOutcome>(
            _terms,
            _limit,
            trail,
            work: async session =>
            {
                var answer = await session.PersistAsync((key, deadline) => _juspay.DelinkAsync(request, key, deadline));
                return await DecideAsync(answer, request, session);
            },
            failed: failure => failure,
            cancellationToken);

    private async Task<DelinkOutcome> DecideAsync(JuspayAnswer answer, WalletRequest request, JuspaySession session) => answer.Verdict switch
    {
        JuspayVerdict.Success when !answer.Wallet!.Linked => new DelinkOutcome.Delinked(answer.Wallet),
        JuspayVerdict.WrongState => await LookAsync(answer, request, session),
        JuspayVerdict.NotFound or JuspayVerdict.Rejected when session.Ambiguous is not null => await LookAsync(answer, request, session),
        JuspayVerdict.KeyRefused or JuspayVerdict.Forbidden => session.Because(session.Ambiguous ?? answer),
        _ => session.Because(answer),
    };

    /// <summary>
    /// Settles a refusal that may mean "already done". Only here is the wallet read, since reading a linked one mints a debit token at Juspay.
    /// </summary>
    private async Task<DelinkOutcome> LookAsync(JuspayAnswer refusal, WalletRequest request, JuspaySession session)
    {
        session.Trail.Confirmed = true;
        var look = await session.SendAsync((key, deadline) => _juspay.GetAsync(request, key, deadline));
        if (look.Wallet is { Linked: false } wallet)
        {
            return new DelinkOutcome.Delinked(wallet);
        }

        // An attempt of which we do not know the end may still come to pass: say so, rather than repeat a refusal that sounds final.
        return session.Because(session.Ambiguous ?? (look.IsConclusive ? refusal : look));
    }
}
