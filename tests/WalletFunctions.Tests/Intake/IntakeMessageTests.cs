using WalletFunctions.Intake;

namespace WalletFunctions.Tests.Intake;

public sealed class IntakeMessageTests
{
    [Theory]
    [InlineData("[]", "it is not a JSON object")]
    [InlineData("""{"customer_id":"c"}""", "its member v is not 1")]
    [InlineData("""{"v":2,"customer_id":"c"}""", "its member v is not 1")]
    [InlineData("""{"v":1,"customer_id":"../c"}""", "customer_id is missing or cannot be a customer id")]
    [InlineData("""{"v":1,"customer_id":"c","wallet_id":7}""", "wallet_id cannot be a wallet id")]
    [InlineData("""{"v":1,"customer_id":"c","merchant":7}""", "merchant cannot be the name of a merchant")]
    [InlineData("""{"v":1,"customer_id":"c"}""", "received_at is missing or is not a time such as 2026-11-23T10:00:00Z")]
    [InlineData("""{"v":1,"customer_id":"c","received_at":"soon"}""", "received_at is missing or is not a time such as 2026-11-23T10:00:00Z")]
    public void Read_WhatIsNoMessage_SaysWhy(string text, string problem)
    {
        Assert.False(IntakeMessage.TryRead(text, out _, out var why));

        Assert.Equal(problem, why);
    }

    [Theory]
    [InlineData("2026-11-23T10:00:00Z")]
    [InlineData("2026-11-23T10:00:00")]
    [InlineData("2026-11-23T12:00:00+02:00")]
    public void Read_Time_IsUtcUnlessItHasAnOffset(string receivedAt)
    {
        Assert.True(IntakeMessage.TryRead($$"""{"v":1,"customer_id":"c","received_at":"{{receivedAt}}","attempt":-1}""", out var message, out _));

        Assert.Equal((new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero), TimeSpan.Zero, 0), (message.ReceivedAt, message.ReceivedAt.Offset, message.Attempt));
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Read_Texts_HaveALimit(int length, bool isShort)
    {
        var text = new string('x', length);

        Assert.Equal(isShort, IntakeMessage.TryRead($$"""{"v":1,"customer_id":"c","received_at":"2026-11-23T10:00:00Z","merchant":"{{text}}"}""", out _, out _));
        Assert.True(IntakeMessage.TryRead($$"""{"v":1,"customer_id":"c","received_at":"2026-11-23T10:00:00Z","sender":"{{text}}"}""", out var message, out _));
        Assert.Equal(isShort ? text : null, message.Sender);
    }

    [Theory]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    public void FailedMessage_IsCutIntoPartsOnlyIfItIsLong(int length, int count)
    {
        var parts = new FailedMessage("malformed_body", "", default, Sender: null, EventId: null, new string('x', length)).InParts().ToArray();

        Assert.Equal((count, count is 1 ? null : count), (parts.Length, parts[0].Parts));
    }
}
