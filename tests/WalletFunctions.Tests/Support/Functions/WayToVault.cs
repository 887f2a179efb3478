using WalletFunctions.LocalHost.Simulators;

namespace WalletFunctions.Tests.Support.Functions;

/// <summary>
/// Lets another process reach a simulated vault under its own name, trust only its certificate, and reach the identity endpoint: by environment
/// variables of .NET and of Azure's libraries, so that the process runs the unchanged product.
/// </summary>
internal sealed class WayToVault : IDisposable
{
    private readonly Tunnel _tunnel;
    private readonly DirectoryInfo _certificates = Directory.CreateTempSubdirectory("walletfunctions-certificates-");

    public WayToVault(SimulatedKeyVault vault)
    {
        _tunnel = new Tunnel(_ => vault.Port);
        var certificate = Path.Combine(_certificates.FullName, "vault.pem");
        File.WriteAllText(certificate, vault.Certificate.ExportCertificatePem());
        Environment =
        [
            new("HTTPS_PROXY", _tunnel.Url), new("SSL_CERT_FILE", certificate), new("SSL_CERT_DIR", _certificates.FullName),
            new("IDENTITY_ENDPOINT", $"http://127.0.0.1:{vault.IdentityPort}/msi/token"),
        ];
    }

    /// <summary>The environment variables for the other process.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Environment { get; }

    public void Dispose()
    {
        _tunnel.Dispose();
        _certificates.Delete(recursive: true);
    }
}
