using System.Security.Cryptography;
using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography.Eccsi;

/// <summary>The two hashes of RFC 6507, with SHA-256.</summary>
internal static class EccsiHash
{
    public const int SizeInBytes = SHA256.HashSizeInBytes;

    /// <summary>HS = hash(G || KPAK || ID || PVT) (RFC 6507 §5.1.1), points as 04, x, y.</summary>
    public static void IdentityHash(
        ReadOnlySpan<byte> kpak, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> pvt, Span<byte> destination)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(P256.EncodedGenerator);
        hash.AppendData(kpak);
        hash.AppendData(identity);
        hash.AppendData(pvt);
        hash.GetHashAndReset(destination);
    }

    /// <summary>HE = hash(HS || r || M) (RFC 6507 §5.2.1).</summary>
    public static void MessageHash(
        ReadOnlySpan<byte> identityHash, ReadOnlySpan<byte> r, ReadOnlySpan<byte> message, Span<byte> destination)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(identityHash);
        hash.AppendData(r);
        hash.AppendData(message);
        hash.GetHashAndReset(destination);
    }
}
