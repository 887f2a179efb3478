using System.Globalization;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>The resources of a deployment, from its snapshot.</summary>
/// <param name="Name">Its name in test results.</param>
/// <param name="Expectations">The intended result.</param>
/// <param name="Snapshot">The snapshot.</param>
internal sealed record Deployment(string Name, Expectations Expectations, JsonObject Snapshot)
{
    public IEnumerable<Resource> Resources => Snapshot["predictedResources"]!.AsArray().Select(node => new Resource(node!.AsObject()));

    public IEnumerable<Resource> All(string type) => Resources.Where(resource => resource.Type.Equals(type, StringComparison.OrdinalIgnoreCase));

    public Resource One(string type) => All(type).Single();

    public Resource Vault => One("Microsoft.KeyVault/vaults");

    public Resource Storage => One("Microsoft.Storage/storageAccounts");

    public Resource App => One("Microsoft.Web/sites");

    public Resource Identity => One("Microsoft.ManagedIdentity/userAssignedIdentities");

    /// <summary>The state after the second of its two deployments.</summary>
    public Resource Workspace => All("Microsoft.OperationalInsights/workspaces").Last();

    public Resource Insights => One("Microsoft.Insights/components");

    /// <summary>The action group of all alerts.</summary>
    public Resource ActionGroup => All("Microsoft.Insights/actionGroups").First();

    public Resource? Network => All("Microsoft.Network/virtualNetworks").SingleOrDefault();

    public IEnumerable<Resource> LogAlerts => All("Microsoft.Insights/scheduledQueryRules");

    public IEnumerable<Resource> MetricAlerts => All("Microsoft.Insights/metricAlerts");

    public IEnumerable<Resource> VaultEvents => All("Microsoft.EventGrid/systemTopics/eventSubscriptions");

    public IEnumerable<Resource> Budgets => All("Microsoft.Consumption/budgets");

    public IEnumerable<Resource> AuditTables => All("Microsoft.OperationalInsights/workspaces/tables");

    public IEnumerable<Resource> DiagnosticSettings => All("Microsoft.Insights/diagnosticSettings");

    public IEnumerable<Resource> RoleAssignments => All("Microsoft.Authorization/roleAssignments");

    public IEnumerable<Resource> BasicPublishing => All("Microsoft.Web/sites/basicPublishingCredentialsPolicies");

    public IEnumerable<Resource> Authentication =>
        All("Microsoft.Web/sites/config").Where(config => config.Name.EndsWith("/authsettingsV2", StringComparison.Ordinal));

    /// <summary>The app settings. A value that only Azure can compute is an expression in brackets.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AppSettings =>
        [.. App.List("properties.siteConfig.appSettings").Select(setting => KeyValuePair.Create((string)setting!["name"]!, (string)setting["value"]!))];

    /// <summary>All Kusto queries, by the name of the alert or the title of the chart.</summary>
    public IEnumerable<KeyValuePair<string, string>> Queries =>
    [
        .. LogAlerts.SelectMany(alert => alert.List("properties.criteria.allOf")
            .Select(criterion => KeyValuePair.Create(alert.Name, (string)criterion!["query"]!))),
        .. All("Microsoft.Insights/workbooks").SelectMany(workbook => JsonNode.Parse(workbook.Text("properties.serializedData")!)!["items"]!.AsArray())
            .Where(item => (int)item!["type"]! is 3)
            .Select(item => KeyValuePair.Create((string)item!["content"]!["title"]!, (string)item["content"]!["query"]!)),
    ];

    /// <summary>The name of an alert without the common part of all resource names.</summary>
    public string ShortName(Resource alert) => alert.Name.Split('/')[^1].Replace(ActionGroup.Name["ag".Length..], "", StringComparison.Ordinal);

    /// <summary>Returns one app setting, which the caller may change.</summary>
    public JsonNode Setting(string name) => App.List("properties.siteConfig.appSettings").Single(setting => (string?)setting!["name"] == name)!;

    public void AddSetting(string name, string value) =>
        App.List("properties.siteConfig.appSettings").Add(new JsonObject { ["name"] = name, ["value"] = value });

    public Resource Alert(string shortName) => LogAlerts.Single(alert => ShortName(alert) == shortName);

    /// <summary>The transformation of a table's rows before they are stored.</summary>
    public Resource Flow(string table) => new(One("Microsoft.Insights/dataCollectionRules").List("properties.dataFlows")
        .Single(flow => (string?)flow!["streams"]![0] == $"Microsoft-Table-{table}")!.AsObject());

    public void Remove(Resource resource) => Snapshot["predictedResources"]!.AsArray().Remove(resource.Json);

    public Deployment Copy() => this with { Snapshot = Snapshot.DeepClone().AsObject() };

    public override string ToString() => Name;
}

/// <summary>The intended result of a deployment, by its parameters.</summary>
/// <param name="NetworkMode">From where Key Vault and storage may be reached.</param>
/// <param name="IsDisposable">Whether its vault may be purged.</param>
/// <param name="IsProduction">Whether it delinks real wallets.</param>
/// <param name="AsksForToken">Whether callers need an Entra token in addition to their key.</param>
/// <param name="HasBudget">Whether there is a budget.</param>
/// <param name="RecoversVault">Whether a deleted vault is recovered.</param>
/// <param name="OperatorRange">The addresses of operators that a closed network admits.</param>
internal sealed record Expectations(
    string NetworkMode, bool IsDisposable = false, bool IsProduction = false, bool AsksForToken = false, bool HasBudget = false, bool RecoversVault = false,
    string? OperatorRange = null);

/// <summary>One resource of a snapshot.</summary>
internal sealed record Resource(JsonObject Json)
{
    public string Id => (string)Json["id"]!;

    public string Type => (string)Json["type"]!;

    public string Name => (string)Json["name"]!;

    /// <summary>The id of the resource that an extension resource, such as a role assignment, belongs to.</summary>
    public string Scope => Id.Split('\'') is ["[extensionResourceId(", var scope, ..] ? scope : Id[..Id.LastIndexOf("/providers/", StringComparison.Ordinal)];

    /// <summary>Gets the value at a path of property names and indices, separated by dots.</summary>
    public JsonNode? At(string path) => path.Split('.').Aggregate((JsonNode?)Json, (node, name) => node switch
    {
        JsonArray array when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) => index < array.Count ? array[index] : null,
        JsonObject item => item[name],
        _ => null,
    });

    public string? Text(string path) => At(path)?.ToString();

    public bool Is(string path, string value) => Text(path) == value;

    public JsonArray List(string path) => At(path) as JsonArray ?? [];

    /// <summary>Returns the items of a list as strings.</summary>
    public string[] Texts(string path) => [.. List(path).Select(item => item!.ToString())];

    /// <summary>All values with their paths, where <c>*</c> is the index of a list.</summary>
    public IEnumerable<(string Path, string Value)> Values => ValuesOf(Json, "");

    private static IEnumerable<(string Path, string Value)> ValuesOf(JsonNode? node, string path) => node switch
    {
        JsonObject { Count: > 0 } item => item.SelectMany(property => ValuesOf(property.Value, path is "" ? property.Key : $"{path}.{property.Key}")),
        JsonArray { Count: > 0 } array => array.SelectMany(item => ValuesOf(item, path + ".*")),
        null => [(path, "null")],
        _ => [(path, node.ToString())],
    };

    /// <summary>Replaces the value, to see which policy detects it.</summary>
    public void Set(string path, JsonNode? value)
    {
        var (parent, name) = path.LastIndexOf('.') is var dot and >= 0 ? (At(path[..dot])!, path[(dot + 1)..]) : (Json, path);
        if (parent is JsonArray array)
        {
            array[int.Parse(name, CultureInfo.InvariantCulture)] = value;
        }
        else
        {
            parent[name] = value;
        }
    }
}
