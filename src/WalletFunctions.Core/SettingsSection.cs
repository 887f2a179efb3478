using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace WalletFunctions;

/// <summary>
/// Reads one section setting by setting and collects problems. A problem repeats no value, because the value may be a misplaced secret, except a duration
/// that is out of its range.
/// </summary>
internal sealed class SettingsSection(IConfigurationSection section, List<string> problems)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    // With an example of a setting below each.
    private readonly Dictionary<string, string> _subsections = new(StringComparer.OrdinalIgnoreCase);

    public string Name => section.Key;

    public bool IsEmpty => section.GetChildren().All(child => string.IsNullOrWhiteSpace(child.Value));

    public Uri Url(string name, string example, bool allowPath, bool allowHttpOnLoopback, Uri? fallback = null)
    {
        var expected = "must be an absolute https URL"
            + (allowHttpOnLoopback ? " (http only on loopback)" : "")
            + (allowPath ? "" : " of a host alone")
            + ", without user name, query or fragment";
        var url = Read<Uri>(name, Parse, expected, example) ?? fallback;
        if (url is null && Value(name) is null)
        {
            Refuse(name, "is missing: it " + expected, example);
        }

        return url ?? new Uri(example);

        Uri? Parse(string text) => Uri.TryCreate(text, UriKind.Absolute, out var parsed)
            && parsed is { UserInfo: "", Query: "", Fragment: "" }
            && (allowPath || parsed.AbsolutePath is "/")
            && (parsed.Scheme == Uri.UriSchemeHttps || (allowHttpOnLoopback && parsed.Scheme == Uri.UriSchemeHttp && parsed.IsLoopback)) ? parsed : null;
    }

    public string? Text(string name, string? fallback, string example, Predicate<string> isValid, string expected) =>
        Read<string>(name, text => isValid(text) ? text : null, "must be " + expected, example) ?? fallback;

    public TimeSpan Duration(string name, TimeSpan fallback, TimeSpan min, TimeSpan max)
    {
        var isDuration = TimeSpan.TryParseExact(Value(name), "c", CultureInfo.InvariantCulture, out var given);
        return Read<TimeSpan?>(
            name,
            _ => isDuration && given >= min && given <= max ? given : null,
            $"must be a duration hh:mm:ss between {Short(min)} and {Short(max)}" + (isDuration ? $", not {Short(given)}" : ""),
            Short(fallback)) ?? fallback;

        static string Short(TimeSpan duration)
        {
            var text = duration.ToString("c", CultureInfo.InvariantCulture);
            return duration.Ticks % TimeSpan.TicksPerSecond is 0 ? text : text.TrimEnd('0');
        }
    }

    public int Count(string name, int fallback, int min, int max) => Read<int?>(
        name,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= min && count <= max ? count : null,
        string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"),
        fallback.ToString(CultureInfo.InvariantCulture)) ?? fallback;

    public bool Flag(string name) => Read<bool?>(name, text => bool.TryParse(text, out var flag) ? flag : null, "must be true or false", "true") ?? false;

    /// <summary>Reads one of an enumeration's names, without regard to case.</summary>
    public T Choice<T>(string name, T fallback)
        where T : struct, Enum => Read<T?>(
            name,
            text => Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(text, ignoreCase: true) : null,
            "must be one of " + string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant(),
            $"{fallback}".ToLowerInvariant()) ?? fallback;

    public SettingsSection Subsection(string name, string example)
    {
        _known.Add(name);
        _subsections.Add(name, example);
        return new SettingsSection(section.GetSection(name), problems);
    }

    /// <summary>Gets the sections below this one that were not read as settings.</summary>
    public IEnumerable<SettingsSection> Others() =>
        Unknown().Where(child => child.Value is null).Select(child => new SettingsSection(child, problems));

    public void Require(bool condition, string name, string expected, string example)
    {
        if (!condition)
        {
            Refuse(name, expected, example);
        }
    }

    /// <summary>Refuses the section itself.</summary>
    public void Refuse(string problem) => problems.Add($"{section.Path} {problem}");

    /// <summary>Refuses a setting.</summary>
    public void Refuse(string name, string problem) => problems.Add($"{section.Path}:{name} {problem}");

    /// <summary>Refuses the settings not read so far. A misspelt setting would otherwise have no effect and cause no error.</summary>
    public void RefuseOthers()
    {
        problems.AddRange(Unknown().Select(other => $"{other.Path} is not a setting. Known under {section.Path}: {string.Join(", ", _known)}"));
        RefuseMisplaced();
    }

    /// <summary>Refuses values other than the settings read so far. Sections of a kind, such as merchants, may follow.</summary>
    public void RefuseOtherValues(string kind, string example)
    {
        problems.AddRange(Unknown().Where(other => other.Value is not null).Select(other =>
            $"{other.Path} is not a setting. Known under {section.Path}: {string.Join(", ", [.. _known, kind])}, "
            + $"which have settings of their own. Example: {section.Path}:{example}"));
        RefuseMisplaced();
    }

    /// <summary>Refuses settings below a setting, such as the items of a list, and a value in place of settings. Neither would be read.</summary>
    private void RefuseMisplaced()
    {
        foreach (var known in section.GetChildren().Where(child => _known.Contains(child.Key)))
        {
            if (!_subsections.TryGetValue(known.Key, out var example))
            {
                problems.AddRange(known.GetChildren().Take(1).Select(below =>
                    $"{below.Path} is not a setting, because {known.Path} is one value. If it may have several parts, spaces separate them. Example: {known.Path}"));
            }
            else if (!string.IsNullOrWhiteSpace(known.Value))
            {
                problems.Add($"{known.Path} has no value but settings below it. Example: {known.Path}:{example}");
            }
        }
    }

    private IEnumerable<IConfigurationSection> Unknown() => section.GetChildren().Where(child => !_known.Contains(child.Key));

    /// <summary>Reads a setting; null if it is missing, and also if it is refused because <paramref name="parse"/> returned null.</summary>
    public T? Read<T>(string name, Func<string, T?> parse, string expected, string example)
    {
        if (Value(name) is not { } text)
        {
            return default;
        }

        var value = parse(text);
        Require(value is not null, name, expected, example);
        return value;
    }

    /// <summary>Whether a setting has a value, usable or not.</summary>
    public bool Has(string name) => Value(name) is not null;

    private string? Value(string name)
    {
        _known.Add(name);
        return section[name] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
    }

    private void Refuse(string name, string expected, string example) => problems.Add($"{section.Path}:{name} {expected}. Example: {example}");
}
