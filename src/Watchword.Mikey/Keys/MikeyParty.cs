namespace Watchword.Mikey;

/// <summary>One side of a message.</summary>
/// <param name="Uri">The URI, octet by octet as in the message; null while it is hidden behind the UID (TS 33.180 5.2.6).</param>
/// <param name="KmsUri">The KMS URI of the security domain.</param>
/// <param name="Uid">The UID of the key period that was used, 32 octets (TS 33.180 F.2.1).</param>
public sealed record MikeyParty(string? Uri, string KmsUri, ReadOnlyMemory<byte> Uid);
