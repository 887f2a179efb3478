using System.Text;
using System.Text.Json;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Webhooks;

/// <summary>Where the values of an event are, and the ages that it may have.</summary>
public sealed class EventFieldTests
{
    [Theory]
    [InlineData("body:/a~1b", "slash")]
    [InlineData("body:/a~0b", "tilde")]
    [InlineData("body:/list/0", "first")]
    [InlineData("body:/list/1", "second")]
    [InlineData("body:/list/2", null)]
    [InlineData("body:/list/01", null)]
    [InlineData("body:/list/-1", null)]
    [InlineData("body:/list/x", null)]
    [InlineData("body:/none body:/list/1", "second")]
    [InlineData("header:X-Id", "of the header")]
    public void Read_Place_IsItsValue(string places, string? value)
    {
        using var body = JsonDocument.Parse("""{"a/b":"slash","a~b":"tilde","ab":"neither","list":["first","second"]}""");

        Assert.Equal(value, EventField.Parse(places)!.Read(body.RootElement, name => name is "X-Id" ? "of the header" : null));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("body:/a~2")]
    [InlineData("body:a")]
    [InlineData("header:")]
    public void Parse_WhatIsNoPlace_IsNull(string places) => Assert.Null(EventField.Parse(places));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void HeaderName_HasAtMost64Characters(int length, bool isName) => Assert.Equal(isName, EventField.IsHeaderName(new string('a', length)));

    [Theory]
    [InlineData("\"2026-11-27T10:00:00Z\"", true, false)]
    [InlineData("\"2026-11-27T09:59:59Z\"", false, true)]
    [InlineData("253402300799999", true, false)]
    [InlineData("253402300800000", false, false)]
    [InlineData("99999999999", true, false)]
    [InlineData("100000000000", false, true)]
    [InlineData("\"soon\"", false, false)]
    public void Event_WithMaxAge_IsReadUpToThatAge(string at, bool isRead, bool isTooOld)
    {
        var format = SenderPresets.ByName["woocommerce"].Format with { EventTime = EventField.Parse("body:/at"), MaxAge = TimeSpan.FromDays(1) };

        var read = format.TryRead(
            Encoding.UTF8.GetBytes($$"""{"id":7,"at":{{at}}}"""), _ => "customer.deleted", new DateTimeOffset(2026, 11, 28, 10, 0, 0, TimeSpan.Zero), out _, out _, out var tooOld);

        Assert.Equal((isRead, isTooOld), (read, tooOld));
    }
}
