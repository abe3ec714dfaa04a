namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>That an identity's key of a period was issued to a requester, once or often.</summary>
internal sealed class IssuanceRow
{
    public long Id { get; init; }

    public required string KmsUri { get; init; }

    public int Generation { get; init; }

    public int SecretsGeneration { get; init; }

    public long PeriodNumber { get; init; }

    public required string UserUri { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public required byte[] UserId { get; init; }

    public required byte[] PublicTokenHash { get; init; }

    /// <summary>The outcome of the first time, a sequence number of the audit log.</summary>
    public long FirstOutcome { get; init; }

    /// <summary>The outcome of the last time.</summary>
    public long LastOutcome { get; set; }
}
