using Watchword.Cryptography;

namespace Watchword.Mikey;

/// <summary>Who and when a PCK message says it is: unverified until the message is opened.</summary>
/// <param name="InitiatorUri">IDRi.</param>
/// <param name="InitiatorKmsUri">IDRkmsi.</param>
/// <param name="ReceiverUri">IDRr.</param>
/// <param name="ReceiverKmsUri">IDRkmsr.</param>
/// <param name="Time">T, within the freshness window; it selects the key periods.</param>
public sealed record PckParties(
    string InitiatorUri, string InitiatorKmsUri, string ReceiverUri, string ReceiverKmsUri, DateTimeOffset Time);

/// <summary>What verifies an initiator's signature.</summary>
/// <param name="Authority">The KPAK of the initiator's domain, from its KMS certificate.</param>
/// <param name="Uid">The initiator's UID of the key period that holds T, 32 octets.</param>
public sealed record PckInitiatorKey(EccsiPublicKey Authority, ReadOnlyMemory<byte> Uid);

/// <summary>What decapsulates a receiver's key.</summary>
/// <param name="Key">The RSK of the key period that holds T. The caller keeps it.</param>
/// <param name="Uid">The receiver's UID of that period, 32 octets.</param>
public sealed record PckReceiverKey(SakkeReceiverKey Key, ReadOnlyMemory<byte> Uid);

/// <summary>The receiving side of private calls: its identity, its rules, and where its keys come from.</summary>
public sealed class PckReceiver
{
    /// <summary>The receiver's MC service ID, compared with IDRr octet by octet.</summary>
    public required string Uri { get; init; }

    /// <summary>Whether the security domains of IDRkmsi and IDRkmsr are allowed (TS 33.180 5.2.7).</summary>
    public required Func<PckParties, bool> IsDomainAllowed { get; init; }

    /// <summary>Finds what verifies the initiator's signature; null if there is nothing valid for that domain and time.</summary>
    public required Func<PckParties, PckInitiatorKey?> FindInitiatorKey { get; init; }

    /// <summary>Finds the receiver's own key for the key period that holds T; null if there is none.</summary>
    public required Func<PckParties, PckReceiverKey?> FindReceiverKey { get; init; }

    /// <summary>The messages opened before, together with the clock and the freshness window; one for all receivers of a process.</summary>
    public required MikeyReplayCache ReplayCache { get; init; }

    /// <summary>Departures of peers to accept; none by default.</summary>
    public MikeyTolerances Tolerances { get; init; }
}
