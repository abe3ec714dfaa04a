using System.Diagnostics.CodeAnalysis;

namespace Watchword.Mikey;

/// <summary>
/// MCData protected payload (TS 33.180 8.5.4), which the key parameters of a MIKEY message use as well (E.6.1): message type with
/// the flag of protection (1), date and time (5), payload ID (4), sequence number (1), payload algorithm (1), signalling
/// algorithm (0 or 1), IV (16), DPPK-ID (4), and an information element of identifier (1), length (2), cipher text and tag (16).
/// Everything before that element is authenticated.
/// </summary>
/// <remarks>
/// Nothing in the octets says whether the signalling algorithm is there: the length of the element, which must end with the
/// octets, tells. Where both readings end there, the one without it is taken.
/// </remarks>
public sealed class McDataProtectedPayload
{
    /// <summary>The size of the IV.</summary>
    public const int IvSizeInBytes = 16;

    /// <summary>The size of the tag at the end of the cipher text.</summary>
    public const int TagSizeInBytes = 16;

    /// <summary>The payload algorithm AEAD_AES_128_GCM.</summary>
    public const int AeadAes128Gcm = 1;

    /// <summary>The largest payload that can be protected.</summary>
    public const int MaximumPayloadSizeInBytes = ushort.MaxValue - TagSizeInBytes;

    private const int Protected = 0x40;
    private const int Signed = 0x80;
    private const int SizeBeforeElement = 32;
    private const int ElementHeadSize = 3;
    private const int MaximumSize = SizeBeforeElement + 1 + ElementHeadSize + ushort.MaxValue;

    private McDataProtectedPayload(McDataPayloadHead head) => Head = head;

    /// <summary>The fields in clear. Unless the payload was unprotected, nothing in them is to be believed.</summary>
    public McDataPayloadHead Head { get; }

    /// <summary>Whether the flag says that a signature belongs to the payload (TS 33.180 8.5.5).</summary>
    public bool IsSigned { get; private init; }

    /// <summary>The payload algorithm; only <see cref="AeadAes128Gcm"/> can be unprotected.</summary>
    public int PayloadAlgorithm { get; private init; }

    /// <summary>The IV, 16 octets.</summary>
    public ReadOnlyMemory<byte> Iv { get; private init; }

    /// <summary>The DPPK-ID: the identifier of the key of which the cipher key is derived.</summary>
    public uint DppkId { get; private init; }

    /// <summary>Cipher text and tag, 16 octets or more.</summary>
    public ReadOnlyMemory<byte> CipherText { get; private init; }

    /// <summary>The size of the payload, once unprotected.</summary>
    public int PayloadSizeInBytes => CipherText.Length - TagSizeInBytes;

    internal ReadOnlyMemory<byte> AssociatedData { get; private init; }

    /// <summary>Reads a protected payload. False unless the octets are exactly one.</summary>
    /// <param name="octets">The octets; they are copied.</param>
    /// <param name="payload">The payload.</param>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out McDataProtectedPayload? payload)
    {
        payload = null;
        if (octets.Length > MaximumSize)
        {
            return false;
        }

        ReadOnlyMemory<byte> copy = octets.ToArray();
        payload = Read(copy, withSignalling: false) ?? Read(copy, withSignalling: true);
        return payload is not null;
    }

    /// <summary>The octets with room for the cipher text, which the caller fills in.</summary>
    internal static byte[] Lay(
        McDataPayloadHead head, uint dppkId, ReadOnlySpan<byte> iv, int payloadSize, out int sizeBeforeElement)
    {
        sizeBeforeElement = SizeBeforeElement + (head.SignallingAlgorithm is null ? 0 : 1);
        byte[] octets = new byte[sizeBeforeElement + ElementHeadSize + payloadSize + TagSizeInBytes];
        OctetWriter writer = new(octets);
        writer.Octet((byte)(Protected | head.MessageType));
        writer.Octet((byte)(head.SecondsSince1970 >> 32));
        writer.UInt32((uint)head.SecondsSince1970);
        writer.UInt32(head.PayloadId);
        writer.Octet(head.SequenceNumber);
        writer.Octet(AeadAes128Gcm);
        if (head.SignallingAlgorithm is { } algorithm)
        {
            writer.Octet(algorithm);
        }

        writer.Octets(iv);
        writer.UInt32(dppkId);
        writer.Octet(head.PayloadIdentifier);
        writer.UInt16(payloadSize + TagSizeInBytes);
        return octets;
    }

    internal static Span<byte> CipherTextOf(byte[] octets, int sizeBeforeElement) =>
        octets.AsSpan(sizeBeforeElement + ElementHeadSize);

    private static McDataProtectedPayload? Read(ReadOnlyMemory<byte> octets, bool withSignalling)
    {
        OctetReader reader = new(octets);
        byte type = reader.Octet();
        long seconds = ((long)reader.Octet() << 32) | reader.UInt32();
        uint payloadId = reader.UInt32();
        byte sequenceNumber = reader.Octet();
        byte payloadAlgorithm = reader.Octet();
        byte? signallingAlgorithm = withSignalling ? reader.Octet() : null;
        ReadOnlyMemory<byte> iv = reader.Take(IvSizeInBytes);
        uint dppkId = reader.UInt32();
        int sizeBeforeElement = reader.Offset;
        byte identifier = reader.Octet();
        ReadOnlyMemory<byte> cipherText = reader.Take(reader.UInt16());
        if (reader.Failed || reader.Remaining > 0 || cipherText.Length < TagSizeInBytes || (type & Protected) == 0)
        {
            return null;
        }

        McDataPayloadHead head = new()
        {
            MessageType = type & ~(Protected | Signed),
            SecondsSince1970 = seconds,
            PayloadId = payloadId,
            SequenceNumber = sequenceNumber,
            SignallingAlgorithm = signallingAlgorithm,
            PayloadIdentifier = identifier,
        };
        return new McDataProtectedPayload(head)
        {
            IsSigned = (type & Signed) != 0,
            PayloadAlgorithm = payloadAlgorithm,
            Iv = iv,
            DppkId = dppkId,
            CipherText = cipherText,
            AssociatedData = octets[..sizeBeforeElement],
        };
    }
}
