using System.Text.Json.Serialization;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>Juspay's answer to the delink of an unlinked wallet, which its documentation does not specify.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlreadyUnlinkedAnswer>))]
public enum AlreadyUnlinkedAnswer
{
    /// <summary>200, as the first time.</summary>
    [JsonStringEnumMemberName("200")]
    Ok,

    /// <summary>400 INVALID_ACTION.</summary>
    [JsonStringEnumMemberName("INVALID_ACTION")]
    InvalidAction,

    /// <summary>400 ALREADY_EXISTS.</summary>
    [JsonStringEnumMemberName("ALREADY_EXISTS")]
    AlreadyExists,
}

/// <summary>A wallet's state at the simulated Juspay.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CustomerId">The customer.</param>
/// <param name="Wallet">The provider.</param>
/// <param name="Linked">Whether it is linked.</param>
/// <param name="Merchant">The merchant; null for the top-level settings.</param>
internal sealed record SimulatedWallet(string Id, string CustomerId, string Wallet, bool Linked, string? Merchant = null);

/// <summary>One request as the simulated Juspay received it, without secrets.</summary>
internal sealed record ReceivedRequest(
    string Method, string Path, string Authorization, IReadOnlyDictionary<string, string> Headers, string Framing, string Body)
{
    /// <summary>The status of the answer; null before the answer, and if the connection was broken.</summary>
    public int? Status { get; set; }
}
