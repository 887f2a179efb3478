using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>Every single value of prod is changed, and every one is removed, to see whether a policy detects it.</summary>
public sealed partial class MutationTests
{
    /// <summary>The values that need no policy: texts for people, names that nothing refers to, and values from the operator's parameters.</summary>
    private static readonly string[] Free =
    [
        "changed Microsoft.EventGrid/systemTopics/eventSubscriptions properties.destination.properties.description",
        "changed Microsoft.Insights/actionGroups properties.emailReceivers.*.emailAddress",
        "changed Microsoft.Insights/actionGroups properties.emailReceivers.*.name",
        "changed Microsoft.Insights/actionGroups properties.groupShortName",
        "changed Microsoft.Insights/metricAlerts properties.description",
        "changed Microsoft.Insights/scheduledQueryRules properties.displayName",
        "changed Microsoft.Insights/workbooks properties.displayName",
        "changed Microsoft.Network/virtualNetworks properties.subnets.*.properties.delegations.*.name",
        // The merchant id at Juspay.
        "changed Microsoft.Web/sites properties.siteConfig.appSettings.*.value",
        // A word after the end of a query. Only Kusto would refuse it; QueryTests and QueriesNameWhatCoreLogs check the words within.
        "changed Microsoft.Insights/scheduledQueryRules properties.criteria.allOf.*.query",
        // A missing value means the same as an empty list, or as the default.
        "removed Microsoft.Consumption/budgets properties.notifications.foreseen.contactEmails",
        "removed Microsoft.Consumption/budgets properties.notifications.spent.contactEmails",
        "removed Microsoft.Insights/actionGroups properties.smsReceivers",
        "removed Microsoft.Insights/actionGroups properties.webhookReceivers",
        "removed Microsoft.KeyVault/vaults properties.networkAcls.ipRules",
        "removed Microsoft.Network/virtualNetworks properties.subnets.*.properties.natGateway",
        "removed Microsoft.Storage/storageAccounts properties.networkAcls.ipRules",
        "removed Microsoft.Storage/storageAccounts properties.networkAcls.virtualNetworkRules.*.action",
        // Removes one caller.
        "removed Microsoft.Web/sites/config properties.identityProviders.azureActiveDirectory.validation.defaultAuthorizationPolicy.allowedApplications.*",
    ];

    // Ids consist of names, which the policies about names check. A path cannot contain names with dots.
    private static readonly string[] NotTried = ["apiVersion", "id", "tags", "type", "userAssignedIdentities", "odata"];

    [GeneratedRegex(@"\.\d+")]
    private static partial Regex Index { get; }

    [Fact]
    public void EveryValueOfProd_ChangedOrMissing_IsNoticed()
    {
        var prod = Deployments.Committed("prod");
        Assert.Empty(Policies.All.SelectMany(policy => policy.Violations(prod)));
        var mutations = prod.Resources.SelectMany((resource, index) => PathsOf(resource.Json, "")
            .Where(path => !path.Split('.').Any(name => NotTried.Contains(name)))
            .SelectMany(path => new[] { false, true }.Select(isRemoval => (Index: index, resource.Type, Path: path, IsRemoval: isRemoval)))).ToArray();

        var unnoticed = mutations.AsParallel().Where(mutation => !IsNoticed(prod.Copy(), mutation.Index, mutation.Path, mutation.IsRemoval))
            .Select(mutation => $"{(mutation.IsRemoval ? "removed" : "changed")} {mutation.Type} {Index.Replace(mutation.Path, ".*")}").ToHashSet();

        Assert.True(mutations.Length > 900);
        Assert.Equal(Free.Order(StringComparer.Ordinal), unnoticed.Order(StringComparer.Ordinal));
    }

    private static bool IsNoticed(Deployment deployment, int index, string path, bool isRemoval)
    {
        var resource = deployment.Resources.ElementAt(index);
        if (isRemoval)
        {
            Remove(resource, path);
        }
        else
        {
            resource.Set(path, Other(resource.At(path)));
        }

        try
        {
            return Policies.All.Any(policy => policy.Violations(deployment).Any());
        }
        // A policy that throws has detected the change.
        catch (Exception exception) when (exception is InvalidOperationException or NullReferenceException or FormatException or ArgumentException or KeyNotFoundException
            or JsonException)
        {
            return true;
        }
    }

    private static void Remove(Resource resource, string path)
    {
        var dot = path.LastIndexOf('.');
        var name = path[(dot + 1)..];
        switch (dot < 0 ? resource.Json : resource.At(path[..dot]))
        {
            case JsonArray array:
                array.RemoveAt(int.Parse(name, CultureInfo.InvariantCulture));
                break;
            case JsonObject item:
                item.Remove(name);
                break;
        }
    }

    private static JsonValue Other(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.True => JsonValue.Create(false),
        JsonValueKind.False => JsonValue.Create(true),
        JsonValueKind.Number => JsonValue.Create(((decimal)value * 1000) + 7),
        JsonValueKind.String => JsonValue.Create((string)value! + "-x"),
        _ => JsonValue.Create("x"),
    };

    private static IEnumerable<string> PathsOf(JsonNode? node, string path) => node switch
    {
        JsonObject { Count: > 0 } item => item.SelectMany(property => PathsOf(property.Value, path is "" ? property.Key : $"{path}.{property.Key}")),
        JsonArray { Count: > 0 } array => array.SelectMany((item, index) => PathsOf(item, $"{path}.{index}")),
        _ => [path],
    };
}
