using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>
/// What is known of a service key, which a MIKEY message carried, without the key: GMK, PCK, CSK, SPK, MKFC, MSCCK or MuSiK
/// (TS 33.180 5.2.2, E.6).
/// </summary>
public sealed record ServiceKeyInfo
{
    internal ServiceKeyInfo()
    {
    }

    /// <summary>The identity of this profile that the key was made for, or that made it.</summary>
    public required string OwnerUri { get; init; }

    /// <summary>K-ID: the purpose tag and 28 bits.</summary>
    public required uint KeyId { get; init; }

    /// <summary>The purpose, from the tag.</summary>
    public KeyPurpose Purpose => Mikey.UserKeyId.PurposeOf(KeyId);

    /// <summary>
    /// The identifier under which the owner transmits: his GUK-ID for a GMK (TS 33.180 5.2.3), K-ID otherwise; null once the key
    /// is wiped.
    /// </summary>
    public uint? UserKeyId { get; init; }

    /// <summary>Who made the key and signed.</summary>
    public required string InitiatorUri { get; init; }

    /// <summary>The KMS whose certificate verified him.</summary>
    public required string InitiatorKmsUri { get; init; }

    /// <summary>The other side of a key of two: who sent it, or the one whom it was sent to; null for many.</summary>
    public string? PeerUri { get; init; }

    /// <summary>The MC group IDs that the key is for.</summary>
    public required IReadOnlyList<string> GroupIds { get; init; }

    /// <summary>The name that came with the key; at most 256 characters are kept.</summary>
    public required string Text { get; init; }

    /// <summary>T of the newest message that carried it.</summary>
    public required DateTimeOffset MessageTime { get; init; }

    /// <summary>From when on it is used to send.</summary>
    public required DateTimeOffset Activation { get; init; }

    /// <summary>From when on it is not used any more; null for never.</summary>
    public DateTimeOffset? Expiry { get; init; }

    /// <summary>The status that came with the key.</summary>
    public KeyStatus Status { get; init; } = KeyStatus.NotRevoked;

    /// <summary>When its revocation came; null if it is not revoked.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>When it first came, or was made.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Whether it is revoked: it is never used again, and its octets are wiped.</summary>
    public bool IsRevoked => RevokedAt is not null;

    /// <summary>Whether this profile made it.</summary>
    public bool IsOwn => string.Equals(InitiatorUri, OwnerUri, StringComparison.Ordinal);

    /// <summary>One key under all its messages: owner, maker and identifier are the same.</summary>
    internal bool IsSameKey(ServiceKeyInfo other) =>
        KeyId == other.KeyId
        && string.Equals(OwnerUri, other.OwnerUri, StringComparison.Ordinal)
        && string.Equals(InitiatorUri, other.InitiatorUri, StringComparison.Ordinal)
        && string.Equals(InitiatorKmsUri, other.InitiatorKmsUri, StringComparison.Ordinal);
}
