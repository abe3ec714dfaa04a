namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>An audit record. Triggers refuse to change or remove one.</summary>
internal sealed class AuditRow
{
    public long Sequence { get; init; }

    public int Format { get; init; }

    public required byte[] PreviousHash { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Time { get; init; }

    public int Kind { get; init; }

    public required string KmsUri { get; init; }

    public int Generation { get; init; }

    public required string CorrelationId { get; init; }

    public string? Issuer { get; init; }

    public string? Subject { get; init; }

    public string? Role { get; init; }

    public string? UserUri { get; init; }

    public string? Service { get; init; }

    public long? KeyPeriodNumber { get; init; }

    public required byte[] UserId { get; init; }

    public required byte[] PublicTokenHash { get; init; }

    public long? IntentSequence { get; init; }

    public int Result { get; init; }

    public string? Detail { get; init; }

    /// <summary>See <see cref="KeySetColumn"/>.</summary>
    public string? KeySets { get; init; }

    public required byte[] Hash { get; init; }
}
