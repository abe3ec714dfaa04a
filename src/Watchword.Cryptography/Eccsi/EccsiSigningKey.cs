using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography;

/// <summary>
/// A Secret Signing Key (SSK, 32 octets) with its Public Validation Token (PVT, 65 octets) of ECCSI, RFC 6507 §5.1, bound to one
/// identity and one KMS. Any number of threads may sign; disposal overwrites the secret.
/// </summary>
public sealed partial class EccsiSigningKey : IDisposable
{
    /// <summary>Octets of an SSK.</summary>
    public const int SecretSizeInBytes = EccsiScalars.SizeInBytes;

    /// <summary>Octets of a PVT, 04, x, y.</summary>
    public const int PublicTokenSizeInBytes = P256Point.SizeInBytes;

    /// <summary>Octets of a signature, r || s || PVT.</summary>
    public const int SignatureSizeInBytes = (2 * EccsiScalars.SizeInBytes) + PublicTokenSizeInBytes;

    private readonly byte[] identity;
    private readonly SecretOctets secret;
    private readonly byte[] publicToken;
    private readonly byte[] identityHash;

    internal EccsiSigningKey(
        EccsiPublicKey authority, ReadOnlySpan<byte> identity, SecretOctets secret, ReadOnlySpan<byte> pvt,
        ReadOnlySpan<byte> identityHash)
    {
        Authority = authority;
        this.identity = identity.ToArray();
        this.secret = secret;
        publicToken = pvt.ToArray();
        this.identityHash = identityHash.ToArray();
    }

    /// <summary>The KPAK under which the signatures verify.</summary>
    public EccsiPublicKey Authority { get; }

    /// <summary>The identity's octets.</summary>
    public ReadOnlySpan<byte> Identity => identity;

    /// <summary>
    /// Takes a signing key as the KMS gave it, and validates it as RFC 6507 §5.1.2 asks: PVT on the curve, [SSK]G = [HS]PVT +
    /// KPAK.
    /// </summary>
    /// <exception cref="CryptographicException">A length is wrong, or the key is not this identity's under this KPAK.</exception>
    public static EccsiSigningKey Import(
        EccsiPublicKey authority, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> ssk, ReadOnlySpan<byte> pvt) =>
        TryImport(authority, identity, ssk, pvt, out EccsiSigningKey? key)
            ? key
            : throw new CryptographicException(
                "SSK and PVT are no signing key of this identity under this KPAK (RFC 6507 §5.1.2).");

    /// <summary>As <see cref="Import"/>; false for a key that is not valid.</summary>
    public static bool TryImport(
        EccsiPublicKey authority, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> ssk, ReadOnlySpan<byte> pvt,
        [NotNullWhen(true)] out EccsiSigningKey? key)
    {
        ArgumentNullException.ThrowIfNull(authority);
        key = null;
        if (ssk.Length != SecretSizeInBytes || pvt.Length != PublicTokenSizeInBytes)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[EccsiHash.SizeInBytes];
        EccsiHash.IdentityHash(authority.Octets, identity, pvt, hash);
        EccsiSigningKey candidate = new(authority, identity, new SecretOctets(ssk), pvt, hash);
        if (!candidate.Validate())
        {
            candidate.Dispose();
            return false;
        }

        key = candidate;
        return true;
    }

    /// <summary>Writes the SSK, 32 octets.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSecret(Span<byte> destination)
    {
        Lengths.RequireDestination(destination.Length, SecretSizeInBytes, nameof(destination));
        secret.CopyTo(destination);
    }

    /// <summary>Writes the PVT, 65 octets 04, x, y.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void ExportPublicToken(Span<byte> destination)
    {
        Lengths.RequireDestination(destination.Length, PublicTokenSizeInBytes, nameof(destination));
        publicToken.CopyTo(destination);
    }

    /// <summary>Signs with a fresh random j (RFC 6507 §5.2.1): writes r || s || PVT, 129 octets.</summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Lengths.RequireDestination(signature.Length, SignatureSizeInBytes, nameof(signature));
        P256Scalar j;
        do
        {
            EccsiScalars.Random(out j);
        }
        while (!TrySign(message, ref j, signature));
    }

    /// <summary>
    /// The RFC's validation again (RFC 6507 §5.1.2): 0 &lt; SSK &lt; q, 0 &lt; HS mod q, PVT on the curve, [SSK]G = [HS]PVT +
    /// KPAK.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public bool Validate()
    {
        P256Scalar hs = P256Scalar.FromReduced(identityHash);
        if (hs.IsZero().Reveal()
            || !EccsiScalars.TryDecode(secret.Span, out P256Scalar ssk)
            || !P256Point.TryDecode(publicToken, out P256Point token))
        {
            return false;
        }

        // With HS = u/v, both of half the length: [v SSK]G = [u]PVT + [v]KPAK.
        Span<ulong> words = stackalloc ulong[4];
        hs.CopyIntegerTo(words);
        bool negative = P256HalfScalars.SplitVarTime(words, out UInt128 numerator, out UInt128 denominator);
        P256HalfScalars.CopyTo(numerator, words);
        P256VarTime.Multiply(negative ? -token : token, words, out P256QuadPoint sum);
        P256HalfScalars.CopyTo(denominator, words);
        P256Scalar v = P256Scalar.FromInteger(words);
        Authority.AddMultipleVarTime(v, ref sum);
        P256LaneGroup.SumLanes(ref sum);
        ssk *= v;
        bool valid = P256Point.AreEqual(P256.MultiplyGenerator(ssk), sum.GetLane(0)).Reveal();
        ssk.Clear();
        return valid;
    }

    /// <summary>Overwrites the secret with zeros.</summary>
    public void Dispose() => secret.Dispose();

    /// <summary>One signature with the given j, which is erased. False, and zeros, where the RFC asks for another j.</summary>
    internal bool TrySign(ReadOnlySpan<byte> message, ref P256Scalar j, Span<byte> signature)
    {
        secret.Decode(out P256Scalar ssk);
        P256Point point = P256.MultiplyGenerator(j);
        Span<byte> encoded = stackalloc byte[P256Point.SizeInBytes];
        point.Encode(encoded);
        ReadOnlySpan<byte> r = encoded.Slice(1, EccsiScalars.SizeInBytes);
        Span<byte> messageHash = stackalloc byte[EccsiHash.SizeInBytes];
        EccsiHash.MessageHash(identityHash, r, message, messageHash);
        P256Scalar denominator = P256Scalar.FromReduced(messageHash) + (P256Scalar.FromReduced(r) * ssk);
        P256Scalar s = denominator.Invert() * j;

        // Written only now: the message may lie in the same memory.
        r.CopyTo(signature);
        s.Encode(signature.Slice(EccsiScalars.SizeInBytes, EccsiScalars.SizeInBytes));
        publicToken.CopyTo(signature[(2 * EccsiScalars.SizeInBytes)..]);

        // s = 0 exactly if the denominator is; x(J) = 0 would be refused by every verifier.
        Choice usable = !s.IsZero() & !point.X.IsZero();
        ssk.Clear();
        denominator.Clear();
        j.Clear();
        point.Clear();
        CryptographicOperations.ZeroMemory(encoded);
        if (usable.Reveal())
        {
            return true;
        }

        signature.Clear();
        return false;
    }
}
