using System.Collections.Concurrent;

namespace WalletFunctions.LocalHost;

/// <summary>The requests that wait for an answer, because the host waits for them when it stops.</summary>
internal sealed class OpenRequests
{
    private readonly ConcurrentDictionary<HttpContext, string> _open = [];

    /// <summary>Says what a stop waits for, by routes, because paths contain ids; empty if it waits for nothing.</summary>
    public string Notice
    {
        get
        {
            var routes = _open.Values.CountBy(route => route).Select(route => $"{route.Value} x {route.Key}").ToArray();
            return routes is [] ? "" : $"Waiting for the answers to: {string.Join(", ", routes)}. Press Ctrl+C again to stop at once.{Environment.NewLine}";
        }
    }

    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        _open[context] = $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}";
        try
        {
            await next(context);
        }
        finally
        {
            _open.TryRemove(context, out _);
        }
    }
}
