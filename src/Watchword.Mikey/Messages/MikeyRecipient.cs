using Watchword.Cryptography;

namespace Watchword.Mikey;

/// <summary>Whom a message is for.</summary>
/// <param name="Uri">The URI (IDRr): MC service ID or MDSI.</param>
/// <param name="KmsUri">The KMS URI of his security domain (IDRkmsr).</param>
/// <param name="Domain">The public encryption key of that domain, from its KMS certificate.</param>
/// <param name="Uid">
/// His UID of the key period that holds T by that certificate, 32 octets (TS 33.180 F.2.1): with a UID of another period nobody
/// can open.
/// </param>
public sealed record MikeyRecipient(string Uri, string KmsUri, SakkePublicKey Domain, ReadOnlyMemory<byte> Uid);
