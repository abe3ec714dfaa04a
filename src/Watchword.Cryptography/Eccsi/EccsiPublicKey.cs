using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography;

/// <summary>
/// The KMS Public Authentication Key (KPAK) of ECCSI, RFC 6507 §4.2: a point of P-256 other than infinity, 65 octets 04, x, y. It
/// verifies the signatures of every identity of its KMS. Immutable, for any number of threads.
/// </summary>
public sealed class EccsiPublicKey : IEquatable<EccsiPublicKey>
{
    /// <summary>Octets of a KPAK.</summary>
    public const int SizeInBytes = P256Point.SizeInBytes;

    private readonly byte[] octets;
    private readonly CacheKey tableKey;

    private EccsiPublicKey(byte[] octets, in P256Point point)
    {
        this.octets = octets;
        Point = point;
        tableKey = SignerTables.KeyOfAuthority(octets);
    }

    internal ReadOnlySpan<byte> Octets => octets;

    internal P256Point Point { get; }

    /// <summary>Takes a KPAK of 65 octets 04, x, y.</summary>
    /// <exception cref="CryptographicException">The octets are no point of P-256.</exception>
    public static EccsiPublicKey Import(ReadOnlySpan<byte> kpak) => TryImport(kpak, out EccsiPublicKey? key)
        ? key
        : throw new CryptographicException("A KPAK is a point of P-256 as 65 octets 04, x, y (RFC 6507 §4.2).");

    /// <summary>As <see cref="Import"/>; false for octets that are no point of P-256.</summary>
    public static bool TryImport(ReadOnlySpan<byte> kpak, [NotNullWhen(true)] out EccsiPublicKey? key)
    {
        key = P256Point.TryDecode(kpak, out P256Point point) ? new EccsiPublicKey(kpak.ToArray(), point) : null;
        return key is not null;
    }

    /// <summary>Writes the 65 octets.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void Export(Span<byte> destination)
    {
        Lengths.RequireDestination(destination.Length, SizeInBytes, nameof(destination));
        octets.CopyTo(destination);
    }

    /// <summary>A copy of the 65 octets.</summary>
    public byte[] Export() => octets.AsSpan().ToArray();

    /// <summary>
    /// Verifies a signature r || s || PVT of 129 octets by the identity on the message (RFC 6507 §5.2.2). False for every fault.
    /// </summary>
    /// <remarks>r of p or more and s outside 1..q-1 are refused: a signature has one encoding.</remarks>
    public bool Verify(ReadOnlySpan<byte> identity, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != EccsiSigningKey.SignatureSizeInBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> r = signature[..EccsiScalars.SizeInBytes];
        ReadOnlySpan<byte> pvt = signature[(2 * EccsiScalars.SizeInBytes)..];
        if (!P256Element.Decode(r, out P256Element expected).Reveal()
            || expected.IsZero().Reveal()
            || !EccsiScalars.TryDecode(signature.Slice(EccsiScalars.SizeInBytes, EccsiScalars.SizeInBytes), out P256Scalar s))
        {
            return false;
        }

        Span<byte> identityHash = stackalloc byte[EccsiHash.SizeInBytes];
        Span<byte> messageHash = stackalloc byte[EccsiHash.SizeInBytes];
        EccsiHash.IdentityHash(octets, identity, pvt, identityHash);
        EccsiHash.MessageHash(identityHash, r, message, messageHash);
        CacheKey signer = SignerTables.KeyOfSigner(identityHash);
        P256Scalar sr = s * P256Scalar.FromReduced(r);
        P256Scalar she = s * P256Scalar.FromReduced(messageHash);

        // J = [s]([HE]G + [r]Y) with Y = [HS]PVT + KPAK: [s HE]G + [s r]Y for a signer with a table, whose PVT was decoded when it
        // was made; one sum of three, [s HE]G + [s r HS]PVT + [s r]KPAK, for others.
        P256Scalar hs = P256Scalar.FromReduced(identityHash);
        P256Comb? known = SignerTables.Find(signer);
        if (known is not null)
        {
            Multiply(known, sr, out P256QuadPoint sum);
            return IsXOfSum(expected, she, ref sum);
        }

        return P256Point.TryDecode(pvt, out P256Point token)
            && VerifyUnknown(token, hs, sr, she, expected)
            && Remember(signer, token, hs);
    }

    /// <summary>Equal octets.</summary>
    public bool Equals([NotNullWhen(true)] EccsiPublicKey? other) =>
        other is not null && octets.AsSpan().SequenceEqual(other.octets);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as EccsiPublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(octets);
        return hash.ToHashCode();
    }

    internal static EccsiPublicKey FromPoint(in P256Point point)
    {
        byte[] encoded = new byte[SizeInBytes];
        Choice finite = point.Encode(encoded);
        return finite.Reveal()
            ? new EccsiPublicKey(encoded, point)
            : throw new CryptographicException("The point at infinity is no KPAK.");
    }

    /// <summary>Adds [scalar]KPAK to a sum over the four lanes; the scalar is public.</summary>
    internal void AddMultipleVarTime(in P256Scalar scalar, ref P256QuadPoint sum)
    {
        Span<ulong> words = stackalloc ulong[4];
        scalar.CopyIntegerTo(words);
        P256Comb? comb = SignerTables.Find(tableKey);
        if (comb is null && SignerTables.CountUse(tableKey))
        {
            comb = SignerTables.AddAuthority(tableKey, Point);
        }

        if (comb is not null)
        {
            comb.AddVarTime(words, ref sum);
            return;
        }

        P256VarTime.Multiply(Point, words, out P256QuadPoint product);
        P256LaneGroup.Add(ref sum, product);
    }

    private static void Multiply(P256Comb comb, in P256Scalar scalar, out P256QuadPoint product)
    {
        Span<ulong> words = stackalloc ulong[4];
        scalar.CopyIntegerTo(words);
        comb.MultiplyVarTime(words, out product);
    }

    /// <summary>True if x of the sum over the lanes and of [scalar]G is the expected one.</summary>
    private static bool IsXOfSum(in P256Element expected, in P256Scalar scalar, ref P256QuadPoint sum)
    {
        Span<ulong> words = stackalloc ulong[4];
        scalar.CopyIntegerTo(words);
        P256.GeneratorComb.AddVarTime(words, ref sum);
        P256LaneGroup.SumLanes(ref sum);

        // x(J) = X/Z; infinity has no x and is refused.
        P256Element z = sum.Z.GetLane(0);
        return (P256Element.AreEqual(sum.X.GetLane(0), expected * z) & !z.IsZero()).Reveal();
    }

    private bool VerifyUnknown(
        in P256Point token, in P256Scalar hs, in P256Scalar sr, in P256Scalar she, in P256Element expected)
    {
        Span<ulong> words = stackalloc ulong[4];
        (sr * hs).CopyIntegerTo(words);
        P256VarTime.Multiply(token, words, out P256QuadPoint sum);
        AddMultipleVarTime(sr, ref sum);
        return IsXOfSum(expected, she, ref sum);
    }

    /// <summary>Counts a good signature of a signer without a table, and makes the table if it is time; always true.</summary>
    private bool Remember(in CacheKey signer, in P256Point token, in P256Scalar hs)
    {
        if (SignerTables.CountUse(signer))
        {
            Span<ulong> words = stackalloc ulong[4];
            hs.CopyIntegerTo(words);
            P256VarTime.Multiply(token, words, out P256QuadPoint product);
            SignerTables.AddSigner(signer, product.GetLane(0) + Point);
        }

        return true;
    }
}
