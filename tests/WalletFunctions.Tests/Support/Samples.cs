using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using WalletFunctions.Http;

namespace WalletFunctions.Tests.Support;

/// <summary>
/// The files in <c>Samples/</c>: requests of callers and their real answers. The tests send the requests and expect the answers, and the OpenAPI document
/// shows both.
/// </summary>
internal static class Samples
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, string> Descriptions = new(StringComparer.Ordinal)
    {
        ["command"] = "The only command there is",
        ["wallet.paytm"] = "A wallet whose provider answers with booleans and nulls",
        ["wallet.mobikwik"] = "A wallet whose provider has no parts",
        ["customer"] = "A customer whose two wallets were linked",
        ["customer.again"] = "The same call again",
        ["customer.empty"] = "A customer without wallets",
        ["event.wallet"] = "One wallet",
        ["event.customer_closed"] = "An account that closes",
        ["event.consent_withdrawn"] = "A consent that is withdrawn",
        ["event.cloudevents"] = "The same as a CloudEvent",
        ["webhook.wallet"] = "One wallet was delinked",
        ["webhook.customer"] = "A customer's wallets were delinked",
        ["webhook.nothing_to_delink"] = "Juspay does not know what the event names",
        ["webhook.ignored"] = "A type that asks for nothing",
        ["webhook.juspay_unavailable"] = "Not done yet",
        ["health"] = "The process answers",
        ["ready"] = "A delink could be sent now",
    };

    /// <summary>Values that differ in every answer, and their replacements in the samples.</summary>
    private static readonly Dictionary<string, string> Varying = new(StringComparer.Ordinal)
    {
        ["traceId"] = "2a71c3e2f0db31a5cb56c5e9f40ec894",
        ["requestId"] = "23e305be-609e-4a74-93ef-86839dc1e9c6",
        ["apiKeyVersion"] = "0c1c2a9c5e1f4d6f8b1d3a5c7e9f1b3d",
    };

    /// <summary>All samples: the ones above, and one for each row of the error table.</summary>
    public static IEnumerable<string> Names => Descriptions.Keys.Concat(ProblemType.All.Select(row => row.Code));

    public static string Describe(string name) => Descriptions.GetValueOrDefault(name) ?? ProblemType.All.Single(row => row.Code == name).Title;

    /// <summary>Returns a sample's JSON, or an empty object if the tests have not written it yet.</summary>
    public static JsonNode Read(string name) => File.Exists(Path.Combine(Repository.Root(), PathOf(name))) ? JsonNode.Parse(Text(name))! : new JsonObject();

    public static string Text(string name) => Repository.Read(PathOf(name));

    /// <summary>Asserts that an answer equals a sample except for ids that are new each time. See <see cref="Repository.AssertIsUpToDate"/>.</summary>
    public static void AssertIs(string name, string json)
    {
        Assert.Contains(name, Names);
        var answer = JsonNode.Parse(json)!;
        Settle(answer);
        Settle(answer["juspay"]);
        Repository.AssertIsUpToDate(PathOf(name), Indent(answer));
    }

    /// <summary>Returns JSON in the format of the committed files.</summary>
    public static string Indent(JsonNode node)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, Indented))
        {
            node.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(text.ToArray()) + "\n";
    }

    private static void Settle(JsonNode? node)
    {
        foreach (var (name, value) in Varying)
        {
            if (node?[name] is not null)
            {
                node[name] = value;
            }
        }
    }

    private static string PathOf(string name) => $"tests/WalletFunctions.Tests/Samples/{name}.json";
}
