using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text;

namespace WalletFunctions.Juspay;

/// <summary>
/// The all-powerful Juspay API key. It signs requests and removes itself from texts; no member returns its value.
/// </summary>
public sealed class JuspayApiKey : IEquatable<JuspayApiKey>
{
    /// <summary>The longest key accepted, in characters; Juspay's own have 32 to 64.</summary>
    public const int MaxLength = 1024;

    private readonly string _value;
    private readonly string[] _forms;
    private readonly byte[][] _utf8Forms;

    private JuspayApiKey(string value)
    {
        _value = value;
        // The colon after the key belongs there: the user name is the key, the password is empty.
        var (credentials, withoutColon) = (Base64(value + ":"), Base64(value));
        Authorization = new AuthenticationHeaderValue("Basic", credentials);
        // The longest first, since one may be the beginning of another. Also without padding, because not every program writes it.
        _forms = [credentials, credentials.TrimEnd('='), withoutColon, withoutColon.TrimEnd('='), value];
        Array.Sort(_forms, (one, other) => other.Length - one.Length);
        _utf8Forms = Array.ConvertAll(_forms, Encoding.ASCII.GetBytes);

        static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
    }

    internal AuthenticationHeaderValue Authorization { get; }

    /// <summary>
    /// Reads a key as somebody stored it; white space around it (a trailing newline) is not part of it. Where it cannot be used,
    /// <paramref name="problem"/> says why without showing it.
    /// </summary>
    public static bool TryParse(
        string stored, [NotNullWhen(true)] out JuspayApiKey? key, [NotNullWhen(false)] out string? problem)
    {
        var value = stored.Trim();
        problem = value switch
        {
            "" => "it is empty",
            { Length: > MaxLength } => $"it is longer than {MaxLength} characters",
            _ when value.Contains(':') => "it contains a colon: store the key alone, without user name, password or the colon of curl's -u",
            _ when value.AsSpan().ContainsAnyExceptInRange('!', '~') => "it contains a space, a control character or a character that is not ASCII",
            _ => null,
        };
        key = problem is null ? new JuspayApiKey(value) : null;
        return problem is null;
    }

    /// <summary>Whether both are the same key, whatever version of the secret they were stored in.</summary>
    public bool Equals(JuspayApiKey? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as JuspayApiKey);

    /// <inheritdoc />
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_value);

    /// <summary>
    /// Text that Juspay sent, as a log or an answer may show it: without this key, on one line, cut after <paramref name="maxLength"/> characters.
    /// The key is removed before the text is cut; otherwise a part of the key could remain at the end.
    /// </summary>
    internal string Clean(string text, int maxLength) => Mask.OneLine(Redact(text), maxLength);

    /// <summary>Replaces the key by asterisks, also in the base64 form that Basic authentication sends, with and without the colon.</summary>
    internal string Redact(string text)
    {
        foreach (var form in _forms)
        {
            text = text.Replace(form, "***", StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>Whether UTF-8 text holds the key in one of the forms that <see cref="Redact"/> replaces.</summary>
    internal bool IsIn(ReadOnlySpan<byte> text)
    {
        foreach (var form in _utf8Forms)
        {
            if (text.IndexOf(form) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Never the value.</summary>
    public override string ToString() => "***";
}
