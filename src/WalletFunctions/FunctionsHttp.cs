using System.Net;
using Microsoft.Azure.Functions.Worker.Http;
using WalletFunctions.Http;

namespace WalletFunctions;

/// <summary>Converts between the HTTP types of the worker and of Core.</summary>
internal static class FunctionsHttp
{
    // The host puts the name of the function key into this claim of this identity, which it adds after all others. Another one before it may have the same type.
    private const string KeyAuthentication = "WebJobsAuthLevel";
    private const string KeyNameClaim = "http://schemas.microsoft.com/2017/07/functions/claims/keyid";

    public static IncomingRequest ToIncomingRequest(this HttpRequestData request) => new()
    {
        Header = name => request.Headers.NonValidated.TryGetValues(name, out var values) ? values : [],
        Body = request.Body,
        CallerKeyName = request.Identities.LastOrDefault(identity => identity.AuthenticationType is KeyAuthentication)?.FindFirst(KeyNameClaim)?.Value,
        HostTraceParent = request.FunctionContext.TraceContext.TraceParent,
    };

    /// <summary>
    /// Cancelled when the caller disconnects or the host shuts down. No function has a parameter for it, because the worker would take the value of such a parameter from
    /// the query or the JSON body if they have its name, and the function would fail.
    /// </summary>
    public static CancellationToken Cancelled(this HttpRequestData request) => request.FunctionContext.CancellationToken;

    public static async Task<HttpResponseData> AnswerAsync(this HttpRequestData request, HttpAnswer answer)
    {
        var response = request.CreateResponse();
        response.StatusCode = (HttpStatusCode)answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        await response.Body.WriteAsync(answer.Body);
        return response;
    }
}
