namespace WalletFunctions.Secrets;

/// <summary>The settings under <c>KeyVault</c>.</summary>
public sealed record KeyVaultOptions
{
    /// <summary>The vault, <c>https://{name}.vault.azure.net</c>.</summary>
    public required Uri Uri { get; init; }

    /// <summary>The name of the secret that holds the Juspay API key. Its newest version is used.</summary>
    public string ApiKeySecretName { get; init; } = "juspay-api-key";

    /// <summary>How often the secret is read again in the background.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(30);
}
