namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A key set that was made ahead, sealed. Nothing of it is in clear.</summary>
internal sealed class PreparedKeyRow
{
    public long PreparationId { get; init; }

    public required byte[] UserId { get; init; }

    /// <summary>Empty if custody alone seals it.</summary>
    public required string TransportKeyId { get; init; }

    public required byte[] Holder { get; init; }

    public required byte[] Identity { get; init; }

    public required byte[] Sealed { get; init; }
}
