using System.Text.Json;
using Azure;
using Azure.Identity;
using WalletFunctions.Tools;

namespace WalletFunctions.KeyVault;

/// <summary>Why a read failed.</summary>
/// <param name="Fault">The kind of failure.</param>
/// <param name="Detail">What the operator has to correct, without any text that Key Vault or the identity endpoint sent.</param>
internal sealed record SecretFailure(SecretFault Fault, string Detail)
{
    public static SecretFailure Of(Exception exception, string name) => exception switch
    {
        // Azure.Core wraps the exceptions of several attempts.
        AggregateException { InnerExceptions: [.., var last] } => Of(last, name),
        RequestFailedException failed => Of(failed, name),
        CredentialUnavailableException => new(SecretFault.Denied,
            "The app has no identity to read Key Vault with: assign a managed identity to the app and set AZURE_CLIENT_ID (in development: az login)."),
        AuthenticationFailedException => new(SecretFault.Unreachable,
            "The identity endpoint returned no token for Key Vault: check the app's managed identity and AZURE_CLIENT_ID if this lasts."),
        OperationCanceledException => new(SecretFault.Unreachable, "Key Vault gave no answer in time."),
        _ => new(SecretFault.Unreachable, $"Key Vault could not be read ({exception.GetType().Name})."),
    };

    // Source: https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
    private static SecretFailure Of(RequestFailedException failed, string name) => failed.Status switch
    {
        404 => new(SecretFault.Missing, $"The secret '{name}' is not in Key Vault: store it, or correct the setting that names it."),
        403 when InnerCode(failed) is "SecretDisabled" or "SecretNotYetValid" => new(SecretFault.Disabled,
            $"The newest version of the secret '{name}' is disabled or not yet valid: enable it, or store a new version."),
        401 or 403 => new(SecretFault.Denied,
            $"Key Vault does not let the app read the secret '{name}': grant its identity the role Key Vault Secrets User, and admit its network."),
        0 => new(SecretFault.Unreachable, "Key Vault cannot be reached: check KeyVault:Uri, DNS and the vault's firewall if this lasts."),
        var status => new(SecretFault.Unreachable, $"Key Vault answered with status {status}."),
    };

    private static string? InnerCode(RequestFailedException failed) => StrictJson.TryRead<string>(
        failed.GetRawResponse()?.Content.ToMemory() ?? default, ReadInnerCode, out var code, out _) ? code : null;

    private static string? ReadInnerCode(JsonElement root, out string? problem)
    {
        problem = null;
        return root.Member("error"u8).Member("innererror"u8).Text("code"u8);
    }
}
