using System.Text.Json;
using System.Text.RegularExpressions;
using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>Reads the OpenAPI document and checks answers against it.</summary>
internal static class OpenApiDocument
{
    public const string File = "src/WalletFunctions.Core/Http/openapi.json";

    /// <summary>The document that the code generates. A test fails if the committed file differs.</summary>
    public static JsonElement Root { get; } = JsonDocument.Parse(Samples.Indent(OpenApiBuilder.Build())).RootElement;

    /// <summary>All operations: path, method and description object.</summary>
    public static IEnumerable<(string Path, string Method, JsonElement Operation)> Operations =>
        from path in Root.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        select (path.Name, method.Name.ToUpperInvariant(), method.Value);

    /// <summary>Asserts that the document describes an answer for its request, including headers and body.</summary>
    public static void AssertDescribes(HttpRequestMessage request, Answer answer)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (!LocalHostAlone(path) && Violations(request.Method.Method, path, answer).ToArray() is { Length: > 0 } violations)
        {
            Assert.Fail($"{request.Method} {path} {answer.Status}: not as in {File}: {string.Join("; ", violations)}\n{answer.Headers}\n{answer.Body}");
        }
    }

    /// <summary>Returns the differences between an answer and the document.</summary>
    public static IEnumerable<string> Violations(string method, string path, Answer answer)
    {
        var operation = Operations.FirstOrDefault(known => known.Method == method && Fits(known.Path, path)).Operation;
        // The host refuses requests that reach no function with an empty body.
        if (answer is { Status: 400 or 404, Body: "" })
        {
            return [];
        }

        if (operation.ValueKind is JsonValueKind.Undefined)
        {
            return ["no such operation"];
        }

        return operation.GetProperty("responses").TryGetProperty($"{answer.Status}", out var response)
            ? HeaderViolations(response, answer).Concat(BodyViolations(response, answer)).Concat(ViolationsThatPrismSaw(answer))
            : [$"status {answer.Status}"];
    }

    /// <summary>Returns the violations that a Prism proxy reports in a header. Requests may be wrong on purpose, so only those of answers count.</summary>
    private static IEnumerable<string> ViolationsThatPrismSaw(Answer answer) =>
        Regex.Matches(answer.Headers, """^sl-violations: .*"location":\["response.*$""", RegexOptions.Multiline).Select(header => header.Value);

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
                var value = JsonDocument.Parse(isNumber ? text : $"\"{JsonEncodedText.Encode(text)}\"").RootElement;
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
        if (!response.TryGetProperty("content", out var content))
        {
            return answer.Body is "" ? [] : ["a body"];
        }

        return content.TryGetProperty(answer.ContentType ?? "", out var media)
            ? JsonSchema.Violations(Root, media.GetProperty("schema"), answer.Json())
            : [$"content type {answer.ContentType}"];
    }

    /// <summary>Returns the element, or the element to which its reference refers.</summary>
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

    /// <summary>Whether a path belongs to the local host and not to the product.</summary>
    public static bool LocalHostAlone(string path) => Regex.IsMatch(path, "^/($|_simulator|docs)");
}
