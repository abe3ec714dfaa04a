namespace Watchword.Kms;

/// <summary>What an operator decides about the import of partners.</summary>
public sealed record PartnerPolicy
{
    /// <summary>True if who imported a KMS certificate may also approve it. Two persons make a forged certificate and a slip
    /// harder.</summary>
    public bool SameOfficerMayApprove { get; init; }
}

/// <summary>A KMS certificate to be imported.</summary>
/// <param name="Certificate">The <c>KmsCertificate</c> document of the partner.</param>
/// <param name="Kind">What the partner is to the domain's users.</param>
public sealed record PartnerImport(ReadOnlyMemory<byte> Certificate, PartnerKind Kind)
{
    /// <summary>https URL of a migration KMS, without path; null if it is not known.</summary>
    public string? Address { get; init; }

    /// <summary>Identity domains whose users the partner keys, beside those that its certificate names.</summary>
    public IReadOnlyList<string> IdentityDomains { get; init; } = [];

    /// <summary>Why, for the history; null for no words.</summary>
    public string? Reason { get; init; }
}
