using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>
/// Juspay's wallets API on loopback: customers, wallets with a state, commands, and refusals in Juspay's envelopes. Besides the
/// documented API it shows the received requests and has keys that can be rotated.
/// </summary>
internal sealed class SimulatedJuspay(FaultQueue faults, IReadOnlyList<string>? merchants = null) : IAsyncDisposable
{
    public const string Customer = "customer_1122";
    public const string CustomerWithoutWallets = "customer_none";
    public const string Otp = "345678";

    private readonly SimulatedWallet[] _seed =
    [
        new("wlm_vNb87tTUvbb86bD", Customer, "PAYTM", Linked: true),
        new("wlt_q23xzki3pazgtezo", Customer, "MOBIKWIK", Linked: true),
        .. (merchants ?? []).SelectMany(merchant => new SimulatedWallet[]
        {
            new($"wlm_{merchant}_0000000001", $"{merchant}_customer", "PAYTM", Linked: true, merchant),
            new($"wlt_{merchant}_0000000002", $"{merchant}_customer", "MOBIKWIK", Linked: true, merchant),
        }),
    ];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedWallet> _wallets = new(StringComparer.Ordinal);
    private readonly Queue<ReceivedRequest> _requests = [];
    private readonly Queue<string> _mintedTokens = [];
    private readonly Dictionary<string, string?> _keys = new(StringComparer.Ordinal);
    private SimulatedServer? _server;
    private int _created;

    public string BaseUrl => $"http://127.0.0.1:{Port}";

    public int Port => _server!.Port;

    public AlreadyUnlinkedAnswer AlreadyUnlinked { get; set; }

    /// <summary>How many wallets a page of the list contains.</summary>
    public int PageSize { get; set; } = 10;

    /// <summary>How many requests, and how many debit tokens, are kept. The oldest are dropped first.</summary>
    public int Remembered { get; set; } = 20_000;

    /// <summary>The debit tokens that were created.</summary>
    public IReadOnlyList<string> MintedTokens { get { lock (_gate) { return [.. _mintedTokens]; } } }

    public IReadOnlyList<SimulatedWallet> Wallets { get { lock (_gate) { return [.. _wallets.Values]; } } }

    public IReadOnlyList<ReceivedRequest> Requests { get { lock (_gate) { return [.. _requests]; } } }

    public bool IsLinked(string walletId)
    {
        lock (_gate)
        {
            return _wallets[walletId].Linked;
        }
    }

    /// <param name="certificate">The certificate for TLS; null uses plain HTTP.</param>
    public async Task StartAsync(X509Certificate2? certificate = null)
    {
        Reset();
        _server = await SimulatedServer.StartAsync(HandleAsync, certificate);
    }

    public void Reset()
    {
        lock (_gate)
        {
            _requests.Clear();
            _wallets.Clear();
            foreach (var wallet in _seed)
            {
                _wallets[wallet.Id] = wallet;
            }

            AlreadyUnlinked = AlreadyUnlinkedAnswer.Ok;
        }
    }

    public void Put(SimulatedWallet wallet)
    {
        lock (_gate)
        {
            _wallets[wallet.Id] = wallet;
        }
    }

    /// <summary>Accepts this key for the merchant, and no longer its earlier keys.</summary>
    public void Accept(string key, string? merchant = null)
    {
        lock (_gate)
        {
            foreach (var old in _keys.Where(known => known.Value == merchant).ToArray())
            {
                _keys.Remove(old.Key);
            }

            _keys[key] = merchant;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var (accepted, merchant, authorization) = Authorize(request.Headers.Authorization.ToString());
        var received = new ReceivedRequest(
            request.Method,
            request.Path.Value! + request.QueryString,
            authorization,
            request.Headers.Where(header => !header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
                .ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString(), StringComparer.Ordinal),
            request.Headers.TransferEncoding.Count > 0 ? "chunked" : "sized",
            body);
        lock (_gate)
        {
            Remember(_requests, received);
        }

        received.Status = await SimulatedServer.AnswerAsync(context, faults.Take(FaultTarget.Juspay, request), () =>
        {
            lock (_gate)
            {
                var answer = accepted ? Answer(received, merchant) : JuspayDocuments.KeyRefused();
                var requestId = "sim-" + Guid.NewGuid().ToString("N")[..12];
                return answer with { Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["x-request-id"] = requestId } };
            }
        });
    }

    /// <summary>Returns whether the key is valid, and a description of the credentials. Juspay's own Node SDK omits the colon, so both forms are accepted.</summary>
    private (bool Accepted, string? Merchant, string Shown) Authorize(string header)
    {
        if (!header.StartsWith("Basic ", StringComparison.Ordinal))
        {
            return (false, null, header.Length is 0 ? "none" : "not Basic authentication, hidden here");
        }

        string credentials;
        try
        {
            credentials = Encoding.UTF8.GetString(Convert.FromBase64String(header["Basic ".Length..]));
        }
        catch (FormatException)
        {
            return (false, null, "Basic authentication that is not base64, hidden here");
        }

        var colon = credentials.EndsWith(':') ? "" : " without the colon";
        lock (_gate)
        {
            // With a real vault, no valid key is known here, so every key is accepted.
            var accepted = _keys.TryGetValue(credentials.TrimEnd(':'), out var merchant) || _keys.Count is 0;
            var owner = merchant is null ? "" : $" of {merchant}";
            return (accepted, merchant, (accepted ? $"the Juspay API key{owner}" : "an API key that Juspay refuses") + $"{colon}, hidden here");
        }
    }

    private SimulatedAnswer Answer(ReceivedRequest request, string? merchant)
    {
        if (!request.Headers.ContainsKey("x-routing-id"))
        {
            return JuspayDocuments.Refusal(400, "x-routing-id header is missing.", "Bad Request", "MISSING_MANDATORY_PARAMETER", "x-routing-id is mandatory.");
        }

        var url = request.Path.Split('?');
        return (request.Method, url[0].Trim('/').Split('/')) switch
        {
            ("POST", ["wallets", var id]) => Command(Find(id, merchant), Form(request.Body)),
            ("GET", ["wallets", var id]) => Find(id, merchant) is { } wallet ? Ok(wallet, mintToken: wallet.Linked) : JuspayDocuments.NotFound("Wallet not found."),
            ("GET", ["customers", var id, "wallets"]) => List(id, merchant, Form(url.ElementAtOrDefault(1) ?? "")),
            ("POST", ["customers", var id, "wallets"]) => Create(id, merchant, Form(request.Body)),
            _ => new SimulatedAnswer(404, "<html><body><h1>404 Not Found</h1></body></html>"),
        };
    }

    private SimulatedWallet? Find(string id, string? merchant) => _wallets.TryGetValue(id, out var wallet) && wallet.Merchant == merchant ? wallet : null;

    private SimulatedAnswer Command(SimulatedWallet? wallet, Dictionary<string, string> form)
    {
        if (wallet is null)
        {
            return JuspayDocuments.NotFound("Wallet not found.");
        }

        switch (form.GetValueOrDefault("command"))
        {
            case "delink" when wallet.Linked || AlreadyUnlinked is AlreadyUnlinkedAnswer.Ok:
                return Ok(_wallets[wallet.Id] = wallet with { Linked = false }, mintToken: false);
            case "delink":
                return AlreadyUnlinked is AlreadyUnlinkedAnswer.InvalidAction
                    ? JuspayDocuments.Refusal(400, "Wallet is not linked.", "Bad Request", "INVALID_ACTION", "The action is not allowed in this state.")
                    : JuspayDocuments.Refusal(400, "Wallet is already delinked.", "Bad Request", "ALREADY_EXISTS", "Already done.");
            case "authenticate":
                return Ok(wallet, mintToken: false);
            case "link" when !form.ContainsKey("otp"):
                return new SimulatedAnswer(400, """{"error_message":"OTP is required while linking wallet.","status":"Invalid Request","error_code":"Invalid"}""");
            case "link":
                return Ok(_wallets[wallet.Id] = wallet with { Linked = wallet.Linked || form["otp"] is Otp }, mintToken: false);
            case "refresh":
                return Ok(wallet, mintToken: wallet.Linked);
            default:
                return JuspayDocuments.Refusal(400, "Unknown command.", "Bad Request", "INVALID_INPUT", "command is not valid.");
        }
    }

    private SimulatedAnswer List(string customerId, string? merchant, Dictionary<string, string> query)
    {
        var all = _wallets.Values.Where(wallet => wallet.CustomerId == customerId && wallet.Merchant == merchant).ToArray();
        if (all.Length is 0 && customerId is not CustomerWithoutWallets)
        {
            return JuspayDocuments.NotFound("Customer account not found.");
        }

        var offset = int.TryParse(query.GetValueOrDefault("offset"), CultureInfo.InvariantCulture, out var asked) ? asked : 0;
        JsonNode[] page = [.. all.Skip(offset).Take(PageSize).Select(wallet => WalletJson(wallet, mintToken: wallet.Linked))];
        var list = new JsonObject
        {
            ["list"] = new JsonArray(page),
            ["offset"] = offset,
            ["count"] = page.Length,
            ["total"] = all.Length,
            ["object"] = "list",
        };
        return new SimulatedAnswer(200, list.ToJsonString());
    }

    private SimulatedAnswer Create(string customerId, string? merchant, Dictionary<string, string> form)
    {
        if (form.GetValueOrDefault("gateway") is not { Length: > 0 } gateway)
        {
            return JuspayDocuments.Refusal(400, "gateway is missing.", "Bad Request", "MISSING_MANDATORY_PARAMETER", "gateway is mandatory.");
        }

        var wallet = new SimulatedWallet($"wlt_local{++_created:D10}", customerId, gateway, Linked: false, merchant);
        return Ok(_wallets[wallet.Id] = wallet, mintToken: false);
    }

    private SimulatedAnswer Ok(SimulatedWallet wallet, bool mintToken) => new(200, WalletJson(wallet, mintToken).ToJsonString());

    private JsonObject WalletJson(SimulatedWallet wallet, bool mintToken)
    {
        var token = mintToken ? "tkn_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)) : null;
        if (token is not null)
        {
            Remember(_mintedTokens, token);
        }

        return JuspayDocuments.Wallet(wallet, token);
    }

    private void Remember<T>(Queue<T> what, T one)
    {
        what.Enqueue(one);
        while (what.Count > Remembered)
        {
            what.Dequeue();
        }
    }

    private static Dictionary<string, string> Form(string body) => Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(body)
        .ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal);
}
