using System.Net;

namespace WalletFunctions.LocalHost;

/// <summary>
/// Checks the section <c>LocalHost</c> as Core checks its own sections, and the addresses. A misspelt setting would otherwise have no effect and cause no error.
/// </summary>
internal static class LocalHostSettings
{
    public const string FunctionKeys = "LocalHost:FunctionKeys";
    public const string JuspayApiKey = "LocalHost:JuspayApiKey";
    public const string Traces = "LocalHost:Traces";

    private static readonly string[] Known = [FunctionKeys, JuspayApiKey, Traces];

    /// <summary>Returns one sentence per setting that cannot be used, without its value, because the value may be a secret.</summary>
    public static IReadOnlyList<string> Problems(IConfiguration configuration)
    {
        var problems = new List<string>();
        foreach (var other in configuration.GetSection("LocalHost").GetChildren().Where(child => !Known.Contains(child.Path, StringComparer.OrdinalIgnoreCase)))
        {
            problems.Add($"{other.Path} is not a setting. Known under LocalHost: {string.Join(", ", Known.Select(name => name.Split(':')[1]))}");
        }

        if (configuration[Traces] is { } traces && !bool.TryParse(traces, out _))
        {
            problems.Add($"{Traces} must be true or false. Example: true");
        }

        var addresses = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (!Array.TrueForAll(addresses, IsAddress))
        {
            problems.Add("urls must be http addresses of this machine, separated by semicolons: localhost, an IP address or *, and a port. Example: http://localhost:7072");
        }

        var keys = configuration.GetSection(FunctionKeys);
        if (keys.Value is not null)
        {
            problems.Add($"{FunctionKeys} must have a name for each key. Example: {FunctionKeys}:shop_a = key-a");
        }

        problems.AddRange(keys.GetChildren().Where(key => string.IsNullOrEmpty(key.Value))
            .Select(key => $"{key.Path} must be the value of a function key. Example: key-a"));
        return problems;
    }

    /// <summary>Kestrel takes any other host name for all addresses of the machine, and an address without a port for port 80.</summary>
    private static bool IsAddress(string text) =>
        text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate(text.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal), UriKind.Absolute, out var address)
        && address is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
        && (address.Host is "localhost" || IPAddress.TryParse(address.Host, out _));
}
