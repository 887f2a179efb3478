using System.Text.Json;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.Problems;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>The problems in the OpenAPI document are those of the error table, on each route with the right status.</summary>
public sealed class ProblemTests
{
    /// <summary>The problems of a wallet that is not delinked.</summary>
    private static IEnumerable<ProblemType> FailuresOfDelinks =>
    [
        .. Enum.GetValues<JuspayVerdict>().Select(verdict => JuspayProblem.Of(new JuspayAnswer(verdict)).Type).Distinct(),
        ProblemType.CallerCancelled, ProblemType.ApiKeyUnavailable, ProblemType.ApiKeyNotConfigured,
    ];

    [Fact]
    public void Problems_OfEachRoute_AreThoseOfTheCode()
    {
        var documented = Documented().SelectMany(answer => answer.Codes.Select(code => (answer.Path, answer.Status, code)));
        var expected = ByRoute().SelectMany(row => row.Problems.Select(problem => (row.Path, row.Status ?? problem.Status, problem.Code)));

        Assert.Equal(expected.Order(), documented.Order());
    }

    [Fact]
    public void Codes_OfTheDocument_AreTheErrorTable()
    {
        var table = ProblemType.All.Where(row => row != ProblemType.RouteNotFound).Select(row => row.Code).ToArray();

        AssertSame(table, CodesOf("Problem"));
        AssertSame(table, Documented().SelectMany(answer => answer.Codes).Distinct(StringComparer.Ordinal));
        AssertSame(FailuresOfDelinks.Select(row => row.Code), CodesOf("WalletResult"));

        static IEnumerable<string> CodesOf(string schema) => OpenApiDocument.Components("schemas").GetProperty(schema)
            .GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray().Select(code => code.GetString()!);

        static void AssertSame(IEnumerable<string> expected, IEnumerable<string> actual) =>
            Assert.Equal(expected.Order(StringComparer.Ordinal), actual.Order(StringComparer.Ordinal));
    }

    /// <summary>A problem that is retryable has <c>Retry-After</c>, and so has every problem of an event that is not done.</summary>
    [Fact]
    public void RetryAfter_OfEachAnswer_FollowsFromTheErrorTable() => Assert.All(Documented(), answer =>
    {
        var rows = ProblemType.All.Where(row => answer.Codes.Contains(row.Code, StringComparer.Ordinal)).ToArray();
        // JuspayUnauthenticated is retryable if Key Vault was read too recently to be read again.
        var canBeRetryable = rows.Any(row => row.Retryable || row == ProblemType.JuspayUnauthenticated);
        var isRequired = rows.All(row => row.Retryable) || (answer.Status is 503 && answer.Path.StartsWith("/webhooks/", StringComparison.Ordinal));

        Assert.Equal((answer.Path, answer.Status, canBeRetryable ? isRequired : null as bool?), (answer.Path, answer.Status, answer.IsRetryAfterRequired));
    });

    /// <summary>The other members are compared with an answer in <see cref="Contract.ErrorTableTests"/>.</summary>
    [Fact]
    public void Examples_OfProblems_AreRowsOfTheErrorTable() => Assert.All(Examples.Names.Where(name => Examples.Text(name).Contains("\"retryable\"", StringComparison.Ordinal)), name =>
    {
        var example = JsonDocument.Parse(Examples.Text(name)).RootElement;
        var row = ProblemType.All.Single(row => row.Code == example.GetProperty("code").GetString());
        Assert.Equal(
            (row.Uri, row.Title, row.Retryable),
            (example.GetProperty("type").GetString(), example.GetProperty("title").GetString(), example.GetProperty("retryable").GetBoolean()));
    });

    /// <summary>The answers with problems that the document has, the codes that each can have, and whether <c>Retry-After</c> is required, optional or absent.</summary>
    private static IEnumerable<(string Path, int Status, string[] Codes, bool? IsRetryAfterRequired)> Documented() =>
        from operation in OpenApiDocument.Operations
        from response in OpenApiDocument.Responses(operation.Operation)
        where response.Response.GetProperty("content").TryGetProperty(OpenApiDocument.ProblemJson, out _)
        let hasRetryAfter = response.Response.GetProperty("headers").TryGetProperty("Retry-After", out _)
        select (
            operation.Path,
            response.Status,
            OpenApiDocument.Codes(response.Response).ToArray(),
            hasRetryAfter
                ? OpenApiDocument.Resolve(response.Response.GetProperty("headers").GetProperty("Retry-After")).GetProperty("required").GetBoolean()
                : null as bool?);

    /// <summary>The problems that the code can answer on each route, with the status if it is not that of the error table.</summary>
    private static IEnumerable<(string Path, int? Status, IEnumerable<ProblemType> Problems)> ByRoute()
    {
        ProblemType[] body = [ProblemType.MalformedBody, ProblemType.LengthRequired, ProblemType.BodyTooLarge, ProblemType.UnsupportedContentType];
        ProblemType[] call = [.. body, ProblemType.UnsupportedCommand, ProblemType.InvalidRoutingId, ProblemType.UnknownMerchant, ProblemType.InternalError];
        yield return ("/wallets/{wallet_id}", null, [.. call, ProblemType.InvalidWalletId, ProblemType.IntakeUnavailable, .. FailuresOfDelinks]);
        yield return ("/customers/{customer_id}/delink", null,
            [.. call, ProblemType.InvalidCustomerId, ProblemType.CustomerNotFound, ProblemType.PartiallyDelinked, ProblemType.IntakeUnavailable, .. FailuresOfDelinks.Except([ProblemType.WalletNotFound])]);
        yield return ("/health/ready", null, [ProblemType.UnknownMerchant, ProblemType.ApiKeyUnavailable, ProblemType.ApiKeyNotConfigured]);
        foreach (var path in new[] { "/webhooks/delink", "/webhooks/{name}/delink" })
        {
            yield return (path, null, [.. body, ProblemType.InvalidSignature]);
            yield return (path, 503,
            [
                .. FailuresOfDelinks.Except([ProblemType.WalletNotFound]), ProblemType.PartiallyDelinked,
                ProblemType.WebhookSecretUnavailable, ProblemType.WebhookSecretNotConfigured, ProblemType.IntakeUnavailable, ProblemType.InternalError,
            ]);
        }
    }
}
