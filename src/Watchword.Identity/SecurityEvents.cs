namespace Watchword.Identity;

/// <summary>Types of security events between an IdM server and its resource servers: keys of <c>events</c> (RFC 8417
/// §2.2).</summary>
public static class SecurityEventTypes
{
    /// <summary>The account may not be used from now on (OpenID RISC 1.0 §2.3).</summary>
    public const string AccountDisabled = "https://schemas.openid.net/secevent/risc/event-type/account-disabled";

    /// <summary>The account may be used again (OpenID RISC 1.0 §2.4).</summary>
    public const string AccountEnabled = "https://schemas.openid.net/secevent/risc/event-type/account-enabled";

    /// <summary>The account was removed for good (OpenID RISC 1.0 §2.2).</summary>
    public const string AccountPurged = "https://schemas.openid.net/secevent/risc/event-type/account-purged";

    /// <summary>Every log-in of the account ended (OpenID CAEP 1.0 §3.1).</summary>
    public const string SessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

    /// <summary>The MC service IDs of the account changed, and tokens that carry the old ones are stale (OpenID CAEP 1.0
    /// §3.2).</summary>
    public const string TokenClaimsChange = "https://schemas.openid.net/secevent/caep/event-type/token-claims-change";

    /// <summary>The stream is alive, and this is the number of its newest event.</summary>
    public const string Heartbeat = "urn:watchword:event:heartbeat";

    /// <summary>A page of the list of all subjects that are not simply enabled; a stream begins with it.</summary>
    public const string Snapshot = "urn:watchword:event:snapshot";
}

/// <summary>Names in a security event token (RFC 8417) and on its way (RFC 8935).</summary>
public static class SecurityEventNames
{
    /// <summary>Value of <c>typ</c> (RFC 8417 §2.3).</summary>
    public const string TokenType = "secevent+jwt";

    /// <summary>Content type of a delivery (RFC 8935 §2).</summary>
    public const string ContentType = "application/secevent+jwt";

    /// <summary>Claim: the subject (RFC 9493), in the format <see cref="IssuerSubjectFormat"/>.</summary>
    public const string SubjectId = "sub_id";

    /// <summary>Format of the subject: members <c>iss</c> and <c>sub</c> (RFC 9493 §3.2.4).</summary>
    public const string IssuerSubjectFormat = "iss_sub";

    /// <summary>Claim: when the event happened; <c>iat</c> is when this token was signed (RFC 8417 §2.2).</summary>
    public const string TimeOfEvent = "toe";

    /// <summary>Claim: which run of numbers this is; a later run has a greater one.</summary>
    public const string Epoch = "urn:watchword:epoch";

    /// <summary>Claim: the number of the event in its run, from 1 without gaps; in a heartbeat that of the newest
    /// event.</summary>
    public const string Sequence = "urn:watchword:seq";

    /// <summary>Member of a heartbeat: <c>jti</c> of the newest event.</summary>
    public const string Newest = "newest";

    /// <summary>Member of a change of claims: the MC service IDs as they are now (CAEP).</summary>
    public const string Claims = "claims";

    /// <summary>Member of a change of claims: the MC service IDs as they were.</summary>
    public const string PreviousClaims = "urn:watchword:previous_claims";

    /// <summary>
    /// Member of an event: the second up to which, and including which, the tokens of the subject are void. In a snapshot an
    /// object of them, by subject, of those that are enabled.
    /// </summary>
    public const string TokensEnded = "urn:watchword:tokens_ended";

    /// <summary>Member of a snapshot: number of the page, from 1.</summary>
    public const string Page = "page";

    /// <summary>Member of a snapshot: true on the last page.</summary>
    public const string Last = "last";

    /// <summary>Member of a snapshot: subjects that are disabled.</summary>
    public const string Disabled = "disabled";

    /// <summary>Member of a snapshot: subjects that were removed.</summary>
    public const string Removed = "removed";

    /// <summary>Header of the answer: where the receiver is, as <c>epoch.sequence</c>, or <see cref="Restart"/>.</summary>
    public const string PositionHeader = "Watchword-Stream-Position";

    /// <summary>The receiver cannot go on from anything it knows: the stream begins anew, with a snapshot.</summary>
    public const string Restart = "restart";
}
