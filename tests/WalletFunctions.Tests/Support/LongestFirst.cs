using WalletFunctions.Tests.FunctionsApp;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("WalletFunctions.Tests.Support.LongestFirst", "WalletFunctions.Tests")]

namespace WalletFunctions.Tests.Support;

/// <summary>Starts the longest test first, so that the other tests run while it waits.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => !collection.DisplayName.EndsWith(nameof(AzuriteTests), StringComparison.Ordinal));
}
