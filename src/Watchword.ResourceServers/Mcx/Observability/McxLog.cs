using Watchword.ResourceServers.Mcx.Authorization;

namespace Watchword.ResourceServers.Mcx.Observability;

/// <summary>Events of the MCX server, 7530 to 7549; outcomes are named by their own number.</summary>
internal static partial class McxLog
{
    [LoggerMessage(7530, LogLevel.Debug, "Service authorisation: {Outcome} ({Service}).")]
    public static partial void ServiceDone(this ILogger log, ServiceOutcome outcome, string? service);

    [LoggerMessage(7531, LogLevel.Information, "Service authorisation: {Outcome} ({Service}).")]
    public static partial void ServiceRefused(this ILogger log, ServiceOutcome outcome, string? service);

    [LoggerMessage(7532, LogLevel.Information, "Bindings dropped: {Count}, because of a security event.")]
    public static partial void BindingsDropped(this ILogger log, int count);

    [LoggerMessage(7533, LogLevel.Debug, "Bindings expired: {Count}.")]
    public static partial void BindingsExpired(this ILogger log, int count);

    [LoggerMessage(7534, LogLevel.Warning, "What has expired could not be purged; it is tried again.")]
    public static partial void PurgeFailed(this ILogger log, Exception fault);

    [LoggerMessage(7535, LogLevel.Information, "Key download {Id}: delivered at attempt {Attempt}.")]
    public static partial void DownloadDelivered(this ILogger log, Guid id, int attempt);

    [LoggerMessage(7536, LogLevel.Warning, "Key download {Id}: attempt {Attempt} got {Status}; it is tried again.")]
    public static partial void DownloadRepeated(this ILogger log, Guid id, int attempt, int? status);

    [LoggerMessage(7537, LogLevel.Warning, "Key download {Id}: given up after attempt {Attempt}, which got {Status}.")]
    public static partial void DownloadFailed(this ILogger log, Guid id, int attempt, int? status);

    [LoggerMessage(7539, LogLevel.Error, "Subscribers of settings could not be told; it is tried again.")]
    public static partial void NotifierHalted(this ILogger log, Exception fault);

    [LoggerMessage(7538, LogLevel.Error, "Key downloads could not be worked on; it is tried again.")]
    public static partial void DownloadsHalted(this ILogger log, Exception fault);

    [LoggerMessage(7540, LogLevel.Information, "Implicit affiliation ({Service}): {Made} groups, {LeftOut} past the limit.")]
    public static partial void Affiliated(this ILogger log, string service, int made, int leftOut);

    [LoggerMessage(7541, LogLevel.Warning,
        "Implicit affiliation ({Service}): the user profile could not be had at attempt {Attempt}; it is tried again.")]
    public static partial void ProfileUnavailable(this ILogger log, string service, int attempt, Exception fault);

    [LoggerMessage(7542, LogLevel.Error, "Implicit affiliations could not be worked on; it is tried again.")]
    public static partial void AffiliationHalted(this ILogger log, Exception fault);

    [LoggerMessage(7543, LogLevel.Warning,
        "A KMS redirect response went out unsigned: the certificate of Services:Mcx:RedirectSigner is not valid now, it ends {NotAfter}.")]
    public static partial void RedirectSignerExpired(this ILogger log, DateTimeOffset notAfter);
}
