using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Faults;

/// <summary>Causes every cell of the matrix.</summary>
public sealed class FaultMatrixTests
{
    public static IEnumerable<object[]> Rows => RowsAt(Place.WayToJuspay, Place.ReusedConnection, Place.JuspayBefore, Place.JuspayAfter, Place.WayFromJuspay, Place.WalletRead);

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_OnceTwiceAndAlways_HasTheResultOfTheMatrix(string place, string fault)
    {
        var row = Find(place, fault);

        Assert.Equal([row.Once, row.Twice, row.Always], await Happening.SeeAsync(row));
    }

    [Fact]
    public void Matrix_AsAPage_IsTheOneInTheRepository()
    {
        Repository.AssertIsUpToDate("tests/WalletFunctions.Tests/Faults/MATRIX.md", FaultMatrix.ToMarkdown());
        Assert.Contains($"for each of {FaultMatrix.Rows.Count} faults", Repository.Read("README.md"), StringComparison.Ordinal);
        Assert.Distinct(FaultMatrix.Rows.Select(row => (row.Place, row.Fault)));
    }

    internal static IEnumerable<object[]> RowsAt(params Place[] places) =>
        FaultMatrix.Rows.Where(row => places.Contains(row.Place)).Select(row => new object[] { row.Place.ToString(), row.Fault });

    internal static Row Find(string place, string fault) =>
        FaultMatrix.Rows.Single(row => row.Place.ToString() == place && row.Fault == fault);
}

/// <summary>The rows about Key Vault.</summary>
public sealed class KeyVaultFaultMatrixTests
{
    public static IEnumerable<object[]> Rows => FaultMatrixTests.RowsAt(Place.KeyVault, Place.KeyVaultAfterRotation);

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_OnceTwiceAndAlways_HasTheResultOfTheMatrix(string place, string fault)
    {
        var row = FaultMatrixTests.Find(place, fault);

        Assert.Equal([row.Once, row.Twice, row.Always], await SideBySide.Happenings[row]);
    }

    /// <summary>The Azure client waits in real time before it tries again, so all rows run at the same time, started by the first test.</summary>
    private static class SideBySide
    {
        private static readonly SemaphoreSlim Places = new(8);

        public static readonly Dictionary<Row, Task<Cell[]>> Happenings = FaultMatrix.Rows
            .Where(row => row.Place is Place.KeyVault or Place.KeyVaultAfterRotation)
            .ToDictionary(row => row, row => Task.Run(() => SeeAsync(row)));

        private static async Task<Cell[]> SeeAsync(Row row)
        {
            await Places.WaitAsync();
            try
            {
                return await Happening.SeeAsync(row);
            }
            finally
            {
                Places.Release();
            }
        }
    }
}

/// <summary>The rows about the queue.</summary>
public sealed class QueueFaultMatrixTests
{
    public static IEnumerable<object[]> Rows => FaultMatrixTests.RowsAt(Place.QueueBefore, Place.QueueAfter, Place.QueueCopy, Place.QueueFinish);

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_OnceTwiceAndAlways_HasTheResultOfTheMatrix(string place, string fault)
    {
        var row = FaultMatrixTests.Find(place, fault);

        Assert.Equal([row.Once, row.Twice, row.Always], await QueueHappening.SeeAsync(row));
    }
}

/// <summary>
/// The rows about the identity endpoint run separately, because the identity library waits in real time before it tries again and sends one request of
/// the whole process at a time.
/// </summary>
[Collection(nameof(IdentityFaultMatrixTests))]
[CollectionDefinition(nameof(IdentityFaultMatrixTests), DisableParallelization = true)]
public sealed class IdentityFaultMatrixTests
{
    public static IEnumerable<object[]> Rows => FaultMatrixTests.RowsAt(Place.Identity);

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_OnceTwiceAndAlways_HasTheResultOfTheMatrix(string place, string fault)
    {
        var row = FaultMatrixTests.Find(place, fault);

        Assert.Equal([row.Once, row.Twice, row.Always], await Happening.SeeAsync(row));
    }
}
