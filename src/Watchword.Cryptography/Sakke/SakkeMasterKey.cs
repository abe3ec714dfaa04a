using System.Security.Cryptography;
using Watchword.Cryptography.Arithmetic;
using Watchword.Cryptography.Curves;

namespace Watchword.Cryptography;

/// <summary>
/// The Master Secret z_T of SAKKE, RFC 6508 §2.2, parameter set 1 of RFC 6509: an integer 2..q-1, kept as 128 octets. Whoever has
/// it can read everything that is encrypted to its domain. It leaves the process sealed or not at all.
/// </summary>
public sealed partial class SakkeMasterKey : IDisposable
{
    /// <summary>Octets of a master secret, leading zeros included.</summary>
    public const int SizeInBytes = 128;

    private readonly SecretOctets secret;

    private SakkeMasterKey(SecretOctets secret, in SakkeScalar scalar)
    {
        this.secret = secret;
        PublicKey = SakkePublicKey.FromPoint(SakkeCurve.MultiplyGenerator(scalar));
    }

    /// <summary>The KMS Public Key, Z_T = [z_T]P.</summary>
    public SakkePublicKey PublicKey { get; }

    /// <summary>Makes a uniformly random master secret.</summary>
    public static SakkeMasterKey Generate()
    {
        SecretOctets secret = new(SizeInBytes);
        SakkeScalar scalar;
        do
        {
            // q has 1022 bits: rejection then keeps three of five.
            RandomNumberGenerator.Fill(secret.Span);
            secret.Span[0] &= 0x3F;
        }
        while (!TryDecode(secret.Span, out scalar));

        return Create(secret, ref scalar);
    }

    /// <summary>Takes a master secret of 128 octets, big-endian.</summary>
    /// <exception cref="CryptographicException">Not 128 octets, or not an integer 2..q-1.</exception>
    public static SakkeMasterKey Import(ReadOnlySpan<byte> masterSecret)
    {
        if (!TryDecode(masterSecret, out SakkeScalar scalar))
        {
            throw new CryptographicException("A SAKKE master secret is an integer 2..q-1 of 128 octets (RFC 6508 §2.2).");
        }

        return Create(new SecretOctets(masterSecret), ref scalar);
    }

    /// <summary>Takes a master secret that <see cref="ExportSealed"/> sealed.</summary>
    /// <exception cref="CryptographicException">The seal does not open, or what it holds is no master secret.</exception>
    public static SakkeMasterKey ImportSealed(
        AesGcm key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        using SecretOctets opened = SecretOctets.Open(SizeInBytes, key, nonce, ciphertext, tag, associatedData);
        return Import(opened.Span);
    }

    /// <summary>Seals the master secret with AES-GCM: 128 octets of ciphertext and the tag.</summary>
    /// <exception cref="ArgumentException">A span has a wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSealed(
        AesGcm key, ReadOnlySpan<byte> nonce, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData) =>
        secret.Seal(key, nonce, ciphertext, tag, associatedData);

    /// <summary>
    /// Issues the Receiver Secret Key of an identity, [(a + z_T)^-1]P (RFC 6508 §6.1.1), a the identity's octets as an integer.
    /// </summary>
    /// <exception cref="CryptographicException">a + z_T = 0 mod q: this master secret cannot serve the identity.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public SakkeReceiverKey IssueReceiverKey(ReadOnlySpan<byte> identity)
    {
        SecretOctets receiver = new(SakkeReceiverKey.SizeInBytes);
        try
        {
            IssueReceiverKey(identity, receiver.Span);
            return new SakkeReceiverKey(PublicKey, identity, receiver);
        }
        catch
        {
            receiver.Dispose();
            throw;
        }
    }

    /// <summary>
    /// As <see cref="IssueReceiverKey(ReadOnlySpan{byte})"/>, but writes the RSK, 257 octets 04, x, y, which the caller overwrites when
    /// it has done with them. Allocates nothing.
    /// </summary>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="CryptographicException">a + z_T = 0 mod q: this master secret cannot serve the identity.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void IssueReceiverKey(ReadOnlySpan<byte> identity, Span<byte> receiverKey)
    {
        Lengths.RequireDestination(receiverKey.Length, SakkeReceiverKey.SizeInBytes, nameof(receiverKey));
        secret.Decode(out SakkeScalar z);
        SakkeScalar sum = SakkeScalar.FromOctets(identity) + z;
        z.Clear();
        if (sum.IsZero().Reveal())
        {
            throw new CryptographicException("The identity is the negative of the master secret (RFC 6508 §6.1.1).");
        }

        SakkeScalar inverse = sum.Invert();
        SakkePoint point = SakkeCurve.MultiplyGenerator(inverse);
        point.Encode(receiverKey);
        sum.Clear();
        inverse.Clear();
        point.Clear();
    }

    /// <summary>Overwrites the secret with zeros.</summary>
    public void Dispose() => secret.Dispose();

    private static bool TryDecode(ReadOnlySpan<byte> octets, out SakkeScalar scalar)
    {
        scalar = default;
        if (octets.Length != SizeInBytes)
        {
            return false;
        }

        Choice valid = SakkeScalar.Decode(octets, out scalar)
            & !scalar.IsZero() & !SakkeScalar.AreEqual(scalar, SakkeScalar.One);
        return valid.Reveal();
    }

    private static SakkeMasterKey Create(SecretOctets secret, ref SakkeScalar scalar)
    {
        SakkeMasterKey key = new(secret, scalar);
        scalar.Clear();
        return key;
    }
}
