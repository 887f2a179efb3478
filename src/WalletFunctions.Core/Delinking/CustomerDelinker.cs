using WalletFunctions.Juspay;

namespace WalletFunctions.Delinking;

/// <summary>Delinks every linked wallet of a customer: lists them all first, then delinks several at a time, inside one deadline.</summary>
public sealed class CustomerDelinker
{
    /// <summary>How many pages are read at the most.</summary>
    public const int MaxPages = 20;

    /// <summary>How many wallets are delinked at a time.</summary>
    public const int Parallel = 4;

    private readonly JuspayClient _juspay;
    private readonly JuspaySession.Terms _terms;
    private readonly WalletDelinker _wallets;
    private readonly DelinkAudit _audit;
    private readonly TimeSpan _limit;

    internal CustomerDelinker(JuspayClient juspay, JuspaySession.Terms terms, WalletDelinker wallets, DelinkAudit audit, TimeSpan limit)
    {
        _juspay = juspay;
        _terms = terms;
        _wallets = wallets;
        _audit = audit;
        _limit = limit;
    }

    /// <summary>Delinks the customer's wallets. Every end is an outcome, cancellation too.</summary>
    /// <param name="request">The customer.</param>
    /// <param name="entry">The request's audit entry; its trail is filled, and each linked wallet leaves a record beside it.</param>
    /// <param name="caller">Cancelled when the caller hangs up.</param>
    public Task<CustomerOutcome> DelinkAsync(CustomerRequest request, DelinkAuditEntry entry, CancellationToken caller) =>
        JuspaySession.RunAsync<CustomerOutcome>(
            _terms,
            _limit,
            entry.Trail,
            work: async session =>
            {
                var (wallets, failure) = await ListAsync(request, session);
                return failure is null
                    ? new CustomerOutcome.Settled(await DelinkAsync(wallets, request, session, entry, caller))
                    : new CustomerOutcome.NotListed(failure);
            },
            failed: failure => new CustomerOutcome.NotListed(failure),
            caller);

    private async Task<(List<ListedWallet> Wallets, DelinkOutcome.Failed? Failure)> ListAsync(CustomerRequest request, JuspaySession session)
    {
        var wallets = new List<ListedWallet>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        decimal? total = null;
        for (var page = 1; page <= MaxPages; page++)
        {
            var offset = wallets.Count;
            var answer = await session.PersistAsync((key, deadline) => _juspay.ListAsync(request, offset, key, deadline));
            if (answer.Page is not { } listed)
            {
                return (wallets, NotListed(session.Because(answer)));
            }

            foreach (var wallet in listed.Wallets)
            {
                if (places.TryAdd(wallet.Id.Value, wallets.Count))
                {
                    wallets.Add(wallet);
                }
                else if (wallet.Linked)
                {
                    // An entry that was listed before. Where the two differ, the wallet counts as linked.
                    wallets[places[wallet.Id.Value]] = wallet;
                }
            }

            // A total that is less than what was listed is wrong. Of several totals, the largest counts.
            if (listed.Total >= wallets.Count && !(total > listed.Total))
            {
                total = listed.Total;
            }

            if (total == wallets.Count)
            {
                return (wallets, null);
            }

            // A page that brings nothing new ends the list, unless Juspay has announced more wallets.
            if (wallets.Count == offset)
            {
                return (wallets, total > wallets.Count
                    ? Incomplete(listed.Wallets.Count is 0
                        ? "Juspay's list of wallets ends before the total that it names."
                        : "Juspay's list of wallets repeats a page although it names more wallets.")
                    : null);
            }
        }

        return (wallets, Incomplete($"The customer has wallets on more than {MaxPages} pages."));
    }

    private async Task<IReadOnlyList<WalletResult>> DelinkAsync(
        List<ListedWallet> wallets, CustomerRequest request, JuspaySession session, DelinkAuditEntry entry, CancellationToken caller)
    {
        var results = wallets.Select(wallet => new WalletResult(wallet, null)).ToArray();
        var linked = Enumerable.Range(0, wallets.Count).Where(index => wallets[index].Linked);
        // Each wallet ends in an outcome, also after the deadline, so the loop itself is not cancelled.
        await System.Threading.Tasks.Parallel.ForEachAsync(linked, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (index, _) =>
        {
            var trail = new DelinkTrail(entry.Trail);
            var startedAt = _terms.Time.GetTimestamp();
            var wallet = new WalletRequest(wallets[index].Id, request.RoutingId, request.RequestId);
            var outcome = await _wallets.DelinkAsync(wallet, trail, caller, within: session.Deadline);
            _audit.RecordWallet(entry, wallets[index].Id, outcome, trail, _terms.Time.GetElapsedTime(startedAt));
            results[index] = new WalletResult(wallets[index], outcome);
        });
        return results;
    }

    private static DelinkOutcome.Failed NotListed(DelinkOutcome.Failed failure) => failure.Reason switch
    {
        DelinkFailure.WalletNotFound => failure with
        {
            Reason = DelinkFailure.CustomerNotFound,
            Detail = "Juspay does not know this customer. Check the customer id, and that it belongs to this merchant and environment.",
        },
        DelinkFailure.Unavailable or DelinkFailure.NoAnswerInTime => failure with
        {
            Detail = "Juspay did not list the customer's wallets, so this call delinked none. Repeat it: delinking twice is harmless.",
        },
        _ => failure,
    };

    private static DelinkOutcome.Failed Incomplete(string detail) =>
        new(DelinkFailure.UnexpectedAnswer, detail + " This call delinked none, since it could not have delinked all.");
}
