using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using WalletFunctions.Delinking;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>
/// Builds <c>openapi.json</c> from the contract in Core (the error table, the limits, the types of the answers) and from the samples, which are real answers.
/// This class adds what the code does not contain: the descriptions, and which problems each route can return.
/// </summary>
internal static class OpenApiBuilder
{
    private const string Version = "3.1.1";
    private const string Json = "application/json";
    private const string Problem = "application/problem+json";

    /// <summary>A description for each member of the answers' types. A member without one is an error.</summary>
    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["Problem.type"] = "The problem as a name: `urn:problem-type:walletfunctions:` and the code.",
        ["Problem.title"] = "The problem for people, the same words each time.",
        ["Problem.status"] = "The HTTP status.",
        ["Problem.detail"] = "What happened this time and what to do about it.",
        ["Problem.code"] = "The problem for programs. Compare this; it is stable.",
        ["Problem.retryable"] = "Whether the same request may succeed later. Repeating is always safe.",
        ["Problem.traceId"] = "The id of this request in our log and in Juspay's `x-request-id`: the trace id of your `traceparent`, or a new one.",
        ["Problem.juspay"] = "What Juspay answered, where it did.",
        ["Problem.customer_id"] = "With `partially_delinked`: the customer.",
        ["Problem.wallets"] = "With `partially_delinked`: each wallet and what became of it.",
        ["Problem.delinked"] = "With `partially_delinked`: how many wallets this call has delinked.",
        ["Problem.already_unlinked"] = "With `partially_delinked`: how many were unlinked before.",
        ["Problem.failed"] = "With `partially_delinked`: how many may still be linked.",
        ["JuspayReport.httpStatus"] = "The HTTP status of Juspay's answer.",
        ["JuspayReport.code"] = "Juspay's error code, or its HTTP status where it gave none.",
        ["JuspayReport.message"] = "Juspay's message, where it gave one.",
        ["JuspayReport.requestId"] = "Juspay's id of the request, where it gave one; Juspay's support asks for it.",
        ["DelinkedCustomer.customer_id"] = "The customer.",
        ["DelinkedCustomer.wallets"] = "All of the customer's wallets, in Juspay's order.",
        ["DelinkedCustomer.delinked"] = "How many wallets this call has delinked.",
        ["DelinkedCustomer.already_unlinked"] = "How many were unlinked before.",
        ["DelinkedCustomer.failed"] = "How many may still be linked: 0 in this answer.",
        ["WalletResult.id"] = "The wallet's id.",
        ["WalletResult.wallet"] = "The provider, as Juspay names it.",
        ["WalletResult.outcome"] = "What became of it.",
        ["WalletResult.code"] = "With `failed`: why.",
        ["WebhookResult.ignored"] = "True where the event's type asks for nothing.",
        ["WebhookResult.outcome"] = "Whether something was delinked, or Juspay does not know what the event names.",
        ["WebhookResult.delinked"] = "For a customer: how many wallets this call has delinked.",
        ["WebhookResult.already_unlinked"] = "For a customer: how many were unlinked before.",
        ["Health.status"] = "`alive` or `ready`.",
        ["Health.version"] = "The version of WalletFunctions that runs.",
        ["Health.apiKeyVersion"] = "With `ready`: which version of the API key is at hand. Never the key.",
    };

    /// <summary>Constraints of members that their types do not express.</summary>
    private static readonly Dictionary<string, JsonObject> Constraints = new(StringComparer.Ordinal)
    {
        ["Problem.type"] = new() { ["enum"] = Strings(ProblemsOfRoutes.Select(row => row.Uri)) },
        ["Problem.title"] = new() { ["enum"] = Strings(ProblemsOfRoutes.Select(row => row.Title)) },
        ["Problem.status"] = new() { ["enum"] = Numbers(ProblemsOfRoutes.Select(row => row.Status)) },
        ["Problem.code"] = new() { ["enum"] = Strings(ProblemsOfRoutes.Select(row => row.Code)) },
        ["Problem.traceId"] = new() { ["pattern"] = "^[0-9a-f]{32}$" },
        ["Problem.customer_id"] = CustomerIdSchema(),
        ["JuspayReport.httpStatus"] = new() { ["minimum"] = 100, ["maximum"] = 599 },
        ["JuspayReport.code"] = new() { ["maxLength"] = JuspayReport.MaxWord },
        ["JuspayReport.message"] = new() { ["maxLength"] = JuspayReport.MaxMessage },
        ["JuspayReport.requestId"] = new() { ["maxLength"] = JuspayReport.MaxWord },
        ["DelinkedCustomer.customer_id"] = CustomerIdSchema(),
        ["DelinkedCustomer.failed"] = new() { ["const"] = 0 },
        ["WalletResult.id"] = WalletIdSchema(),
        ["WalletResult.outcome"] = new() { ["enum"] = Strings(["delinked", "already_unlinked", "failed"]) },
        ["WalletResult.code"] = new() { ["enum"] = Strings(Failures.Select(row => row.Code)) },
        ["WebhookResult.ignored"] = new() { ["const"] = true },
        ["WebhookResult.outcome"] = new() { ["enum"] = Strings(["delinked", "nothing_to_delink"]) },
        ["Health.status"] = new() { ["enum"] = Strings(["alive", "ready"]) },
    };

    /// <summary>The error table without the problem of unknown routes.</summary>
    public static IEnumerable<ProblemType> ProblemsOfRoutes => ProblemType.All.Where(row => row != ProblemType.RouteNotFound);

    /// <summary>The problems with which a delink of one wallet can fail.</summary>
    private static IEnumerable<ProblemType> Failures => Enum.GetValues<DelinkFailure>().Select(ProblemType.Of).Distinct().Except([ProblemType.CustomerNotFound]);

    /// <summary>The problems that the body of any POST can have.</summary>
    private static ProblemType[] BodyProblems =>
        [ProblemType.MalformedBody, ProblemType.LengthRequired, ProblemType.BodyTooLarge, ProblemType.UnsupportedContentType];

    private static ProblemType[] CallProblems => [.. BodyProblems, ProblemType.UnsupportedCommand, ProblemType.InvalidRoutingId, ProblemType.UnknownMerchant];

    private static IEnumerable<ProblemType> WalletProblems => [ProblemType.InvalidWalletId, .. CallProblems, .. Failures, ProblemType.InternalError];

    private static IEnumerable<ProblemType> CustomerProblems =>
    [
        ProblemType.InvalidCustomerId, .. CallProblems, ProblemType.CustomerNotFound, .. Failures.Except([ProblemType.WalletNotFound]),
        ProblemType.PartiallyDelinked, ProblemType.InternalError,
    ];

    /// <summary>The problems that a webhook's sender receives as 503 instead of the table's status.</summary>
    private static IEnumerable<ProblemType> PostponedProblems =>
    [
        .. Failures.Except([ProblemType.WalletNotFound]), ProblemType.PartiallyDelinked,
        ProblemType.WebhookSecretUnavailable, ProblemType.WebhookSecretNotConfigured, ProblemType.InternalError,
    ];

    private static IEnumerable<ProblemType> ReadyProblems => [ProblemType.UnknownMerchant, ProblemType.ApiKeyUnavailable, ProblemType.ApiKeyNotConfigured];

    public static JsonObject Build() => new()
    {
        ["openapi"] = Version,
        ["info"] = new JsonObject
        {
            ["title"] = "WalletFunctions",
            ["version"] = ProductVersion.Text,
            ["summary"] = "A delink-only door to Juspay.",
            ["description"] =
                "Delinks customers' wallets at Juspay: one wallet, all wallets of a customer, or whatever a signed event asks for. "
                + "A delink that is answered with 200 is done at Juspay; any other answer says in `code` what happened "
                + "and in `retryable` whether repeating can help. "
                + "Repeating is always safe: a wallet that is unlinked already is 200 again.\n\n"
                + "Errors are RFC 9457 problem documents. `Retry-After` stands in every answer whose request is worth repeating. No answer may be stored.",
            ["contact"] = new JsonObject { ["name"] = "The operator of this deployment" },
        },
        ["servers"] = new JsonArray(new JsonObject { ["url"] = "/", ["description"] = "The host that this document came from." }),
        ["tags"] = new JsonArray(
            new JsonObject { ["name"] = "Delink", ["description"] = "For services that hold a function key." },
            new JsonObject { ["name"] = "Webhooks", ["description"] = "For systems that send signed events, as Standard Webhooks 1.0.0 describes." },
            new JsonObject { ["name"] = "Operations", ["description"] = "For monitors and tools." }),
        ["paths"] = new JsonObject
        {
            ["/wallets/{wallet_id}"] = new JsonObject { ["post"] = DelinkWallet() },
            ["/customers/{customer_id}/delink"] = new JsonObject { ["post"] = DelinkCustomer() },
            ["/webhooks/delink"] = new JsonObject { ["post"] = DelinkByWebhook("delinkByWebhook", "Delink what a signed event asks for") },
            ["/webhooks/{merchant}/delink"] = new JsonObject
            {
                ["post"] = DelinkByWebhook("delinkByMerchantWebhook", "Delink what a merchant's signed event asks for", Ref("parameters", "merchant")),
            },
            ["/health"] = new JsonObject { ["get"] = Health() },
            ["/health/ready"] = new JsonObject { ["get"] = Ready() },
            ["/openapi.json"] = new JsonObject { ["get"] = Document() },
        },
        ["components"] = new JsonObject
        {
            ["securitySchemes"] = SecuritySchemes(),
            ["parameters"] = Parameters(),
            ["headers"] = Headers(),
            ["schemas"] = Schemas(),
            ["examples"] = Examples(),
        },
    };

    private static JsonObject DelinkWallet() => new()
    {
        ["operationId"] = "delinkWallet",
        ["tags"] = Strings(["Delink"]),
        ["summary"] = "Delink one wallet",
        ["description"] = "Juspay's own call with the host name and the credential swapped. Any command but `delink` is refused.",
        ["security"] = FunctionKey(),
        ["parameters"] = new JsonArray(Ref("parameters", "wallet_id"), Ref("parameters", "routing_id"), Ref("parameters", "traceparent")),
        ["requestBody"] = Command(),
        ["responses"] = Responses(Ok("The unlinked wallet, as Juspay answers it.", "Wallet", ["wallet.paytm", "wallet.mobikwik"]), WalletProblems, keyed: true),
    };

    private static JsonObject DelinkCustomer() => new()
    {
        ["operationId"] = "delinkCustomer",
        ["tags"] = Strings(["Delink"]),
        ["summary"] = "Delink all wallets of a customer",
        ["description"] =
            "200 only when none of the customer's wallets is left linked. Anything short of all is the problem `partially_delinked`, "
            + "with the same members; repeating the call finishes the job.",
        ["security"] = FunctionKey(),
        ["parameters"] = new JsonArray(Ref("parameters", "customer_id"), Ref("parameters", "customer_routing_id"), Ref("parameters", "traceparent")),
        ["requestBody"] = Command(),
        ["responses"] = Responses(
            Ok("None of the customer's wallets is linked.", "DelinkedCustomer", ["customer", "customer.again", "customer.empty"]), CustomerProblems, keyed: true),
    };

    private static JsonObject DelinkByWebhook(string id, string summary, params JsonObject[] merchant) => new()
    {
        ["operationId"] = id,
        ["tags"] = Strings(["Webhooks"]),
        ["summary"] = summary,
        ["description"] =
            "Keep the event until the answer is 200, and send it again with the same `webhook-id`, signed anew. "
            + "503 stands for whatever time or an operator may mend. "
            + "The body may be a CloudEvents 1.0 envelope in structured mode. Operators can map further event types.",
        ["security"] = new JsonArray(new JsonObject { ["webhookSignature"] = new JsonArray() }),
        ["parameters"] = new JsonArray(
            [.. merchant, Ref("parameters", "webhook_id"), Ref("parameters", "webhook_timestamp"), Ref("parameters", "traceparent")]),
        ["requestBody"] = new JsonObject
        {
            ["description"] = $"At most {RequestBody.MaxBytes} bytes.",
            ["required"] = true,
            ["content"] = new JsonObject
            {
                [Json] = Content("Event", "event.wallet", "event.customer_closed", "event.consent_withdrawn"),
                ["application/cloudevents+json"] = Content("Event", "event.cloudevents"),
            },
        },
        ["responses"] = Responses(
            Ok("Nothing is left to do.", "WebhookResult", ["webhook.wallet", "webhook.customer", "webhook.nothing_to_delink", "webhook.ignored"]),
            [.. BodyProblems, ProblemType.InvalidSignature],
            keyed: false,
            new Postponed(PostponedProblems, ["webhook.juspay_unavailable", "webhook_secret_unavailable", "webhook_secret_not_configured"])),
    };

    private static JsonObject Health() => new()
    {
        ["operationId"] = "health",
        ["tags"] = Strings(["Operations"]),
        ["summary"] = "Whether the process answers",
        ["description"] = "Touches nothing.",
        ["security"] = new JsonArray(),
        ["responses"] = Responses(Ok("It does.", "Health", ["health"]), [], keyed: false),
    };

    private static JsonObject Ready() => new()
    {
        ["operationId"] = "ready",
        ["tags"] = Strings(["Operations"]),
        ["summary"] = "Whether a delink could be sent now",
        ["description"] = "Whether the API key of the caller's merchant is at hand, or the problem that a delink would meet. Sends nothing to Juspay.",
        ["security"] = FunctionKey(),
        ["parameters"] = new JsonArray(Ref("parameters", "traceparent")),
        ["responses"] = Responses(Ok("It could.", "Health", ["ready"]), ReadyProblems, keyed: true),
    };

    private static JsonObject Document() => new()
    {
        ["operationId"] = "openApi",
        ["tags"] = Strings(["Operations"]),
        ["summary"] = "This document",
        ["description"] = "The description of every route, OpenAPI 3.1.",
        ["security"] = new JsonArray(),
        ["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "This document.",
                ["headers"] = CommonHeaders(),
                ["content"] = new JsonObject
                {
                    [Json] = new JsonObject
                    {
                        ["schema"] = new JsonObject
                        {
                            ["type"] = "object",
                            ["required"] = Strings(["openapi"]),
                            ["properties"] = new JsonObject { ["openapi"] = new JsonObject { ["const"] = Version } },
                            ["additionalProperties"] = true,
                        },
                    },
                },
            },
        },
    };

    /// <summary>Problems that are answered with 503 instead of the table's status, and the samples that show them.</summary>
    private sealed record Postponed(IEnumerable<ProblemType> Types, string[] Samples);

    private static JsonObject Responses(JsonObject ok, IEnumerable<ProblemType> problems, bool keyed, Postponed? postponed = null)
    {
        var responses = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal) { ["200"] = ok };
        if (keyed)
        {
            responses["401"] = new JsonObject { ["description"] = "The function key is missing or wrong. The body is empty." };
        }

        foreach (var status in InTableOrder(problems).GroupBy(row => row.Status))
        {
            responses[$"{status.Key}"] = Failure(status.Key, [.. status], status.Select(row => row.Code), alwaysWait: false);
        }

        if (postponed is not null)
        {
            responses["503"] = Failure(503, [.. InTableOrder(postponed.Types)], postponed.Samples, alwaysWait: true);
        }

        return new JsonObject(responses);
    }

    private static IEnumerable<ProblemType> InTableOrder(IEnumerable<ProblemType> problems) => ProblemType.All.Where(problems.ToHashSet().Contains);

    private static JsonObject Ok(string description, string schema, string[] samples) => new()
    {
        ["description"] = description,
        ["headers"] = CommonHeaders(),
        ["content"] = new JsonObject { [Json] = Content(schema, samples) },
    };

    private static JsonObject Failure(int status, ProblemType[] rows, IEnumerable<string> samples, bool alwaysWait)
    {
        var headers = CommonHeaders();
        if (alwaysWait || rows.All(row => row.Retryable))
        {
            headers["Retry-After"] = Ref("headers", "RetryAfter");
        }
        else if (rows.Any(row => row.Retryable || row == ProblemType.JuspayUnauthenticated))
        {
            headers["Retry-After"] = Ref("headers", "RetryAfterIfRetryable");
        }

        var content = Content("Problem", [.. samples]);
        content["schema"] = new JsonObject
        {
            ["allOf"] = new JsonArray(Ref("schemas", "Problem"), new JsonObject
            {
                ["properties"] = new JsonObject
                {
                    ["status"] = new JsonObject { ["const"] = status },
                    ["code"] = new JsonObject { ["enum"] = Strings(rows.Select(row => row.Code)) },
                },
            }),
        };
        return new JsonObject
        {
            ["description"] = string.Join("; ", rows.Select(row => $"`{row.Code}`: {row.Title}")) + ".",
            ["headers"] = headers,
            ["content"] = new JsonObject { [Problem] = content },
        };
    }

    private static JsonObject Content(string schema, params string[] samples) => new()
    {
        ["schema"] = Ref("schemas", schema),
        ["examples"] = new JsonObject(samples.Select(sample => KeyValuePair.Create<string, JsonNode?>(sample, Ref("examples", sample)))),
    };

    private static JsonObject Command() => new()
    {
        ["description"] = $"The command and nothing else counts; at most {RequestBody.MaxBytes} bytes, not compressed, with a `Content-Length`.",
        ["required"] = true,
        ["content"] = new JsonObject
        {
            ["application/x-www-form-urlencoded"] = Content("Command", "command"),
            [Json] = Content("Command", "command"),
        },
    };

    private static JsonArray FunctionKey() => new(
        new JsonObject { ["functionKey"] = new JsonArray() }, new JsonObject { ["functionKeyInQuery"] = new JsonArray() });

    private static JsonObject SecuritySchemes() => new()
    {
        ["functionKey"] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "x-functions-key",
            ["description"] = "A function key of this app. Its name decides for which merchant a call is.",
        },
        ["functionKeyInQuery"] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "query",
            ["name"] = "code",
            ["description"] = "The same in the query, for callers that cannot set a header. Prefer the header: URLs are logged.",
        },
        ["webhookSignature"] = new JsonObject
        {
            ["type"] = "apiKey",
            ["in"] = "header",
            ["name"] = "webhook-signature",
            ["description"] =
                "Standard Webhooks 1.0.0: `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, "
                + "keyed with the base64 behind `whsec_`. Several, separated by spaces, are welcome.",
        },
    };

    private static JsonObject Parameters() => new()
    {
        ["wallet_id"] = Parameter("path", "wallet_id", "Juspay's id of the wallet.", WalletIdSchema(), "wlm_vNb87tTUvbb86bD"),
        ["customer_id"] = Parameter("path", "customer_id", "The customer's id at Juspay.", CustomerIdSchema(), "customer_1122"),
        ["merchant"] = Parameter(
            "path", "merchant", "The merchant's name, where an operator gave one. A wrong one answers as a wrong signature does.", Text(), "shop_a"),
        ["routing_id"] = Parameter("header", "x-routing-id", "The customer id, the same in every call about that customer.", RoutingIdSchema(), "customer_1122"),
        ["customer_routing_id"] = Parameter(
            "header", "x-routing-id", "Another id for the customer, the same in every call about them; the customer id, if it is absent.",
            RoutingIdSchema(), "customer_1122", isRequired: false),
        ["traceparent"] = Parameter(
            "header", "traceparent", "W3C trace context. Its trace id is in our problem, our log and Juspay's `x-request-id`; anything unusable is ignored.",
            Text(), "00-2a71c3e2f0db31a5cb56c5e9f40ec894-d75597dee50b0cac-01", isRequired: false),
        ["webhook_id"] = Parameter(
            "header", "webhook-id", "The event's id, the same whenever it is sent again.",
            new JsonObject { ["type"] = "string", ["maxLength"] = WebhookSignature.MaxIdLength, ["pattern"] = "^[!-,/-~-]+$" }, "msg_1"),
        ["webhook_timestamp"] = Parameter(
            "header", "webhook-timestamp", $"Now, in Unix seconds; within {WebhookSignature.Tolerance.TotalMinutes} minutes of our clock.",
            new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9]{1,12}$" }, "1790000000"),
    };

    private static JsonObject Parameter(string place, string name, string description, JsonObject schema, string example, bool isRequired = true) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["required"] = isRequired,
        ["description"] = description,
        ["schema"] = schema,
        ["example"] = example,
    };

    private static JsonObject CommonHeaders() => new()
    {
        ["Cache-Control"] = Ref("headers", "CacheControl"),
        ["X-Content-Type-Options"] = Ref("headers", "ContentTypeOptions"),
    };

    private static JsonObject Headers() => new()
    {
        ["CacheControl"] = Header("No answer may be stored.", isRequired: true, new JsonObject { ["const"] = "no-store" }),
        ["ContentTypeOptions"] = Header("The content type is what it says.", isRequired: true, new JsonObject { ["const"] = "nosniff" }),
        ["RetryAfter"] = Header("Seconds to wait before the request is repeated.", isRequired: true, new JsonObject { ["type"] = "integer", ["minimum"] = 1 }),
        ["RetryAfterIfRetryable"] = Header(
            "Seconds to wait before the request is repeated, where `retryable` is true.",
            isRequired: false,
            new JsonObject { ["type"] = "integer", ["minimum"] = 1 }),
    };

    private static JsonObject Header(string description, bool isRequired, JsonObject schema) =>
        new() { ["description"] = description, ["required"] = isRequired, ["schema"] = schema };

    private static JsonObject Schemas() => new()
    {
        ["Wallet"] = Wallet(),
        ["DelinkedCustomer"] = Of(nameof(CustomerDocument), "A customer's wallets after a delink, each with what became of it."),
        ["WalletResult"] = Of(nameof(WalletDocument), "One of a customer's wallets and what became of it."),
        ["WebhookResult"] = Of(nameof(WebhookDocument), "What came of an event. The status alone decides whether it may be forgotten."),
        ["Health"] = Of(nameof(HealthDocument), "What a monitor asks."),
        ["Problem"] = Of(nameof(ProblemDocument), "RFC 9457, with members of ours."),
        ["JuspayReport"] = Of(nameof(JuspayReport), "What Juspay answered."),
        ["Command"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "The only command there is. It stands once; other members are not looked at.",
            ["required"] = Strings(["command"]),
            ["properties"] = new JsonObject { ["command"] = new JsonObject { ["const"] = "delink" } },
            ["additionalProperties"] = true,
        },
        ["Event"] = Event(),
    };

    /// <summary>Returns the schema of Juspay's wallet object, in all forms of Juspay's samples, with the product's three guarantees.</summary>
    private static JsonObject Wallet() => new()
    {
        ["type"] = "object",
        ["description"] =
            "Juspay's own object, field for field, members that are not documented included. Three things are certain: "
            + "`linked` is false, `token` is null wherever it occurs, and `id` is the wallet that was asked for.",
        ["required"] = Strings(["id", "linked"]),
        ["properties"] = new JsonObject
        {
            ["id"] = Described("The wallet's id.", WalletIdSchema()),
            ["linked"] = Described("Always false: Juspay says so, about this wallet, in this request.", new JsonObject { ["const"] = false }),
            ["token"] = Described("Always null: debit tokens stay here.", new JsonObject { ["type"] = "null" }),
            ["object"] = Described("`wallet_account`.", Text()),
            ["wallet"] = Described("The provider, such as `PAYTM`.", Text()),
            ["current_balance"] = Described("As Juspay has it: a number, a text, an empty text or null.", Any("number", "string", "null")),
            ["last_refreshed"] = Described(
                "As Juspay has it: `2016-08-01T08:07:52+0000`, `2023-09-11T08:26:15Z`, with or without milliseconds, an empty text or null.", Any("string", "null")),
            ["sub_details"] = Described("The parts of the wallet, such as PAYTM and PAYTM_POSTPAID.", new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["payment_method"] = Described("The part, such as `PAYTM`.", Text()),
                        ["payment_method_type"] = Described("`WALLET`.", Text()),
                        ["current_balance"] = Described("As Juspay has it.", Any("number", "string", "null")),
                        ["last_refreshed"] = Described("As Juspay has it.", Any("string", "null")),
                    },
                    ["additionalProperties"] = true,
                },
            }),
            ["metadata"] = Described("Whatever Juspay keeps beside.", new JsonObject()),
            ["gateway_reference_id"] = Described("As Juspay has it.", Any("string", "null")),
            ["juspay_bank_code"] = Described("As Juspay has it.", Any("string", "null")),
        },
        ["additionalProperties"] = true,
    };

    private static JsonObject Event() => new()
    {
        ["type"] = "object",
        ["description"] =
            "`wallet.delink_requested` asks for the wallet `data.wallet_id` of the customer `data.customer_id`; "
            + string.Join(" and ", WebhookOptions.BuiltIn
                .Where(type => type.Value is WebhookScope.Customer).Select(type => $"`{type.Key}`").Order(StringComparer.Ordinal))
            + " ask for all wallets of the customer; any other type for nothing. Types are compared without regard to case; other members are not looked at.",
        ["required"] = Strings(["type"]),
        ["properties"] = new JsonObject
        {
            ["type"] = Described(
                "What happened. A type that is not known asks for nothing.",
                new JsonObject { ["type"] = "string", ["minLength"] = 1, ["examples"] = Strings(WebhookOptions.BuiltIn.Keys.Order(StringComparer.Ordinal)) }),
            ["data"] = Described("To whom.", new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject
                {
                    ["customer_id"] = Described("The customer. Juspay needs it for a single wallet too.", CustomerIdSchema()),
                    ["wallet_id"] = Described("The wallet.", WalletIdSchema()),
                },
                ["additionalProperties"] = true,
            }),
        },
        ["additionalProperties"] = true,
    };

    /// <summary>Returns the schema of a type that Core serializes, from the same source-generated metadata.</summary>
    private static JsonObject Of(string typeName, string description)
    {
        var type = Types.Single(type => type.Type.Name == typeName);
        var name = SchemaNames[typeName];
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = description,
            ["required"] = Strings(type.Properties
                .Where(member => !member.IsGetNullable && Nullable.GetUnderlyingType(member.PropertyType) is null)
                .Select(member => member.Name)),
            ["properties"] = new JsonObject(type.Properties.Select(member =>
            {
                var schema = OfMember(member.PropertyType);
                foreach (var (key, value) in Constraints.GetValueOrDefault($"{name}.{member.Name}") ?? [])
                {
                    schema[key] = value!.DeepClone();
                }

                return KeyValuePair.Create<string, JsonNode?>(member.Name, Described(Members[$"{name}.{member.Name}"], schema));
            })),
        };
    }

    private static JsonObject OfMember(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var text when text == typeof(string) => Text(),
        var flag when flag == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        var number when number == typeof(int) => new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
        { IsGenericType: true } list => new JsonObject { ["type"] = "array", ["items"] = Ref("schemas", SchemaNames[list.GenericTypeArguments[0].Name]) },
        var other => Ref("schemas", SchemaNames[other.Name]),
    };

    private static IEnumerable<JsonTypeInfo> Types =>
    [
        HttpJson.Plain.CustomerDocument, HttpJson.Plain.WalletDocument, HttpJson.Plain.WebhookDocument, HttpJson.Plain.HealthDocument,
        HttpJson.Plain.ProblemDocument, HttpJson.Plain.JuspayReport,
    ];

    private static readonly Dictionary<string, string> SchemaNames = new(StringComparer.Ordinal)
    {
        [nameof(CustomerDocument)] = "DelinkedCustomer",
        [nameof(WalletDocument)] = "WalletResult",
        [nameof(WebhookDocument)] = "WebhookResult",
        [nameof(HealthDocument)] = "Health",
        [nameof(ProblemDocument)] = "Problem",
        [nameof(JuspayReport)] = "JuspayReport",
    };

    private static JsonObject Examples() => new(Samples.Names.Where(name => name != ProblemType.RouteNotFound.Code).Select(name => KeyValuePair.Create<string, JsonNode?>(name, new JsonObject
    {
        ["summary"] = Samples.Describe(name),
        ["value"] = Samples.Read(name),
    })));

    private static JsonObject WalletIdSchema() => new() { ["type"] = "string", ["pattern"] = $"^[A-Za-z0-9_-]{{1,{WalletId.MaxLength}}}$" };

    private static JsonObject CustomerIdSchema() =>
        new() { ["type"] = "string", ["maxLength"] = CustomerId.MaxLength, ["pattern"] = "^\\.*[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*$" };

    private static JsonObject RoutingIdSchema() =>
        new() { ["type"] = "string", ["maxLength"] = RoutingId.MaxLength, ["pattern"] = "^[!-+.-~-]([ -+.-~-]*[!-+.-~-])?$" };

    private static JsonObject Text() => new() { ["type"] = "string" };

    private static JsonObject Any(params string[] types) => new() { ["type"] = Strings(types) };

    private static JsonObject Described(string description, JsonObject schema)
    {
        schema.Insert(0, "description", description);
        return schema;
    }

    private static JsonObject Ref(string kind, string name) => new() { ["$ref"] = $"#/components/{kind}/{name}" };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static JsonArray Numbers(IEnumerable<int> values) => new([.. values.Distinct().Order().Select(value => JsonValue.Create(value))]);
}
