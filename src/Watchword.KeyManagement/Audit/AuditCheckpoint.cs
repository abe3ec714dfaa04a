using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Watchword.KeyManagement.Audit;

/// <summary>Signs checkpoints and exports of the audit log.</summary>
public interface IAuditSigner
{
    /// <summary>The key that verifies what this signs.</summary>
    AuditPublicKey PublicKey { get; }

    /// <summary>Signs with ECDSA on P-256 and SHA-256 (FIPS 186-5).</summary>
    /// <param name="data">What is signed.</param>
    /// <param name="signature">Exactly <see cref="AuditPublicKey.SignatureSizeInBytes"/> octets.</param>
    void Sign(ReadOnlySpan<byte> data, Span<byte> signature);
}

/// <summary>A public key for checkpoints and exports: ECDSA on P-256. Immutable.</summary>
public sealed class AuditPublicKey
{
    /// <summary>Octets of a signature: r and s, 32 each (IEEE P1363).</summary>
    public const int SignatureSizeInBytes = 64;

    private readonly byte[] _info;

    private AuditPublicKey(byte[] info)
    {
        _info = info;
        KeyId = Convert.ToHexStringLower(SHA256.HashData(info));
    }

    /// <summary>SHA-256 over the SubjectPublicKeyInfo, 64 hexadecimal digits in lower case.</summary>
    public string KeyId { get; }

    /// <summary>Takes a key from its SubjectPublicKeyInfo (RFC 5480), in DER.</summary>
    /// <exception cref="CryptographicException">It is no public key on P-256.</exception>
    public static AuditPublicKey Import(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out int read);
        ECParameters parameters = key.ExportParameters(includePrivateParameters: false);
        return read == subjectPublicKeyInfo.Length && parameters.Curve.IsNamed
            && parameters.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
            ? new AuditPublicKey(key.ExportSubjectPublicKeyInfo())
            : throw new CryptographicException("The key is not a public key on P-256.");
    }

    /// <summary>The SubjectPublicKeyInfo, in DER.</summary>
    public byte[] Export() => [.. _info];

    /// <summary>True if the signature is this key's over the data.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSizeInBytes)
        {
            return false;
        }

        using ECDsa key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_info, out _);
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}

/// <summary>
/// A signature over the chain as it ended at one record. It stands in the chain itself, as the detail of the record that follows:
/// key id and signature in base64, with a space between. Signed are the label <c>watchword-audit-checkpoint-1</c>, the sequence
/// number (8 octets, big-endian), the hash, and the time of the checkpoint's own record (milliseconds since 1970, 8 octets).
/// </summary>
/// <param name="Sequence">The last record that the signature covers.</param>
/// <param name="Hash">Its hash, 32 octets.</param>
/// <param name="Time">When it was signed, in whole milliseconds.</param>
/// <param name="KeyId">The key (<see cref="AuditPublicKey.KeyId"/>).</param>
/// <param name="Signature">64 octets.</param>
public sealed record AuditCheckpoint(
    long Sequence, ReadOnlyMemory<byte> Hash, DateTimeOffset Time, string KeyId, ReadOnlyMemory<byte> Signature)
{
    private const int HashSize = AuditRecord.HashSizeInBytes;

    private static ReadOnlySpan<byte> Label => "watchword-audit-checkpoint-1"u8;

    /// <summary>Signs the end of a chain.</summary>
    public static AuditCheckpoint Sign(AuditHead head, DateTimeOffset time, IAuditSigner signer)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(signer);
        DateTimeOffset whole = DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
        byte[] signature = new byte[AuditPublicKey.SignatureSizeInBytes];
        signer.Sign(Encode(head.Sequence, head.Hash.Span, whole), signature);
        return new AuditCheckpoint(head.Sequence, head.Hash, whole, signer.PublicKey.KeyId, signature);
    }

    /// <summary>The checkpoint that a record of its kind carries.</summary>
    public static bool TryRead(AuditRecord record, [NotNullWhen(true)] out AuditCheckpoint? checkpoint)
    {
        ArgumentNullException.ThrowIfNull(record);
        checkpoint = null;
        byte[] signature = new byte[AuditPublicKey.SignatureSizeInBytes];
        if (record.Entry is not { Kind: AuditKind.Checkpoint, Detail: { } detail }
            || detail.Split(' ') is not [{ Length: 2 * HashSize } keyId, var text]
            || !Convert.TryFromBase64String(text, signature, out int written) || written != signature.Length)
        {
            return false;
        }

        checkpoint = new AuditCheckpoint(record.Sequence - 1, record.PreviousHash, record.Time, keyId, signature);
        return true;
    }

    /// <summary>What stands in <see cref="AuditEntry.Detail"/> of its record.</summary>
    public string ToDetail() => $"{KeyId} {Convert.ToBase64String(Signature.Span)}";

    /// <summary>True if one of the keys signed this.</summary>
    public bool IsSignedBy(IReadOnlyList<AuditPublicKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return keys.FirstOrDefault(key => key.KeyId == KeyId) is { } key
            && key.Verify(Encode(Sequence, Hash.Span, Time), Signature.Span);
    }

    private static byte[] Encode(long sequence, ReadOnlySpan<byte> hash, DateTimeOffset time)
    {
        byte[] octets = new byte[Label.Length + 8 + HashSize + 8];
        Label.CopyTo(octets);
        Span<byte> rest = octets.AsSpan(Label.Length);
        BinaryPrimitives.WriteInt64BigEndian(rest, sequence);
        hash.CopyTo(rest[8..]);
        BinaryPrimitives.WriteInt64BigEndian(rest[(8 + HashSize)..], time.ToUnixTimeMilliseconds());
        return octets;
    }
}
