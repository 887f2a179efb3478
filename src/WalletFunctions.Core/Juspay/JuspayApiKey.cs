using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text;
using WalletFunctions.Tools;

namespace WalletFunctions.Juspay;

/// <summary>The Juspay API key, which permits everything at Juspay. It authenticates requests and redacts itself from text; no member returns its value.</summary>
internal sealed class JuspayApiKey : SecretValue<JuspayApiKey>
{
    /// <summary>The longest key accepted, in characters. Juspay's own have 32 to 64.</summary>
    public const int MaxLength = 1024;

    private readonly string[] _forms;
    private readonly byte[][] _utf8Forms;

    private JuspayApiKey(string value)
        : base(Encoding.ASCII.GetBytes(value))
    {
        // Basic authentication: the key is the user name, and the password after the colon is empty.
        var (credentials, withoutColon) = (Base64(value + ":"), Base64(value));
        Authorization = new AuthenticationHeaderValue("Basic", credentials);
        // The longest first, because one form may be the beginning of another. Also without padding, because some programs omit it.
        _forms = [credentials, credentials.TrimEnd('='), withoutColon, withoutColon.TrimEnd('='), value];
        Array.Sort(_forms, (one, other) => other.Length - one.Length);
        _utf8Forms = Array.ConvertAll(_forms, Encoding.ASCII.GetBytes);

        static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
    }

    public AuthenticationHeaderValue Authorization { get; }

    /// <summary>
    /// Reads a stored key without the white space around it, such as a trailing newline. If the key cannot be used, <paramref name="problem"/> says
    /// why without showing it.
    /// </summary>
    public static bool TryParse(string stored, [NotNullWhen(true)] out JuspayApiKey? key, [NotNullWhen(false)] out string? problem)
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

    /// <summary>
    /// Prepares text that Juspay sent for a log or an answer: without the key, on one line, cut to <paramref name="maxLength"/> characters. The key is
    /// removed before the text is cut; otherwise a part of the key could remain at the end.
    /// </summary>
    public string Clean(string text, int maxLength) => LogText.OneLine(Redact(text), maxLength);

    /// <summary>Replaces the key by asterisks, also in the base64 form of Basic authentication, with and without the colon.</summary>
    public string Redact(string text)
    {
        foreach (var form in _forms)
        {
            text = text.Replace(form, "***", StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>Whether UTF-8 text contains the key in a form that <see cref="Redact"/> replaces.</summary>
    public bool IsIn(ReadOnlySpan<byte> text)
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
}
