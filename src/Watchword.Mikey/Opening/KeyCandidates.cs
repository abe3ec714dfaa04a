using Watchword.Cryptography;

namespace Watchword.Mikey;

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
