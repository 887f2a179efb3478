using WalletFunctions.Tools;

namespace WalletFunctions.Tests.Tools;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("customer-1_a@b.c+d:e…f", "customer-1_a@b.c+d:e…f")]
    [InlineData("a b=c", "a_b_c")]
    [InlineData("  ", "__")]
    [InlineData("\r\noutcome=delinked", "__outcome_delinked")]
    [InlineData("é", "_")]
    public void Word_EveryCharacterThatCouldEndAValue_IsAnUnderscore(string text, string word) => Assert.Equal(word, LogText.Word(text, 64));

    [Theory]
    [InlineData("abcd", 5, "abcd")]
    [InlineData("abcde", 5, "abcde")]
    [InlineData("abcdef", 5, "abcde")]
    [InlineData("ab def", 5, "ab_de")]
    [InlineData("abcde f", 5, "abcde")]
    [InlineData("abc", 0, "")]
    public void Word_LongerThanTheLimit_IsCut(string text, int maxLength, string word) => Assert.Equal(word, LogText.Word(text, maxLength));

    /// <summary>Nearly all texts are safe, and each record would otherwise be copied.</summary>
    [Fact]
    public void Word_OfASafeText_IsThatTextItself()
    {
        var text = new string('a', 64);

        Assert.Same(text, LogText.Word(text, 64));
    }

    [Theory]
    [InlineData("one line, é ✓", "one line, é ✓")]
    [InlineData("a\r\nb\tc\u001b[31md\u2028e\u202ef", "a  b c [31md e f")]
    public void OneLine_EveryCharacterThatBreaksOrTurnsALine_IsASpace(string text, string line) => Assert.Equal(line, LogText.OneLine(text, 64));

    [Theory]
    [InlineData("", "…")]
    [InlineData("abc", "…")]
    [InlineData("abcdefgh", "ab…gh")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "abcd…wxyz")]
    public void MaskId_AnId_ShowsAtMostHalfOfIt(string id, string masked) => Assert.Equal(masked, LogText.MaskId(id));
}
