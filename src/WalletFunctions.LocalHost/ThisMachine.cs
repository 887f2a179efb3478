using System.Net;

namespace WalletFunctions.LocalHost;

/// <summary>
/// Keeps what is for the developer at this machine from everybody else: from other machines, and from other sites' pages in the developer's
/// own browser, which may send to this host (hence the look at who asks for a change) or pretend to be it (hence the look at its name).
/// </summary>
internal static class ThisMachine
{
    /// <summary>A group whose routes do not exist for others.</summary>
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

            // Nor may another site's page show ours in a frame of its own, to have it clicked on.
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
