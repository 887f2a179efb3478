using WalletFunctions.Tests.Support;

namespace WalletFunctions.Tests.Contract;

/// <summary>
/// What the contract suite speaks to: the local host in this process, or whatever runs at <c>WALLETFUNCTIONS_BASE_URL</c> (<c>func start</c>, a deployed app) and takes the function
/// key <c>WALLETFUNCTIONS_KEY</c>; with the access token <c>WALLETFUNCTIONS_TOKEN</c>, if the app asks for one.
/// </summary>
public sealed class ContractTarget : IAsyncLifetime
{
    private static readonly string? ExternalUrl = Environment.GetEnvironmentVariable("WALLETFUNCTIONS_BASE_URL");
    private TestHost? _local;

    /// <summary>Whether the suite runs against something that it did not start.</summary>
    public static bool IsExternal => !string.IsNullOrEmpty(ExternalUrl);

    public static string Key => IsExternal
        ? Environment.GetEnvironmentVariable("WALLETFUNCTIONS_KEY") ?? throw new InvalidOperationException("Set WALLETFUNCTIONS_KEY to a function key of WALLETFUNCTIONS_BASE_URL.")
        : TestHost.Key;

    internal HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (!IsExternal)
        {
            _local = await TestHost.StartAsync();
        }

        Client = _local?.Client ?? new HttpClient { BaseAddress = new Uri(ExternalUrl!) };
        if (IsExternal && Environment.GetEnvironmentVariable("WALLETFUNCTIONS_TOKEN") is { Length: > 0 } token)
        {
            Client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_local is not null)
        {
            await _local.DisposeAsync();
        }
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

        using var response = await Client.SendAsync(request);
        var answer = await Answer.ReadAsync(response);
        _local?.Transcript.AddAnswer(answer.Headers + answer.Body);
        return answer;
    }
}

/// <summary>A test that needs a wallet which may be delinked.</summary>
public sealed class WalletFactAttribute : FactAttribute
{
    public WalletFactAttribute()
    {
        if (ContractTarget.IsExternal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WALLETFUNCTIONS_WALLET_ID")))
        {
            Skip = "Delinks a wallet: set WALLETFUNCTIONS_WALLET_ID (and WALLETFUNCTIONS_ROUTING_ID) to one that may be delinked.";
        }
    }
}

/// <summary>A test that uses the simulators' controls, which only the local host has.</summary>
public sealed class SimulatorFactAttribute : FactAttribute
{
    public SimulatorFactAttribute() => Skip = SimulatorTheoryAttribute.Reason;
}

/// <inheritdoc cref="SimulatorFactAttribute" />
public sealed class SimulatorTheoryAttribute : TheoryAttribute
{
    internal static readonly string? Reason = ContractTarget.IsExternal ? "Needs the simulators' controls, which only the local host has." : null;

    public SimulatorTheoryAttribute() => Skip = Reason;
}
