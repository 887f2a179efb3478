using WalletFunctions.Juspay;
using WalletFunctions.Problems;

namespace WalletFunctions.Http;

/// <summary>The routing id that a caller sends: <c>x-routing-id</c>, or without it <c>x-customerid</c>, which Juspay's own SDKs send instead.</summary>
internal static class RoutingHeader
{
    private const string Documented = "x-routing-id";
    private const string OfSdks = "x-customerid";

    /// <summary>Returns the routing id, or null and the problem. Both headers may be sent if they agree.</summary>
    /// <param name="request">The request.</param>
    /// <param name="customer">Whose id it is if neither header is sent; null if the path has no customer.</param>
    public static (RoutingId? Id, Problem? Problem) Read(IncomingRequest request, CustomerId? customer = null)
    {
        var areSent = (request.Header(Documented).Any(), request.Header(OfSdks).Any());
        if (areSent is (false, false) && customer is not null)
        {
            return (RoutingId.Of(customer), null);
        }

        var id = RoutingId.Parse(request.SingleHeader(areSent is (false, true) ? OfSdks : Documented));
        var other = areSent is (true, true) ? RoutingId.Parse(request.SingleHeader(OfSdks)) : id;
        return id is null || other is null ? (null, InvalidRequest.Routing)
            : id.Value != other.Value ? (null, InvalidRequest.RoutingsDiffer)
            : (id, null);
    }
}
