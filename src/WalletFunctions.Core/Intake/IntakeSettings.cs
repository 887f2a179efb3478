using System.Buffers.Text;

namespace WalletFunctions.Intake;

/// <summary>Where accepted webhooks are kept until they are done.</summary>
internal sealed record IntakeSettings
{
    /// <summary>The age at which a delink that still fails is given up.</summary>
    public required TimeSpan MaxAge { get; init; }

    /// <summary>The storage account's queues; null with a connection string.</summary>
    public Uri? QueueServiceUri { get; init; }

    /// <summary>The client id of the managed identity; null for that of the app.</summary>
    public string? ClientId { get; init; }

    /// <summary>The connection string of a storage emulator on this machine.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>
    /// Whether a connection string is of a storage emulator on this machine, and has the account and the key that the client needs. Others contain a key that permits
    /// everything in an account.
    /// </summary>
    public static bool IsOnThisMachine(string connectionString)
    {
        var parts = connectionString.Split(';')
            .Select(part => part.Split('=', 2)).Where(part => part.Length is 2)
            .ToLookup(part => part[0], part => part[1], StringComparer.OrdinalIgnoreCase);
        return parts["UseDevelopmentStorage"].Any(value => value.Equals("true", StringComparison.OrdinalIgnoreCase))
            || (parts["QueueEndpoint"].ToArray() is [var endpoint] && Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.IsLoopback
                && parts["AccountName"].Any(name => name is not "") && parts["AccountKey"].Any(key => key is not "" && Base64.IsValid(key)));
    }
}
