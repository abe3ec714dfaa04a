using Watchword.ResourceServers.Http;

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
}
