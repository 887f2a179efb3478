namespace WalletFunctions.Http;

/// <summary><c>GET /openapi.json</c>: the file <c>openapi.json</c> beside this one, which is read on the first request for it.</summary>
internal static class OpenApiEndpoint
{
    private static readonly Lazy<ReadOnlyMemory<byte>> Text = new(Read);

    public static HttpAnswer Document() => new(200, HttpAnswer.Json, Text.Value);

    private static ReadOnlyMemory<byte> Read()
    {
        using var resource = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")!;
        var text = new byte[resource.Length];
        resource.ReadExactly(text);
        return text;
    }
}
