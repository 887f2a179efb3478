using System.Diagnostics;
using System.Text;
using WalletFunctions.Juspay;

namespace WalletFunctions.Tests.Juspay;

public sealed class JuspayApiKeyTests
{
    // base64 of the key and of the key with a colon: the first is the beginning of the second.
    private const string Key = "abcdef";
    private const string Encoded = "YWJjZGVm";
    private const string EncodedWithColon = "YWJjZGVmOg==";

    private static JuspayApiKey ApiKey => Parse(Key);

    [Fact]
    public void Authorization_IsTheKeyAsUserName() => Assert.Equal("Basic " + EncodedWithColon, $"{ApiKey.Authorization}");

    [Theory]
    [InlineData(Key, "***")]
    [InlineData($"<{Key}>{Key}", "<***>***")]
    [InlineData($"Basic {EncodedWithColon}.", "Basic ***.")]
    [InlineData("Basic YWJjZGVmOg.", "Basic ***.")]
    [InlineData($"Basic {Encoded}.", "Basic ***.")]
    [InlineData("abcde YWJjZGV ABCDEF", "abcde YWJjZGV ABCDEF")]
    public void Redact_EveryFormOfTheKey_BecomesAsterisksAsAWhole(string text, string redacted) => Assert.Equal(redacted, ApiKey.Redact(text));

    [Theory]
    [InlineData("Basic cXdlcg==", "Basic ***")]
    [InlineData("Basic cXdlcg", "Basic ***")]
    [InlineData("Basic cXdlcjo=", "Basic ***")]
    public void Redact_AKeyWhoseBase64IsPadded_AlsoWithoutPadding(string text, string redacted) => Assert.Equal(redacted, Parse("qwer").Redact(text));

    [Theory]
    [InlineData(Key, true)]
    [InlineData($"{Key}...", true)]
    [InlineData($"...{Key}", true)]
    [InlineData($"...{EncodedWithColon}", true)]
    [InlineData($"{Encoded}...", true)]
    [InlineData("abcde", false)]
    [InlineData("", false)]
    public void IsIn_Text_SaysWhetherRedactWouldChangeIt(string text, bool isIn)
    {
        Assert.Equal(isIn, ApiKey.IsIn(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(isIn, ApiKey.Redact(text) != text);
    }

    [Fact]
    public void Clean_TextWithTheKeyAtTheCut_ShowsNoPartOfIt() => Assert.Equal("12*", ApiKey.Clean($"12{Key}", 3));

    [Fact]
    public void TryParse_AKeyOfTheGreatestLength_IsAccepted()
    {
        Assert.True(JuspayApiKey.TryParse(new string('k', JuspayApiKey.MaxLength), out _, out _));
        Assert.False(JuspayApiKey.TryParse(new string('k', JuspayApiKey.MaxLength + 1), out _, out var problem));
        Assert.Equal("it is longer than 1024 characters", problem);
    }

    private static JuspayApiKey Parse(string text) => JuspayApiKey.TryParse(text, out var key, out var problem) ? key : throw new UnreachableException(problem);
}
