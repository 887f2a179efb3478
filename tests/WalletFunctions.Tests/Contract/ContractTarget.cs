using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>
/// The target of the contract suite: the local host in this process, the Functions app in its worker process, or instead of both the host at
/// <c>WALLETFUNCTIONS_BASE_URL</c> (<c>func start</c>, a deployed app) with the function key <c>WALLETFUNCTIONS_KEY</c> and, if the app requires it, the access token
/// <c>WALLETFUNCTIONS_TOKEN</c>.
/// </summary>
public abstract class ContractTarget : IAsyncLifetime
{
    private static readonly string? ExternalUrl = Environment.GetEnvironmentVariable("WALLETFUNCTIONS_BASE_URL");
    private HostUnderTest? _host;
    private HttpClient? _client;

    /// <summary>Whether the suite runs against an app that it did not start.</summary>
    public static bool IsExternal => !string.IsNullOrEmpty(ExternalUrl);

    public static string Key => IsExternal
        ? Environment.GetEnvironmentVariable("WALLETFUNCTIONS_KEY") ?? throw new InvalidOperationException("Set WALLETFUNCTIONS_KEY to a function key of WALLETFUNCTIONS_BASE_URL.")
        : TestHost.Key;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client?.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    private protected abstract Task<HostUnderTest> StartHostAsync();

    /// <summary>The client. The host starts on first use, because a fixture cannot skip its tests.</summary>
    private async Task<HttpClient> ConnectAsync()
    {
        if (_client is null)
        {
            _host = IsExternal ? null : await StartHostAsync();
            _client = _host?.Client ?? new HttpClient { BaseAddress = new Uri(ExternalUrl!) };
            if (IsExternal && Environment.GetEnvironmentVariable("WALLETFUNCTIONS_TOKEN") is { Length: > 0 } token)
            {
                _client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            }
        }

        return _client;
    }

    internal async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? key = "", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key is "" ? Key : key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var client = await ConnectAsync();
        using var response = await client.SendAsync(request);
        var answer = await Answer.ReadAsync(response);
        _host?.Transcript.AddAnswer(answer.Headers + answer.Body);
        return answer;
    }
}

/// <summary>The local host, or the app that the environment variables name.</summary>
public sealed class LocalTarget : ContractTarget
{
    private protected override async Task<HostUnderTest> StartHostAsync() => await TestHost.StartAsync();
}

/// <summary>A test that delinks a wallet, so it needs one that may be delinked.</summary>
public sealed class WalletFactAttribute : SkippableFactAttribute
{
    public WalletFactAttribute()
    {
        if (ContractTarget.IsExternal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WALLETFUNCTIONS_WALLET_ID")))
        {
            Skip = "Delinks a wallet: set WALLETFUNCTIONS_WALLET_ID (and WALLETFUNCTIONS_ROUTING_ID) to one that may be delinked.";
        }
    }
}

/// <summary>A test that uses the simulators' controls.</summary>
public sealed class SimulatorFactAttribute : SkippableFactAttribute
{
    public SimulatorFactAttribute() => Skip = SimulatorTheoryAttribute.Reason;
}

/// <inheritdoc cref="SimulatorFactAttribute" />
public sealed class SimulatorTheoryAttribute : SkippableTheoryAttribute
{
    internal static readonly string? Reason = ContractTarget.IsExternal ? "Needs the simulators' controls, which an external app does not have." : null;

    public SimulatorTheoryAttribute() => Skip = Reason;
}
