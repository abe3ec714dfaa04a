using Watchword.Cryptography;
using Watchword.Cryptography.Eccsi;

namespace Watchword.Benchmarks;

/// <summary>
/// Key objects that no import has looked at, such as none can exist outside the library: wrong keys to be refused, and keys whose
/// secret is chosen. The one place that uses internal constructors.
/// </summary>
internal static class UnvalidatedKeys
{
    public static SakkeReceiverKey Receiver(SakkePublicKey authority, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> rsk) =>
        new(authority, identity, new SecretOctets(rsk));

    public static EccsiSigningKey Signing(
        EccsiPublicKey authority, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> ssk, ReadOnlySpan<byte> pvt)
    {
        Span<byte> hash = stackalloc byte[EccsiHash.SizeInBytes];
        EccsiHash.IdentityHash(authority.Octets, identity, pvt, hash);
        return new EccsiSigningKey(authority, identity, new SecretOctets(ssk), pvt, hash);
    }
}
