using System.Globalization;
using Microsoft.Extensions.Configuration;
using WalletFunctions.Juspay;
using WalletFunctions.Secrets;
using WalletFunctions.Webhooks;

namespace WalletFunctions;

/// <summary>Everything that is configured, read and checked once at start-up.</summary>
/// <param name="Juspay">The section <c>Juspay</c>.</param>
/// <param name="KeyVault">The section <c>KeyVault</c>.</param>
/// <param name="Webhooks">The section <c>Webhooks</c>.</param>
/// <param name="Merchants">The merchants under <c>Merchants</c>, by their names.</param>
/// <param name="RequireMerchant"><c>Merchants:RequireMatch</c>: whether a function key must name one of them.</param>
/// <param name="AuditHashSecretName"><c>Audit:HashSecretName</c>: the secret that keys the hashes in audit records; null makes none.</param>
public sealed record Settings(
    JuspayOptions Juspay, KeyVaultOptions KeyVault, WebhookOptions Webhooks, IReadOnlyList<MerchantSettings> Merchants, bool RequireMerchant,
    string? AuditHashSecretName)
{
    private static readonly string[] Sections = ["Juspay", "KeyVault", "Webhooks", "Audit", "Merchants"];

    private const string SecretName = "1 to 127 letters, digits and hyphens";
    private const string MerchantId = "printable ASCII, at most 128 characters";

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SettingsException">Something is missing or cannot be used; all such settings are named at once.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var problems = new List<string>();
        var juspay = ReadJuspay(new Section(configuration.GetSection("Juspay"), problems));
        var keyVault = ReadKeyVault(new Section(configuration.GetSection("KeyVault"), problems));
        var webhooks = ReadWebhooks(new Section(configuration.GetSection("Webhooks"), problems));
        var auditHashSecretName = ReadAudit(new Section(configuration.GetSection("Audit"), problems));
        var merchants = new Section(configuration.GetSection("Merchants"), problems);
        var requireMatch = merchants.Flag("RequireMatch");
        merchants.RefuseOtherValues();
        var named = merchants.Others().Select(merchant => ReadMerchant(merchant, juspay, keyVault)).ToArray();
        if (requireMatch && named is [])
        {
            problems.Add("Merchants:RequireMatch needs merchants. Example: Merchants:shop_a:MerchantId = ShopA");
        }

        problems.AddRange(SharedWebhookSecrets(named, requireMatch ? null : keyVault.WebhookSecretName));
        problems.AddRange(MisspeltSections(configuration));

        return problems.Count is 0
            ? new Settings(juspay, keyVault, webhooks, named, requireMatch, auditHashSecretName)
            : throw new SettingsException(problems);
    }

    private static JuspayOptions ReadJuspay(Section section)
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

    private static KeyVaultOptions ReadKeyVault(Section section)
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

    private static WebhookOptions ReadWebhooks(Section section)
    {
        var configured = section.Subsection("EventTypes").Values(ToScope, "must be wallet or customer", "customer");
        section.RefuseOthers();
        if (configured.Count is 0)
        {
            return new WebhookOptions();
        }

        var eventTypes = new Dictionary<string, WebhookScope>(WebhookOptions.BuiltIn, StringComparer.OrdinalIgnoreCase);
        foreach (var (type, scope) in configured)
        {
            eventTypes[type] = scope;
        }

        return new WebhookOptions { EventTypes = eventTypes };

        static WebhookScope? ToScope(string value) => value.ToLowerInvariant() switch
        {
            "wallet" => WebhookScope.Wallet,
            "customer" => WebhookScope.Customer,
            _ => null,
        };
    }

    private static string? ReadAudit(Section section)
    {
        var hashSecretName = section.Text("HashSecretName", fallback: null, "audit-hash-key", IsSecretName, SecretName);
        section.RefuseOthers();
        return hashSecretName;
    }

    private static MerchantSettings ReadMerchant(Section section, JuspayOptions juspay, KeyVaultOptions keyVault)
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
        section.RequireAny("ApiKeySecretName");
        section.RequireName(IsMerchantName(section.Name), "must be named with 1 to 64 letters, digits, underscores and single hyphens", "shop_a");
        return merchant;
    }

    /// <summary>An event that was captured on one merchant's route would be valid on the other's.</summary>
    private static IEnumerable<string> SharedWebhookSecrets(IReadOnlyList<MerchantSettings> merchants, string? topLevel) => merchants
        .Where(merchant => merchant.WebhookSecretName is { } name
            && (name.Equals(topLevel, StringComparison.OrdinalIgnoreCase)
                || merchants.Any(other => other != merchant && name.Equals(other.WebhookSecretName, StringComparison.OrdinalIgnoreCase))))
        .Select(merchant => $"Merchants:{merchant.Name}:WebhookSecretName names a secret that signs another merchant's webhooks, too; "
            + $"each needs its own. Example: {merchant.Name.Replace('_', '-')}-webhook-secret");

    /// <summary>A misspelt section would otherwise leave its defaults in force without a word.</summary>
    private static IEnumerable<string> MisspeltSections(IConfiguration configuration) =>
        from section in configuration.GetChildren()
        where section.GetChildren().Any()
        from known in Sections
        where IsOneEditAway(section.Key.ToUpperInvariant(), known.ToUpperInvariant())
        select $"{section.Path} is not a section of settings. Known: {string.Join(", ", Sections)}. Example: {known}";

    /// <summary>Whether one character added, left out or replaced, or two neighbours swapped, make one text of the other.</summary>
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

    private static string BaseUrl(Section section, Uri? fallback = null) =>
        section.Url("BaseUrl", "https://sandbox.juspay.in", allowPath: true, allowHttpOnLoopback: true, fallback).AbsoluteUri.TrimEnd('/');

    private static bool IsMerchantName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && !name.Contains("--", StringComparison.Ordinal);

    private static bool IsHeaderValue(string text) => text.Length <= 128 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsSecretName(string text) => text.Length <= 127 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-');

    /// <summary>
    /// One section, read setting by setting. A value is never repeated in a message: what stands in the wrong place may be a secret.
    /// </summary>
    private sealed class Section(IConfigurationSection section, List<string> problems)
    {
        private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

        public string Name => section.Key;

        public Uri Url(string name, string example, bool allowPath, bool allowHttpOnLoopback, Uri? fallback = null)
        {
            var text = Value(name);
            var expected = "must be an absolute https URL"
                + (allowHttpOnLoopback ? " (http only on loopback)" : "")
                + (allowPath ? "" : " of a host alone")
                + ", without user name, query or fragment";
            if (text is null && fallback is not null)
            {
                return fallback;
            }

            if (text is null)
            {
                Refuse(name, "is missing: it " + expected, example);
            }
            else if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
                || url is not { UserInfo: "", Query: "", Fragment: "" }
                || (!allowPath && url.AbsolutePath is not "/")
                || !(url.Scheme == Uri.UriSchemeHttps || (allowHttpOnLoopback && url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
            {
                Refuse(name, expected, example);
            }
            else
            {
                return url;
            }

            return new Uri(example);
        }

        public string? Text(string name, string? fallback, string example, Predicate<string> isValid, string expected)
        {
            var text = Value(name);
            if (text is not null && !isValid(text))
            {
                Refuse(name, "must be " + expected, example);
            }

            return text ?? fallback;
        }

        public TimeSpan Duration(string name, TimeSpan fallback, TimeSpan min, TimeSpan max)
        {
            if (Value(name) is not { } text)
            {
                return fallback;
            }

            if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var duration) && duration >= min && duration <= max)
            {
                return duration;
            }

            Refuse(name, string.Create(CultureInfo.InvariantCulture, $"must be a duration hh:mm:ss between {min:c} and {max:c}"), $"{fallback:c}");
            return fallback;
        }

        public int Count(string name, int fallback, int min, int max)
        {
            var example = fallback.ToString(CultureInfo.InvariantCulture);
            if (!int.TryParse(Value(name) ?? example, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < min || count > max)
            {
                Refuse(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"), example);
            }

            return count;
        }

        public bool Flag(string name)
        {
            var text = Value(name);
            if (text is not null && !bool.TryParse(text, out _))
            {
                Refuse(name, "must be true or false", "true");
            }

            return bool.TryParse(text, out var flag) && flag;
        }

        public Section Subsection(string name)
        {
            _known.Add(name);
            return new Section(section.GetSection(name), problems);
        }

        /// <summary>The sections below this one that were not read as settings.</summary>
        public IEnumerable<Section> Others() =>
            section.GetChildren().Where(child => !_known.Contains(child.Key) && child.Value is null).Select(child => new Section(child, problems));

        /// <summary>Refuses values where, beside the settings read so far, only sections may be.</summary>
        public void RefuseOtherValues()
        {
            foreach (var other in section.GetChildren().Where(child => !_known.Contains(child.Key) && child.Value is not null))
            {
                problems.Add($"{other.Path} is not a setting. Known under {section.Path}: {string.Join(", ", _known)}, and merchants, "
                    + $"which have settings of their own. Example: {section.Path}:shop_a:MerchantId");
            }
        }

        /// <summary>Refuses a section in which every value is empty.</summary>
        public void RequireAny(string example)
        {
            if (section.GetChildren().All(child => string.IsNullOrWhiteSpace(child.Value)))
            {
                problems.Add($"{section.Path} has no setting of its own, so it is no merchant. Example: {section.Path}:{example} = shop-a-juspay-api-key");
            }
        }

        /// <summary>All settings of a section whose names are free.</summary>
        public List<KeyValuePair<string, T>> Values<T>(Func<string, T?> read, string expected, string example)
            where T : struct
        {
            var values = new List<KeyValuePair<string, T>>();
            foreach (var child in section.GetChildren())
            {
                if (child.Value is { } text && read(text.Trim()) is { } value)
                {
                    values.Add(new(child.Key, value));
                }
                else
                {
                    Refuse(child.Key, expected, example);
                }
            }

            return values;
        }

        public void Require(bool condition, string name, string expected, string example)
        {
            if (!condition)
            {
                Refuse(name, expected, example);
            }
        }

        public void RequireName(bool condition, string expected, string example)
        {
            if (!condition)
            {
                problems.Add($"{section.Path} {expected}. Example: {example}");
            }
        }

        /// <summary>Refuses the settings not read so far. A misspelt one would otherwise leave its default in force without a word.</summary>
        public void RefuseOthers()
        {
            foreach (var other in section.GetChildren().Where(child => !_known.Contains(child.Key)))
            {
                problems.Add($"{other.Path} is not a setting. Known under {section.Path}: {string.Join(", ", _known)}");
            }
        }

        private string? Value(string name)
        {
            _known.Add(name);
            return section[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        }

        private void Refuse(string name, string expected, string example) => problems.Add($"{section.Path}:{name} {expected}. Example: {example}");
    }
}

/// <summary>One merchant, with what it does not set taken from the top level.</summary>
/// <param name="Name">The name under <c>Merchants</c>, which its function keys bear.</param>
/// <param name="Juspay">Where its Juspay account is.</param>
/// <param name="ApiKeySecretName">The secret with its API key.</param>
/// <param name="WebhookSecretName">The secret that its webhooks are signed with; null if it has no webhook route.</param>
public sealed record MerchantSettings(string Name, JuspayOptions Juspay, string ApiKeySecretName, string? WebhookSecretName);

/// <summary>The configuration cannot be used. The message has a line per setting: its name, what it must be, an example; never its value.</summary>
public sealed class SettingsException(IReadOnlyList<string> problems)
    : Exception($"The configuration cannot be used:{string.Concat(problems.Select(problem => $"{Environment.NewLine}  - {problem}"))}")
{
    /// <summary>One sentence per setting.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
