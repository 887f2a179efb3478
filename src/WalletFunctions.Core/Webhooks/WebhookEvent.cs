using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using WalletFunctions.Juspay;
using WalletFunctions.Tools;

namespace WalletFunctions.Webhooks;

/// <summary>What a signed event asks for.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="WalletId">The only wallet to delink; null delinks all wallets of the customer.</param>
internal sealed record WebhookEvent(CustomerId CustomerId, WalletId? WalletId);

/// <summary>Where the events of a sender have what a delink needs.</summary>
internal sealed record EventFormat
{
    private static readonly long MaxUnixMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The types that delink all wallets of a customer, compared without regard to case.</summary>
    public IReadOnlySet<string> CustomerEvents { get; init; } = Types();

    /// <summary>The types that delink one wallet.</summary>
    public IReadOnlySet<string> WalletEvents { get; init; } = Types();

    public EventField? EventType { get; init; }

    public EventField? CustomerId { get; init; }

    public EventField? WalletId { get; init; }

    /// <summary>The array of events, below which the other fields are; null if the body is one event.</summary>
    public EventField? Items { get; init; }

    /// <summary>How the sender's id becomes Juspay's: a text with <c>{id}</c>.</summary>
    public string CustomerIdFormat { get; init; } = "{id}";

    /// <summary>Where the body has the time of the event. It is read only with <see cref="MaxAge"/>.</summary>
    public EventField? EventTime { get; init; }

    /// <summary>The age at which an event is no longer acted on, because it may be an old delivery that was sent again; null for any age.</summary>
    public TimeSpan? MaxAge { get; init; }

    public static IReadOnlySet<string> Types(params IEnumerable<string> types) => types.ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Reads a body whose signature is valid. <paramref name="events"/> has each event to act on once, and none of other types. If one of them cannot be
    /// read, the whole body is refused, so that nothing is half done; <paramref name="problem"/> ends the sentence "the event cannot be used: …", and
    /// <paramref name="isTooOld"/> says whether the reason is the age of an event.
    /// </summary>
    public bool TryRead(
        ReadOnlyMemory<byte> body, Func<string, string?> header, DateTimeOffset now,
        [NotNullWhen(true)] out IReadOnlyList<WebhookEvent>? events, [NotNullWhen(false)] out string? problem, out bool isTooOld)
    {
        var hasOldEvent = false;
        var isRead = StrictJson.TryRead(body, (JsonElement root, out string? why) => Read(root, header, now, out why, out hasOldEvent), out events, out problem);
        isTooOld = hasOldEvent;
        return isRead;
    }

    private IReadOnlyList<WebhookEvent>? Read(JsonElement root, Func<string, string?> header, DateTimeOffset now, out string? problem, out bool isTooOld)
    {
        var items = Items is null ? [root] : Items.ReadItems(root).ToArray();
        isTooOld = Array.Exists(items, item => IsTooOld(item, header, now));
        problem = items.Length is 0 ? $"it has no events at {Items}"
            : isTooOld ? string.Create(CultureInfo.InvariantCulture, $"{EventTime} is longer ago than {MaxAge:c}")
            : null;
        var events = new Dictionary<(string, string?), WebhookEvent>();
        for (var index = 0; index < items.Length && problem is null; index++)
        {
            if (ReadItem(items[index], header, out problem) is { } read)
            {
                events[(read.CustomerId.Value, read.WalletId?.Value)] = read;
            }
        }

        return problem is null ? [.. events.Values] : null;
    }

    private bool IsTooOld(JsonElement item, Func<string, string?> header, DateTimeOffset now) =>
        MaxAge is { } maxAge && EventType!.Read(item, header) is { } type && (WalletEvents.Contains(type) || CustomerEvents.Contains(type))
        && TimeOf(EventTime!.Read(item, header)) is { } time && now - time > maxAge;

    /// <summary>Returns null, without a problem, for an event of another type.</summary>
    private WebhookEvent? ReadItem(JsonElement item, Func<string, string?> header, out string? problem)
    {
        problem = null;
        if (EventType!.Read(item, header) is not { } type)
        {
            problem = $"it has no event type at {EventType}";
            return null;
        }

        var isOfWallet = WalletEvents.Contains(type);
        if (!isOfWallet && !CustomerEvents.Contains(type))
        {
            return null;
        }

        if (MaxAge is not null && TimeOf(EventTime!.Read(item, header)) is null)
        {
            problem = $"{EventTime} is missing or is no time";
            return null;
        }

        if (Juspay.CustomerId.Parse(CustomerIdOf(item, header)) is not { } customerId)
        {
            problem = $"{CustomerId} is missing or cannot be a customer id; Juspay needs it for a single wallet too, as routing id";
            return null;
        }

        // An event about one wallet never delinks all wallets, so it needs a wallet id.
        var walletId = isOfWallet ? Juspay.WalletId.Parse(WalletId!.Read(item, header)) : null;
        if (isOfWallet && walletId is null)
        {
            problem = $"{WalletId} is missing or cannot be a wallet id; to delink all wallets of the customer, send an event of a customer's type";
            return null;
        }

        return new WebhookEvent(customerId, walletId);
    }

    /// <summary>Reads a time in the form of ISO 8601, or seconds or milliseconds since 1970. Seconds have less than twelve digits until the year 5138.</summary>
    private static DateTimeOffset? TimeOf(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxUnixMilliseconds
            ? (number < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(number) : DateTimeOffset.FromUnixTimeMilliseconds(number))
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : null;

    private string? CustomerIdOf(JsonElement item, Func<string, string?> header) =>
        CustomerId!.Read(item, header) is { } id ? CustomerIdFormat.Replace("{id}", id, StringComparison.Ordinal) : null;
}
