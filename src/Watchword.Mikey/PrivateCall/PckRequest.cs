using Watchword.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// What the initiator of a private call puts into a PCK message (TS 33.180 E.3). The two UIDs are those of the key periods that hold
/// <see cref="Time"/> (F.2.1): a receiver computes them from T, so a UID of another period makes a message that nobody can open.
/// </summary>
public sealed class PckRequest
{
    /// <summary>The initiator's ECCSI key, issued for <see cref="InitiatorUid"/>. The caller keeps it.</summary>
    public required EccsiSigningKey InitiatorKey { get; init; }

    /// <summary>The initiator's UID, 32 octets.</summary>
    public required ReadOnlyMemory<byte> InitiatorUid { get; init; }

    /// <summary>The initiator's MC service ID (IDRi).</summary>
    public required string InitiatorUri { get; init; }

    /// <summary>The KMS URI of the initiator's domain (IDRkmsi).</summary>
    public required string InitiatorKmsUri { get; init; }

    /// <summary>The public key of the receiver's domain, from its KMS certificate.</summary>
    public required SakkePublicKey ReceiverDomain { get; init; }

    /// <summary>The receiver's UID, 32 octets.</summary>
    public required ReadOnlyMemory<byte> ReceiverUid { get; init; }

    /// <summary>The receiver's MC service ID (IDRr).</summary>
    public required string ReceiverUri { get; init; }

    /// <summary>The KMS URI of the receiver's domain (IDRkmsr).</summary>
    public required string ReceiverKmsUri { get; init; }

    /// <summary>The time T of the message; the fraction of a second is kept.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// Whether to write the default SRTP profile of E.3.2 as an SP payload. With an empty map the profile applies without it; deployed
    /// peers send it, so it is sent unless told otherwise.
    /// </summary>
    public bool IncludeSecurityPolicy { get; init; } = true;

    /// <summary>
    /// The public key of the initiator's own domain, to add SAKKE-to-self (TS 33.180 5.2.5, E.5), by which the initiator's other
    /// devices recover the key; null to leave it out.
    /// </summary>
    public SakkePublicKey? SakkeToSelfDomain { get; init; }
}
