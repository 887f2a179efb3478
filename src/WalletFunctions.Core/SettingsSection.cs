using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace WalletFunctions;

    /// <summary>
    /// Reads one section setting by setting and collects problems. A problem never repeats a value, because the value may be a misplaced secret.
    /// </summary>
    internal sealed class SettingsSection(IConfigurationSection section, List<string> problems)
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

        public SettingsSection Subsection(string name)
        {
            _known.Add(name);
            return new SettingsSection(section.GetSection(name), problems);
        }

        /// <summary>Gets the sections below this one that were not read as settings.</summary>
        public IEnumerable<SettingsSection> Others() =>
            section.GetChildren().Where(child => !_known.Contains(child.Key) && child.Value is null).Select(child => new SettingsSection(child, problems));

        /// <summary>Refuses values other than the settings read so far. Sections may follow.</summary>
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

        /// <summary>Reads all settings of a section whose names are free.</summary>
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

        /// <summary>Refuses the settings not read so far. A misspelt setting would otherwise have no effect and cause no error.</summary>
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
