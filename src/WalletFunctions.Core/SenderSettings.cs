using WalletFunctions.Juspay;
using WalletFunctions.Webhooks;

namespace WalletFunctions;

/// <summary>One sender under <c>Webhooks:Senders</c>.</summary>
/// <param name="Name">Its name, which is also in the path of its route.</param>
/// <param name="Sender">Its preset, changed by the settings.</param>
/// <param name="Merchant">The merchant that its events are for; null for the top level.</param>
/// <param name="SecretName">The secret that signs its deliveries, or that they contain.</param>
internal sealed record SenderSettings(string Name, WebhookSender Sender, string? Merchant, string SecretName)
{
    /// <summary>Reads a sender. Unusable settings become problems of the section.</summary>
    public static SenderSettings Read(SettingsSection section, IReadOnlyList<MerchantSettings> merchants, bool requireMerchant)
    {
        var preset = section.Read(
            "Preset", SenderPresets.ByName.GetValueOrDefault, $"must be one of {string.Join(", ", SenderPresets.ByName.Keys)}", "shopify");
        section.Require(preset is not null || section.Has("Preset"), "Preset", "is missing: it names how the sender signs", "shopify");
        var merchant = section.Read(
            "Merchant", name => merchants.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name,
            "must be the name of a merchant under Merchants", "shop_a");
        section.Require(merchant is not null || section.Has("Merchant") || !requireMerchant, "Merchant", "is missing: Merchants:RequireMatch is true", "shop_a");
        var defaultName = Settings.SecretNameOf(section.Name, "webhook-secret");
        var secretName = section.Text("SecretName", defaultName, defaultName, Settings.IsSecretName, Settings.SecretName)!;
        var sender = ReadSender(section, preset ?? WebhookSender.Own);
        section.RefuseOthers();
        if (!Settings.IsName(section.Name))
        {
            section.Refuse(Settings.NameRule + " Example: shopify");
        }

        if (preset is not null)
        {
            foreach (var (setting, problem) in Contradictions(sender).Concat(WithoutEffect(section, sender.Scheme)))
            {
                section.Refuse(setting, problem);
            }
        }

        return new SenderSettings(section.Name, sender, merchant, secretName);
    }

    private static WebhookSender ReadSender(SettingsSection section, WebhookSender preset) => preset with
    {
        Scheme = ReadScheme(section, preset.Scheme),
        Format = ReadFormat(section, preset.Format),
        SuccessStatus = section.Read<int?>(
            "SuccessStatus", text => text switch { "200" => 200, "202" => 202, "204" => 204, _ => null }, "must be 200, 202 or 204", "202") ?? preset.SuccessStatus,
    };

    private static SignatureScheme ReadScheme(SettingsSection section, SignatureScheme preset) => ReadScheme(section, preset, Header(section, "SignatureHeader", preset.SignatureHeader)!);

    private static SignatureScheme ReadScheme(SettingsSection section, SignatureScheme preset, string signatureHeader) => preset with
    {
        SignatureHeader = signatureHeader,
        SignaturePrefix = section.Text("SignaturePrefix", preset.SignaturePrefix, "sha256=", IsPrefix, "printable ASCII, at most 32 characters")!,
        Encoding = section.Choice("Encoding", preset.Encoding),
        SecretEncoding = section.Choice("SecretEncoding", preset.SecretEncoding),
        SignedContent = section.Read("SignedContent", SignedContent.Parse,
            "must be text with {body} and, as the sender requires, {timestamp}, {id}, {method} and {url}", "{timestamp}.{body}") ?? preset.SignedContent,
        TimestampHeader = Header(section, "TimestampHeader", preset.TimestampHeader == preset.SignatureHeader ? signatureHeader : preset.TimestampHeader),
        TimestampUnit = section.Read<TimeSpan?>("TimestampUnit", ToUnit, "must be seconds or milliseconds", "seconds") ?? preset.TimestampUnit,
        Tolerance = section.Duration("Tolerance", preset.Tolerance, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        IdHeader = Header(section, "IdHeader", preset.IdHeader),
        PublicUrl = section.Read("PublicUrl", text => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? text : null,
            "must be the whole https URL that the sender was given", $"https://delinks.example/webhooks/{section.Name}/delink") ?? preset.PublicUrl,
    };

    private static EventFormat ReadFormat(SettingsSection section, EventFormat preset) => preset with
    {
        CustomerEvents = EventTypes(section, "CustomerEvents") ?? preset.CustomerEvents,
        WalletEvents = EventTypes(section, "WalletEvents") ?? preset.WalletEvents,
        EventType = Field(section, "EventType", "header:X-Event-Type") ?? preset.EventType,
        CustomerId = Field(section, "CustomerId", "body:/customer/id") ?? preset.CustomerId,
        WalletId = Field(section, "WalletId", "body:/wallet/id") ?? preset.WalletId,
        Items = PlaceInBody(section, "Items", "an array", "body:/data/events") ?? preset.Items,
        EventTime = PlaceInBody(section, "EventTime", "the time of the event", "body:/created_at") ?? preset.EventTime,
        MaxAge = section.Has("MaxAge") ? section.Duration("MaxAge", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)) : preset.MaxAge,
        CustomerIdFormat = section.Text("CustomerIdFormat", preset.CustomerIdFormat, "shop-{id}", IsFormat, "text with {id} in it, and otherwise with characters that customer ids may have")!,
    };

    /// <summary>Reads event types that are separated by spaces; null if the setting is missing. No known sender has commas in its event types, so a comma is a wrong separator.</summary>
    public static IReadOnlySet<string>? EventTypes(SettingsSection section, string name) => section.Read(
        name,
        text => text.All(c => c is not ',' && (c is ' ' || !char.IsWhiteSpace(c))) ? EventFormat.Types(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : null,
        "must be event types, separated by spaces and not by commas or line breaks",
        "customer.deleted account.closed");

    private static string? Header(SettingsSection section, string name, string? fallback) =>
        section.Text(name, fallback, "X-Signature", EventField.IsHeaderName, "the name of a header");

    private static EventField? Field(SettingsSection section, string name, string example) => section.Read(
        name, EventField.Parse, "must be header: and a name, or body: and a JSON Pointer, or several of these separated by spaces", example);

    private static EventField? PlaceInBody(SettingsSection section, string name, string of, string example) => section.Read(
        name, text => EventField.Parse(text) is { IsOnePlaceInTheBody: true } place ? place : null, $"must be body: and a JSON Pointer to {of}", example);

    private static IEnumerable<(string Setting, string Problem)> Contradictions(WebhookSender sender)
    {
        var format = sender.Format;
        if (sender.Scheme.Contradiction is { } contradiction)
        {
            yield return contradiction;
        }

        if (format.EventType is null)
        {
            yield return ("EventType", "is missing. Example: body:/type");
        }

        if (format.CustomerId is null)
        {
            yield return ("CustomerId", "is missing. Example: body:/customer/id");
        }

        if (format.WalletEvents.Count > 0 && format.WalletId is null)
        {
            yield return ("WalletId", "is missing, although there are WalletEvents. Example: body:/wallet/id");
        }

        if (format.MaxAge is not null && format.EventTime is null)
        {
            yield return ("EventTime", "is missing, although there is a MaxAge. Example: body:/created_at");
        }

        if (format.EventTime is not null && format.MaxAge is null)
        {
            yield return ("MaxAge", "is missing, although there is an EventTime. Example: 1.00:00:00");
        }

        if (format.MaxAge is not null && sender.Scheme.SignedContent is null)
        {
            yield return ("MaxAge", "needs a signature, because the holder of a token can write any time");
        }

        if (format.CustomerEvents.Count + format.WalletEvents.Count is 0)
        {
            yield return ("CustomerEvents", "and WalletEvents are both missing, so no event would delink anything. Example: customer.deleted");
        }

        if (format.CustomerEvents.Overlaps(format.WalletEvents))
        {
            yield return ("WalletEvents", "names a type that is also in CustomerEvents");
        }
    }

    /// <summary>Finds settings that the scheme does not read. An operator may rely on one of them, for example on a tolerance where no time is signed.</summary>
    private static IEnumerable<(string Setting, string Problem)> WithoutEffect(SettingsSection section, SignatureScheme scheme) =>
        from setting in new (string Name, bool HasEffect, string Why)[]
        {
            ("Encoding", scheme.SignedContent is not null, "because a token is not decoded; it needs SignedContent. Example: {body}"),
            ("TimestampUnit", scheme.TimestampHeader is not null, "because no time is signed; it needs TimestampHeader. Example: X-Timestamp"),
            ("Tolerance", scheme.TimestampHeader is not null, "because no time is signed; it needs TimestampHeader. Example: X-Timestamp"),
            ("PublicUrl", scheme.SignedContent?.Has(SignedContent.Url) is true, "because SignedContent does not contain {url}. Example: {method}{url}{body}"),
        }
        where !setting.HasEffect && section.Has(setting.Name)
        select (setting.Name, "has no effect, " + setting.Why);

    private static TimeSpan? ToUnit(string text) => text.ToLowerInvariant() switch
    {
        "seconds" => TimeSpan.FromSeconds(1),
        "milliseconds" => TimeSpan.FromMilliseconds(1),
        _ => null,
    };

    private static bool IsPrefix(string text) => text.Length <= 32 && !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool IsFormat(string text) =>
        text.Length <= 64 && text.Split("{id}").Length is 2 && CustomerId.Parse(text.Replace("{id}", "1", StringComparison.Ordinal)) is not null;
}
