using System.Net;

namespace WalletFunctions.LocalHost;

/// <summary>
/// Limits routes to the developer at this machine. Other machines are refused, and so are pages of other sites in the developer's
/// browser, which could send requests to this host (so the origin of a change is checked) or use its address under another name (so the host name is checked).
/// </summary>
internal static class ThisMachine
{
    /// <summary>Creates a group of routes that answer 404 to others.</summary>
    public static RouteGroupBuilder MapForThisMachine(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<Mark>() is null)
            {
                return next(context);
            }

            if (!IsFromHere(context))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }

            // Pages of other sites may not show this page in a frame, because they could direct clicks to it.
            context.Response.Headers.XFrameOptions = "DENY";
            return next(context);
        });
        return app.MapGroup("").WithMetadata(new Mark());
    }

    private static bool IsFromHere(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address)
        && IsLoopback(context.Request.Host.Host)
        && (HttpMethods.IsGet(context.Request.Method) || context.Request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none");

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private sealed record Mark;
}
