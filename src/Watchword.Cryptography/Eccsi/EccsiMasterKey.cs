using System.Security.Cryptography;
using Watchword.Cryptography.Curves;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Cryptography;

/// <summary>
/// The KMS Secret Authentication Key (KSAK) of ECCSI, RFC 6507 §4.2, over P-256: an integer 1..q-1 of 32 octets. Whoever has it
/// can sign as anyone. It leaves the process sealed or not at all.
/// </summary>
public sealed partial class EccsiMasterKey : IDisposable
{
    /// <summary>Octets of a KSAK.</summary>
    public const int SizeInBytes = EccsiScalars.SizeInBytes;

    private readonly SecretOctets secret;

    private EccsiMasterKey(SecretOctets secret, in P256Scalar scalar)
    {
        this.secret = secret;
        PublicKey = EccsiPublicKey.FromPoint(P256.MultiplyGenerator(scalar));
    }

    /// <summary>The KMS Public Authentication Key, KPAK = [KSAK]G.</summary>
    public EccsiPublicKey PublicKey { get; }

    /// <summary>Makes a uniformly random KSAK.</summary>
    public static EccsiMasterKey Generate()
    {
        SecretOctets secret = new(SizeInBytes);
        EccsiScalars.Random(secret.Span, out P256Scalar scalar);
        return Create(secret, ref scalar);
    }

    /// <summary>Takes a KSAK of 32 octets, big-endian.</summary>
    /// <exception cref="CryptographicException">Not 32 octets, or not an integer 1..q-1.</exception>
    public static EccsiMasterKey Import(ReadOnlySpan<byte> ksak)
    {
        if (!EccsiScalars.TryDecode(ksak, out P256Scalar scalar))
        {
            throw new CryptographicException("A KSAK is an integer 1..q-1 of 32 octets (RFC 6507 §4.2).");
        }

        return Create(new SecretOctets(ksak), ref scalar);
    }

    /// <summary>Takes a KSAK that <see cref="ExportSealed"/> sealed.</summary>
    /// <exception cref="CryptographicException">The seal does not open, or what it holds is no KSAK.</exception>
    public static EccsiMasterKey ImportSealed(
        AesGcm key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        using SecretOctets opened = SecretOctets.Open(SizeInBytes, key, nonce, ciphertext, tag, associatedData);
        return Import(opened.Span);
    }

    /// <summary>Seals the KSAK with AES-GCM: 32 octets of ciphertext and the tag.</summary>
    /// <exception cref="ArgumentException">A span has a wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSealed(
        AesGcm key, ReadOnlySpan<byte> nonce, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData) =>
        secret.Seal(key, nonce, ciphertext, tag, associatedData);

    /// <summary>Issues a signing key for the identity (RFC 6507 §5.1.1) with a fresh random v.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public EccsiSigningKey IssueSigningKey(ReadOnlySpan<byte> identity)
    {
        EccsiSigningKey? key;
        do
        {
            EccsiScalars.Random(out P256Scalar v);
            key = TryIssue(identity, ref v);
        }
        while (key is null);

        return key;
    }

    /// <summary>
    /// Issues a signing key for the identity whose v is derived: the same identity and derivation key give the same SSK and PVT
    /// again. See <see cref="EccsiDerivationKey"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    public EccsiSigningKey IssueSigningKey(ReadOnlySpan<byte> identity, EccsiDerivationKey derivation)
    {
        ArgumentNullException.ThrowIfNull(derivation);
        using HmacDrbg drbg = derivation.CreateGenerator(PublicKey, identity);
        EccsiSigningKey? key;
        do
        {
            drbg.GenerateScalar(out P256Scalar v);
            key = TryIssue(identity, ref v);
        }
        while (key is null);

        return key;
    }

    /// <summary>
    /// Issues a signing key for the identity with a fresh random v (RFC 6507 §5.1.1) and writes SSK, 32 octets, and PVT, 65
    /// octets. Allocates nothing; the caller overwrites the SSK when done.
    /// </summary>
    /// <exception cref="ArgumentException">A destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void IssueSigningKey(ReadOnlySpan<byte> identity, Span<byte> ssk, Span<byte> pvt)
    {
        RequireDestinations(ssk.Length, pvt.Length);
        P256Scalar v;
        do
        {
            EccsiScalars.Random(out v);
        }
        while (!TryIssue(identity, ref v, ssk, pvt));
    }

    /// <summary>
    /// As <see cref="IssueSigningKey(ReadOnlySpan{byte}, EccsiDerivationKey)"/>; writes SSK, 32 octets, and PVT, 65 octets.
    /// Allocates nothing; the caller overwrites the SSK when done.
    /// </summary>
    /// <exception cref="ArgumentException">A destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    public void IssueSigningKey(ReadOnlySpan<byte> identity, EccsiDerivationKey derivation, Span<byte> ssk, Span<byte> pvt)
    {
        ArgumentNullException.ThrowIfNull(derivation);
        RequireDestinations(ssk.Length, pvt.Length);
        using HmacDrbg drbg = derivation.CreateGenerator(PublicKey, identity);
        P256Scalar v;
        do
        {
            drbg.GenerateScalar(out v);
        }
        while (!TryIssue(identity, ref v, ssk, pvt));
    }

    /// <summary>Overwrites the secret with zeros.</summary>
    public void Dispose() => secret.Dispose();

    /// <summary>As below, as an object.</summary>
    internal EccsiSigningKey? TryIssue(ReadOnlySpan<byte> identity, ref P256Scalar v)
    {
        Span<byte> ssk = stackalloc byte[EccsiSigningKey.SecretSizeInBytes];
        Span<byte> pvt = stackalloc byte[P256Point.SizeInBytes];
        Span<byte> identityHash = stackalloc byte[EccsiHash.SizeInBytes];
        EccsiSigningKey? key = TryIssue(identity, ref v, ssk, pvt, identityHash)
            ? new EccsiSigningKey(PublicKey, identity, new SecretOctets(ssk), pvt, identityHash)
            : null;
        CryptographicOperations.ZeroMemory(ssk);
        return key;
    }

    private static void RequireDestinations(int ssk, int pvt)
    {
        Lengths.RequireDestination(ssk, EccsiSigningKey.SecretSizeInBytes, nameof(ssk));
        Lengths.RequireDestination(pvt, EccsiSigningKey.PublicTokenSizeInBytes, nameof(pvt));
    }

    /// <summary>As below; the identity may lie in the memory that is written.</summary>
    private bool TryIssue(ReadOnlySpan<byte> identity, ref P256Scalar v, Span<byte> ssk, Span<byte> pvt)
    {
        Span<byte> token = stackalloc byte[P256Point.SizeInBytes];
        Span<byte> identityHash = stackalloc byte[EccsiHash.SizeInBytes];
        if (!TryIssue(identity, ref v, ssk, token, identityHash))
        {
            return false;
        }

        token.CopyTo(pvt);
        return true;
    }

    /// <summary>
    /// PVT = [v]G, HS, SSK = KSAK + HS·v. False, and no SSK, if HS or SSK is 0 mod q, where RFC 6507 §5.1.1 asks for another v. v
    /// is erased.
    /// </summary>
    private bool TryIssue(
        ReadOnlySpan<byte> identity, ref P256Scalar v, Span<byte> ssk, Span<byte> pvt, Span<byte> identityHash)
    {
        P256Point token = P256.MultiplyGenerator(v);
        token.Encode(pvt);
        token.Clear();
        return TryCombine(identity, ref v, pvt, ssk, identityHash);
    }

    /// <summary>HS and SSK for PVT = [v]G.</summary>
    private bool TryCombine(
        ReadOnlySpan<byte> identity, ref P256Scalar v, ReadOnlySpan<byte> pvt, Span<byte> ssk, Span<byte> identityHash)
    {
        secret.Decode(out P256Scalar ksak);
        EccsiHash.IdentityHash(PublicKey.Octets, identity, pvt, identityHash);
        P256Scalar hs = P256Scalar.FromReduced(identityHash);
        P256Scalar signing = ksak + (hs * v);
        v.Clear();
        ksak.Clear();
        if ((hs.IsZero() | signing.IsZero()).Reveal())
        {
            return false;
        }

        signing.Encode(ssk);
        signing.Clear();
        return true;
    }

    private static EccsiMasterKey Create(SecretOctets secret, ref P256Scalar scalar)
    {
        EccsiMasterKey key = new(secret, scalar);
        scalar.Clear();
        return key;
    }
}
