namespace Watchword.KeyManagement.Administration;

/// <summary>A KMS certificate of another security domain.</summary>
public sealed class PartnerView
{
    /// <summary>Number of the record.</summary>
    public required long Id { get; init; }

    /// <summary>KMS URI of the partner.</summary>
    public required string KmsUri { get; init; }

    /// <summary><c>external</c> or <c>migration</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>pending</c>, <c>approved</c>, <c>replaced</c>, <c>revoked</c> or <c>rejected</c>.</summary>
    public required string State { get; init; }

    /// <summary>True if it is a domain of this installation.</summary>
    public required bool IsLinked { get; init; }

    /// <summary>Fingerprint in hexadecimal digits; absent for a linked domain.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The same in words.</summary>
    public string? FingerprintWords { get; init; }

    /// <summary>https URL of a migration KMS.</summary>
    public string? Address { get; init; }

    /// <summary>The identity domains whose users it keys.</summary>
    public required IReadOnlyList<string> IdentityDomains { get; init; }

    /// <summary>From when the certificate is valid.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? ValidTo { get; init; }

    /// <summary>When its use ended or ends.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>The record whose place it takes.</summary>
    public long? Replaces { get; init; }

    /// <summary>When it was imported.</summary>
    public required DateTimeOffset ImportedAt { get; init; }
}

/// <summary>A certificate to be imported.</summary>
public sealed class ImportPartnerRequest
{
    /// <summary>The <c>KmsCertificate</c> document, in base64.</summary>
    public required ReadOnlyMemory<byte> Certificate { get; init; }

    /// <summary><c>external</c> or <c>migration</c>; not for a replacement.</summary>
    public string? Kind { get; init; }

    /// <summary>https URL of a migration KMS.</summary>
    public string? Address { get; init; }

    /// <summary>Identity domains beyond those that the certificate names.</summary>
    public IReadOnlyList<string> IdentityDomains { get; init; } = [];

    /// <summary>Why, for the history.</summary>
    public string? Reason { get; init; }

    /// <summary>The approved record whose place it is to take.</summary>
    public long? Replaces { get; init; }
}

/// <summary>Another domain of this installation that becomes a partner.</summary>
public sealed class LinkPartnerRequest
{
    /// <summary>Its KMS URI.</summary>
    public required string KmsUri { get; init; }

    /// <summary><c>external</c> or <c>migration</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>https URL of a migration KMS.</summary>
    public string? Address { get; init; }
}

/// <summary>Approval after the fingerprint was compared.</summary>
public sealed class ApprovePartnerRequest
{
    /// <summary>The whole fingerprint as the officer has it from the partner, in digits or words.</summary>
    public required string Fingerprint { get; init; }
}

/// <summary>What an act on a partner did, or would do.</summary>
public sealed class PartnerActResult
{
    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Requesters of the domain who were keyed lately: their clients are told.</summary>
    public required long AffectedRequesters { get; init; }

    /// <summary>The record after the act.</summary>
    public required PartnerView Partner { get; init; }
}

/// <summary>One act on a partner.</summary>
public sealed class PartnerActView
{
    /// <summary>The record.</summary>
    public required long PartnerId { get; init; }

    /// <summary><c>imported</c>, <c>approved</c>, <c>replaced</c>, <c>revoked</c>, <c>rejected</c> or <c>linked</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who vouched for the officer.</summary>
    public required string Issuer { get; init; }

    /// <summary>The officer.</summary>
    public required string Subject { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Number of the list of certificates after the act.</summary>
    public required long CacheNumber { get; init; }
}

/// <summary>A migration grant.</summary>
public sealed class GrantView
{
    /// <summary>Its number.</summary>
    public required long Id { get; init; }

    /// <summary>The identity of another domain.</summary>
    public required string UserUri { get; init; }

    /// <summary>Who must vouch for the requester.</summary>
    public required string Issuer { get; init; }

    /// <summary>The requester; absent for whoever the issuer gives the identity to.</summary>
    public string? Subject { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Until when.</summary>
    public required DateTimeOffset ValidTo { get; init; }

    /// <summary>When it was taken back.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>A migration grant to be given.</summary>
public sealed class GrantRequest
{
    /// <summary>The identity of another domain.</summary>
    public required string UserUri { get; init; }

    /// <summary>Who must vouch for the requester.</summary>
    public required string Issuer { get; init; }

    /// <summary>The requester; absent for whoever the issuer gives the identity to.</summary>
    public string? Subject { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Until when.</summary>
    public required DateTimeOffset ValidTo { get; init; }
}

/// <summary>A KMS that redirect responses of clients propose and that is no partner.</summary>
public sealed class ProposedKmsView
{
    /// <summary>What they propose.</summary>
    public required string KmsUri { get; init; }

    /// <summary>When first.</summary>
    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>When last.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>In how many reports.</summary>
    public required long Count { get; init; }
}

/// <summary>A proposed KMS to be struck off the list.</summary>
public sealed class DismissProposedRequest
{
    /// <summary>Its KMS URI.</summary>
    public required string KmsUri { get; init; }
}
