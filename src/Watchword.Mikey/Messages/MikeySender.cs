using Watchword.Cryptography;

namespace Watchword.Mikey;

/// <summary>Who makes a message, in the key period that holds its time T. The caller keeps the keys.</summary>
public sealed class MikeySender
{
    /// <summary>
    /// The ECCSI key of that period. It was issued for the sender's UID (TS 33.180 F.2.1), 32 octets, which so needs no telling.
    /// </summary>
    public required EccsiSigningKey SigningKey { get; init; }

    /// <summary>The URI (IDRi): MC service ID, GMS URI or MDSI.</summary>
    public required string Uri { get; init; }

    /// <summary>The KMS URI of the sender's security domain (IDRkmsi).</summary>
    public required string KmsUri { get; init; }

    /// <summary>
    /// The public encryption key of the sender's own domain, by which SAKKE-to-self is made (TS 33.180 5.2.5, E.5); null where
    /// there is none to make.
    /// </summary>
    public SakkePublicKey? Domain { get; init; }
}
