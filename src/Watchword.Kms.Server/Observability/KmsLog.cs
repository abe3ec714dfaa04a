using Watchword.Kms.Server.Http;

namespace Watchword.Kms.Server.Observability;

/// <summary>Log events 2000 to 2999. No identity and no token in any of them: the correlation id leads to the audit
/// log.</summary>
internal static partial class KmsLog
{
    [LoggerMessage(2000, LogLevel.Information, "Security domain {KmsUri} is open, generation {Generation}")]
    public static partial void DomainOpened(this ILogger log, string kmsUri, int generation);

    [LoggerMessage(2001, LogLevel.Debug, "Gave out {Count} key sets of period {Period} [{CorrelationId}]")]
    public static partial void Issued(this ILogger log, int count, long period, string correlationId);

    [LoggerMessage(2002, LogLevel.Debug, "Gave out the KMS certificate [{CorrelationId}]")]
    public static partial void Initialized(this ILogger log, string correlationId);

    [LoggerMessage(2003, LogLevel.Debug, "Refused a request with {Error} [{CorrelationId}]")]
    public static partial void Refused(this ILogger log, KmsError error, string correlationId);

    [LoggerMessage(2004, LogLevel.Error, "Failed with {Error} [{CorrelationId}]")]
    public static partial void Failed(this ILogger log, KmsError error, string correlationId, Exception fault);

    [LoggerMessage(2005, LogLevel.Debug, "The client left before its answer [{CorrelationId}]")]
    public static partial void ClientLeft(this ILogger log, string correlationId);

    [LoggerMessage(2006, LogLevel.Warning, "Refused an asserted identity with {Fault} [{CorrelationId}]")]
    public static partial void AssertionRefused(this ILogger log, AssertedIdentityFault fault, string correlationId);
}
