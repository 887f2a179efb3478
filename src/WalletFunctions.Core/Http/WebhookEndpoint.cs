using System.Text;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.Intake;
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
public sealed class WebhookEndpoint
{
    /// <summary>How many events of one body are handled at a time.</summary>
    private const int Parallelism = 4;

    private static readonly TimeSpan MinSecretAge = TimeSpan.FromSeconds(30);

    // The same for every route, because a guessed name must not reveal whether it exists or who sends there.
    private static readonly Problem InvalidSignature = new(ProblemType.InvalidSignature,
        "The signature is missing or wrong, or its timestamp differs from this service's clock by more than the tolerance (5 minutes, unless the operator set another). "
        + "Sign the exact bytes of the body, as Standard Webhooks describes for the headers webhook-id, webhook-timestamp and webhook-signature, or as the sender's documentation describes.");

    // The details do not name the secret, because the route is open to everyone. The log names it for the operator.
    private static readonly Problem SecretUnavailable = new(ProblemType.WebhookSecretUnavailable,
        "The signing secret cannot be read from Key Vault for now. Send the same event again with a new timestamp and signature.");

    private static readonly Problem SecretNotConfigured = new(ProblemType.WebhookSecretNotConfigured,
        "Key Vault holds no usable signing secret. The operator has to store one; the log event secret_unavailable says what is wrong.")
    {
        RetryAfter = CachedSecret<WebhookSecrets>.PauseAfterFailure,
    };

    private readonly WebhookRoutes _routes;
    private readonly IntakeQueue? _queue;
    private readonly RequestRunner _runner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal WebhookEndpoint(WebhookRoutes routes, IntakeQueue? queue, RequestRunner runner, TimeProvider time, ILogger<WebhookEndpoint> logger) =>
        (_routes, _queue, _runner, _time, _logger) = (routes, queue, runner, time, logger);

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

    /// <summary>One delivery, whose route may not exist.</summary>
    private sealed class Delivery
    {
        private readonly WebhookEndpoint _endpoint;
        private readonly WebhookRoute? _route;
        private readonly bool _isNamed;
        private readonly IncomingRequest _request;
        private readonly DeliveryHeaders _headers;
        private readonly CancellationToken _cancellationToken;

        public Delivery(WebhookEndpoint endpoint, WebhookRoute? route, bool isNamed, IncomingRequest request, CancellationToken cancellationToken)
        {
            (_endpoint, _route, _isNamed, _request, _cancellationToken) = (endpoint, route, isNamed, request, cancellationToken);
            _headers = DeliveryHeaders.Of(Sender.Scheme, request.SingleHeader);
            Entry = NewEntry();
        }

        public AuditEntry Entry { get; }

        private WebhookSender Sender => _route?.Sender ?? WebhookSender.Own;

        private string SenderName => _route?.Name ?? "-";

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

            if (!Sender.Format.TryRead(body, _request.SingleHeader, _endpoint._time.GetUtcNow(), out var events, out var why, out var isTooOld))
            {
                var unusable = new Problem(ProblemType.MalformedBody, $"The event cannot be used: {why}.");
                if (isTooOld)
                {
                    _endpoint._logger.LogEventTooOld(SenderName, Entry.TraceId);
                }

                // An old delivery that is sent again and again must not fill the queue.
                return _endpoint._queue is { } failed && !isTooOld ? await KeepAsync(failed, body, unusable) : Refuse(unusable);
            }

            return events switch
            {
                [] => Done("ignored", new WebhookDocument { Ignored = true }),
                _ when _endpoint._queue is { } queue => await AcceptAsync(queue, events),
                [var one] => await DelinkAsync(one, Entry, within: null),
                _ => await DelinkAllAsync(events),
            };
        }

        private AuditEntry NewEntry() => _request.ToAuditEntry(
            _route?.Merchant, $"webhook:{(_route is { IsOfSender: true } ? _route.Name + ":" : "")}{_headers.Id}");

        private Reply Refuse(Problem problem) => Reply.Refuse(problem, Entry.TraceId);

        private Reply Done(string outcome, WebhookDocument document, int usualStatus = 200) => new(
            (Sender.SuccessStatus ?? usualStatus) is var status && status is 204
                ? new HttpAnswer(204, HttpAnswer.Json, default)
                : HttpAnswer.Ok(document, HttpJson.Plain.WebhookDocument) with { Status = status },
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
                answers[index] = await _endpoint._runner.RunAsync(entry, () => DelinkAsync(events[index], entry, deadline), Postpone, _cancellationToken);
            });
            var failed = answers.Count(answer => answer.Status >= 300);
            return failed is 0
                ? Done(AuditEntry.Delinked, new WebhookDocument { Outcome = AuditEntry.Delinked, Events = events.Count })
                : Postpone(new Problem(ProblemType.PartiallyDelinked,
                    $"{failed} of {events.Count} events are not done. Send all of them again: delinking twice is harmless.")
                {
                    RetryAfter = answers.Max(answer => answer.RetryAfter),
                });
        }

        private async Task<Reply> DelinkAsync(WebhookEvent webhook, AuditEntry entry, TimeLimit? within)
        {
            var result = await _route!.Merchant.DelinkAsync(webhook, entry, _cancellationToken, within);
            if (result.IsNothingToDelink)
            {
                // Repeating cannot change this, and some senders would repeat the event for days.
                _endpoint._logger.LogNothingToDelink(entry.TraceId);
                return Done(result.Outcome, new WebhookDocument { Outcome = result.Outcome });
            }

            return result.Problem is { } problem
                ? Reply.Postpone(problem, entry.TraceId, result.Wallets is { } listed ? CustomerDocument.Of(webhook.CustomerId, listed) : null)
                : Done(result.Outcome, new WebhookDocument
                {
                    Outcome = result.Outcome,
                    Delinked = result.Wallets?.Delinked,
                    AlreadyUnlinked = result.Wallets?.AlreadyUnlinked,
                });
        }

        /// <summary>Puts the events into the queue. The answer is a success only if the queue took all of them.</summary>
        private async Task<Reply> AcceptAsync(IntakeQueue queue, IReadOnlyList<WebhookEvent> events)
        {
            if (events is [var one])
            {
                (Entry.CustomerId, Entry.WalletId, Entry.RoutingId) = (one.CustomerId, one.WalletId, RoutingId.Of(one.CustomerId));
            }

            var messages = events.Select(webhook => new IntakeMessage
            {
                Merchant = _route!.Merchant.Name,
                CustomerId = webhook.CustomerId.Value,
                WalletId = webhook.WalletId?.Value,
                ReceivedAt = _endpoint._time.GetUtcNow(),
                EventId = _headers.Id,
                Sender = _route.Name,
                Traceparent = Entry.TraceParent,
            });
            return await queue.TryPutAsync(messages, _route!.Merchant.Customers.Limit, _cancellationToken) is { } problem
                ? Postpone(problem)
                : Done(AuditEntry.Accepted, new WebhookDocument { Outcome = AuditEntry.Accepted, Events = events.Count > 1 ? events.Count : null }, usualStatus: 202);
        }

        /// <summary>Keeps a body that cannot be read for the operator, because most senders would not send it again after a 400.</summary>
        private async Task<Reply> KeepAsync(IntakeQueue queue, ReadOnlyMemory<byte> body, Problem unreadable)
        {
            var limit = _route!.Merchant.Customers.Limit;
            if (await queue.TryKeepAsync(unreadable, Encoding.UTF8.GetString(body.Span), _route.Name, _headers.Id, limit, _cancellationToken) is { } problem)
            {
                return Postpone(problem);
            }

            _endpoint._logger.LogEventUnreadable(SenderName, Entry.TraceId);
            return Done(unreadable.Type.Code, new WebhookDocument { Outcome = "kept" }, usualStatus: 202);
        }

        /// <summary>
        /// Returns null if the signature is valid, else the problem. Names can be guessed, so an unknown name must look like a known one: it is checked
        /// against the secrets of a route whose headers the request has, and a secret that is not stored has the same answer as a wrong signature. Without a name in the path,
        /// nothing can be guessed, and the sender gets a 503, so that the event is not lost.
        /// </summary>
        private async Task<Problem?> CheckSignatureAsync(ReadOnlyMemory<byte> body)
        {
            // A request that no route could accept must not cause a read of a secret. The check is the same for every name.
            var now = _endpoint._time.GetUtcNow();
            if (_endpoint._routes.All.FirstOrDefault(other => CouldBeValid(other, now)) is not { } lookalike)
            {
                return InvalidSignature;
            }

            var route = _route ?? lookalike;
            var headers = HeadersOf(route);
            var reading = await route.Secrets.GetAsync(_cancellationToken);
            if (reading is SecretReading<WebhookSecrets>.Unavailable why)
            {
                return !CouldBeValid(route, now) || (why.IsMisconfigured && _isNamed) ? InvalidSignature
                    : why.IsMisconfigured ? SecretNotConfigured
                    : SecretUnavailable;
            }

            var held = (SecretReading<WebhookSecrets>.Held)reading;
            var isValid = IsValid(held);
            if (!isValid)
            {
                // The sender may already use a newer secret than the one in memory.
                var newer = await route.Secrets.ReplaceAsync(held, MinSecretAge, _cancellationToken);
                isValid = newer.Reading is SecretReading<WebhookSecrets>.Held other && !other.Value.Equals(held.Value) && IsValid(other);
            }

            return isValid && _route is not null ? null : InvalidSignature;

            bool IsValid(SecretReading<WebhookSecrets>.Held secrets) =>
                WebhookSignature.IsValid(route.Sender.Scheme, headers, body.Span, secrets.Value, _endpoint._time.GetUtcNow());
        }

        private bool CouldBeValid(WebhookRoute route, DateTimeOffset now) => WebhookSignature.CouldBeValid(route.Sender.Scheme, HeadersOf(route), now);

        private DeliveryHeaders HeadersOf(WebhookRoute route) =>
            ReferenceEquals(route, _route) ? _headers : DeliveryHeaders.Of(route.Sender.Scheme, _request.SingleHeader);
    }
}
