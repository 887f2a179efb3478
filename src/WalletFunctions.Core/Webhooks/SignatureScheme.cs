namespace WalletFunctions.Webhooks;

/// <summary>How the bytes of a signature become text.</summary>
internal enum SignatureEncoding
{
    Hex,
    Base64,
}

/// <summary>How the stored text of a secret becomes the key of the HMAC.</summary>
internal enum SecretEncoding
{
    /// <summary>The UTF-8 bytes of the text.</summary>
    Utf8,
    /// <summary>The bytes that the base64 text encodes.</summary>
    Base64,
    /// <summary>The bytes that the hexadecimal text encodes.</summary>
    Hex,
    /// <summary>The bytes that the base64 text after <c>whsec_</c> encodes, as Standard Webhooks prescribes.</summary>
    Whsec,
}

/// <summary>How a sender proves that a delivery comes from it: an HMAC-SHA256, or a token that equals the secret.</summary>
internal sealed record SignatureScheme
{
    /// <summary>The header with the signatures, or with the token.</summary>
    public required string SignatureHeader { get; init; }

    /// <summary>The text before each signature. Between several signatures are spaces or commas.</summary>
    public string SignaturePrefix { get; init; } = "";

    public SignatureEncoding Encoding { get; init; } = SignatureEncoding.Base64;

    public SecretEncoding SecretEncoding { get; init; } = SecretEncoding.Utf8;

    /// <summary>The bytes that are signed; null if the header holds the secret itself.</summary>
    public SignedContent? SignedContent { get; init; }

    /// <summary>The header with the time of the signature; null if none is signed. In <see cref="SignatureHeader"/> itself, it is the part <c>t=</c>.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>One second, or one millisecond.</summary>
    public TimeSpan TimestampUnit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest difference of the timestamp from now, in both directions.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The header with the id of the delivery; null if there is none.</summary>
    public string? IdHeader { get; init; }

    /// <summary>The URL that the sender was given, where the URL is signed. It is never taken from the request, whose sender could choose it.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>
    /// Standard Webhooks 1.0.0, whose headers begin with a prefix.
    /// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    /// </summary>
    public static SignatureScheme Standard(string prefix) => new()
    {
        SignatureHeader = prefix + "-signature",
        SignaturePrefix = "v1,",
        SecretEncoding = SecretEncoding.Whsec,
        SignedContent = SignedContent.Parse("{id}.{timestamp}.{body}"),
        TimestampHeader = prefix + "-timestamp",
        IdHeader = prefix + "-id",
    };

    /// <summary>Why the parts do not fit together, as the end of a sentence about the named setting; null if they do.</summary>
    public (string Setting, string Problem)? Contradiction
    {
        get
        {
            var content = SignedContent;
            return content is null && TimestampHeader is not null ? (nameof(TimestampHeader), "needs SignedContent, because a token signs no timestamp")
                : content is null && SecretEncoding is not SecretEncoding.Utf8 ? (nameof(SecretEncoding), "must be utf8, because the token in the header is compared with the secret without decoding. Example: utf8")
                : content is null ? null
                : !content.Has(SignedContent.Body) ? (nameof(SignedContent), "must contain {body}")
                : content.Has(SignedContent.Timestamp) && TimestampHeader is null ? (nameof(TimestampHeader), "is missing, although SignedContent contains {timestamp}")
                : !content.Has(SignedContent.Timestamp) && TimestampHeader is not null ? (nameof(TimestampHeader), "is not signed: SignedContent does not contain {timestamp}")
                : content.Has(SignedContent.Id) && IdHeader is null ? (nameof(IdHeader), "is missing, although SignedContent contains {id}")
                : content.Has(SignedContent.Url) && PublicUrl is null ? (nameof(PublicUrl), "is missing, although SignedContent contains {url}: it is the whole URL that the sender was given")
                : null;
        }
    }
}

/// <summary>What a signature covers: a template of literal text and <c>{body}</c>, <c>{timestamp}</c>, <c>{id}</c>, <c>{method}</c>, <c>{url}</c>.</summary>
internal sealed class SignedContent
{
    public const string Body = "{body}";
    public const string Timestamp = "{timestamp}";
    public const string Id = "{id}";
    public const string Url = "{url}";
    public const string Method = "{method}";

    private static readonly string[] Placeholders = [Body, Timestamp, Id, Url, Method];

    private SignedContent(IReadOnlyList<string> parts) => Parts = parts;

    /// <summary>The placeholders and the texts between them, in their order.</summary>
    public IReadOnlyList<string> Parts { get; }

    /// <summary>Reads a template; null if it contains a brace that belongs to no placeholder.</summary>
    public static SignedContent? Parse(string template)
    {
        var parts = new List<string>();
        for (var rest = template; rest is not "";)
        {
            var part = Array.Find(Placeholders, one => rest.StartsWith(one, StringComparison.Ordinal))
                ?? rest[..(rest.IndexOf('{', StringComparison.Ordinal) is >= 0 and var next ? next : rest.Length)];
            if (part is "")
            {
                return null;
            }

            parts.Add(part);
            rest = rest[part.Length..];
        }

        return new SignedContent(parts);
    }

    public bool Has(string placeholder) => Parts.Contains(placeholder, StringComparer.Ordinal);
}
