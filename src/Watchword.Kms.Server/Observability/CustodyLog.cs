namespace Watchword.Kms.Server.Observability;

/// <summary>Log events 2150 to 2179: custody.</summary>
internal static partial class CustodyLog
{
    [LoggerMessage(2150, LogLevel.Information, "Custody is open under a key-encryption key of kind {Kind}")]
    public static partial void CustodyOpened(this ILogger log, string kind);

    [LoggerMessage(2151, LogLevel.Warning, "{Count} custody documents are still under the previous key-encryption key")]
    public static partial void RewrapUnfinished(this ILogger log, int count);
}
