using System.Text;
using WalletFunctions.Http;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.Http;

/// <summary>Requests by which senders check a route. Their texts come back in the answer, so they are limited.</summary>
public sealed class WebhookHandshakeTests
{
    [Theory]
    [InlineData(" challenge~", 1, true)]
    [InlineData("x", 1, true)]
    [InlineData("x", 1024, true)]
    [InlineData("x", 1025, false)]
    [InlineData("", 1, false)]
    [InlineData("a\tb", 1, false)]
    [InlineData("a\u007fb", 1, false)]
    [InlineData("é", 1, false)]
    public void Challenge_IsRepeatedIfItIsShortAndPrintable(string text, int count, bool isRepeated)
    {
        var challenge = string.Concat(Enumerable.Repeat(text, count));

        var answer = WebhookHandshake.Answer(Handshake.Okta, Request("X-Okta-Verification-Challenge", challenge));

        Assert.Equal(isRepeated ? (200, $$"""{"verification":"{{challenge}}"}""") : (404, ""), (answer.Status, Encoding.UTF8.GetString(answer.Body.Span)));
    }

    [Theory]
    [InlineData("""[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d"}}]""", """{"validationResponse":"512d"}""")]
    [InlineData("""[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":""}}]""", null)]
    [InlineData("""[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{}}]""", null)]
    [InlineData("""[{"eventType":"Shop.AccountClosed","data":{"validationCode":"512d"}}]""", null)]
    [InlineData("""[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d"}},{}]""", null)]
    [InlineData("""{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d"}}""", null)]
    [InlineData("[]", null)]
    [InlineData("", null)]
    public void ValidationEvent_OfEventGrid_MustBeTheOnlyEvent(string body, string? expected)
    {
        var answer = WebhookHandshake.AnswerEvent(Handshake.EventGrid, Encoding.UTF8.GetBytes(body), Request("X-Other", ""));

        Assert.Equal(expected, answer is null ? null : Encoding.UTF8.GetString(answer.Body.Span));
    }

    private static IncomingRequest Request(string header, string value) => new() { Header = name => name == header ? [value] : [], Body = Stream.Null };
}
