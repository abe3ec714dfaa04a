using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>What has become of an enrolment. The numbers are those of the store and never change.</summary>
public enum EnrolmentState
{
    /// <summary>The client has keys.</summary>
    Enrolled = 0,

    /// <summary>Its keys are void. Its identity stays one whose requests are signed: a stolen client must not gain by
    /// it.</summary>
    Revoked = 1,

    /// <summary>Its keys are void, and its identity may ask without signature again.</summary>
    Released = 2,
}

/// <summary>The place of a pair of keys in its life. The numbers are those of the store and never change.</summary>
public enum TransportKeyPairState
{
    /// <summary>The client is known to hold it.</summary>
    Current = 0,

    /// <summary>Made and delivered with every answer, until the client is seen using it.</summary>
    Pending = 1,

    /// <summary>The one before: opens the way to the newest for as long as the policy says.</summary>
    Replaced = 2,
}

/// <summary>A transport key (TrK) and an integrity key (InK) of one client, sealed.</summary>
/// <param name="Number">The number in its ids: no other pair of the identity ever had it.</param>
/// <param name="TransportKeyId">The id of the TrK.</param>
/// <param name="IntegrityKeyId">The id of the InK; null if the TrK signs, too.</param>
/// <param name="State">Its place in its life.</param>
/// <param name="Sealed">TrK and InK, sealed by custody.</param>
/// <param name="Fingerprint">The words of the pair; null without InK.</param>
/// <param name="CreatedAt">When it came here.</param>
/// <param name="ReplacedAt">When a newer one was seen in use; null before.</param>
public sealed record TransportKeyPair(
    int Number, string TransportKeyId, string? IntegrityKeyId, TransportKeyPairState State, ReadOnlyMemory<byte> Sealed,
    string? Fingerprint, DateTimeOffset CreatedAt, DateTimeOffset? ReplacedAt = null)
{
    /// <summary>True if the key of that id is one of the pair.</summary>
    public bool Has(string keyId) => string.Equals(TransportKeyId, keyId, StringComparison.Ordinal)
        || string.Equals(IntegrityKeyId, keyId, StringComparison.Ordinal);

    /// <summary>The type name: ids hold identities, which stay out of logs.</summary>
    public override string ToString() => nameof(TransportKeyPair);

    /// <summary>True if a request under it is taken.</summary>
    internal bool IsUsable(DateTimeOffset now, TimeSpan keepReplaced) =>
        State != TransportKeyPairState.Replaced || now - ReplacedAt < keepReplaced;
}

/// <summary>A KM client that was enrolled: who it speaks for, and its keys.</summary>
public sealed record TransportKeyClient
{
    /// <summary>The security domain.</summary>
    public required string KmsUri { get; init; }

    /// <summary>The identity that it was enrolled for, octet by octet.</summary>
    public required string UserUri { get; init; }

    /// <summary>Which client of that identity (<c>ClientId</c> of a KmsRequest), octet by octet.</summary>
    public required string ClientId { get; init; }

    /// <summary>What has become of the enrolment.</summary>
    public required EnrolmentState State { get; init; }

    /// <summary>When it got its present state, or was enrolled anew.</summary>
    public required DateTimeOffset StateChangedAt { get; init; }

    /// <summary>When a request of it was last taken, to within <see cref="TransportKeyDirectory.SeenResolution"/>; null for
    /// never.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>True if its first keys are still here to be exported.</summary>
    public bool IsExportable { get; init; }

    /// <summary>How keys are wrapped for it; null for the way of the domain.</summary>
    public KeyWrapProfile? WrapProfile { get; init; }

    /// <summary>The highest number that a pair of it ever had.</summary>
    public required int LastNumber { get; init; }

    /// <summary>Its keys, by number; none once it is revoked.</summary>
    public IReadOnlyList<TransportKeyPair> Pairs { get; init; } = [];

    /// <summary>The pair that it is known to hold; null once it is revoked.</summary>
    public TransportKeyPair? Current => Pairs.FirstOrDefault(pair => pair.State == TransportKeyPairState.Current);

    /// <summary>The pair on its way to the client; null if there is none.</summary>
    public TransportKeyPair? Pending => Pairs.FirstOrDefault(pair => pair.State == TransportKeyPairState.Pending);

    /// <summary>The type name: identities stay out of logs.</summary>
    public override string ToString() => nameof(TransportKeyClient);
}
