using System.Globalization;
using Microsoft.Extensions.Configuration;
using WalletFunctions.Juspay;
using WalletFunctions.Secrets;

namespace WalletFunctions;

/// <summary>Everything that is configured, read and checked once at start-up.</summary>
/// <param name="Juspay">The section <c>Juspay</c>.</param>
/// <param name="KeyVault">The section <c>KeyVault</c>.</param>
public sealed record Settings(JuspayOptions Juspay, KeyVaultOptions KeyVault)
{
    /// <summary>Reads the settings.</summary>
    /// <exception cref="SettingsException">Something is missing or cannot be used; all such settings are named at once.</exception>
    public static Settings Read(IConfiguration configuration)
    {
        var problems = new List<string>();

        var juspay = new Section(configuration.GetSection("Juspay"), problems);
        var juspayOptions = new JuspayOptions
        {
            BaseUrl = juspay.Url("BaseUrl", "https://sandbox.juspay.in", allowPath: true, allowHttpOnLoopback: true).AbsoluteUri.TrimEnd('/'),
            MerchantId = juspay.Text("MerchantId", fallback: null, "my_merchant", IsHeaderValue, "printable ASCII, at most 128 characters"),
            AttemptTimeout = juspay.Duration("AttemptTimeout", "00:00:05", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(50)),
            TotalTimeout = juspay.Duration("TotalTimeout", "00:00:15", TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(50)),
            MaxAttempts = juspay.Count("MaxAttempts", 3, 1, 10),
        };
        juspay.RefuseOthers();
        if (juspayOptions.TotalTimeout < juspayOptions.AttemptTimeout)
        {
            problems.Add("Juspay:TotalTimeout must not be shorter than Juspay:AttemptTimeout. Example: 00:00:15 and 00:00:05");
        }

        var keyVault = new Section(configuration.GetSection("KeyVault"), problems);
        var keyVaultOptions = new KeyVaultOptions
        {
            Uri = keyVault.Url("Uri", "https://my-vault.vault.azure.net", allowPath: false, allowHttpOnLoopback: false),
            ApiKeySecretName = keyVault.Text("ApiKeySecretName", "juspay-api-key", "juspay-api-key", IsSecretName, "1 to 127 letters, digits and hyphens")!,
            RefreshInterval = keyVault.Duration("RefreshInterval", "00:30:00", TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
        };
        keyVault.RefuseOthers();

        return problems.Count is 0 ? new Settings(juspayOptions, keyVaultOptions) : throw new SettingsException(problems);
    }

    private static bool IsHeaderValue(string text) => text.Length <= 128 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsSecretName(string text) => text.Length <= 127 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-');

    /// <summary>
    /// One section, read setting by setting. A value is never repeated in a message: what stands in the wrong place may be a secret.
    /// </summary>
    private sealed class Section(IConfigurationSection section, List<string> problems)
    {
        private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

        public Uri Url(string name, string example, bool allowPath, bool allowHttpOnLoopback)
        {
            var text = Value(name);
            var expected = "must be an absolute https URL"
                + (allowHttpOnLoopback ? " (http only on loopback)" : "")
                + (allowPath ? "" : " of a host alone")
                + ", without user name, query or fragment";
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

        public TimeSpan Duration(string name, string fallback, TimeSpan min, TimeSpan max)
        {
            if (TimeSpan.TryParseExact(Value(name) ?? fallback, "c", CultureInfo.InvariantCulture, out var duration) && duration >= min && duration <= max)
            {
                return duration;
            }

            Refuse(name, string.Create(CultureInfo.InvariantCulture, $"must be a duration hh:mm:ss between {min:c} and {max:c}"), fallback);
            return TimeSpan.Parse(fallback, CultureInfo.InvariantCulture);
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

        /// <summary>A misspelt setting would otherwise be a default in silence.</summary>
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

/// <summary>The configuration cannot be used. The message has a line per setting: its name, what it must be, an example; never its value.</summary>
public sealed class SettingsException(IReadOnlyList<string> problems)
    : Exception($"The configuration cannot be used:{string.Concat(problems.Select(problem => $"{Environment.NewLine}  - {problem}"))}")
{
    /// <summary>One sentence per setting.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
