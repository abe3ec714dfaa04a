namespace Watchword.Kms.Server.Observability;

internal static partial class KmsLog
{
    [LoggerMessage(2300, LogLevel.Information,
        "Gave out {Count} KMS certificates of other domains, list number {Number} [{CorrelationId}]")]
    public static partial void CertificatesGiven(this ILogger log, int count, long number, string correlationId);

    [LoggerMessage(2301, LogLevel.Information, "Looked up a URI: {Count} KMSs are responsible [{CorrelationId}]")]
    public static partial void LookedUp(this ILogger log, int count, string correlationId);

    [LoggerMessage(2302, LogLevel.Information, "Took {Count} KMS redirect responses [{CorrelationId}]")]
    public static partial void RedirectsReported(this ILogger log, int count, string correlationId);
}
