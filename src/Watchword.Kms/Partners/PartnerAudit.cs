using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// Audit records of acts on partners: <see cref="AuditEntry.UserUri"/> is the partner's KMS URI (of a grant the identity),
/// <see cref="AuditEntry.UserId"/> the fingerprint of the certificate, <see cref="AuditEntry.Service"/> role and act.
/// </summary>
internal static class PartnerAudit
{
    public const string Import = "partner-import";
    public const string Approve = "partner-approve";
    public const string Replace = "partner-replace";
    public const string Revoke = "partner-revoke";
    public const string Reject = "partner-reject";
    public const string Link = "partner-link";
    public const string Validity = "partner-validity";
    public const string Grant = "migration-grant";
    public const string EndGrant = "migration-revoke";
    public const string Redirect = "redirect-report";
    public const string Dismiss = "redirect-dismiss";

    public static AuditEntry Entry(
        Authority by, PartnerRecord record, string act, string correlationId, KmsError result = KmsError.None) =>
        Entry(by, record.Domain, record.KmsUri, act, correlationId, record.Fingerprint, result);

    public static AuditEntry Entry(
        Authority by, string domain, string? about, string act, string correlationId,
        ReadOnlyMemory<byte> fingerprint = default, KmsError result = KmsError.None) => new()
    {
        Kind = result == KmsError.None ? AuditKind.Partner : AuditKind.Denied,
        KmsUri = domain,
        Generation = 0,
        CorrelationId = correlationId,
        Issuer = by.Issuer,
        Subject = by.Subject,
        UserUri = about,
        Service = $"{by.Role} {act}",
        UserId = fingerprint,
        Result = (int)result,
    };

    /// <summary>A change that nobody ordered: time did.</summary>
    public static AuditEntry OfTime(string domain) => new()
    {
        Kind = AuditKind.Partner,
        KmsUri = domain,
        Generation = 0,
        CorrelationId = Validity,
        Service = Validity,
    };
}
