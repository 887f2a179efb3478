using System.Text;
using WalletFunctions.Juspay;

namespace WalletFunctions.Tests.Juspay;

/// <summary>Every form of Juspay's error envelope, and the order in which its optional fields replace each other.</summary>
public sealed class JuspayReportTests
{
    private const string Key = "sk_0123456789";

    public static TheoryData<int, string, string, string?> DocumentedEnvelopes => new()
    {
        {
            400, """{"error_message":"OTP is required while linking wallet.","status":"Invalid Request","error_code":"Invalid"}""",
            "Invalid", "OTP is required while linking wallet."
        },
        {
            401, """{"status":"error","error_code":"access_denied","error_info":{"user_message":"Unauthorized.","developer_message":"Invalid API Key. Please pass a valid and active api key.","code":"UNAUTHORIZED","category":"USER_ERROR"}}""",
            "UNAUTHORIZED", "Invalid API Key. Please pass a valid and active api key."
        },
        {
            403, """{"error":true,"error_message":"Internal Server error.","user_message":"Bad Origin.","error_info":{"code":"BAD_ORIGIN","category":"USER_ERROR","user_message":"Bad Origin.","developer_message":"IP Verification Failed"}}""",
            "BAD_ORIGIN", "Internal Server error."
        },
        {
            404, """{"error_message":"Cannot find what you are looking for","status":"invalid_request_error","error_code":"object_not_found","error_info":{"user_message":"…","developer_message":"Customer account not found.","code":"RESOURCE_NOT_FOUND","category":"USER_ERROR"}}""",
            "RESOURCE_NOT_FOUND", "Cannot find what you are looking for"
        },
        { 500, """{"error_info":{"category":"SERVER_ERROR"}}""", "500", null },
        { 500, """{"error_info":{"category":"SERVER_ERROR","code":"INTERNAL","developer_message":"dev","user_message":"user"}}""", "INTERNAL", "dev" },
        { 400, """{"error_info":{"user_message":"user","href":"NA","fields":[{"field_name":"command","reason":"unknown"}]}}""", "400", "user" },
        { 400, """{"status":"ERROR","status_id":-1}""", "ERROR", "ERROR" },
        { 400, """{"status":7,"error_code":null,"error_message":[],"error_info":"text"}""", "400", null },
        { 400, "{}", "400", null },
        { 400, "[]", "400", null },
        { 400, "", "400", null },
        { 502, "<html><h1>502 Bad Gateway</h1></html>", "502", null },
        { 400, """{"error_message":"cut o""", "400", null },
    };

    [Theory]
    [MemberData(nameof(DocumentedEnvelopes))]
    public void Read_Envelope_FallsBackFieldByField(int status, string body, string code, string? message)
    {
        var report = Read(status, body);

        Assert.Equal((status, code, message), (report.HttpStatus, report.Code, report.Message));
    }

    [Theory]
    [InlineData("""{"error_info":{"request_id":"7d1f5fb5-0f8c-4b0f-9a0e-111111111111"}}""", null, null, "7d1f5fb5-0f8c-4b0f-9a0e-111111111111")]
    [InlineData("""{"error_info":{"request_id":"NOREQID-12"}}""", "req-1", "res-1", "NOREQID-12")]
    [InlineData("{}", "req-1", "res-1", "req-1")]
    [InlineData("{}", null, "res-1", "res-1")]
    [InlineData("{}", null, null, null)]
    public void Read_RequestId_FallsBackToHeaders(string body, string? requestId, string? responseId, string? expected)
    {
        using var response = new HttpResponseMessage();
        if (requestId is not null)
        {
            response.Headers.Add("x-request-id", requestId);
        }

        if (responseId is not null)
        {
            response.Headers.Add("x-response-id", responseId);
        }

        Assert.Equal(expected, JuspayReport.Read(400, Encoding.UTF8.GetBytes(body), response.Headers, ApiKey()).RequestId);
    }

    /// <summary>A body that parsers understand differently must not decide anything.</summary>
    [Theory]
    [InlineData("""{"error_info":{"code":"RESOURCE_NOT_FOUND","code":"INVALID_ACTION"}}""")]
    [InlineData("""{"error_code":"x","error_code":"x"}""")]
    [InlineData("""{"error_code":"\ud800"}""")]
    public void Read_BodyWithTwoMeanings_HasNoEnvelope(string body)
    {
        var report = Read(404, body);

        Assert.Equal((false, null, "404"), (report.HasEnvelope, report.Vocabulary, report.Code));
    }

    [Fact]
    public void Read_TextWithControlCharacters_IsOnOneLine()
    {
        var report = Read(400, """{"error_message":"a\r\nfake log line\u001b[31m\u2028\u0000b","error_code":"C\nD"}""");

        Assert.Equal("a  fake log line [31m  b", report.Message);
        Assert.Equal("C D", report.Code);
    }

    [Fact]
    public void Read_LongText_IsCut()
    {
        var report = Read(400, $$"""{"error_message":"{{new string('m', 5000)}}","error_code":"{{new string('c', 5000)}}"}""");

        Assert.Equal((64, 256), (report.Code.Length, report.Message!.Length));
    }

    [Fact]
    public void Read_TextThatRepeatsTheKey_IsRedacted()
    {
        var basic = Convert.ToBase64String(Encoding.ASCII.GetBytes(Key + ":"));

        var report = Read(401, $$"""{"error_message":"Basic {{basic}} ({{Key}}) is unknown"}""");

        Assert.Equal("Basic *** (***) is unknown", report.Message);
    }

    private static JuspayReport Read(int status, string body)
    {
        using var response = new HttpResponseMessage();
        return JuspayReport.Read(status, Encoding.UTF8.GetBytes(body), response.Headers, ApiKey());
    }

    private static JuspayApiKey ApiKey()
    {
        Assert.True(JuspayApiKey.TryParse(Key, out var key, out _));
        return key;
    }
}
