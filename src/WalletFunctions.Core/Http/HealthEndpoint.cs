using WalletFunctions.Delinking;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary>The endpoints for monitors.</summary>
public sealed class HealthEndpoint
{
    private readonly MerchantDirectory _merchants;

    internal HealthEndpoint(MerchantDirectory merchants) => _merchants = merchants;

    /// <summary><c>GET /health</c>: returns 200 without calling any dependency.</summary>
    internal static HttpAnswer Alive() => Ok("alive", apiKeyVersion: null);

    /// <summary><c>GET /health/ready</c>: returns 200 if the API key of the caller's merchant is available, else the problem of a delink.</summary>
    /// <exception cref="OperationCanceledException">The caller disconnected.</exception>
    internal async Task<HttpAnswer> ReadyAsync(IncomingRequest request, CancellationToken cancellationToken)
    {
        if (_merchants.ForCaller(request.CallerKeyName) is not { } merchant)
        {
            return HttpAnswer.Of(InvalidRequest.Merchant, request.TraceId);
        }

        var reading = await merchant.ApiKey.GetAsync(cancellationToken);
        return reading.Match(
            held: key => Ok("ready", key.Version),
            unavailable: key => HttpAnswer.Of(JuspayProblem.Of(key), request.TraceId));
    }

    private static HttpAnswer Ok(string status, string? apiKeyVersion) =>
        HttpAnswer.Ok(new HealthDocument(status, ProductVersion.Text, apiKeyVersion), HttpJson.Plain.HealthDocument);
}
