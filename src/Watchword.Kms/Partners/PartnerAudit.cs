using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// Audit records of acts on partners: <see cref="AuditEntry.Detail"/> is the act and, of a partner, its KMS URI and the
/// fingerprint of the certificate in hexadecimal digits; <see cref="AuditEntry.UserUri"/> the identity of a grant.
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
        Entry(by, record.Domain, null, About(act, record), correlationId, result);

    public static AuditEntry Entry(
        Authority by, string domain, string? userUri, string detail, string correlationId,
        KmsError result = KmsError.None) => new()
    {
        Kind = result == KmsError.None ? AuditKind.Partner : AuditKind.Denied,
        KmsUri = domain,
        Generation = 0,
        CorrelationId = correlationId,
        Issuer = by.Issuer,
        Subject = by.Subject,
        Role = by.Role,
        UserUri = userUri,
        Detail = detail,
        Result = (int)result,
    };

    /// <summary>A change that nobody ordered: time did.</summary>
    public static AuditEntry OfTime(string domain) => new()
    {
        Kind = AuditKind.Partner,
        KmsUri = domain,
        Generation = 0,
        CorrelationId = Validity,
        Detail = Validity,
    };

    private static string About(string act, PartnerRecord record) => record.Fingerprint.Length == 0
        ? $"{act} {record.KmsUri}"
        : $"{act} {record.KmsUri} {Convert.ToHexString(record.Fingerprint.Span)}";
}
