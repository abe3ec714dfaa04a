using Watchword.Identity;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Xcap;
using Watchword.Sip;

namespace Watchword.ResourceServers.Observability;

/// <summary>Log events 7200 to 7299. No path, no identity and no token in any of them.</summary>
internal static partial class ServicesLog
{
    [LoggerMessage(7200, LogLevel.Debug, "The client left before its answer [{CorrelationId}]")]
    public static partial void ClientLeft(this ILogger log, string correlationId);

    [LoggerMessage(7201, LogLevel.Error, "Failed [{CorrelationId}]")]
    public static partial void Failed(this ILogger log, string correlationId, Exception fault);

    [LoggerMessage(7202, LogLevel.Warning, "Refused a sender with {Error} [{CorrelationId}]")]
    public static partial void SenderRefused(this ILogger log, ServicesError error, string correlationId);

    [LoggerMessage(7203, LogLevel.Warning, "Refused a request with {Error} [{CorrelationId}]")]
    public static partial void RequestRefused(this ILogger log, ServicesError error, string correlationId);

    [LoggerMessage(7204, LogLevel.Information, "{Operation} of a document of {Auid}: {Status} [{CorrelationId}]")]
    public static partial void DocumentChanged(
        this ILogger log, XcapOperation operation, string auid, int status, string correlationId);

    [LoggerMessage(7205, LogLevel.Warning, "Old changes of documents were not forgotten")]
    public static partial void UpkeepFailed(this ILogger log, Exception fault);

    [LoggerMessage(7206, LogLevel.Information, "SUBSCRIBE to documents of {Resource}: {Status}")]
    public static partial void Subscribed(this ILogger log, McResource resource, int status);

    [LoggerMessage(7207, LogLevel.Debug, "NOTIFY of documents: {Outcome}")]
    public static partial void Notified(this ILogger log, NotifyOutcome outcome);

    [LoggerMessage(7208, LogLevel.Error, "Notifications of documents halted")]
    public static partial void NotifierHalted(this ILogger log, Exception fault);
}
