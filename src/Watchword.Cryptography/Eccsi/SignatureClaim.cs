namespace Watchword.Cryptography.Eccsi;

/// <summary>
/// What a signature says in numbers (RFC 6507 §5.2.2): the x coordinate of J = [s]([HE]G + [r]Y) with Y = [HS]PVT + KPAK is r.
/// All of it is public.
/// </summary>
internal struct SignatureClaim
{
    private const int Size = EccsiScalars.SizeInBytes;

    /// <summary>r as an element of the field.</summary>
    public P256Element X;

    /// <summary>s HE.</summary>
    public P256Scalar OfGenerator;

    /// <summary>s r.</summary>
    public P256Scalar OfSigner;

    /// <summary>HS.</summary>
    public P256Scalar IdentityHash;

    /// <summary>What the table of the signer is found by.</summary>
    public CacheKey Signer;

    /// <summary>The octets of PVT.</summary>
    public static ReadOnlySpan<byte> TokenOf(ReadOnlySpan<byte> signature) => signature[(2 * Size)..];

    /// <summary>False for a signature of another length, r outside 1..p-1, or s outside 1..q-1; PVT is not looked at.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> kpak, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature,
        out SignatureClaim claim)
    {
        claim = default;
        if (signature.Length != EccsiSigningKey.SignatureSizeInBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> r = signature[..Size];
        if (!P256Element.Decode(r, out claim.X).Reveal()
            || claim.X.IsZero().Reveal()
            || !EccsiScalars.TryDecode(signature.Slice(Size, Size), out P256Scalar s))
        {
            return false;
        }

        Span<byte> identityHash = stackalloc byte[EccsiHash.SizeInBytes];
        Span<byte> messageHash = stackalloc byte[EccsiHash.SizeInBytes];
        EccsiHash.IdentityHash(kpak, identity, TokenOf(signature), identityHash);
        EccsiHash.MessageHash(identityHash, r, message, messageHash);
        claim.OfSigner = s * P256Scalar.FromReduced(r);
        claim.OfGenerator = s * P256Scalar.FromReduced(messageHash);
        claim.IdentityHash = P256Scalar.FromReduced(identityHash);
        claim.Signer = SignerTables.KeyOfSigner(identityHash);
        return true;
    }
}
