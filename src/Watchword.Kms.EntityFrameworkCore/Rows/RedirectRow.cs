namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A KMS redirect response that a requester handed in.</summary>
internal sealed class RedirectRow
{
    public long Id { get; init; }

    public required string Domain { get; init; }

    public required string Issuer { get; init; }

    public required string Subject { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Time { get; init; }

    public required byte[] Content { get; init; }
}

/// <summary>A KMS that redirect responses propose and that is no partner.</summary>
internal sealed class ProposedKmsRow
{
    public required string Domain { get; init; }

    public required string KmsUri { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long FirstSeen { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long LastSeen { get; set; }

    public long Count { get; set; }
}
