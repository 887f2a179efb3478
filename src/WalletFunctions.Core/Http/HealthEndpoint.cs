using System.Text.Json;
using WalletFunctions.Delinking;
using WalletFunctions.Merchants;

namespace WalletFunctions.Http;

/// <summary>What a monitor asks.</summary>
public sealed class HealthEndpoint(MerchantDirectory merchants)
{
    /// <summary><c>GET /health</c>: the process answers. Touches nothing.</summary>
    public static HttpAnswer Alive() => Ok(new HealthDocument("alive", ProductVersion.Text, null));

    /// <summary>
    /// <c>GET /health/ready</c>: 200 when the API key of the caller's merchant is at hand, else the problem that a delink would meet.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller hung up.</exception>
    public async Task<HttpAnswer> ReadyAsync(IncomingRequest request, CancellationToken cancellationToken)
    {
        if (merchants.ForCaller(request.CallerKeyName) is not { } merchant)
        {
            return Refusals.UnknownMerchant.ToAnswer(request.TraceId);
        }

        var reading = await merchant.ApiKey.GetAsync(cancellationToken);
        return reading.Match(
            held: key => Ok(new HealthDocument("ready", ProductVersion.Text, key.Version)),
            unavailable: why => Problem.Of(DelinkOutcome.Failed.Because(why)).ToAnswer(request.TraceId));
    }

    private static HttpAnswer Ok(HealthDocument document) =>
        new(200, HttpAnswer.Json, JsonSerializer.SerializeToUtf8Bytes(document, HttpJson.Plain.HealthDocument));
}
