namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>How far the events of an issuer are known.</summary>
internal sealed class IssuerEventsRow
{
    public required string Issuer { get; init; }

    public long Epoch { get; set; }

    public long Sequence { get; set; }

    public required string LastId { get; set; }

    public bool SnapshotComplete { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long? CompleteAt { get; set; }
}
