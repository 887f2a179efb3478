using System.Net;

namespace WalletFunctions.LocalHost;

/// <summary>
/// Restricts routes to the developer at this machine. It refuses requests from other machines (by the remote address), changes requested by other sites' pages
/// in the developer's browser (by <c>Sec-Fetch-Site</c>), and requests under another host name, as in DNS rebinding (by <c>Host</c>).
/// </summary>
internal static class ThisMachine
{
    /// <summary>Returns a group of routes that return 404 for all other callers.</summary>
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

            // Prevents clickjacking: another site's page must not show this page in a frame.
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
