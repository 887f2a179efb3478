using System.ComponentModel;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Merchants;
using WalletFunctions.Problems;
using WalletFunctions.Tools;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Http;

/// <summary>
/// <c>POST /webhooks/delink</c> and <c>POST /webhooks/{name}/delink</c>: signed events. The answer is a success only when nothing is left to do. A problem
/// that time or an operator can solve is a 503, so that the sender keeps the event.
/// </summary>
public sealed partial class WebhookEndpoint
{
    /// <summary>How many events of one body are handled at a time.</summary>
    private const int Parallelism = 4;

    private static readonly TimeSpan MinSecretAge = TimeSpan.FromSeconds(30);

    // The same for every route, because a guessed name must not reveal whether it exists or who sends there.
    private static readonly Problem InvalidSignature = new(ProblemType.InvalidSignature,
        "The headers webhook-id, webhook-timestamp and webhook-signature are no valid Standard Webhooks signature of this body, "
        + "made within 5 minutes of now. On the route of another sender, the sender's own signature is missing, wrong or too old.");

    // The details do not name the secret, because the route is open to everyone. The log names it for the operator.
    private static readonly Problem SecretUnavailable = new(ProblemType.WebhookSecretUnavailable,
        "The signing secret cannot be read from Key Vault for now. Send the same event again, signed anew.");

    private static readonly Problem SecretNotConfigured = new(ProblemType.WebhookSecretNotConfigured,
        "Key Vault holds no usable signing secret. The operator has to store one; the log event secret_unavailable says what is wrong.")
    {
        RetryAfter = CachedSecret<WebhookSecrets>.PauseAfterFailure,
    };

    private readonly WebhookRoutes _routes;
    private readonly RequestRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal WebhookEndpoint(WebhookRoutes routes, RequestRunner runner, TimeProvider time, ILogger<WebhookEndpoint> logger) =>
        (_routes, _runner, _time, _logger) = (routes, runner, time, logger);

    /// <summary>Handles one delivery without exceptions.</summary>
    /// <param name="name">The path value; null on the route without one.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancelled when the sender disconnects or the host shuts down.</param>
    internal Task<HttpAnswer> HandleAsync(string? name, IncomingRequest request, CancellationToken cancellationToken)
    {
        var delivery = new Delivery(this, _routes.Find(name), name is not null, request, cancellationToken);
        return _runner.RunAsync(delivery.Entry, delivery.HandleAsync, delivery.Postpone, cancellationToken);
    }

    /// <summary>Answers the GET or OPTIONS request by which some senders check a route before they send events.</summary>
    internal HttpAnswer Handshake(string? name, IncomingRequest request) =>
        _routes.Find(name) is { } route ? WebhookHandshake.Answer(route.Sender.Handshake, request) : HttpAnswer.NoSuchRoute;

    [Description("a signed event named a wallet or customer that Juspay does not know; it was answered as done")]
    [LoggerMessage(EventId = 302, EventName = "NothingToDelink", Level = LogLevel.Warning,
        Message = "nothing_to_delink trace_id={TraceId}: Juspay does not know what a signed event names; it was answered as done, since repeating cannot help")]
    private partial void LogNothingToDelink(string traceId);

    /// <summary>One delivery, whose route may not exist.</summary>
    private sealed class Delivery
    {
        private readonly WebhookEndpoint _endpoint;
        private readonly WebhookRoute? _route;
        private readonly bool _isNamed;
        private readonly IncomingRequest _request;
        private readonly CancellationToken _cancellationToken;

        public Delivery(WebhookEndpoint endpoint, WebhookRoute? route, bool isNamed, IncomingRequest request, CancellationToken cancellationToken)
        {
            (_endpoint, _route, _isNamed, _request, _cancellationToken) = (endpoint, route, isNamed, request, cancellationToken);
            Entry = NewEntry();
        }

        public AuditEntry Entry { get; }

        private WebhookSender Sender => _route?.Sender ?? WebhookSender.Own;

        public Reply Postpone(Problem problem) => Reply.Postpone(problem, Entry.TraceId);

        public async Task<Reply> HandleAsync()
        {
            // The same limit for every name, so that it does not reveal whether a name exists.
            var (body, unread) = await RequestBody.ReadAsync(_request, _cancellationToken, _isNamed ? RequestBody.MaxBytesOfSenders : RequestBody.MaxBytes);
            if (unread is not null)
            {
                return Refuse(unread);
            }

            if (WebhookHandshake.AnswerEvent(Sender.Handshake, body, _request) is { } handshake)
            {
                return new Reply(handshake, "handshake");
            }

            if (await CheckSignatureAsync(body) is { } problem)
            {
                return problem.Type == ProblemType.InvalidSignature ? Refuse(problem) : Postpone(problem);
            }

            if (!Sender.Format.TryRead(body, _request.SingleHeader, out var events, out var why))
            {
                return Refuse(new Problem(ProblemType.MalformedBody, $"The event cannot be used: {why}."));
            }

            return events switch
            {
                [] => Done("ignored", new WebhookDocument { Ignored = true }),
                [var one] => await DelinkAsync(one, Entry, within: null),
                _ => await DelinkAllAsync(events),
            };
        }

        private AuditEntry NewEntry() => _request.ToAuditEntry(
            _route?.Merchant,
            $"webhook:{(_route is { IsOfSender: true } ? _route.Name + ":" : "")}{DeliveryHeaders.Of(Sender.Scheme, _request.SingleHeader).Id}");

        private Reply Refuse(Problem problem) => Reply.Refuse(problem, Entry.TraceId);

        private Reply Done(string outcome, WebhookDocument document) => new(
            Sender.SuccessStatus is 204
                ? new HttpAnswer(204, HttpAnswer.Json, default)
                : HttpAnswer.Ok(document, HttpJson.Plain.WebhookDocument) with { Status = Sender.SuccessStatus },
            outcome);

        /// <summary>Handles several events within the time of one. Each has its own audit record, and the answer is a success only if each is done.</summary>
        private async Task<Reply> DelinkAllAsync(IReadOnlyList<WebhookEvent> events)
        {
            var answers = new HttpAnswer[events.Count];
            using var deadline = new TimeLimit(_route!.Merchant.Customers.Limit, _endpoint._time, _cancellationToken);
            // The loop itself is not cancelled, because each event needs an outcome, also after the deadline.
            await Parallel.ForAsync(0, events.Count, new ParallelOptions { MaxDegreeOfParallelism = Parallelism }, async (index, _) =>
            {
                var entry = NewEntry();
                answers[index] = await _endpoint._runner.RunAsync(entry, () => DelinkAsync(events[index], entry, deadline.Token), Postpone, _cancellationToken);
            });
            var failed = answers.Count(answer => answer.Status >= 300);
            return failed is 0
                ? Done(AuditEntry.Delinked, new WebhookDocument { Outcome = AuditEntry.Delinked, Events = events.Count })
                : Postpone(new Problem(ProblemType.PartiallyDelinked,
                    $"{failed} of {events.Count} events are not done. Send all of them again: delinking twice is harmless."));
        }

        private async Task<Reply> DelinkAsync(WebhookEvent webhook, AuditEntry entry, CancellationToken? within)
        {
            var merchant = _route!.Merchant;
            var (customerId, routingId) = (webhook.CustomerId, RoutingId.Of(webhook.CustomerId));
            (entry.CustomerId, entry.WalletId, entry.RoutingId) = (customerId, webhook.WalletId, routingId);
            if (webhook.WalletId is { } walletId)
            {
                var wallet = await merchant.Wallets.DelinkAsync(new WalletRequest(walletId, routingId, entry.TraceId), entry.Trail, _cancellationToken, within);
                return wallet.Match(done: _ => Done(AuditEntry.Delinked, new WebhookDocument { Outcome = AuditEntry.Delinked }), Failed);
            }

            var customer = await merchant.Customers.DelinkAsync(new CustomerRequest(customerId, routingId, entry.TraceId), entry, _cancellationToken, within);
            return customer.Match(done: wallets => DoneWith(wallets, customerId), Failed);
        }

        private Reply DoneWith(CustomerWallets wallets, CustomerId customerId)
        {
            if (wallets.Failed > 0)
            {
                var document = CustomerDocument.Of(customerId, wallets);
                return Reply.Postpone(CustomerEndpoint.PartiallyDelinked(document), Entry.TraceId, document);
            }

            return Done(AuditEntry.Delinked, new WebhookDocument
            {
                Outcome = AuditEntry.Delinked,
                Delinked = wallets.Delinked,
                AlreadyUnlinked = wallets.AlreadyUnlinked,
            });
        }

        private Reply Failed(Problem problem)
        {
            if (problem.Type != ProblemType.WalletNotFound && problem.Type != ProblemType.CustomerNotFound)
            {
                return Postpone(problem);
            }

            // Repeating cannot change this, and some senders would repeat the event for days.
            _endpoint.LogNothingToDelink(Entry.TraceId);
            return Done("nothing_to_delink", new WebhookDocument { Outcome = "nothing_to_delink" });
        }

        /// <summary>
        /// Returns null if the signature is valid, else the problem. Names can be guessed, so an unknown name must look like a known one: it is checked
        /// against the secrets of another route, and a secret that is not stored has the same answer as a wrong signature. Without a name in the path,
        /// nothing can be guessed, and the sender gets a 503, so that the event is not lost.
        /// </summary>
        private async Task<Problem?> CheckSignatureAsync(ReadOnlyMemory<byte> body)
        {
            if (_route is null && _endpoint._routes.All is [])
            {
                return InvalidSignature;
            }

            var route = _route ?? Lookalike();
            var (scheme, secrets) = (route.Sender.Scheme, route.Secrets);
            var headers = DeliveryHeaders.Of(scheme, _request.SingleHeader);
            var reading = await secrets.GetAsync(_cancellationToken);
            return await reading.Match(
                held: async held =>
                {
                    var isValid = IsValid(held);
                    if (!isValid)
                    {
                        // The sender may already use a newer secret than the one in memory.
                        var newer = await secrets.ReplaceAsync(held, MinSecretAge, _cancellationToken);
                        isValid = newer.Reading.Match(held: other => !other.Value.Equals(held.Value) && IsValid(other), unavailable: _ => false);
                    }

                    return isValid && _route is not null ? null : InvalidSignature;
                },
                unavailable: why => Task.FromResult<Problem?>(
                    !WebhookSignature.CouldBeValid(scheme, headers, _endpoint._time.GetUtcNow()) || (why.IsMisconfigured && _isNamed) ? InvalidSignature
                    : why.IsMisconfigured ? SecretNotConfigured
                    : SecretUnavailable));

            bool IsValid(SecretReading<WebhookSecrets>.Held held) =>
                WebhookSignature.IsValid(scheme, headers, body.Span, held.Value, _endpoint._time.GetUtcNow());
        }

        /// <summary>The existing route that is checked in place of an unknown one: one whose headers the request has, if there is any.</summary>
        private WebhookRoute Lookalike()
        {
            var now = _endpoint._time.GetUtcNow();
            return _endpoint._routes.All.FirstOrDefault(route =>
                WebhookSignature.CouldBeValid(route.Sender.Scheme, DeliveryHeaders.Of(route.Sender.Scheme, _request.SingleHeader), now)) ?? _endpoint._routes.All[0];
        }
    }
}
