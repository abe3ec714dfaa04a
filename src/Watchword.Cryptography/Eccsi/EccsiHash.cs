using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography.Eccsi;

/// <summary>The two hashes of RFC 6507, with SHA-256.</summary>
internal static class EccsiHash
{
    public const int SizeInBytes = JoinedHash.SizeInBytes;

    /// <summary>HS = hash(G || KPAK || ID || PVT) (RFC 6507 §5.1.1), points as 04, x, y.</summary>
    public static void IdentityHash(
        ReadOnlySpan<byte> kpak, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> pvt, Span<byte> destination) =>
        JoinedHash.Compute(P256.EncodedGenerator, kpak, identity, pvt, destination);

    /// <summary>HE = hash(HS || r || M) (RFC 6507 §5.2.1).</summary>
    public static void MessageHash(
        ReadOnlySpan<byte> identityHash, ReadOnlySpan<byte> r, ReadOnlySpan<byte> message, Span<byte> destination) =>
        JoinedHash.Compute(identityHash, r, message, [], destination);
}
