using WalletFunctions.Tools;

namespace WalletFunctions.Tests.Tools;

public sealed class BoundedBodyTests
{
    private const int Max = 5000;

    /// <summary>The declared length may be wrong in both directions, or missing.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(2049)]
    [InlineData(4097)]
    [InlineData(Max - 1)]
    [InlineData(Max)]
    public async Task Read_ABodyUpToTheLimit_IsThatBody(int length)
    {
        var body = Enumerable.Range(0, length).Select(number => (byte)number).ToArray();
        foreach (var declared in new long?[] { null, 0, 1, length, length + 1, Max, long.MaxValue, -1 })
        {
            using var stream = new Trickle(body);

            var read = await BoundedBody.ReadAsync(stream, declared, Max, CancellationToken.None);

            Assert.Equal(body, read?.ToArray());
        }
    }

    [Theory]
    [InlineData(Max + 1)]
    [InlineData(Max * 3)]
    public async Task Read_ALongerBody_IsNull(int length)
    {
        foreach (var declared in new long?[] { null, 0, length, Max })
        {
            using var stream = new Trickle(new byte[length]);

            Assert.Null(await BoundedBody.ReadAsync(stream, declared, Max, CancellationToken.None));
        }
    }

    /// <summary>A client that declares no length should not cost more memory than a body usually needs.</summary>
    [Fact]
    public async Task Read_WithoutALength_BeginsWithALittleMoreThanAKibibyte()
    {
        using var stream = new Trickle([]);

        await BoundedBody.ReadAsync(stream, declaredLength: null, Max, CancellationToken.None);

        Assert.Equal(1025, stream.FirstRequest);
    }

    /// <summary>Returns at most 700 bytes at a time, as a connection does.</summary>
    private sealed class Trickle(byte[] body) : MemoryStream(body)
    {
        public int FirstRequest { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            FirstRequest = FirstRequest is 0 ? buffer.Length : FirstRequest;
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, 700)], cancellationToken);
        }
    }
}
