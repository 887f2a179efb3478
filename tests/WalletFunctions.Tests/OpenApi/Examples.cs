using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>The examples in the OpenAPI document: requests that the tests send, and answers that the tests get.</summary>
internal static class Examples
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Members of an answer whose values an example need not repeat: three are new in each answer, <c>version</c> in each release.</summary>
    private static readonly string[] Varying = ["traceId", "requestId", "apiKeyVersion", "version"];

    /// <summary>The names of all examples.</summary>
    public static IEnumerable<string> Names => OpenApiDocument.Components("examples").EnumerateObject().Select(example => example.Name);

    /// <summary>An example's JSON.</summary>
    public static string Text(string name) => OpenApiDocument.Components("examples").GetProperty(name).GetProperty("value").GetRawText();

    /// <summary>Asserts that an answer is the example, except for <see cref="Varying"/> values. Fails with the text for the document.</summary>
    public static void AssertIs(string name, string json)
    {
        var example = Names.Contains(name, StringComparer.Ordinal) ? JsonNode.Parse(Text(name)) : null;
        var answer = JsonNode.Parse(json)!;
        TakeVarying(answer, example);
        TakeVarying(answer["juspay"], example?["juspay"]);
        Assert.True(
            answer.ToJsonString() == example?.ToJsonString(),
            $"The answer differs from components/examples/{name} in {OpenApiDocument.File}. If the answer is right, make it the example:\n"
            + $"\"{name}\": {{ \"value\": {answer.ToJsonString(Indented)} }}");
    }

    private static void TakeVarying(JsonNode? answer, JsonNode? example)
    {
        foreach (var name in Varying.Where(name => answer?[name] is not null && example?[name] is not null))
        {
            answer![name] = example![name]!.DeepClone();
        }
    }
}
