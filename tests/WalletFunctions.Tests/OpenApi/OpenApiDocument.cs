using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using WalletFunctions.Problems;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>The OpenAPI document, which people edit, and the check that an answer is one that it describes.</summary>
internal static class OpenApiDocument
{
    public const string File = "src/WalletFunctions.Core/Http/openapi.json";

    public const string ProblemJson = "application/problem+json";

    private const string NoContentType =
        """{"location":["response"],"severity":"Error","message":"The received media type \"\" does not match the one specified in the current response: text/plain"}""";

    /// <summary>The document. A repeated member would hide the other one, so it is an error.</summary>
    public static JsonElement Root { get; } =
        JsonDocument.Parse(Repository.Read(File), new JsonDocumentOptions { AllowDuplicateProperties = false }).RootElement;

    /// <summary>All operations: path, method, and their description.</summary>
    public static IEnumerable<(string Path, string Method, JsonElement Operation)> Operations =>
        from path in Root.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        select (path.Name, method.Name.ToUpperInvariant(), method.Value);

    /// <summary>The responses of an operation.</summary>
    public static IEnumerable<(int Status, JsonElement Response)> Responses(JsonElement operation) =>
        operation.GetProperty("responses").EnumerateObject()
            .Select(response => (int.Parse(response.Name, CultureInfo.InvariantCulture), Resolve(response.Value)));

    /// <summary>The shared parts of one kind, such as <c>schemas</c>.</summary>
    public static JsonElement Components(string kind) => Root.GetProperty("components").GetProperty(kind);

    /// <summary>Asserts that the document describes an answer of this request: its status, headers and body.</summary>
    public static void AssertDescribes(HttpRequestMessage request, Answer answer)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (!LocalHostAlone(path) && Violations(request.Method.Method, path, answer).ToArray() is { Length: > 0 } violations)
        {
            Assert.Fail($"{request.Method} {path} {answer.Status}: not as in {File}: {string.Join("; ", violations)}\n{answer.Headers}\n{answer.Body}");
        }
    }

    /// <summary>The differences between an answer and the document.</summary>
    public static IEnumerable<string> Violations(string method, string path, Answer answer)
    {
        var operation = Operations.FirstOrDefault(known => known.Method == method && Fits(known.Path, path)).Operation;
        // A host answers with an empty body if it refuses a request before a function is called.
        if (answer is { Status: 400 or 404, Body: "" })
        {
            return [];
        }

        if (operation.ValueKind is JsonValueKind.Undefined)
        {
            return ["no such operation"];
        }

        var response = Responses(operation).FirstOrDefault(response => response.Status == answer.Status).Response;
        return response.ValueKind is JsonValueKind.Undefined
            ? [$"status {answer.Status}"]
            : [.. HeaderViolations(response, answer), .. BodyViolations(response, answer), .. ViolationsThatPrismSaw(answer)];
    }

    /// <summary>
    /// Prism, where it is the proxy, reports violations in a header. Those of requests are ignored, because tests send wrong requests on
    /// purpose, and so is a missing content type where there is no body.
    /// </summary>
    private static IEnumerable<string> ViolationsThatPrismSaw(Answer answer) => Regex.Matches(
        answer.Body is "" ? answer.Headers.Replace(NoContentType, "", StringComparison.Ordinal) : answer.Headers,
        """^sl-violations: .*"location":\["response.*$""", RegexOptions.Multiline).Select(header => header.Value);

    private static IEnumerable<string> HeaderViolations(JsonElement response, Answer answer)
    {
        var sent = answer.Headers.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[^1], StringComparer.OrdinalIgnoreCase);
        var known = response.TryGetProperty("headers", out var headers) ? headers.EnumerateObject().ToArray() : [];
        foreach (var (name, header) in known.Select(header => (header.Name, Resolve(header.Value))))
        {
            if (sent.TryGetValue(name, out var text))
            {
                var schema = header.GetProperty("schema");
                var isNumber = schema.TryGetProperty("type", out var type) && type.GetString() is "integer";
                var value = isNumber ? JsonDocument.Parse(text).RootElement : Text(text);
                foreach (var violation in JsonSchema.Violations(Root, schema, value, name))
                {
                    yield return violation;
                }
            }
            else if (header.GetProperty("required").GetBoolean())
            {
                yield return $"{name} is missing";
            }
        }

        if (sent.ContainsKey("Retry-After") && !known.Any(header => header.Name is "Retry-After"))
        {
            yield return "Retry-After is not documented";
        }
    }

    private static IEnumerable<string> BodyViolations(JsonElement response, Answer answer)
    {
        // An answer without a body has no content type. It is described as an empty text.
        var contentType = answer.ContentType ?? (answer.Body is "" ? "text/plain" : "");
        return !response.GetProperty("content").TryGetProperty(contentType, out var media) ? [$"content type {contentType}"]
            : contentType is "text/plain" ? JsonSchema.Violations(Root, media.GetProperty("schema"), Text(answer.Body))
            : JsonSchema.Violations(Root, media.GetProperty("schema"), answer.Json())
                .Concat(contentType is ProblemJson ? ProblemViolations(response, answer.Status, answer.Json()) : []);
    }

    /// <summary>
    /// What the schema does not say of a problem: that its response names its code, that its status is the response's, and that type and
    /// title belong to the code. One schema describes all problems, because generators make a class of each schema.
    /// </summary>
    public static IEnumerable<string> ProblemViolations(JsonElement response, int status, JsonElement problem)
    {
        var code = Member("code");
        var row = ProblemType.All.SingleOrDefault(row => row.Code == code && Codes(response).Contains(code, StringComparer.Ordinal));
        return row is null
            ? [$"code {code} is not in the response's description"]
            : from member in new[] { (Name: "status", Value: $"{status}"), (Name: "type", Value: row.Uri), (Name: "title", Value: row.Title) }
              where Member(member.Name) != member.Value
              select $"{member.Name} is not {member.Value}";

        string? Member(string name) => problem.TryGetProperty(name, out var value) ? value.ToString() : null;
    }

    /// <summary>The codes of the problems that a response can have: those that its description names.</summary>
    public static IEnumerable<string> Codes(JsonElement response)
    {
        var all = Components("schemas").GetProperty("Problem").GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray();
        var words = Regex.Matches(response.GetProperty("description").GetString()!, "`([a-z_]+)`").Select(word => word.Groups[1].Value);
        return words.Intersect(all.Select(code => code.GetString()!), StringComparer.Ordinal);
    }

    /// <summary>A text as JSON.</summary>
    public static JsonElement Text(string text) => JsonDocument.Parse($"\"{JsonEncodedText.Encode(text)}\"").RootElement;

    /// <summary>The element, or the one that it refers to.</summary>
    public static JsonElement Resolve(JsonElement element) =>
        element.TryGetProperty("$ref", out var reference) ? JsonSchema.Resolve(Root, reference.GetString()!) : element;

    private static bool Fits(string template, string path)
    {
        var (expected, actual) = (template.Split('/'), path.Split('/'));
        return expected.Length == actual.Length
            && expected.Zip(actual).All(pair => pair.First.StartsWith('{')
                ? pair.Second.Length > 0
                : pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a path belongs to the local host's pages and simulators, which the document does not describe.</summary>
    public static bool LocalHostAlone(string path) => Regex.IsMatch(path, "^/($|_simulator|docs)");
}
