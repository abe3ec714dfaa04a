namespace Watchword.KeyManagement.Audit;

/// <summary>One key set of an intent or an outcome. Holds no key.</summary>
/// <param name="UserUri">The identity, octet by octet as it enters the UID (TS 33.180 F.2.1).</param>
/// <param name="Service">The services or the role under which the identity was asserted, for example <c>mcptt
/// mcvideo</c>.</param>
/// <param name="UserId">The UID, 32 octets.</param>
/// <param name="PublicTokenHash">SHA-256 over the 65 octets of the PVT; empty in an intent and in a failed outcome.</param>
public sealed record AuditKeySet(
    string UserUri, string Service, ReadOnlyMemory<byte> UserId, ReadOnlyMemory<byte> PublicTokenHash);
