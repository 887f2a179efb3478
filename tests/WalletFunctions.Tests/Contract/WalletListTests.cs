using System.Globalization;
using CsCheck;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>Juspay's list of a customer's wallets in all its forms. A customer's 200 means that no wallet is linked.</summary>
public sealed class WalletListTests
{
    /// <summary>The forms of a correct total, by the number of wallets.</summary>
    private static readonly Gen<Func<int, string>> RightTotal = Among<Func<int, string>>(
        count => $"{count}", count => $"{count}.0", count => $"{count}.00e0", count => $"\"{count}\"", count => $"\"{count}.0\"", count => $"\" {count} \"");

    /// <summary>The forms of an unusable total, by the number of wallets listed so far. Null omits it.</summary>
    private static readonly Gen<Func<int, string?>> UselessTotal = Among<Func<int, string?>>(
        _ => null, _ => "null", _ => "-1", _ => "\"many\"", _ => "\"\"", _ => "true", _ => "[2]", _ => "{}", _ => "2.5", _ => "\"-3\"", _ => "1e400",
        listed => listed > 0 ? $"{listed - 1}" : "null", listed => listed > 0 ? $"\"{listed - 1}\"" : "null");

    private static readonly Gen<List> Lists =
        from wallets in Gen.Int[0, 6]
        from pageSizes in Gen.Int[1, 3].Array[6]
        from repeated in Gen.Int[0, 5].Array[6]
        from repeats in Gen.Bool.Array[6]
        from hasTotal in Gen.Bool.Array[7]
        from right in RightTotal.Array[7]
        from useless in UselessTotal.Array[7]
        from endsAfter in Gen.OneOf(Gen.Const(int.MaxValue), Gen.Int[0, 3])
        from endsWithRepeat in Gen.Bool
        select new List(wallets, pageSizes, repeated, repeats, hasTotal, right, useless, endsAfter, endsWithRepeat);

    [SimulatorTheory]
    [InlineData("2", 2)]
    [InlineData("2.0", 2)]
    [InlineData("\"2\"", 2)]
    [InlineData("\"2.0\"", 2)]
    [InlineData(null, 3)]
    [InlineData("null", 3)]
    [InlineData("-2", 3)]
    [InlineData("0", 3)]
    [InlineData("\"two\"", 3)]
    [InlineData("2.5", 3)]
    [InlineData("[2]", 3)]
    public async Task Delink_TotalOfAnyForm_DelinksTheWalletsOfEveryPage(string? total, int pages)
    {
        await using var host = await TestHost.StartAsync();
        var member = total is null ? "" : $",\"total\":{total}";
        foreach (var wallets in new[] { """{"id":"wlm_vNb87tTUvbb86bD","linked":true}""", """{"id":"wlt_q23xzki3pazgtezo","linked":"true"}""", "" })
        {
            host.Fault(new Fault { Method = "GET", Status = 200, Body = $$"""{"list":[{{wallets}}],"object":"list"{{member}}}""" });
        }

        var answer = await host.DelinkCustomerAsync();

        Assert.Equal((200, 2), (answer.Status, answer.Member("delinked")?.GetInt32()));
        Assert.All(host.Juspay.Wallets, wallet => Assert.False(wallet.Linked));
        Assert.Equal(pages, host.Juspay.Requests.Count(request => request.Method == "GET"));
    }

    /// <summary>Of several totals the largest counts, so a list is complete only when it has that many wallets.</summary>
    [SimulatorTheory]
    [InlineData("2", "3", 502, 3)]
    [InlineData("3", "2", 502, 3)]
    [InlineData("null", "3", 502, 3)]
    [InlineData("3", "null", 502, 3)]
    [InlineData("0", "2", 200, 2)]
    [InlineData("2", "1", 200, 2)]
    [InlineData("2", "2", 200, 2)]
    public async Task Delink_TotalThatChanges_IsTheLargest(string first, string second, int status, int pages)
    {
        await using var host = await TestHost.StartAsync();
        foreach (var (wallets, total) in new[]
        {
            ("""{"id":"wlm_vNb87tTUvbb86bD","linked":true}""", first), ("""{"id":"wlt_q23xzki3pazgtezo","linked":"true"}""", second), ("", "null"),
        })
        {
            host.Fault(new Fault { Method = "GET", Status = 200, Body = $$"""{"list":[{{wallets}}],"object":"list","total":{{total}}}""" });
        }

        Assert.Equal(status, (await host.DelinkCustomerAsync()).Status);
        Assert.Equal(status is not 200, host.IsLinked(TestHost.Paytm));
        Assert.Equal(pages, host.Juspay.Requests.Count(request => request.Method == "GET"));
    }

    [SimulatorFact]
    public async Task Delink_WalletListedTwiceWithDifferentStates_CountsAsLinked()
    {
        await using var host = await TestHost.StartAsync();
        host.Fault(new Fault
        {
            Method = "GET",
            Status = 200,
            Body = """{"list":[{"id":"wlm_vNb87tTUvbb86bD","linked":false},{"id":"wlm_vNb87tTUvbb86bD","linked":true}],"total":1}""",
        });

        Assert.Equal(200, (await host.DelinkCustomerAsync()).Status);
        Assert.False(host.IsLinked(TestHost.Paytm));
    }

    [SimulatorFact]
    public async Task Delink_5000Lists_A200MeansThatNothingIsLinked()
    {
        await using var host = await TestHost.StartAsync();
        var customers = 0;
        var done = 0;
        var lists = new System.Collections.Concurrent.ConcurrentDictionary<string, Queue<string>>(StringComparer.Ordinal);
        host.Simulation.Faults.Otherwise = (_, request) => request.Path.Value!.Split('/') is ["", "customers", var customer, "wallets"] && lists.TryGetValue(customer, out var pages)
            ? new Fault { Status = 200, Body = pages.Count > 1 ? pages.Dequeue() : pages.Peek() }
            : null;

        await Lists.SampleAsync(
            async list =>
            {
                var customer = $"c{Interlocked.Increment(ref customers)}";
                lists[customer] = list.Pages(customer);
                for (var i = 0; i < list.Wallets; i++)
                {
                    host.Juspay.Put(new SimulatedWallet(List.Id(customer, i), customer, "PAYTM", Linked: true));
                }

                var answer = await host.DelinkCustomerAsync(customer);

                lists.TryRemove(customer, out _);
                var linked = Enumerable.Range(0, list.Wallets).Count(i => host.IsLinked(List.Id(customer, i)));
                if (answer.Status is 200)
                {
                    Interlocked.Increment(ref done);
                    Assert.True(linked is 0, $"{linked} of {list.Wallets} wallets are linked: {string.Join(" | ", list.Pages(customer))}");
                }
                else
                {
                    // The list was incomplete, so nothing is claimed and nothing was sent.
                    Assert.Equal((502, "juspay_unexpected_response", list.Wallets), (answer.Status, answer.Code, linked));
                    Assert.True(list.EndsBeforeItsTotal(customer), string.Join(" | ", list.Pages(customer)));
                }
            },
            iter: 5_000, threads: 1);

        Assert.InRange(done, 2_500, 4_900);
    }

    private static Gen<T> Among<T>(params T[] choices) => Gen.Int[0, choices.Length - 1].Select(choice => choices[choice]);

    /// <summary>
    /// A list as Juspay might send it. Each page has some new wallets, perhaps one that was listed before, and a total that is correct or unusable. A list
    /// that ends early has a correct total, because without one it cannot be known to be incomplete.
    /// </summary>
    private sealed record List(
        int Wallets, int[] PageSizes, int[] Repeated, bool[] Repeats, bool[] HasTotal, Func<int, string>[] Right, Func<int, string?>[] Useless, int EndsAfter,
        bool EndsWithRepeat)
    {
        public static string Id(string customer, int wallet) => $"wlt_{customer}_{wallet.ToString(CultureInfo.InvariantCulture)}";

        public Queue<string> Pages(string customer)
        {
            var pages = new Queue<string>();
            var listed = 0;
            for (var page = 0; listed < Wallets && page < Math.Max(1, EndsAfter) && page < PageSizes.Length; page++)
            {
                var ids = Enumerable.Range(listed, Math.Min(PageSizes[page], Wallets - listed)).ToList();
                listed += ids.Count;
                if (Repeats[page])
                {
                    ids.Insert(0, Repeated[page] % listed);
                }

                pages.Enqueue(Page(customer, ids, page, listed));
            }

            pages.Enqueue(Page(customer, EndsWithRepeat && listed > 0 ? [0] : [], PageSizes.Length, listed));
            return pages;
        }

        public bool EndsBeforeItsTotal(string customer) =>
            Enumerable.Range(0, Wallets).Any(wallet => !Pages(customer).Any(page => page.Contains($"\"{Id(customer, wallet)}\"", StringComparison.Ordinal)));

        private string Page(string customer, List<int> wallets, int page, int listed)
        {
            var isShort = listed < Wallets && (EndsAfter < int.MaxValue || page == PageSizes.Length);
            var total = isShort || HasTotal[page] ? Right[page](Wallets) : Useless[page](listed);
            var entries = wallets.Select(wallet => $$"""{"id":"{{Id(customer, wallet)}}","linked":true}""");
            return $$"""{"list":[{{string.Join(',', entries)}}],"object":"list"{{(total is null ? "" : $",\"total\":{total}")}}}""";
        }
    }
}
