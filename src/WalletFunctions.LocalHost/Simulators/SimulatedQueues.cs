using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>A message in a simulated queue.</summary>
/// <param name="Text">Its text.</param>
/// <param name="VisibleAt">When it is delivered next.</param>
/// <param name="Deliveries">How often it was delivered.</param>
internal sealed record QueuedMessage(string Text, DateTimeOffset VisibleAt, int Deliveries);

/// <summary>
/// The queues of a storage account, for the real <c>QueueClient</c>: put, receive, peek, update and delete messages, with visibility and pop receipts.
/// Source: https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api.
/// </summary>
internal sealed class SimulatedQueues(FaultQueue faults) : IAsyncDisposable
{
    private const string Account = "local";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Message>> _queues = new(StringComparer.Ordinal);
    private SimulatedServer? _server;

    /// <summary>The clock of the visibility of messages.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>The connection string, whose key is public because nothing else than this machine reaches the account.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Convert.ToBase64String(Encoding.UTF8.GetBytes("the key of no account"))};"
        + $"QueueEndpoint=http://127.0.0.1:{_server!.Port}/{Account}";

    public async Task StartAsync() => _server = await SimulatedServer.StartAsync(HandleAsync);

    /// <summary>The messages of a queue, in the order in which they were put there.</summary>
    public IReadOnlyList<QueuedMessage> MessagesOf(string queue)
    {
        lock (_gate)
        {
            return [.. _queues.GetValueOrDefault(queue, []).Where(message => message.ExpiresAt > Time.GetUtcNow()).Select(message => new QueuedMessage(message.Text, message.VisibleAt, message.Deliveries))];
        }
    }

    /// <summary>Removes all messages.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            foreach (var queue in _queues.Values)
            {
                queue.Clear();
            }
        }
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        await SimulatedServer.AnswerAsync(context, faults.Take(FaultTarget.Queue, context.Request), () =>
        {
            lock (_gate)
            {
                return Answer(context.Request, body);
            }
        });
    }

    private SimulatedAnswer Answer(HttpRequest request, string body)
    {
        var path = request.Path.Value!.Trim('/').Split('/');
        if (path is not [Account, var name, ..])
        {
            return Error(404, "ResourceNotFound");
        }

        if (path.Length is 2 && request.Method is "PUT")
        {
            return new SimulatedAnswer(_queues.TryAdd(name, []) ? 201 : 204, "");
        }

        if (!_queues.TryGetValue(name, out var queue))
        {
            return Error(404, "QueueNotFound");
        }

        queue.RemoveAll(message => message.ExpiresAt <= Time.GetUtcNow());

        return (request.Method, path) switch
        {
            ("GET", [_, _]) => new SimulatedAnswer(200, "")
            {
                Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["x-ms-approximate-messages-count"] = queue.Count.ToString(CultureInfo.InvariantCulture) },
            },
            ("POST", [_, _, "messages"]) => Put(queue, TextIn(body), Seconds(request, "visibilitytimeout", 0), Seconds(request, "messagettl", 7 * 86_400)),
            ("GET", [_, _, "messages"]) => List(queue, (int)Seconds(request, "numofmessages", 1), Seconds(request, "visibilitytimeout", 30), request.Query["peekonly"] == "true"),
            ("DELETE", [_, _, "messages"]) => Clear(queue),
            ("DELETE", [_, _, "messages", var id]) => Change(queue, id, request, message => queue.Remove(message)),
            ("PUT", [_, _, "messages", var id]) => Change(queue, id, request, message =>
            {
                message.Hide(Time.GetUtcNow().AddSeconds(Seconds(request, "visibilitytimeout", 0)));
                message.Text = body is "" ? message.Text : TextIn(body);
            }),
            _ => Error(400, "UnsupportedHttpVerb"),
        };
    }

    private SimulatedAnswer Put(List<Message> queue, string text, long delay, long lifetime)
    {
        if (Encoding.UTF8.GetByteCount(text) > 65_536)
        {
            return Error(413, "RequestBodyTooLarge");
        }

        var now = Time.GetUtcNow();
        var message = new Message { Text = text, InsertedAt = now, ExpiresAt = lifetime is -1 ? DateTimeOffset.MaxValue : now.AddSeconds(lifetime) };
        message.Hide(now.AddSeconds(delay));
        queue.Add(message);
        return Xml(201, [message], withText: false);
    }

    private SimulatedAnswer List(List<Message> queue, int count, long hideFor, bool isPeek)
    {
        var now = Time.GetUtcNow();
        var found = queue.Where(message => message.VisibleAt <= now).Take(count).ToArray();
        foreach (var message in isPeek ? [] : found)
        {
            message.Deliveries++;
            message.Hide(now.AddSeconds(hideFor));
        }

        return Xml(200, found, withText: true);
    }

    private static SimulatedAnswer Clear(List<Message> queue)
    {
        queue.Clear();
        return new SimulatedAnswer(204, "");
    }

    private static SimulatedAnswer Change(List<Message> queue, string id, HttpRequest request, Action<Message> change)
    {
        if (queue.Find(message => message.Id == id) is not { } message)
        {
            return Error(404, "MessageNotFound");
        }

        if (message.PopReceipt != request.Query["popreceipt"])
        {
            return Error(400, "PopReceiptMismatch");
        }

        change(message);
        return new SimulatedAnswer(204, "")
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["x-ms-popreceipt"] = message.PopReceipt,
                ["x-ms-time-next-visible"] = message.VisibleAt.ToString("R", CultureInfo.InvariantCulture),
            },
        };
    }

    private static string TextIn(string body) => XDocument.Parse(body).Root!.Element("MessageText")!.Value;

    private static long Seconds(HttpRequest request, string name, long otherwise) =>
        long.TryParse(request.Query[name], CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static SimulatedAnswer Xml(int status, IEnumerable<Message> messages, bool withText) => new(
        status,
        new XElement("QueueMessagesList", messages.Select(message => new XElement(
            "QueueMessage",
            new XElement("MessageId", message.Id),
            new XElement("InsertionTime", message.InsertedAt.ToString("R", CultureInfo.InvariantCulture)),
            new XElement("ExpirationTime", message.ExpiresAt.ToString("R", CultureInfo.InvariantCulture)),
            new XElement("PopReceipt", message.PopReceipt),
            new XElement("TimeNextVisible", message.VisibleAt.ToString("R", CultureInfo.InvariantCulture)),
            new XElement("DequeueCount", message.Deliveries),
            withText ? new XElement("MessageText", message.Text) : null))).ToString(SaveOptions.DisableFormatting))
    {
        Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Content-Type"] = "application/xml" },
    };

    private static SimulatedAnswer Error(int status, string code) => new(status, $"<Error><Code>{code}</Code><Message>{code}</Message></Error>")
    {
        Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Content-Type"] = "application/xml", ["x-ms-error-code"] = code },
    };

    private sealed class Message
    {
        public string Id { get; } = Guid.NewGuid().ToString();

        public required string Text { get; set; }

        public DateTimeOffset InsertedAt { get; init; }

        public DateTimeOffset ExpiresAt { get; init; }

        public DateTimeOffset VisibleAt { get; private set; }

        public string PopReceipt { get; private set; } = "";

        public int Deliveries { get; set; }

        public void Hide(DateTimeOffset until)
        {
            VisibleAt = until;
            PopReceipt = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        }
    }
}
