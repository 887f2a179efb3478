using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>The comparison of answers with the OpenAPI document finds every difference.</summary>
public sealed class OpenApiDocumentTests
{
    [Theory]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":false}""", "")]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":"false"}""", "$.linked is not const")]
    [InlineData(200, "application/json", """{"linked":false}""", "$.id is missing")]
    [InlineData(200, "application/json", """{"id":"../x","linked":false}""", "$.id is not pattern")]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":false,"token":"tkn_1"}""", "$.token is not const")]
    [InlineData(200, "application/json", """{"id":"wlt_1","linked":false,"sub_details":[{"last_refreshed":{}}]}""", "$.sub_details[0].last_refreshed is not type")]
    [InlineData(200, "text/html", "<html/>", "content type text/html")]
    [InlineData(201, "application/json", "{}", "status 201")]
    [InlineData(401, null, "", "")]
    [InlineData(401, "text/plain", "no key", "$ is not maxLength")]
    [InlineData(401, "application/json", "{}", "content type application/json")]
    [InlineData(404, "application/problem+json", """{"code":"wallet_not_found","title":"Not found"}""", "title is not Juspay does not know the wallet")]
    [InlineData(404, "application/problem+json", """{"code":"wallet_not_found","status":400}""", "status is not 404")]
    [InlineData(404, "application/problem+json", """{"code":"wallet_busy"}""", "code wallet_busy is not in the response's description")]
    [InlineData(404, "application/problem+json", """{"code":"wallet_gone"}""", "$.code is not enum")]
    public void Answer_OtherThanDescribed_IsSeen(int status, string? contentType, string body, string violation)
    {
        var answer = new Answer(status, body, contentType, null, "Cache-Control: no-store\nX-Content-Type-Options: nosniff\n");

        var violations = string.Join('\n', OpenApiDocument.Violations("POST", "/wallets/wlt_1", answer));

        Assert.Contains(violation, violations, StringComparison.Ordinal);
        Assert.Equal(violation is "", violations is "");
    }

    [Theory]
    [InlineData("", "Cache-Control is missing")]
    [InlineData("Cache-Control: public\n", "Cache-Control is not const")]
    [InlineData("Cache-Control: no-store\nRetry-After: 5\n", "Retry-After is not documented")]
    public void Header_OtherThanDescribed_IsSeen(string headers, string violation)
    {
        var answer = new Answer(200, """{"id":"wlt_1","linked":false}""", "application/json", null, headers + "X-Content-Type-Options: nosniff\n");

        Assert.StartsWith(violation, Assert.Single(OpenApiDocument.Violations("POST", "/wallets/wlt_1", answer)), StringComparison.Ordinal);
    }
}
