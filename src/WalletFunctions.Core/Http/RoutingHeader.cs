using WalletFunctions.Juspay;
using WalletFunctions.Problems;

namespace WalletFunctions.Http;

/// <summary>The routing id that a caller sends: <c>x-routing-id</c>, or without it <c>x-customerid</c>, which Juspay's own SDKs send instead.</summary>
internal static class RoutingHeader
{
    private static readonly string[] Names = ["x-routing-id", "x-customerid"];

    /// <summary>Returns the routing id, or null and the problem. Both headers may be sent if they agree.</summary>
    /// <param name="request">The request.</param>
    /// <param name="customer">Whose id it is if neither header is sent; null if the path has no customer.</param>
    public static (RoutingId? Id, Problem? Problem) Read(IncomingRequest request, CustomerId? customer = null)
    {
        var sent = Names.Where(name => request.Header(name).Any()).Select(name => RoutingId.Parse(request.SingleHeader(name))).ToArray();
        return sent switch
        {
            [] when customer is not null => (RoutingId.Of(customer), null),
            [{ } id] => (id, null),
            [{ } routing, { } other] when routing.Value == other.Value => (routing, null),
            [{ }, { }] => (null, InvalidRequest.RoutingsDiffer),
            _ => (null, InvalidRequest.Routing),
        };
    }
}
