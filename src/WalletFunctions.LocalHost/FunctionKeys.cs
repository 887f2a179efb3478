using System.Security.Cryptography;
using System.Text;

namespace WalletFunctions.LocalHost;

/// <summary>Checks function keys as the Functions host does: <c>x-functions-key</c>, else <c>?code=</c>; each key has a name.</summary>
internal sealed class FunctionKeys
{
    private const string DefaultName = "default";
    private const string DefaultValue = "local-key";

    private readonly (string Name, byte[] Value)[] _keys;

    public FunctionKeys(IConfiguration configuration)
    {
        var configured = configuration.GetSection(LocalHostSettings.FunctionKeys).GetChildren()
            .Select(key => (key.Key, Encoding.UTF8.GetBytes(key.Value!)))
            .ToArray();
        _keys = configured is [] ? [(DefaultName, Encoding.UTF8.GetBytes(DefaultValue))] : configured;
    }

    /// <summary>Says that the key of every example is not valid, if the configured keys replaced it; otherwise null.</summary>
    public string? Replaced => All.Any(key => key.Value == DefaultValue)
        ? null
        : $"The function key \"{DefaultName}\" = {DefaultValue} is not valid, because {LocalHostSettings.FunctionKeys} has others. "
            + $"To keep it, add --{LocalHostSettings.FunctionKeys}:{DefaultName}={DefaultValue}";

    public IEnumerable<(string Name, string Value)> All => _keys.Select(key => (key.Name, Encoding.UTF8.GetString(key.Value)));

    /// <summary>Returns the name of the request's function key; null if it has no valid key.</summary>
    public string? NameFor(HttpRequest request)
    {
        var sent = Encoding.UTF8.GetBytes(
            request.Headers.TryGetValue("x-functions-key", out var header) ? header.ToString() : request.Query["code"].ToString());
        string? name = null;
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(sent, key.Value))
            {
                name = key.Name;
            }
        }

        return name;
    }
}
