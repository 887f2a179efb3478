using System.Text.Json;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;

namespace WalletFunctions.Http;

/// <summary>One problem that happened: a row of the table, and what is to be said about this time.</summary>
/// <param name="Type">The row.</param>
/// <param name="Detail">What happened and what to change, without a secret and without the caller's input.</param>
internal sealed record Problem(ProblemType Type, string Detail)
{
    public JuspayReport? Juspay { get; init; }

    /// <summary>The customer's wallets, where only some were delinked.</summary>
    public CustomerDocument? Customer { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed later: as the row says, unless more is known this time.</summary>
    public bool Retryable { get => field || Type.Retryable; init; }

    public static Problem Of(DelinkOutcome.Failed failed) => new(ProblemType.Of(failed.Reason), failed.Detail)
    {
        Juspay = failed.Juspay,
        RetryAfter = failed.RetryAfter,
        Retryable = failed.MayPass,
    };

    /// <summary>
    /// The problem as RFC 9457's document, with the row's status and, where the same request may succeed later, <c>Retry-After</c>.
    /// </summary>
    public HttpAnswer ToAnswer(string traceId) => ToAnswer(traceId, Type.Status, Retryable ? RetryAfter ?? Type.RetryAfter : null);

    /// <summary>The same with another status and <c>Retry-After</c>.</summary>
    public HttpAnswer ToAnswer(string traceId, int status, TimeSpan? retryAfter)
    {
        var document = new ProblemDocument(Type.Uri, Type.Title, status, Detail, Type.Code, Retryable, traceId, Juspay)
        {
            CustomerId = Customer?.CustomerId,
            Wallets = Customer?.Wallets,
            Delinked = Customer?.Delinked,
            AlreadyUnlinked = Customer?.AlreadyUnlinked,
            Failed = Customer?.Failed,
        };
        return new HttpAnswer(status, "application/problem+json", JsonSerializer.SerializeToUtf8Bytes(document, HttpJson.Plain.ProblemDocument), retryAfter);
    }
}
