namespace Watchword.Kms.Server.Observability;

/// <summary>Log events 2150 to 2179: custody, and the audit key in it.</summary>
internal static partial class CustodyLog
{
    [LoggerMessage(2150, LogLevel.Information, "Custody is open under a key-encryption key of kind {Kind}")]
    public static partial void CustodyOpened(this ILogger log, string kind);

    [LoggerMessage(2151, LogLevel.Warning, "{Count} custody documents are still under the previous key-encryption key")]
    public static partial void RewrapUnfinished(this ILogger log, int count);

    [LoggerMessage(2152, LogLevel.Information, "Checkpoints of the audit log are signed with key {KeyId}")]
    public static partial void AuditKeyOpened(this ILogger log, string keyId);

    [LoggerMessage(2153, LogLevel.Error, "A checkpoint of the audit log could not be made: {Error}; it is tried again")]
    public static partial void CheckpointFailed(this ILogger log, KmsError error, Exception fault);

    [LoggerMessage(2154, LogLevel.Warning,
        "No signed end of the audit log is kept at {Path} yet: what happened before this start is "
        + "compared with nothing")]
    public static partial void AuditHeadMissing(this ILogger log, string path);

    [LoggerMessage(2155, LogLevel.Error, "The signed end of the audit log could not be renewed: {Error}; what was kept stays")]
    public static partial void AuditHeadNotRenewed(this ILogger log, KmsError error, Exception fault);
}
