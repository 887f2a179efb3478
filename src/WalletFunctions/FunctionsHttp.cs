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
