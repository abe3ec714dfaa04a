using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Watchword.KeyManagement.Audit;

/// <summary>
/// The end of an audit log, signed, to be kept where whoever can write the log cannot. Signed are the label
/// <c>watchword-audit-head-1</c>, the sequence number (8 octets, big-endian), the hash (32 octets) and the time of that record
/// (milliseconds since 1970, 8 octets). As text it is one line: label, sequence, hash in hexadecimal digits, milliseconds, key id
/// and signature in base64, with a space between.
/// </summary>
public sealed class SignedAuditHead
{
    /// <summary>Longest text, in octets.</summary>
    public const int MaxOctets = 512;

    private const string Label = "watchword-audit-head-1";
    private readonly byte[] _signature;

    private SignedAuditHead(AuditHead head, string keyId, byte[] signature)
    {
        Head = head;
        KeyId = keyId;
        _signature = signature;
    }

    /// <summary>The record that was the last one.</summary>
    public AuditHead Head { get; }

    /// <summary>The key (<see cref="AuditPublicKey.KeyId"/>).</summary>
    public string KeyId { get; }

    /// <summary>Signs the end of a log.</summary>
    public static SignedAuditHead Sign(AuditHead head, IAuditSigner signer)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(signer);
        byte[] signature = new byte[AuditPublicKey.SignatureSizeInBytes];
        signer.Sign(Encode(head), signature);
        return new SignedAuditHead(head, signer.PublicKey.KeyId, signature);
    }

    /// <summary>Reads the text; says nothing of the signature.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out SignedAuditHead? head)
    {
        head = null;
        byte[] hash = new byte[AuditRecord.HashSizeInBytes];
        byte[] signature = new byte[AuditPublicKey.SignatureSizeInBytes];
        if (text.Length > MaxOctets
            || Encoding.ASCII.GetString(text).TrimEnd('\n').Split(' ')
                is not [Label, var number, var hex, var time, var keyId, var base64]
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            || !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
            || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            || hex.Length != 2 * hash.Length || keyId.Length != 2 * hash.Length
            || Convert.FromHexString(hex, hash, out _, out _) != System.Buffers.OperationStatus.Done
            || !Convert.TryFromBase64String(base64, signature, out int written) || written != signature.Length)
        {
            return false;
        }

        head = new SignedAuditHead(
            new AuditHead(sequence, hash, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)), keyId, signature);
        return true;
    }

    /// <summary>The text, with the end of its line.</summary>
    public byte[] Export() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{Label} {Head.Sequence} {Convert.ToHexStringLower(Head.Hash.Span)} {Head.Time.ToUnixTimeMilliseconds()} "
        + $"{KeyId} {Convert.ToBase64String(_signature)}\n"));

    /// <summary>True if one of the keys signed it.</summary>
    public bool IsSignedBy(IReadOnlyList<AuditPublicKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return keys.Any(key => key.KeyId == KeyId && key.Verify(Encode(Head), _signature));
    }

    private static byte[] Encode(AuditHead head)
    {
        byte[] signed = new byte[Label.Length + (2 * sizeof(long)) + AuditRecord.HashSizeInBytes];
        Encoding.ASCII.GetBytes(Label, signed);
        Span<byte> rest = signed.AsSpan(Label.Length);
        BinaryPrimitives.WriteInt64BigEndian(rest, head.Sequence);
        head.Hash.Span.CopyTo(rest[sizeof(long)..]);
        BinaryPrimitives.WriteInt64BigEndian(
            rest[(sizeof(long) + AuditRecord.HashSizeInBytes)..], head.Time.ToUnixTimeMilliseconds());
        return signed;
    }
}
