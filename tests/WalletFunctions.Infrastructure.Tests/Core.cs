using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using WalletFunctions.Delinking;
using WalletFunctions.KeyVault;
using WalletFunctions.Problems;

namespace WalletFunctions.Infrastructure.Tests;

/// <summary>The facts of the code that the infrastructure must agree with, read from the code itself.</summary>
internal static partial class Core
{
    [GeneratedRegex(@"^(?<event>[a-z_]+) ")]
    private static partial Regex EventName { get; }

    [GeneratedRegex(@"(?<field>[a-z_]+)=\{")]
    private static partial Regex FieldName { get; }

    [GeneratedRegex("`(?<tag>walletfunctions[.][a-z]+)`")]
    private static partial Regex TagInDescription { get; }

    [GeneratedRegex("""HttpTrigger\(AuthorizationLevel\.(?<level>\w+), (?:"(?<method>\w+)", )*Route = "(?<route>[^"]+)"\)""")]
    private static partial Regex HttpTrigger { get; }

    /// <summary>The log events by their names, each with the fields of its message. The audit records have their own list of fields.</summary>
    public static IReadOnlyDictionary<string, string[]> Events { get; } = typeof(Settings).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
        .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.Message)
        .OfType<string>()
        .GroupBy(message => EventName.Match(message).Groups["event"].Value)
        .ToDictionary(group => group.Key, group => FieldsOf(group.Key, group));

    /// <summary>The codes of problems, which are also the outcomes of audit records.</summary>
    public static IReadOnlySet<string> ProblemCodes { get; } = ProblemType.All.Select(problem => problem.Code).ToHashSet();

    /// <summary>The outcomes in audit records and in the metric's tag.</summary>
    public static IReadOnlySet<string> Outcomes { get; } = ProblemCodes.Concat(["delinked", "accepted", "ignored", "handshake", "nothing_to_delink", "caller_cancelled"]).ToHashSet();

    /// <summary>The outcomes of a webhook before its signature is verified.</summary>
    public static IReadOnlyList<string> OutcomesOfUnsignedWebhooks { get; } =
    [
        ProblemType.InvalidSignature.Code, ProblemType.BodyTooLarge.Code, ProblemType.LengthRequired.Code, ProblemType.UnsupportedContentType.Code, "handshake",
        ProblemType.WebhookSecretNotConfigured.Code, ProblemType.WebhookSecretUnavailable.Code,
    ];

    public static IReadOnlySet<string> Metrics { get; } = Telemetry.Metrics.Select(metric => metric.Name).ToHashSet();

    /// <summary>The tags of the metrics, from their descriptions.</summary>
    public static IReadOnlySet<string> Tags { get; } = Telemetry.Metrics
        .SelectMany(metric => TagInDescription.Matches(metric.Description!)).Select(match => match.Groups["tag"].Value).ToHashSet();

    public static IReadOnlySet<string> SecretFaults { get; } = Enum.GetNames<SecretFault>().ToHashSet();

    /// <summary>The routes of the Functions app, from its source, because its assembly cannot be built on every machine.</summary>
    public static IReadOnlyList<(string Path, bool IsAnonymous)> Routes { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "WalletFunctions"), "*.cs")
            .SelectMany(file => HttpTrigger.Matches(File.ReadAllText(file)))
            .Select(trigger => ($"{RoutePrefix()}/{trigger.Groups["route"].Value}", trigger.Groups["level"].Value is "Anonymous")),
    ];

    /// <summary>Reads the settings as the app does.</summary>
    public static Settings ReadSettings(IEnumerable<KeyValuePair<string, string>> appSettings)
    {
        var settings = appSettings.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value));
        return Settings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
    }

    /// <summary>Returns the names of all settings that Core reads, in the form of app settings, for a merchant named <c>shop_a</c>.</summary>
    public static IReadOnlyList<string> SettingNames()
    {
        string[] sections = ["Juspay", "KeyVault", "Audit", "Merchants:shop_a", "Webhooks", "Webhooks:Senders:crm"];
        var misspelt = sections.Select(section => KeyValuePair.Create($"{section}__Misspelt", "1"));
        var problems = Assert.Throws<SettingsException>(() => ReadSettings(misspelt)).Problems;
        return
        [
            .. problems.Select(problem => problem.Split(" is not a setting. Known under ")).Where(parts => parts.Length is 2)
                .Select(parts => parts[1].Split(": "))
                .SelectMany(known => known[1].Split(", ").Select(name => $"{known[0]}:{name}"))
                .Append("Merchants:RequireMatch").Where(name => name is not "Webhooks:Senders")
                .Select(name => name.Replace(":", "__", StringComparison.Ordinal)),
        ];
    }

    private static string RoutePrefix() =>
        (string)JsonNode.Parse(Repository.Read("host.json"))!["extensions"]!["http"]!["routePrefix"]! is { Length: > 0 } prefix ? "/" + prefix : "";

    private static string[] FieldsOf(string name, IEnumerable<string> messages) => name switch
    {
        "delink_audit" => [.. DelinkAudit.FieldsOfRequests],
        "wallet_audit" => [.. DelinkAudit.FieldsOfWallets],
        _ => [.. messages.SelectMany(message => FieldName.Matches(message)).Select(field => field.Groups["field"].Value).Distinct()],
    };
}
