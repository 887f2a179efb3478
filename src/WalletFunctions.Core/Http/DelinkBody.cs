using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using WalletFunctions.Juspay;

namespace WalletFunctions.Http;

/// <summary>Reads a body that may say one thing: the command delink, as a form or as JSON.</summary>
internal static class DelinkBody
{
    private const string Example = "Send the form field command=delink, or the JSON {\"command\":\"delink\"}.";
    private const int MaxDepth = 8;

    /// <summary>Null if the body is the command, else why not.</summary>
    public static async Task<Problem?> CheckAsync(IncomingRequest request, CancellationToken cancellationToken)
    {
        var (body, problem) = await RequestBody.ReadAsync(request, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var mediaType = MediaTypeHeaderValue.TryParse(request.SingleHeader("Content-Type"), out var contentType) ? contentType.MediaType : null;
        return mediaType?.ToLowerInvariant() switch
        {
            "application/x-www-form-urlencoded" => CheckForm(body.Span),
            "application/json" => CheckJson(body),
            _ => new Problem(ProblemType.UnsupportedContentType,
                "Content-Type must be application/x-www-form-urlencoded or application/json, once. " + Example),
        };
    }

    private static Problem? CheckForm(ReadOnlySpan<byte> body)
    {
        // What nearly everybody sends needs no taking apart.
        if (body.SequenceEqual("command=delink"u8))
        {
            return null;
        }

        if (!Utf8.IsValid(body) || HasBrokenEscape(body))
        {
            return new Problem(ProblemType.MalformedBody, "The body is not a URL-encoded form. " + Example);
        }

        var commands = Encoding.UTF8.GetString(body).Split('&')
            .Select(pair => pair.Split('=', 2))
            .Where(pair => WebUtility.UrlDecode(pair[0]) is "command")
            .Select(pair => WebUtility.UrlDecode(pair.ElementAtOrDefault(1)));
        return CheckCommands([.. commands]);
    }

    private static bool HasBrokenEscape(ReadOnlySpan<byte> form)
    {
        for (var at = form.IndexOf((byte)'%'); at >= 0; at = form.IndexOf((byte)'%'))
        {
            if (form.Length < at + 3 || !char.IsAsciiHexDigit((char)form[at + 1]) || !char.IsAsciiHexDigit((char)form[at + 2]))
            {
                return true;
            }

            form = form[(at + 3)..];
        }

        return false;
    }

    private static Problem? CheckJson(ReadOnlyMemory<byte> body)
    {
        // The strict reader refuses every repeated member. For a repeated command the contract has a problem of its own, so commands are counted first.
        var commands = new List<string?>();
        return !TryReadCommands(body.Span, commands, out var isObject) || (isObject && commands.Count < 2 && !StrictJson.IsValid(body))
            ? new Problem(ProblemType.MalformedBody, "The body is not valid JSON in UTF-8 without repeated members. " + Example)
            : isObject ? CheckCommands(commands)
            : new Problem(ProblemType.MalformedBody, "The body is not a JSON object. " + Example);
    }

    private static bool TryReadCommands(ReadOnlySpan<byte> body, List<string?> commands, out bool isObject)
    {
        isObject = false;
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
            isObject = reader.Read() && reader.TokenType is JsonTokenType.StartObject;
            while (reader.Read())
            {
                if (reader.CurrentDepth is 1 && reader.TokenType is JsonTokenType.PropertyName && reader.ValueTextEquals("command"u8))
                {
                    reader.Read();
                    commands.Add(reader.TokenType is JsonTokenType.String ? reader.GetString() : null);
                }
            }

            return true;
        }
        // The reader throws the second for text that is not Unicode.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static Problem? CheckCommands(List<string?> commands) => commands switch
    {
        ["delink"] => null,
        [] => new Problem(ProblemType.UnsupportedCommand, "The body has no command. " + Example),
        [_] => new Problem(ProblemType.UnsupportedCommand, "Only the command delink is supported. " + Example),
        _ => new Problem(ProblemType.UnsupportedCommand, "The body has several commands. " + Example),
    };
}
