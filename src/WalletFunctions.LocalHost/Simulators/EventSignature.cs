using System.Diagnostics;
using System.Globalization;
using WalletFunctions.Webhooks;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>The headers of Standard Webhooks, made with a secret of the simulated vault, as a merchant's system makes them.</summary>
internal static class EventSignature
{
    /// <summary>Signs the body of the request, and answers with the headers to send with it. The reference at <c>/docs</c> uses it.</summary>
    public static async Task AnswerAsync(HttpContext context, Simulation simulation, string? merchant)
    {
        if (simulation.KeyVault is null)
        {
            await SimulatorControls.RefuseAsync(context, "the vault is real: sign the event with its secret");
            return;
        }

        if (merchant is not null && !simulation.Merchants.Contains(merchant, StringComparer.OrdinalIgnoreCase))
        {
            await SimulatorControls.RefuseAsync(context, SimulatorControls.NoMerchant(simulation.Merchants));
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        foreach (var (name, value) in Headers(merchant, context.Request.Headers["webhook-id"], body.ToArray(), context))
        {
            context.Response.Headers[name] = value;
        }

        await SimulatorControls.DoneAsync(context, "the body is signed: send it with the headers webhook-id, webhook-timestamp and webhook-signature of this answer");
    }

    /// <param name="merchant">Whose secret signs; null for that of the route without a name.</param>
    /// <param name="id">The event's id; null or empty for a new one.</param>
    /// <param name="body">The bytes of the body.</param>
    /// <param name="context">The request, for the host's clock.</param>
    public static IEnumerable<(string Name, string Value)> Headers(string? merchant, string? id, ReadOnlySpan<byte> body, HttpContext context)
    {
        id = string.IsNullOrEmpty(id) ? "msg_" + Guid.NewGuid().ToString("N") : id;
        var timestamp = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var secrets = WebhookSecrets.TryParse(Simulation.WebhookSecretOf(merchant), SecretEncoding.Whsec, out var parsed, out _) ? parsed : throw new UnreachableException();
        return [("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", WebhookSignature.Sign(WebhookSender.Own.Scheme, id, timestamp, body, secrets))];
    }
}
