namespace Watchword.Kms.Server.Observability;

/// <summary>Log events 2350 to 2399: the security extension.</summary>
internal static partial class KmsLog
{
    [LoggerMessage(2350, LogLevel.Warning, "Refused the signature of a request with {Error} [{CorrelationId}]")]
    public static partial void SignatureRefused(this ILogger log, KmsError error, string correlationId);

    [LoggerMessage(2351, LogLevel.Information, "New transport keys are in the answer [{CorrelationId}]")]
    public static partial void NewKeysDelivered(this ILogger log, string correlationId);
}
