using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>
/// A Key Vault and the App Service identity endpoint, for the real <c>SecretClient</c> and <c>ManagedIdentityCredential</c>:
/// HTTPS, the challenge to the first call, versions, and refusals of missing, disabled and forbidden secrets.
/// </summary>
internal sealed class SimulatedKeyVault(FaultQueue faults) : IAsyncDisposable
{
    /// <summary>The vault's host name. It leads to this simulator only through the handler of <see cref="CreateHandler"/>.</summary>
    public const string Host = "walletfunctions-local.vault.azure.net";

    /// <summary>The host name of the identity endpoint, as <see cref="Host"/>.</summary>
    public const string IdentityHost = "identity.localhost";

    private const string Resource = "https://vault.azure.net";
    private const string Tenant = "00000000-0000-0000-0000-000000000000";

    // All simulations of a process share the header, because the environment belongs to the process.
    private static readonly string IdentityHeader = Guid.NewGuid().ToString("N");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<StoredSecret>> _secrets = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, StoredSecret[]> _atStart = [];
    private readonly HashSet<string> _tokens = new(StringComparer.Ordinal);
    private SimulatedServer? _vault;
    private SimulatedServer? _identity;
    private readonly ConcurrentDictionary<string, int> _reads = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The managed identity's client id. Each simulation has its own, so that it does not get another one's cached token.</summary>
    public string ClientId { get; } = Guid.NewGuid().ToString();

    /// <summary>The vault's own address, with a certificate that no client trusts by default.</summary>
    public string BaseUrl => $"https://127.0.0.1:{Port}";

    public int Port => _vault!.Port;

    public int IdentityPort => _identity!.Port;

    public X509Certificate2 Certificate { get; } = CreateCertificate();

    /// <summary>Whether the identity may read secrets.</summary>
    public bool Allowed { get; set; } = true;

    /// <summary>All access tokens that were issued.</summary>
    public IReadOnlyList<string> IssuedTokens
    {
        get
        {
            lock (_gate)
            {
                return [.. _tokens];
            }
        }
    }

    /// <summary>How many requests for a secret had a token, including those with a fault.</summary>
    public int Reads => _reads.Values.Sum();

    /// <summary>How many requests for one secret had a token.</summary>
    public int ReadsOf(string name) => _reads.GetValueOrDefault(name);

    public async Task StartAsync()
    {
        Environment.SetEnvironmentVariable("IDENTITY_ENDPOINT", $"http://{IdentityHost}/msi/token");
        Environment.SetEnvironmentVariable("IDENTITY_HEADER", IdentityHeader);
        _vault = await SimulatedServer.StartAsync(HandleSecretAsync, Certificate);
        _identity = await SimulatedServer.StartAsync(HandleTokenAsync);
    }

    /// <summary>Creates a handler through which only this simulator can be reached, as the vault and as the identity endpoint.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        // As in Azure.Core's own handler.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var port = context.DnsEndPoint.Host switch
            {
                Host => Port,
                IdentityHost => IdentityPort,
                var other => throw new InvalidOperationException($"{other} is not simulated"),
            };
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(System.Net.IPAddress.Loopback, port, cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
        SslOptions =
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == Certificate.GetCertHashString(),
        },
    };

    /// <summary>Stores a new version and returns its name.</summary>
    public string Store(string name, string value, bool enabled = true, DateTimeOffset? expiresOn = null)
    {
        var secret = new StoredSecret(Guid.NewGuid().ToString("N"), value, enabled, expiresOn);
        lock (_gate)
        {
            if (!_secrets.TryGetValue(name, out var versions))
            {
                _secrets[name] = versions = [];
            }

            versions.Add(secret);
        }

        return secret.Version;
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            _secrets.Remove(name);
        }
    }

    /// <summary>Makes the present secrets the ones that <see cref="Reset"/> restores.</summary>
    public void MarkStart()
    {
        lock (_gate)
        {
            _atStart = _secrets.ToDictionary(secret => secret.Key, secret => secret.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>Restores secrets, permission and the count of reads as at the start.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            Allowed = true;
            _reads.Clear();
            _secrets.Clear();
            foreach (var (name, versions) in _atStart)
            {
                _secrets[name] = [.. versions];
            }
        }
    }

    /// <summary>The names of the secrets that <see cref="MarkStart"/> saved.</summary>
    public IReadOnlyCollection<string> NamesAtStart => _atStart.Keys;

    /// <summary>Versions of all secrets, newest last, without values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Versions
    {
        get
        {
            lock (_gate)
            {
                return _secrets.ToDictionary(
                    secret => secret.Key, IReadOnlyList<string> (secret) => [.. secret.Value.Select(version => version.Version)], StringComparer.OrdinalIgnoreCase);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_vault is not null)
        {
            await _vault.DisposeAsync();
        }

        if (_identity is not null)
        {
            await _identity.DisposeAsync();
        }

        Certificate.Dispose();
    }

    private async Task HandleTokenAsync(HttpContext context) =>
        await SimulatedServer.AnswerAsync(context, faults.Take(FaultTarget.Identity, context.Request), () =>
        {
            if (context.Request.Headers["X-IDENTITY-HEADER"] != IdentityHeader || context.Request.Query["client_id"] != ClientId)
            {
                return new SimulatedAnswer(400,
                    """{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."}""");
            }

            var token = "sim." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            if (context.Request.Query["resource"] == Resource)
            {
                lock (_gate)
                {
                    _tokens.Add(token);
                }
            }

            return new SimulatedAnswer(200, new JsonObject
            {
                ["access_token"] = token,
                ["expires_on"] = TimeProvider.System.GetUtcNow().AddHours(24).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                ["resource"] = context.Request.Query["resource"].ToString(),
                ["token_type"] = "Bearer",
                ["client_id"] = ClientId,
            }.ToJsonString());
        });

    private async Task HandleSecretAsync(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length is 0)
        {
            await SimulatedServer.AnswerAsync(context, fault: null, () => Error(401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token.") with
            {
                Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                {
                    ["WWW-Authenticate"] = $"Bearer authorization=\"https://login.microsoftonline.com/{Tenant}\", resource=\"{Resource}\"",
                },
            });
            return;
        }

        var asked = context.Request.Path.Value!.Trim('/').Split('/') is ["secrets", var secret, ..] ? secret : "";
        _reads.AddOrUpdate(asked, 1, (_, reads) => reads + 1);
        await SimulatedServer.AnswerAsync(context, faults.Take(FaultTarget.KeyVault, context.Request), () =>
        {
            lock (_gate)
            {
                if (!_tokens.Contains(authorization["Bearer ".Length..]))
                {
                    return Error(401, "Unauthorized", "AKV10032: Invalid issuer.");
                }

                return Read(asked);
            }
        });
    }

    private SimulatedAnswer Read(string name)
    {
        if (!Allowed)
        {
            return Error(403, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac");
        }

        if (!_secrets.TryGetValue(name, out var versions))
        {
            return Error(404, "SecretNotFound", $"A secret with (name/id) {name} was not found in this key vault.");
        }

        var secret = versions[^1];
        if (!secret.Enabled)
        {
            return Error(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
        }

        var attributes = new JsonObject { ["enabled"] = true, ["recoveryLevel"] = "Recoverable+Purgeable", ["recoverableDays"] = 90 };
        if (secret.ExpiresOn is { } expiry)
        {
            attributes["exp"] = expiry.ToUnixTimeSeconds();
        }

        return new SimulatedAnswer(200, new JsonObject
        {
            ["value"] = secret.Value,
            ["id"] = $"https://{Host}/secrets/{name}/{secret.Version}",
            ["attributes"] = attributes,
        }.ToJsonString());
    }

    private static SimulatedAnswer Error(int status, string code, string message, string? innerCode = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (innerCode is not null)
        {
            error["innererror"] = new JsonObject { ["code"] = innerCode };
        }

        return new SimulatedAnswer(status, new JsonObject { ["error"] = error }.ToJsonString());
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Host}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        // Schannel on Windows accepts a key in memory only through a PFX.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), password: null);
    }

    private sealed record StoredSecret(string Version, string Value, bool Enabled, DateTimeOffset? ExpiresOn);
}
