namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>The standing of a requester of whom something was said.</summary>
internal sealed class SubjectRow
{
    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    public RequesterState State { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long? TokensEndedAt { get; set; }

    public long Epoch { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long ChangedAt { get; set; }
}
