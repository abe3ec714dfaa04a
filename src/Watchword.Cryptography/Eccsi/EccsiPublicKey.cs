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
public sealed partial class EccsiPublicKey : IEquatable<EccsiPublicKey>
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
        if (!SignatureClaim.TryRead(octets, identity, message, signature, out SignatureClaim claim))
        {
            return false;
        }

        return SignerTables.Find(claim.Signer) is { } known
            ? VerifyKnown(known, claim)
            : P256Point.TryDecode(SignatureClaim.TokenOf(signature), out P256Point token) && VerifyUnknown(claim, token);
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

    /// <summary>J = [s HE]G + [s r]Y, by a table of Y: PVT was decoded when it was made.</summary>
    private static bool VerifyKnown(P256Comb signer, in SignatureClaim claim)
    {
        Span<ulong> words = stackalloc ulong[4];
        claim.OfSigner.CopyIntegerTo(words);
        signer.MultiplyVarTime(words, out P256QuadPoint sum);
        return IsXOfSum(claim, ref sum);
    }

    /// <summary>True if r is x of the sum over the lanes and of [s HE]G.</summary>
    private static bool IsXOfSum(in SignatureClaim claim, ref P256QuadPoint sum)
    {
        Span<ulong> words = stackalloc ulong[4];
        claim.OfGenerator.CopyIntegerTo(words);
        P256.GeneratorComb.AddVarTime(words, ref sum);
        P256LaneGroup.SumLanes(ref sum);

        // x(J) = X/Z; infinity has no x and is refused.
        P256Element z = sum.Z.GetLane(0);
        return (P256Element.AreEqual(sum.X.GetLane(0), claim.X * z) & !z.IsZero()).Reveal();
    }

    /// <summary>J = [s HE]G + [s r HS]PVT + [s r]KPAK, as one sum.</summary>
    private bool VerifyUnknown(in SignatureClaim claim, in P256Point token)
    {
        Span<ulong> words = stackalloc ulong[4];
        (claim.OfSigner * claim.IdentityHash).CopyIntegerTo(words);
        P256VarTime.Multiply(token, words, out P256QuadPoint sum);
        return VerifySum(claim, ref sum) && Remember(claim, token);
    }

    /// <summary>The rest, where the sum over the lanes is [s r HS]PVT.</summary>
    private bool VerifySum(in SignatureClaim claim, ref P256QuadPoint sum)
    {
        AddMultipleVarTime(claim.OfSigner, ref sum);
        return IsXOfSum(claim, ref sum);
    }

    /// <summary>Counts a good signature of a signer without a table, and makes the table if it is time; always true.</summary>
    private bool Remember(in SignatureClaim claim, in P256Point token)
    {
        if (SignerTables.CountUse(claim.Signer))
        {
            Span<ulong> words = stackalloc ulong[4];
            claim.IdentityHash.CopyIntegerTo(words);
            P256VarTime.Multiply(token, words, out P256QuadPoint product);
            SignerTables.AddSigner(claim.Signer, product.GetLane(0) + Point);
        }

        return true;
    }
}
