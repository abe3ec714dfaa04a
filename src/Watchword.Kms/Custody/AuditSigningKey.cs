using System.Security.Cryptography;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// The key that signs checkpoints of the audit log: ECDSA on P-256 with SHA-256 (FIPS 186-5). Custody keeps the private key; the
/// public one is exported for whoever verifies.
/// </summary>
public sealed class AuditSigningKey : IAuditSigner, IDisposable
{
    /// <summary>Octets of a signature: r and s, 32 each (IEEE P1363).</summary>
    public const int SignatureSizeInBytes = 64;

    private const string ScalarName = "scalar";
    private const int ScalarOctets = 32;

    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    private AuditSigningKey(ECDsa key)
    {
        _key = key;
        PublicKey = AuditPublicKey.Import(key.ExportSubjectPublicKeyInfo());
    }

    /// <inheritdoc/>
    public AuditPublicKey PublicKey { get; }

    /// <summary>Signs.</summary>
    /// <param name="data">What is signed.</param>
    /// <param name="signature">Exactly <see cref="SignatureSizeInBytes"/> octets.</param>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(signature.Length, SignatureSizeInBytes);
        lock (_gate)
        {
            if (!_key.TrySignData(
                    data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation,
                    out int written)
                || written != SignatureSizeInBytes)
            {
                throw new CryptographicException("The signature has another length.");
            }
        }
    }

    /// <summary>The public key as SubjectPublicKeyInfo (RFC 5480), in DER.</summary>
    public byte[] ExportPublicKey()
    {
        lock (_gate)
        {
            return _key.ExportSubjectPublicKeyInfo();
        }
    }

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(AuditSigningKey);

    internal static Dictionary<string, SealedSecret> GenerateSealed(AesGcm cipher, CustodyPlace place)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] scalar = key.ExportParameters(includePrivateParameters: true).D!;
        try
        {
            return new(StringComparer.Ordinal)
            {
                [ScalarName] = SealedSecret.Seal(cipher, scalar, place.AssociatedData(ScalarName)),
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    internal static AuditSigningKey Open(OpenDocument document)
    {
        byte[] scalar = GC.AllocateArray<byte>(ScalarOctets, pinned: true);
        try
        {
            document.OpenSecret(ScalarName, scalar);
            return new AuditSigningKey(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar }));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }
}
