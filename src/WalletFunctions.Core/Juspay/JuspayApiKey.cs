using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text;

namespace WalletFunctions.Juspay;

/// <summary>
/// The all-powerful Juspay API key. It can sign a request and blot itself out of a text, and it shows its value to nobody.
/// </summary>
public sealed class JuspayApiKey : IEquatable<JuspayApiKey>
{
    /// <summary>The longest key accepted, in characters; Juspay's own have 32 to 64.</summary>
    public const int MaxLength = 1024;

    private readonly string _value;
    private readonly string _basic;

    private JuspayApiKey(string value)
    {
        _value = value;
        // The colon after the key belongs there: the user name is the key, the password is empty.
        _basic = Convert.ToBase64String(Encoding.ASCII.GetBytes(value + ":"));
        Authorization = new AuthenticationHeaderValue("Basic", _basic);
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

    /// <summary>The text without this key, in case the other side repeats what we sent.</summary>
    internal string Redact(string text) =>
        text.Replace(_basic, "***", StringComparison.Ordinal).Replace(_value, "***", StringComparison.Ordinal);

    /// <summary>Never the value.</summary>
    public override string ToString() => "***";
}
