namespace WalletFunctions.Http;

/// <summary>
/// <c>GET /openapi.json</c>: the description of every route, OpenAPI 3.1. The file beside this one is made from the contract in this folder
/// and kept true by the tests; in a running process it is a resource that nobody touches before the first request for it.
/// </summary>
public static class OpenApiEndpoint
{
    private static readonly Lazy<ReadOnlyMemory<byte>> Text = new(Read);

    /// <summary>Answers the document.</summary>
    public static HttpAnswer Document() => new(200, HttpAnswer.Json, Text.Value);

    private static ReadOnlyMemory<byte> Read()
    {
        using var resource = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")!;
        var text = new byte[resource.Length];
        resource.ReadExactly(text);
        return text;
    }
}
