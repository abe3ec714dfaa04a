namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>That a signed request was seen.</summary>
internal sealed class ReplayRow
{
    /// <summary>SHA-256 over domain, key and MAC value.</summary>
    public required byte[] Digest { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Expires { get; init; }
}
