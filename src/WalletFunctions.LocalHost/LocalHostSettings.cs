namespace WalletFunctions.LocalHost;

/// <summary>Checks the section <c>LocalHost</c> as Core checks its own sections. A misspelt setting would otherwise have no effect and cause no error.</summary>
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

        var keys = configuration.GetSection(FunctionKeys);
        if (keys.Value is not null)
        {
            problems.Add($"{FunctionKeys} must have a name for each key. Example: {FunctionKeys}:shop_a = key-a");
        }

        problems.AddRange(keys.GetChildren().Where(key => string.IsNullOrEmpty(key.Value))
            .Select(key => $"{key.Path} must be the value of a function key. Example: key-a"));
        return problems;
    }
}
