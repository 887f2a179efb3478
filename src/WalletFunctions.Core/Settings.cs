using Microsoft.Extensions.Configuration;
using WalletFunctions.Intake;
using WalletFunctions.Juspay;
using WalletFunctions.KeyVault;
using WalletFunctions.Webhooks;

namespace WalletFunctions;

/// <summary>The whole configuration, read and checked once at the start.</summary>
internal sealed record Settings
{
    /// <summary>The section <c>Juspay</c>.</summary>
    public required JuspayOptions Juspay { get; init; }

    /// <summary>The section <c>KeyVault</c>.</summary>
    public required KeyVaultOptions KeyVault { get; init; }

    /// <summary>Which types of events the routes of the top level and of merchants act on.</summary>
    public required EventFormat OwnEvents { get; init; }

    /// <summary>The senders under <c>Webhooks:Senders</c>.</summary>
    public required IReadOnlyList<SenderSettings> Senders { get; init; }

    /// <summary><c>Webhooks:Intake</c>: the queue that takes webhooks; null if their delinks are done at once.</summary>
    public required IntakeSettings? Intake { get; init; }

    /// <summary>The merchants under <c>Merchants</c>, by their names.</summary>
    public required IReadOnlyList<MerchantSettings> Merchants { get; init; }

    /// <summary><c>Merchants:RequireMatch</c>: whether a function key must name one of them.</summary>
    public required bool RequireMerchant { get; init; }

    /// <summary><c>Audit:HashSecretName</c>: the secret with the key of the hashes in audit records; null writes no hashes.</summary>
    public required string? AuditHashSecretName { get; init; }

    private static readonly string[] Sections = ["Juspay", "KeyVault", "Webhooks", "Audit", "Merchants", "Intake"];

    public const string SecretName = "1 to 127 letters, digits and hyphens";
    private const string MerchantId = "printable ASCII, at most 128 characters";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SettingsException">A setting is missing or cannot be used. The exception names all such settings.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var problems = new List<string>();
        var juspay = ReadJuspay(new SettingsSection(configuration.GetSection("Juspay"), problems));
        var keyVault = ReadKeyVault(new SettingsSection(configuration.GetSection("KeyVault"), problems));
        var auditHashSecretName = ReadAudit(new SettingsSection(configuration.GetSection("Audit"), problems));
        var merchants = new SettingsSection(configuration.GetSection("Merchants"), problems);
        var requireMatch = merchants.Flag("RequireMatch");
        merchants.RefuseOtherValues("and merchants", "shop_a:MerchantId");
        var named = merchants.Others().Select(merchant => ReadMerchant(merchant, juspay, keyVault)).ToArray();
        if (requireMatch && named is [])
        {
            problems.Add("Merchants:RequireMatch needs merchants. Example: Merchants:shop_a:MerchantId = ShopA");
        }

        var webhooks = new SettingsSection(configuration.GetSection("Webhooks"), problems);
        var ownEvents = ReadOwnEvents(webhooks);
        var intake = ReadIntake(webhooks, new SettingsSection(configuration.GetSection("Intake"), problems), configuration["Intake"]);
        var senders = ReadSenders(webhooks, named, requireMatch);
        problems.AddRange(SharedSecrets(keyVault, auditHashSecretName, named, senders, requireMatch));
        problems.AddRange(MisspeltSections(configuration));
        problems.AddRange(SingleUnderscores(configuration));

        return problems.Count is 0
            ? new Settings
            {
                Juspay = juspay,
                KeyVault = keyVault,
                OwnEvents = ownEvents,
                Senders = senders,
                Intake = intake,
                Merchants = named,
                RequireMerchant = requireMatch,
                AuditHashSecretName = auditHashSecretName,
            }
            : throw new SettingsException(problems);
    }

    private static JuspayOptions ReadJuspay(SettingsSection section)
    {
        var defaults = new JuspayOptions { BaseUrl = BaseUrl(section) };
        var options = defaults with
        {
            MerchantId = section.Text("MerchantId", fallback: null, "my_merchant", IsHeaderValue, MerchantId),
            AttemptTimeout = section.Duration("AttemptTimeout", defaults.AttemptTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(50)),
            TotalTimeout = section.Duration("TotalTimeout", defaults.TotalTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(50)),
            CustomerTimeout = section.Duration("CustomerTimeout", defaults.CustomerTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(50)),
            MaxAttempts = section.Count("MaxAttempts", defaults.MaxAttempts, 1, 10),
        };
        section.RefuseOthers();
        section.Require(options.TotalTimeout >= options.AttemptTimeout, "TotalTimeout", "must not be shorter than Juspay:AttemptTimeout", "00:00:15");
        section.Require(options.CustomerTimeout >= options.TotalTimeout, "CustomerTimeout", "must not be shorter than Juspay:TotalTimeout", "00:00:30");
        return options;
    }

    private static KeyVaultOptions ReadKeyVault(SettingsSection section)
    {
        var options = new KeyVaultOptions
        {
            Uri = section.Url("Uri", "https://my-vault.vault.azure.net", allowPath: false, allowHttpOnLoopback: false),
            ApiKeySecretName = section.Text("ApiKeySecretName", "juspay-api-key", "juspay-api-key", IsSecretName, SecretName)!,
            WebhookSecretName = section.Text("WebhookSecretName", "webhook-signing-secret", "webhook-signing-secret", IsSecretName, SecretName)!,
            RefreshInterval = section.Duration("RefreshInterval", TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
        };
        section.RefuseOthers();
        return options;
    }

    /// <summary>Reads further types of events in this service's own format. They add to its types and may change them.</summary>
    private static EventFormat ReadOwnEvents(SettingsSection section)
    {
        var own = WebhookSender.Own.Format;
        var customer = SenderSettings.EventTypes(section, "CustomerEvents") ?? EventFormat.Types();
        var wallet = SenderSettings.EventTypes(section, "WalletEvents") ?? EventFormat.Types();
        section.Require(!customer.Overlaps(wallet), "WalletEvents", "names a type that is also in Webhooks:CustomerEvents", "card.removed");
        return own with
        {
            CustomerEvents = EventFormat.Types([.. own.CustomerEvents.Where(type => !wallet.Contains(type)), .. customer]),
            WalletEvents = EventFormat.Types([.. own.WalletEvents.Where(type => !customer.Contains(type)), .. wallet]),
        };
    }

    /// <summary>Reads where accepted webhooks are kept. The names below <c>Intake</c> are those that the Functions host reads for its trigger.</summary>
    private static IntakeSettings? ReadIntake(SettingsSection webhooks, SettingsSection connection, string? connectionString)
    {
        var isQueue = webhooks.Read<bool?>("Intake", text => text.ToLowerInvariant() switch { "queue" => true, "direct" => false, _ => null }, "must be direct or queue", "queue");
        var maxAge = webhooks.Duration("MaxAge", TimeSpan.FromDays(3), TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        connection.Read("credential", text => text.Equals("managedidentity", StringComparison.OrdinalIgnoreCase) ? text : null, "must be managedidentity", "managedidentity");
        var emulator = isQueue is true && !string.IsNullOrWhiteSpace(connectionString) ? connectionString.Trim() : null;
        var settings = new IntakeSettings
        {
            MaxAge = maxAge,
            ConnectionString = emulator,
            ClientId = connection.Text("clientId", fallback: null, "00000000-0000-0000-0000-000000000000", text => Guid.TryParse(text, out _), "the client id of a managed identity"),
            QueueServiceUri = connection.Has("queueServiceUri") || (isQueue is true && emulator is null)
                ? connection.Url("queueServiceUri", "https://my-account.queue.core.windows.net", allowPath: false, allowHttpOnLoopback: false)
                : null,
        };
        connection.RefuseOthers();
        if (emulator is not null && !IntakeSettings.IsOnThisMachine(emulator))
        {
            connection.Refuse("must not be a connection string, unless it is that of a storage emulator on this machine, with its account and key. Set Intake:queueServiceUri and "
                + "Intake:credential = managedidentity. Example: https://my-account.queue.core.windows.net");
        }

        return isQueue is true ? settings : null;
    }

    private static SenderSettings[] ReadSenders(SettingsSection section, MerchantSettings[] merchants, bool requireMerchant)
    {
        var senders = section.Subsection("Senders", "shopify:Preset");
        senders.RefuseOtherValues("senders", "shopify:Preset");
        section.RefuseOthers();
        return [.. senders.Others().Select(sender =>
        {
            if (merchants.Any(merchant => merchant.Name.Equals(sender.Name, StringComparison.OrdinalIgnoreCase)))
            {
                sender.Refuse("has the name of a merchant, so both would have the same route. Example: Webhooks:Senders:shopify");
            }

            return SenderSettings.Read(sender, merchants, requireMerchant);
        })];
    }

    private static string? ReadAudit(SettingsSection section)
    {
        var hashSecretName = section.Text("HashSecretName", fallback: null, "audit-hash-key", IsSecretName, SecretName);
        section.RefuseOthers();
        return hashSecretName;
    }

    private static MerchantSettings ReadMerchant(SettingsSection section, JuspayOptions juspay, KeyVaultOptions keyVault)
    {
        var merchant = new MerchantSettings(
            section.Name,
            juspay with
            {
                BaseUrl = BaseUrl(section, new Uri(juspay.BaseUrl)),
                MerchantId = section.Text("MerchantId", juspay.MerchantId, "my_merchant", IsHeaderValue, MerchantId),
            },
            section.Text("ApiKeySecretName", keyVault.ApiKeySecretName, "shop-a-juspay-api-key", IsSecretName, SecretName)!,
            section.Text("WebhookSecretName", fallback: null, "shop-a-webhook-secret", IsSecretName, SecretName));
        section.RefuseOthers();
        if (section.IsEmpty)
        {
            section.Refuse($"has no setting of its own, so it is no merchant. Example: Merchants:{section.Name}:ApiKeySecretName = shop-a-juspay-api-key");
        }

        if (!IsName(section.Name))
        {
            section.Refuse(NameRule + " Example: shop_a");
        }

        return merchant;
    }

    /// <summary>
    /// Refuses a secret of webhooks, or the key of the hashes, that has another purpose, too: an event that was captured on one route would be valid on the other, a
    /// sender must know neither an API key nor the key of the hashes, and who looks up ids in audit records must not know an API key.
    /// </summary>
    private static IEnumerable<string> SharedSecrets(
        KeyVaultOptions keyVault, string? auditHashSecretName, IReadOnlyList<MerchantSettings> merchants, IEnumerable<SenderSettings> senders, bool requireMerchant)
    {
        (string Setting, string? Secret)[] apiKeys =
        [
            ("KeyVault:ApiKeySecretName", keyVault.ApiKeySecretName),
            .. merchants.Select(merchant => ($"Merchants:{merchant.Name}:ApiKeySecretName", merchant.ApiKeySecretName)),
        ];
        (string Setting, string? Secret)[] others =
        [
            ("Audit:HashSecretName", auditHashSecretName),
            ("KeyVault:WebhookSecretName", requireMerchant ? null : keyVault.WebhookSecretName),
            .. merchants.Select(merchant => ($"Merchants:{merchant.Name}:WebhookSecretName", merchant.WebhookSecretName)),
            .. senders.Select(sender => ($"Webhooks:Senders:{sender.Name}:SecretName", sender.SecretName)),
        ];
        return
            from other in others
            where other.Secret is not null
            let first = apiKeys.Concat(others).First(one => other.Secret.Equals(one.Secret, StringComparison.OrdinalIgnoreCase))
            where first != other
            select $"{other.Setting} names the same secret as {first.Setting}; it needs a secret of its own. Example: a-secret-of-its-own";
    }

    /// <summary>Refuses misspelt sections, which would otherwise have no effect and cause no error.</summary>
    private static IEnumerable<string> MisspeltSections(IConfiguration configuration) =>
        from section in configuration.GetChildren()
        where section.GetChildren().Any()
        from known in Sections
        where IsOneEditAway(section.Key.ToUpperInvariant(), known.ToUpperInvariant())
        select $"{section.Path} is not a section of settings. Known: {string.Join(", ", Sections)}. Example: {known}";

    /// <summary>
    /// Refuses names with one underscore in place of two, which would otherwise have no effect and cause no error. Only names in this spelling are refused,
    /// because a variable such as JUSPAY_API_KEY may belong to another program.
    /// </summary>
    private static IEnumerable<string> SingleUnderscores(IConfiguration configuration) =>
        from setting in configuration.GetChildren()
        from known in Sections
        where setting.Key.StartsWith(known + "_", StringComparison.Ordinal)
        select $"{setting.Key} is not a setting, because two underscores separate the parts of a name. Example: {known}__{setting.Key[known.Length..].TrimStart('_')}";

    /// <summary>Whether the texts differ in one added, missing or replaced character, or in two swapped neighbours.</summary>
    private static bool IsOneEditAway(string one, string other)
    {
        var (longer, shorter) = one.Length >= other.Length ? (one, other) : (other, one);
        var same = longer.AsSpan().CommonPrefixLength(shorter);
        var (longerRest, shorterRest) = (longer[same..], shorter[same..]);
        return longerRest.Length > 0 && longer.Length - shorter.Length <= 1
            && (longerRest[1..] == shorterRest
                || (shorterRest.Length > 0 && longerRest[1..] == shorterRest[1..])
                || (shorterRest.Length > 1 && longerRest.Length == shorterRest.Length
                    && longerRest[0] == shorterRest[1] && longerRest[1] == shorterRest[0] && longerRest[2..] == shorterRest[2..]));
    }

    private static string BaseUrl(SettingsSection section, Uri? fallback = null) =>
        section.Url("BaseUrl", "https://sandbox.juspay.in", allowPath: true, allowHttpOnLoopback: true, fallback).AbsoluteUri.TrimEnd('/');

    public const string NameRule = "must be named with 1 to 64 letters, digits, underscores and single hyphens, without a hyphen at the end.";

    /// <summary>Whether a merchant or a sender may have the name. In the name of a function key, two hyphens end the merchant's name, so it cannot end with one.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 64
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && !name.Contains("--", StringComparison.Ordinal) && !name.EndsWith('-');

    private static bool IsHeaderValue(string text) => text.Length <= 128 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>The usual name of a secret of a merchant or a sender. Names of secrets have no underscores.</summary>
    public static string SecretNameOf(string name, string kind) => $"{name.Replace('_', '-')}-{kind}";

    public static bool IsSecretName(string text) => text.Length <= 127 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-');
}

/// <summary>One merchant. Settings that it does not have are those of the top level.</summary>
/// <param name="Name">The name under <c>Merchants</c>, which is also the name of its function keys.</param>
/// <param name="Juspay">Its Juspay account.</param>
/// <param name="ApiKeySecretName">The secret with its API key.</param>
/// <param name="WebhookSecretName">The secret that signs its webhooks; null if it has no webhook route.</param>
internal sealed record MerchantSettings(string Name, JuspayOptions Juspay, string ApiKeySecretName, string? WebhookSecretName);

/// <summary>The configuration cannot be used. The message has one line per setting: its name, what it must be, an example, but not its value.</summary>
internal sealed class SettingsException(IReadOnlyList<string> problems)
    : Exception($"The configuration cannot be used:{string.Concat(problems.Select(problem => $"{Environment.NewLine}  - {problem}"))}")
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
