using Watchword.Cryptography;

namespace Watchword.Mikey;

/// <summary>What is known of the initiator of a message and of his security domain.</summary>
public enum InitiatorStatus
{
    /// <summary>There are keys to verify with.</summary>
    Known = 0,

    /// <summary>No certificate of the KMS of IDRkmsi is known.</summary>
    DomainUnknown = 1,

    /// <summary>The KMS certificate is not valid at T.</summary>
    DomainNotValid = 2,

    /// <summary>The KMS certificate is revoked.</summary>
    DomainRevoked = 3,

    /// <summary>The initiator is not who may hand out this key, such as a user who is no group management server.</summary>
    NotAllowed = 4,
}

/// <summary>What verifies an initiator's signature.</summary>
/// <param name="Authority">The KPAK of the initiator's domain, from its KMS certificate.</param>
/// <param name="Uid">
/// The initiator's UID of a key period, 32 octets; where the message hides him, the UID that it names.
/// </param>
public sealed record InitiatorKey(EccsiPublicKey Authority, ReadOnlyMemory<byte> Uid);

/// <summary>What decapsulates a receiver's key.</summary>
/// <param name="Key">The RSK of a key period. The caller keeps it.</param>
/// <param name="Uid">The receiver's UID of that period, 32 octets.</param>
public sealed record ReceiverKey(SakkeReceiverKey Key, ReadOnlyMemory<byte> Uid);

/// <summary>A caller's answer to who an initiator is.</summary>
public sealed class InitiatorResolution
{
    private InitiatorResolution(InitiatorStatus status, IReadOnlyList<InitiatorKey> candidates)
    {
        Status = status;
        Candidates = candidates;
    }

    /// <summary>No certificate of that KMS is known.</summary>
    public static InitiatorResolution DomainUnknown { get; } = new(InitiatorStatus.DomainUnknown, []);

    /// <summary>The KMS certificate is not valid at T.</summary>
    public static InitiatorResolution DomainNotValid { get; } = new(InitiatorStatus.DomainNotValid, []);

    /// <summary>The KMS certificate is revoked.</summary>
    public static InitiatorResolution DomainRevoked { get; } = new(InitiatorStatus.DomainRevoked, []);

    /// <summary>The initiator may not hand out this key.</summary>
    public static InitiatorResolution NotAllowed { get; } = new(InitiatorStatus.NotAllowed, []);

    /// <summary>The status.</summary>
    public InitiatorStatus Status { get; }

    /// <summary>The keys to try.</summary>
    public IReadOnlyList<InitiatorKey> Candidates { get; }

    /// <summary>
    /// The initiator is known. The first candidate is that of the key period that holds T. Near the boundary of a period the
    /// neighbour may follow, because a peer may have taken its clock instead of T; so may other generations of the domain's keys.
    /// </summary>
    /// <param name="candidates">In the order in which they are tried; each costs a verification.</param>
    public static InitiatorResolution Of(params IReadOnlyList<InitiatorKey> candidates) => new(InitiatorStatus.Known, candidates);
}
