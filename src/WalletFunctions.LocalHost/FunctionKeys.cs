using System.Security.Cryptography;
using System.Text;

namespace WalletFunctions.LocalHost;

/// <summary>Checks function keys as the Functions host does: <c>x-functions-key</c>, else <c>?code=</c>; each key has a name.</summary>
internal sealed class FunctionKeys
{
    private readonly (string Name, byte[] Value)[] _keys;

    public FunctionKeys(IConfiguration configuration)
    {
        var configured = configuration.GetSection(LocalHostSettings.FunctionKeys).GetChildren()
            .Select(key => (key.Key, Encoding.UTF8.GetBytes(key.Value!)))
            .ToArray();
        _keys = configured is [] ? [("default", "local-key"u8.ToArray())] : configured;
    }

    public IEnumerable<(string Name, string Value)> All => _keys.Select(key => (key.Name, Encoding.UTF8.GetString(key.Value)));

    /// <summary>Returns the name of the function key in the request, or null if there is no key or an unknown one.</summary>
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
