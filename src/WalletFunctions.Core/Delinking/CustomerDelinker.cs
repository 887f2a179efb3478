using WalletFunctions.Juspay;
using WalletFunctions.Problems;
using WalletFunctions.Tools;

namespace WalletFunctions.Delinking;

/// <summary>Delinks every linked wallet of a customer within one deadline: lists all wallets first, then delinks several at a time.</summary>
internal sealed class CustomerDelinker(JuspayClient juspay, JuspaySessions sessions, WalletDelinker delinker, DelinkAudit audit, TimeSpan limit)
{
    public const int MaxPages = 20;

    /// <summary>The longest time that a delink may take.</summary>
    public TimeSpan Limit => limit;

    /// <summary>How many wallets are delinked at a time.</summary>
    public const int Parallelism = 4;

    /// <summary>Delinks the customer's wallets. Returns an outcome in each case, also after cancellation. Without a complete list, no wallet is delinked.</summary>
    /// <param name="request">The customer.</param>
    /// <param name="entry">The request's audit entry, whose trail is filled. Each linked wallet also gets a record of its own.</param>
    /// <param name="caller">Cancelled when the caller disconnects.</param>
    /// <param name="within">The limit of several delinks that this one is a part of, if any. It is cancelled together with the caller.</param>
    public Task<Outcome<CustomerWallets>> DelinkAsync(CustomerRequest request, AuditEntry entry, CancellationToken caller, TimeLimit? within = null) =>
        sessions.RunAsync<CustomerWallets>(
            limit,
            entry.Trail,
            async session =>
            {
                var (wallets, problem) = await ListAsync(request, session);
                if (problem is not null)
                {
                    return problem;
                }

                var customer = new CustomerWallets(await DelinkAsync(wallets, request, session, entry, caller));
                if (customer.Failed > 0)
                {
                    // A caller that hangs up is not a failure of Juspay.
                    caller.ThrowIfCancellationRequested();
                }

                return customer;
            },
            caller,
            within);

    private async Task<(List<ListedWallet> Wallets, Problem? Problem)> ListAsync(CustomerRequest request, JuspaySession session)
    {
        var wallets = new List<ListedWallet>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        decimal? total = null;
        for (var page = 1; page <= MaxPages; page++)
        {
            var offset = wallets.Count;
            var answer = await session.SendWithRetriesAsync((key, deadline) => juspay.ListAsync(request, offset, key, deadline));
            if (answer.Page is not { } listed)
            {
                // Juspay knows a customer whose wallets it has listed. If a later page is not found, the wallets of the earlier ones are left to delink.
                return (wallets, offset > 0 && answer.Verdict is JuspayVerdict.NotFound
                    ? Incomplete("Juspay lists some of the customer's wallets and then says that there is no such list.") with { Juspay = answer.Report }
                    : NotListed(session.ProblemOf(answer)));
            }

            foreach (var wallet in listed.Wallets)
            {
                if (places.TryAdd(wallet.Id.Value, wallets.Count))
                {
                    wallets.Add(wallet);
                }
                else if (wallet.Linked)
                {
                    // The wallet was listed before. If the two entries differ, it counts as linked.
                    wallets[places[wallet.Id.Value]] = wallet;
                }
            }

            // A total below the number of listed wallets is wrong. Of several totals, the largest counts.
            if (listed.Total >= wallets.Count)
            {
                total = Math.Max(total ?? 0, listed.Total.Value);
            }

            // A page without a new wallet ends the list, unless Juspay announced more wallets.
            if (wallets.Count == offset)
            {
                return (wallets, total > wallets.Count
                    ? Incomplete(listed.Wallets.Count is 0
                        ? "Juspay's list of wallets ends before the total that it names."
                        : "Juspay's list of wallets repeats a page although it names more wallets.")
                    : null);
            }

            if (total == wallets.Count)
            {
                return (wallets, null);
            }
        }

        return (wallets, Incomplete($"The customer has wallets on more than {MaxPages} pages."));
    }

    private async Task<IReadOnlyList<WalletResult>> DelinkAsync(
        List<ListedWallet> wallets, CustomerRequest request, JuspaySession session, AuditEntry entry, CancellationToken caller)
    {
        var results = wallets.Select(wallet => new WalletResult(wallet, null)).ToArray();
        var linked = Enumerable.Range(0, wallets.Count).Where(index => wallets[index].Linked);
        // The loop itself is not cancelled, because each wallet needs an outcome, also after the deadline.
        await Parallel.ForEachAsync(linked, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (index, _) =>
        {
            var trail = new DelinkTrail(entry.Trail);
            var startedAt = sessions.Time.GetTimestamp();
            var wallet = new WalletRequest(wallets[index].Id, request.RoutingId, request.RequestId);
            var outcome = await delinker.DelinkAsync(wallet, trail, caller, within: session.Deadline);
            audit.RecordWallet(entry, wallets[index].Id, outcome.Problem?.Type.Code ?? AuditEntry.Delinked, trail, sessions.Time.GetElapsedTime(startedAt));
            results[index] = new WalletResult(wallets[index], outcome);
        });
        return results;
    }

    /// <summary>Describes the problem of a list: the customer instead of a wallet is unknown, and no wallet can have been delinked.</summary>
    private static Problem NotListed(Problem problem)
    {
        if (problem.Type == ProblemType.WalletNotFound)
        {
            return problem with
            {
                Type = ProblemType.CustomerNotFound,
                Detail = "Juspay does not know this customer. Check the customer id, and that it belongs to this merchant and environment.",
            };
        }

        return problem.Type != ProblemType.JuspayUnavailable && problem.Type != ProblemType.JuspayTimeout ? problem : problem with
        {
            Detail = "Juspay did not list the customer's wallets, so this call delinked none. Repeat it: delinking twice is harmless.",
        };
    }

    private static Problem Incomplete(string detail) =>
        new(ProblemType.JuspayUnexpectedResponse, detail + " This call delinked none, since it could not have delinked all.");
}
