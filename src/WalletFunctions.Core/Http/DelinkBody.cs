using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using WalletFunctions.Problems;
using WalletFunctions.Tools;

namespace WalletFunctions.Http;

/// <summary>Checks a body, which must be the command delink as a form or as JSON.</summary>
internal static class DelinkBody
{
    private const string NotAnObject = "it is not an object";
    private const string Example = "Send the form field command=delink, or the JSON {\"command\":\"delink\"}.";

    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>Returns null if the body is the command, else the problem.</summary>
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
        // The form that nearly all callers send needs no parsing.
        if (body.SequenceEqual("command=delink"u8))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(body);
        if (!Utf8.IsValid(body) || HasBrokenEscape(text))
        {
            return new Problem(ProblemType.MalformedBody, "The body is not a URL-encoded form. " + Example);
        }

        var commands = text.Split('&')
            .Select(pair => pair.Split('=', 2))
            .Where(pair => WebUtility.UrlDecode(pair[0]) is "command")
            .Select(pair => WebUtility.UrlDecode(pair.ElementAtOrDefault(1)));
        return CheckCommands([.. commands]);
    }

    private static bool HasBrokenEscape(string form) => form.Split('%').Skip(1)
        .Any(escape => escape is not [var high, var low, ..] || !char.IsAsciiHexDigit(high) || !char.IsAsciiHexDigit(low));

    private static Problem? CheckJson(ReadOnlyMemory<byte> body)
    {
        // Repeated members make a body malformed, except a repeated command, which the contract calls unsupported.
        var isCommand = StrictJson.TryRead<List<string?>>(body, Commands, out var commands, out var defect, Limits)
            || (StrictJson.TryRead(body, Commands, out commands, out _, Limits with { AllowDuplicateProperties = true }) && commands.Count > 1);
        return isCommand ? CheckCommands(commands!)
            : defect is NotAnObject ? new Problem(ProblemType.MalformedBody, "The body is not a JSON object. " + Example)
            : new Problem(ProblemType.MalformedBody, "The body is not valid JSON in UTF-8 without repeated members. " + Example);
    }

    private static List<string?>? Commands(JsonElement root, out string? problem)
    {
        problem = NotAnObject;
        return root.ValueKind is not JsonValueKind.Object ? null : [.. root.EnumerateObject()
            .Where(member => member.NameEquals("command"u8))
            .Select(member => member.Value.ValueKind is JsonValueKind.String ? member.Value.GetString() : null)];
    }

    private static Problem? CheckCommands(List<string?> commands) => commands switch
    {
        ["delink"] => null,
        [] => new Problem(ProblemType.UnsupportedCommand, "The body has no command. " + Example),
        [_] => new Problem(ProblemType.UnsupportedCommand, "Only the command delink is supported. " + Example),
        _ => new Problem(ProblemType.UnsupportedCommand, "The body has several commands. " + Example),
    };
}
