using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using WalletFunctions.LocalHost.Simulators;
using WalletFunctions.Tests.Support;
using WalletFunctions.Tests.Support.Functions;

namespace WalletFunctions.Benchmarks;

/// <summary>
/// The services that a deployed worker calls: Juspay and Key Vault over TLS with realistic host names, the identity endpoint, and a telemetry collector. The worker
/// trusts the machine's own certificates and those of the simulators.
/// </summary>
internal sealed class Surroundings : IAsyncDisposable
{
    private const string JuspayHost = "juspay.test";
    private const string ApiKey = "benchmark0123456789ABCDEF";

    private readonly SimulatedKeyVault _vault;
    private readonly SimulatedJuspay _juspay;
    private readonly X509Certificate2 _juspayCertificate;
    private readonly Collector _collector;
    private readonly Wire[] _wires;
    private readonly Tunnel _tunnel;
    private readonly FileInfo _trusted = new(Path.GetTempFileName());

    private Surroundings(SimulatedKeyVault vault, SimulatedJuspay juspay, X509Certificate2 juspayCertificate, Collector collector, TimeSpan roundTrip)
    {
        _vault = vault;
        _juspay = juspay;
        _juspayCertificate = juspayCertificate;
        _collector = collector;
        Wire juspayWire = new(juspay.Port, roundTrip), vaultWire = new(vault.Port, roundTrip);
        _wires = [juspayWire, vaultWire];
        _tunnel = new Tunnel(host => host is JuspayHost ? juspayWire.Port : vaultWire.Port);
        File.WriteAllText(_trusted.FullName, vault.Certificate.ExportCertificatePem() + "\n" + juspayCertificate.ExportCertificatePem());
        Variables =
        [
            new("HTTPS_PROXY", _tunnel.Url), new("SSL_CERT_FILE", _trusted.FullName),
            new("Juspay__BaseUrl", $"https://{JuspayHost}"), new("KeyVault__Uri", $"https://{SimulatedKeyVault.Host}"),
            new("IDENTITY_ENDPOINT", $"http://127.0.0.1:{vault.IdentityPort}/msi/token"), new("IDENTITY_HEADER", Environment.GetEnvironmentVariable("IDENTITY_HEADER")),
            new("AZURE_CLIENT_ID", vault.ClientId), new("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential"),
            new("APPLICATIONINSIGHTS_CONNECTION_STRING", null), new("OTEL_EXPORTER_OTLP_ENDPOINT", null),
        ];
        TelemetryVariables =
        [
            new("APPLICATIONINSIGHTS_CONNECTION_STRING", $"InstrumentationKey={Guid.Empty};IngestionEndpoint={collector.Url}"),
            new("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", $"ClientId={vault.ClientId};Authorization=AAD"),
        ];
    }

    /// <summary>The environment variables of a worker without telemetry.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Variables { get; }

    /// <summary>The environment variables that <c>infra/</c> adds for telemetry.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> TelemetryVariables { get; }

    /// <param name="roundTrip">The round-trip time to Juspay and to Key Vault; the identity endpoint is on the machine itself.</param>
    public static async Task<Surroundings> StartAsync(TimeSpan roundTrip)
    {
        var faults = new FaultQueue();
        var vault = new SimulatedKeyVault(faults);
        await vault.StartAsync();
        vault.Store("juspay-api-key", ApiKey);
        var juspay = new SimulatedJuspay(faults) { Remembered = 100 };
        var certificate = CreateCertificate();
        await juspay.StartAsync(certificate);
        juspay.Accept(ApiKey);
        return new(vault, juspay, certificate, await Collector.StartAsync(), roundTrip);
    }

    /// <summary>Returns a function that sends a delink directly to Juspay, always with the same client.</summary>
    public Func<Task> SendDirectly()
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == _juspayCertificate.GetCertHashString() },
        });
        client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(ApiKey + ":")));
        return () => Warm.SendAsync(client, $"https://127.0.0.1:{_wires[0].Port}", authorize: false);
    }

    public async ValueTask DisposeAsync()
    {
        _tunnel.Dispose();
        Array.ForEach(_wires, wire => wire.Dispose());
        await _vault.DisposeAsync();
        await _juspay.DisposeAsync();
        await _collector.DisposeAsync();
        _trusted.Delete();
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={JuspayHost}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
    }
}
