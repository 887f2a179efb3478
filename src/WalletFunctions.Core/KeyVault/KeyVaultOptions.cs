namespace WalletFunctions.KeyVault;

/// <summary>The settings under <c>KeyVault</c>. A merchant may have secrets of its own.</summary>
internal sealed record KeyVaultOptions
{
    /// <summary>The vault's address, <c>https://{name}.vault.azure.net</c>.</summary>
    public required Uri Uri { get; init; }

    /// <summary>The name of the secret with the Juspay API key. Its newest version is used.</summary>
    public required string ApiKeySecretName { get; init; }

    /// <summary>The name of the secret that signs webhooks. It may hold several values, separated by white space.</summary>
    public required string WebhookSecretName { get; init; }

    /// <summary>How often the secrets are read again in the background.</summary>
    public required TimeSpan RefreshInterval { get; init; }
}
