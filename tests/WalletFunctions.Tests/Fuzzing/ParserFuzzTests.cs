namespace WalletFunctions.Tests.Fuzzing;

/// <summary>A short run of the fuzzer with a fixed seed. The benchmarks have a command for a long run.</summary>
public sealed class ParserFuzzTests
{
    public static IEnumerable<object[]> Targets => ParserFuzz.Targets.Select(target => new object[] { target.Name });

    [Theory]
    [MemberData(nameof(Targets))]
    public void Parser_20000Inputs_NeverThrowsAndAcceptsNothingThatItMustNot(string name)
    {
        var target = ParserFuzz.Targets.Single(candidate => candidate.Name == name);

        var treated = ParserFuzz.Run(target, inputs: 20_000, seed: 20261123);

        // A run with a single result has searched nothing.
        Assert.True(treated.Count >= 2, string.Join(", ", treated));
        Assert.Equal(20_000, treated.Values.Sum());
    }

    [Fact]
    public void Parser_ThatAcceptsTooMuch_IsFound()
    {
        var form = ParserFuzz.Targets.Single(target => target.Name is "form body");
        var defective = form with { Read = input => form.Read(input) is "unsupported_command" ? throw new InvalidOperationException("accepted") : "refused" };

        var finding = Assert.Throws<FuzzFinding>(() => ParserFuzz.Run(defective, inputs: 20_000, seed: 1));

        Assert.Contains("base64", finding.Message, StringComparison.Ordinal);
    }
}
