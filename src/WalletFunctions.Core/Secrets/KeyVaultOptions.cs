namespace WalletFunctions.Secrets;

/// <summary>The settings under <c>KeyVault</c>; a merchant may have secrets of its own.</summary>
public sealed record KeyVaultOptions
{
    /// <summary>The vault, <c>https://{name}.vault.azure.net</c>.</summary>
    public required Uri Uri { get; init; }

    /// <summary>The name of the secret that holds the Juspay API key. Its newest version is used.</summary>
    public required string ApiKeySecretName { get; init; }

    /// <summary>The name of the secret that signs webhooks; it may hold several, separated by white space.</summary>
    public required string WebhookSecretName { get; init; }

    /// <summary>How often the secrets are read again in the background.</summary>
    public required TimeSpan RefreshInterval { get; init; }
}
