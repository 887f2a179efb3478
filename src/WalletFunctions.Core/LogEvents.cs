using System.ComponentModel;
using Microsoft.Extensions.Logging;
using WalletFunctions.KeyVault;

namespace WalletFunctions;

/// <summary>
/// All log events. Their names and fields are stable, and no field holds a whole id or a secret. They are in one class because the generator of .NET 10
/// writes several classes in an order that differs from build to build, and two builds of a commit must have the same bytes.
/// </summary>
internal static partial class LogEvents
{
    [Description("a new version of a secret is in use")]
    [LoggerMessage(EventId = 101, EventName = "SecretHeld", Level = LogLevel.Information, Message = "secret_held name={Name} version={Version}")]
    public static partial void LogSecretHeld(this ILogger logger, string name, string version);

    [Description("a read of a secret failed; a warning if a secret is in memory and only the connection failed, else an error")]
    [LoggerMessage(EventId = 102, EventName = "SecretUnavailable",
        Message = "secret_unavailable name={Name} fault={Fault} version_in_use={VersionInUse}: {Detail}")]
    public static partial void LogSecretUnavailable(this ILogger logger, LogLevel level, string name, SecretFault fault, string detail, string versionInUse);

    [Description("a secret is past its expiry date; it is still used, since Juspay decides")]
    [LoggerMessage(EventId = 103, EventName = "SecretExpired", Level = LogLevel.Warning,
        Message = "secret_expired name={Name} version={Version} expired={Expired:O}: it is still used, since Juspay decides; rotate it")]
    public static partial void LogSecretExpired(this ILogger logger, string name, string version, DateTimeOffset expired);

    [Description("once per delink request or webhook, including refused ones; see *The audit record*")]
    [LoggerMessage(EventId = 201, EventName = "DelinkAudit", Level = LogLevel.Information, SkipEnabledCheck = true, Message = "delink_audit {Fields}")]
    public static partial void LogDelinkAudit(this ILogger logger, ISpanFormattable fields);

    [Description("once per wallet that a customer's delink found linked; `attempts` is 0 if the deadline passed before the wallet was sent")]
    [LoggerMessage(EventId = 202, EventName = "WalletAudit", Level = LogLevel.Information, SkipEnabledCheck = true, Message = "wallet_audit {Fields}")]
    public static partial void LogWalletAudit(this ILogger logger, ISpanFormattable fields);

    [Description("a bug, with where it was thrown")]
    [LoggerMessage(EventId = 301, EventName = "InternalError", Level = LogLevel.Error, Message = "internal_error trace_id={TraceId} {Exception} {StackTrace}")]
    public static partial void LogInternalError(this ILogger logger, string exception, string? stackTrace, string traceId);

    [Description("a signed event, or a message of the queue, named a wallet or customer that Juspay does not know; it counts as done")]
    [LoggerMessage(EventId = 302, EventName = "NothingToDelink", Level = LogLevel.Warning,
        Message = "nothing_to_delink trace_id={TraceId}: Juspay does not know what an event names; it counts as done, since repeating cannot help")]
    public static partial void LogNothingToDelink(this ILogger logger, string traceId);

    [Description("a delink in the queue was given up; it is in the queue `delink-events-failed`, and the wallets may still be linked")]
    [LoggerMessage(EventId = 303, EventName = "EventAbandoned", Level = LogLevel.Error,
        Message = "event_abandoned problem={Problem} attempts={Attempts} merchant={Merchant}: the delink is not done; it is in the queue delink-events-failed")]
    public static partial void LogEventAbandoned(this ILogger logger, string problem, int attempts, string merchant);

    [Description("a signed event could not be read; its body is in the queue `delink-events-failed`, and nothing was delinked")]
    [LoggerMessage(EventId = 304, EventName = "EventUnreadable", Level = LogLevel.Error,
        Message = "event_unreadable sender={Sender} trace_id={TraceId}: nothing was delinked; its body is in the queue delink-events-failed")]
    public static partial void LogEventUnreadable(this ILogger logger, string sender, string traceId);

    [Description("a signed event is older than its sender's `MaxAge`; it was refused, and nothing was delinked")]
    [LoggerMessage(EventId = 305, EventName = "EventTooOld", Level = LogLevel.Warning,
        Message = "event_too_old sender={Sender} trace_id={TraceId}: nothing was delinked; either the delivery was delayed, or an old one was sent again")]
    public static partial void LogEventTooOld(this ILogger logger, string sender, string traceId);
}
