using System.Collections.ObjectModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WalletFunctions.Problems;

namespace WalletFunctions.Http;

/// <summary>An answer for the host to write.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The media type of the body.</param>
/// <param name="Body">JSON in UTF-8.</param>
/// <param name="RetryAfter">When to repeat the request, if waiting helps.</param>
internal sealed record HttpAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body, TimeSpan? RetryAfter = null)
{
    public const string Json = "application/json";

    /// <summary>The answer of both hosts to a path or method that has no function: 404 without a body.</summary>
    public static HttpAnswer NoSuchRoute { get; } = new(404, Json, default);

    /// <summary>Headers of this answer alone; null if it has none.</summary>
    public IReadOnlyDictionary<string, string>? OwnHeaders { get; init; }

    /// <summary>All headers except the length of the body.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers
    {
        get
        {
            if (!Body.IsEmpty)
            {
                yield return new("Content-Type", ContentType);
            }

            yield return new("Cache-Control", "no-store");
            yield return new("X-Content-Type-Options", "nosniff");
            if (RetryAfter is { } wait)
            {
                yield return new("Retry-After", Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
            }

            foreach (var header in OwnHeaders ?? ReadOnlyDictionary<string, string>.Empty)
            {
                yield return header;
            }
        }
    }

    /// <summary>Answers 200 with a document.</summary>
    public static HttpAnswer Ok<T>(T document, JsonTypeInfo<T> type) => new(200, Json, JsonSerializer.SerializeToUtf8Bytes(document, type));

    /// <summary>
    /// Answers with a problem as RFC 9457's document, with the status of its type and, if the same request may succeed later, <c>Retry-After</c>.
    /// </summary>
    /// <param name="problem">The problem.</param>
    /// <param name="traceId">The request's trace id.</param>
    /// <param name="customer">The customer's wallets, if some of them were delinked.</param>
    public static HttpAnswer Of(Problem problem, string traceId, CustomerDocument? customer = null) =>
        Of(problem, traceId, problem.Type.Status, problem.Retryable ? problem.RetryAfter ?? problem.Type.RetryAfter : null, customer);

    /// <summary>
    /// Answers a webhook with 503 and <c>Retry-After</c>, so that the sender keeps the event until time or an operator solves the problem.
    /// </summary>
    public static HttpAnswer Postpone(Problem problem, string traceId, CustomerDocument? customer = null) =>
        Of(problem, traceId, 503, problem.RetryAfter ?? problem.Type.RetryAfter ?? TimeSpan.FromSeconds(30), customer);

    private static HttpAnswer Of(Problem problem, string traceId, int status, TimeSpan? retryAfter, CustomerDocument? customer)
    {
        var type = problem.Type;
        var document = new ProblemDocument(type.Uri, type.Title, status, problem.Detail, type.Code, problem.Retryable, traceId)
        {
            Juspay = problem.Juspay,
            CustomerId = customer?.CustomerId,
            Wallets = customer?.Wallets,
            Delinked = customer?.Delinked,
            AlreadyUnlinked = customer?.AlreadyUnlinked,
            Failed = customer?.Failed,
        };
        return new(status, "application/problem+json", JsonSerializer.SerializeToUtf8Bytes(document, HttpJson.Plain.ProblemDocument), retryAfter);
    }
}
