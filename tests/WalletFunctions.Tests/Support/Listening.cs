using System.Collections.Concurrent;

namespace WalletFunctions.Tests.Support;

/// <summary>Notes the URL of each request.</summary>
internal sealed class Listening(HttpMessageHandler inner, ConcurrentQueue<string> asked) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        asked.Enqueue(request.RequestUri!.AbsoluteUri);
        return base.SendAsync(request, cancellationToken);
    }
}
