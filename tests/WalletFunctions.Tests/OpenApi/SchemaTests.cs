using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using WalletFunctions.Http;
using WalletFunctions.Juspay;
using WalletFunctions.Tests.Support;
using WalletFunctions.Webhooks;

namespace WalletFunctions.Tests.OpenApi;

/// <summary>The members, patterns and limits in the OpenAPI document are those of the code.</summary>
public sealed class SchemaTests
{
    /// <summary>The schemas of the documents that Core writes, with the metadata that it writes them by.</summary>
    private static readonly Dictionary<string, JsonTypeInfo> Written = new(StringComparer.Ordinal)
    {
        ["DelinkedCustomer"] = HttpJson.Plain.CustomerDocument,
        ["WalletResult"] = HttpJson.Plain.WalletDocument,
        ["WebhookResult"] = HttpJson.Plain.WebhookDocument,
        ["Verification"] = HttpJson.Plain.OktaVerification,
        ["Health"] = HttpJson.Plain.HealthDocument,
        ["Problem"] = HttpJson.Plain.ProblemDocument,
        ["JuspayReport"] = HttpJson.Plain.JuspayReport,
    };

    public static IEnumerable<object[]> WrittenSchemas => Written.Keys.Select(schema => new object[] { schema });

    [Theory]
    [InlineData("wallet_id")]
    [InlineData("customer_id")]
    [InlineData("routing_id")]
    [InlineData("customer_routing_id")]
    [InlineData("webhook_id")]
    [InlineData("webhook_timestamp")]
    public void Document_Patterns_AcceptWhatCoreAccepts(string parameter)
    {
        Predicate<string> core = parameter switch
        {
            "wallet_id" => text => WalletId.Parse(text) is not null,
            "customer_id" => text => CustomerId.Parse(text) is not null,
            "webhook_id" => text => WebhookSignature.CouldBeValid(WebhookSender.Own.Scheme, new(text, "0", "v1,x"), DateTimeOffset.UnixEpoch),
            // NumberStyles.None accepts NULs at the end, which no header can have.
            "webhook_timestamp" => text => !text.Contains('\0') && WebhookSignature.CouldBeValid(WebhookSender.Own.Scheme, new("msg_1", text, "v1,x"), Time(text)),
            // White space at the ends of a header's value is not part of it.
            _ => text => text == text.Trim() && RoutingId.Parse(text) is not null,
        };
        var schema = OpenApiDocument.Components("parameters").GetProperty(parameter).GetProperty("schema");
        var texts = Enumerable.Range(0, 0x180).Select(c => (char)c)
            .SelectMany(c => new[] { $"{c}", $"a{c}", $"{c}a", $"a{c}b", $".{c}", $"{c}..", $"1{c}" })
            .Concat(new[] { 12, 13, 127, 128, 129, 256, 257 }
                .SelectMany(length => new[] { new string('a', length), new string('.', length), new string('.', length - 1) + "a", new string('0', length) }));

        Assert.All(texts, text => Assert.Equal((text, core(text)), (text, JsonSchema.Violations(OpenApiDocument.Root, schema, OpenApiDocument.Text(text)).Any() is false)));

        static DateTimeOffset Time(string text) =>
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.UnixEpoch;
    }

    [Fact]
    public void Document_Limits_AreThoseOfTheCode()
    {
        var report = Schema("JuspayReport").GetProperty("properties");

        Assert.All(["Command", "Event"], body => Assert.Contains($"{RequestBody.MaxBytes} bytes", Description("requestBodies", body), StringComparison.Ordinal));
        Assert.Contains($"{RequestBody.MaxBytes} bytes", Description("responses", "BodyTooLarge"), StringComparison.Ordinal);
        Assert.Contains($"{WebhookSender.Own.Scheme.Tolerance.TotalMinutes} minutes", Description("parameters", "webhook_timestamp"), StringComparison.Ordinal);
        Assert.Equal(
            [JuspayReport.MaxWord, JuspayReport.MaxMessage, JuspayReport.MaxWord],
            new[] { "code", "message", "requestId" }.Select(member => report.GetProperty(member).GetProperty("maxLength").GetInt32()));
        Assert.All(["RetryAfter", "RetryAfterIfRetryable"], header => Assert.Equal(
            new HttpAnswer(503, "", default, TimeSpan.Zero).Headers.Single(header => header.Key is "Retry-After").Value,
            OpenApiDocument.Components("headers").GetProperty(header).GetProperty("schema").GetProperty("minimum").GetRawText()));
    }

    [Fact]
    public void Document_EventTypes_AreThoseOfTheCode()
    {
        var own = WebhookSender.Own.Format;
        var types = own.CustomerEvents.Concat(own.WalletEvents).Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(types, Schema("WebhookEvent").GetProperty("properties").GetProperty("type").GetProperty("examples").EnumerateArray().Select(type => type.GetString()));
        Assert.All(types, type => Assert.Contains($"`{type}`", Description("schemas", "WebhookEvent"), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(WrittenSchemas))]
    public void Document_Schema_HasTheMembersThatCoreWrites(string name)
    {
        var schema = Schema(name);
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(member => member.GetString()).ToArray() : [];

        var documented = schema.GetProperty("properties").EnumerateObject().Select(member => (member.Name, TypeOf(member.Value), required.Contains(member.Name)));
        var written = Written[name].Properties
            .Select(member => (member.Name, TypeOf(member.PropertyType), !member.IsGetNullable && Nullable.GetUnderlyingType(member.PropertyType) is null));

        Assert.Equal(written.Order(), documented.Order());
    }

    [Fact]
    public void Document_Members_AreDescribed()
    {
        var members = Objects(OpenApiDocument.Components("schemas"))
            .Where(schema => schema.TryGetProperty("properties", out _))
            .SelectMany(schema => schema.GetProperty("properties").EnumerateObject());

        Assert.All(members, member => Assert.True(member.Value.TryGetProperty("description", out var text) && text.GetString() is { Length: > 0 }, $"{member}"));
    }

    /// <summary>Generators take a value without a type for an object, and the first content type for the one to send.</summary>
    [Fact]
    public void Document_ForGenerators_HasTypesBesideValuesAndJsonFirst()
    {
        Assert.All(Objects(OpenApiDocument.Root).Where(schema => schema.TryGetProperty("enum", out _) || schema.TryGetProperty("const", out _)), schema =>
            Assert.True(schema.TryGetProperty("type", out _), $"{schema}"));
        Assert.All(OpenApiDocument.Components("requestBodies").EnumerateObject(), body =>
            Assert.Equal("application/json", body.Value.GetProperty("content").EnumerateObject().First().Name));
    }

    /// <summary>A page that tries requests sends such values as they are, and every request would have the same trace.</summary>
    [Fact]
    public void Document_Traceparent_HasNoExample()
    {
        var parameter = OpenApiDocument.Components("parameters").GetProperty("traceparent");

        Assert.DoesNotContain(
            parameter.EnumerateObject().Concat(parameter.GetProperty("schema").EnumerateObject()), member => member.Name is "example" or "examples" or "default");
    }

    private static JsonElement Schema(string name) => OpenApiDocument.Components("schemas").GetProperty(name);

    private static string Description(string kind, string name) => OpenApiDocument.Components(kind).GetProperty(name).GetProperty("description").GetString()!;

    /// <summary>All objects in an element, itself included.</summary>
    private static IEnumerable<JsonElement> Objects(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => [element, .. element.EnumerateObject().SelectMany(member => Objects(member.Value))],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Objects),
        _ => [],
    };

    /// <summary>The type of a member: that of JSON, or the name of the schema for a document, in brackets for a list of them.</summary>
    private static string TypeOf(JsonElement schema)
    {
        var resolved = OpenApiDocument.Resolve(schema);
        return resolved.GetProperty("type").GetString() switch
        {
            "array" => $"[{TypeOf(resolved.GetProperty("items"))}]",
            "object" => schema.GetProperty("$ref").GetString()!.Split('/')[^1],
            var type => type!,
        };
    }

    private static string TypeOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var text when text == typeof(string) => "string",
        var flag when flag == typeof(bool) => "boolean",
        var number when number == typeof(int) => "integer",
        { IsGenericType: true } list => $"[{TypeOf(list.GenericTypeArguments[0])}]",
        var document => Written.Single(written => written.Value.Type == document).Key,
    };
}
