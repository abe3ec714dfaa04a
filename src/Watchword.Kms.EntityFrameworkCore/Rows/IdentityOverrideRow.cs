namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>That an identity that moved may be keyed for its new holder in a period.</summary>
internal sealed class IdentityOverrideRow
{
    public required byte[] UserId { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required string KmsUri { get; init; }

    public required string UserUri { get; init; }

    public long PeriodNumber { get; init; }

    public required string ByIssuer { get; init; }

    public required string BySubject { get; init; }

    public required string ByRole { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long CreatedAt { get; init; }
}
