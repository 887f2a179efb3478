using System.Globalization;
using System.Text.Json.Nodes;

namespace WalletFunctions.LocalHost.Simulators;

/// <summary>The JSON that the simulated Juspay sends, in the forms of Juspay's documentation.</summary>
internal static class JuspayDocuments
{
    /// <summary>Writes each provider in one of the forms of Juspay's samples: booleans and nulls for PAYTM, strings for the others.</summary>
    public static JsonObject Wallet(SimulatedWallet wallet, string? token)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return wallet.Wallet is "PAYTM"
            ? new JsonObject
            {
                ["wallet"] = wallet.Wallet,
                ["token"] = token,
                ["last_refreshed"] = wallet.Linked ? now : null,
                ["object"] = "wallet_account",
                ["id"] = wallet.Id,
                ["current_balance"] = wallet.Linked ? 250 : null,
                ["sub_details"] = new JsonArray(new JsonObject
                {
                    ["payment_method"] = wallet.Wallet,
                    ["payment_method_type"] = "WALLET",
                    ["last_refreshed"] = wallet.Linked ? now : null,
                    ["current_balance"] = wallet.Linked ? 250 : null,
                }),
                ["linked"] = wallet.Linked,
            }
            : new JsonObject
            {
                ["id"] = wallet.Id,
                ["object"] = "wallet_account",
                ["wallet"] = wallet.Wallet,
                ["token"] = token,
                ["current_balance"] = wallet.Linked ? "109.55" : null,
                ["linked"] = wallet.Linked ? "true" : "false",
                ["last_refreshed"] = wallet.Linked ? now : null,
            };
    }

    public static SimulatedAnswer KeyRefused() => new(401,
        """{"status":"error","error_code":"access_denied","error_info":{"user_message":"Unauthorized.","developer_message":"Invalid API Key. Please pass a valid and active api key.","code":"UNAUTHORIZED","category":"USER_ERROR"}}""");

    public static SimulatedAnswer NotFound(string developerMessage) => new(404, new JsonObject
    {
        ["error_message"] = "Cannot find what you are looking for",
        ["status"] = "invalid_request_error",
        ["error_code"] = "object_not_found",
        ["error_info"] = Info("RESOURCE_NOT_FOUND", developerMessage),
    }.ToJsonString());

    public static SimulatedAnswer Refusal(int status, string message, string errorStatus, string code, string developerMessage) => new(status, new JsonObject
    {
        ["error_message"] = message,
        ["status"] = errorStatus,
        ["error_code"] = "invalid_request",
        ["error_info"] = Info(code, developerMessage),
    }.ToJsonString());

    private static JsonObject Info(string code, string developerMessage) => new()
    {
        ["user_message"] = "Something went wrong.",
        ["developer_message"] = developerMessage,
        ["code"] = code,
        ["category"] = "USER_ERROR",
        ["request_id"] = Guid.NewGuid().ToString(),
        ["href"] = "NA",
    };
}
