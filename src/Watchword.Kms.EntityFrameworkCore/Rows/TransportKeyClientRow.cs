using Watchword.KeyManagement;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A KM client that was enrolled with transport keys.</summary>
internal sealed class TransportKeyClientRow
{
    public long Id { get; init; }

    public required string KmsUri { get; init; }

    public required string UserUri { get; init; }

    public required string ClientId { get; init; }

    public EnrolmentState State { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long StateChangedAt { get; set; }

    /// <summary>Milliseconds since 1970, or null for never.</summary>
    public long? LastSeenAt { get; set; }

    public bool IsExportable { get; set; }

    public KeyWrapProfile? WrapProfile { get; set; }

    public int LastNumber { get; set; }

    public List<TransportKeyPairRow> Pairs { get; init; } = [];
}

/// <summary>A pair of keys of a client, sealed.</summary>
internal sealed class TransportKeyPairRow
{
    /// <summary>The row of the client.</summary>
    public long Owner { get; init; }

    public int Number { get; init; }

    public required string TransportKeyId { get; init; }

    public string? IntegrityKeyId { get; init; }

    public TransportKeyPairState State { get; set; }

    public required byte[] Sealed { get; init; }

    public string? Fingerprint { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970, or null for not yet.</summary>
    public long? ReplacedAt { get; set; }
}
