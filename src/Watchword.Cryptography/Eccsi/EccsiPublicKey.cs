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

    private EccsiPublicKey(byte[] octets, in P256Point point)
    {
        this.octets = octets;
        Point = point;
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
            || !EccsiScalars.TryDecode(signature.Slice(EccsiScalars.SizeInBytes, EccsiScalars.SizeInBytes), out P256Scalar s)
            || !P256Point.TryDecode(pvt, out P256Point token))
        {
            return false;
        }

        Span<byte> identityHash = stackalloc byte[EccsiHash.SizeInBytes];
        Span<byte> messageHash = stackalloc byte[EccsiHash.SizeInBytes];
        EccsiHash.IdentityHash(octets, identity, pvt, identityHash);
        EccsiHash.MessageHash(identityHash, r, message, messageHash);

        // J = [s]([HE]G + [r]Y) with Y = [HS]PVT + KPAK, as one sum: [s HE]G + [s r HS]PVT + [s r]KPAK.
        P256Scalar sr = s * P256Scalar.FromReduced(r);
        P256Point j = P256.MultiplyGenerator(s * P256Scalar.FromReduced(messageHash))
            + MultiplyAddVarTime(token, sr * P256Scalar.FromReduced(identityHash), Point, sr);

        // x(J) = X/Z; infinity has no x and is refused.
        return (P256Element.AreEqual(j.X, expected * j.Z) & !j.Z.IsZero()).Reveal();
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

    private static P256Point MultiplyAddVarTime(
        in P256Point first, in P256Scalar firstScalar, in P256Point second, in P256Scalar secondScalar)
    {
        Span<ulong> firstWords = stackalloc ulong[4];
        Span<ulong> secondWords = stackalloc ulong[4];
        firstScalar.CopyIntegerTo(firstWords);
        secondScalar.CopyIntegerTo(secondWords);
        return VarTimeMultiplication.MultiplyAdd(first, firstWords, second, secondWords);
    }
}
