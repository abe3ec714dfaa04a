namespace Watchword.Kms.Server.Observability;

/// <summary>Log events 2400 to 2449: the admin API.</summary>
internal static partial class KmsLog
{
    [LoggerMessage(2400, LogLevel.Warning, "Refused an administrative request with {Error} [{CorrelationId}]")]
    public static partial void AdminRefused(this ILogger log, KmsError error, string correlationId);

    [LoggerMessage(2401, LogLevel.Information, "Administrative act {Act} as {Role} [{CorrelationId}]")]
    public static partial void AdminActed(this ILogger log, string act, string role, string correlationId);
}
