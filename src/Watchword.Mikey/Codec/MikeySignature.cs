namespace Watchword.Mikey;

/// <summary>
/// SIGN: type 2 = ECCSI (4 bits), length 129 (12 bits), r || s || PVT. It has no next-payload field and is the last payload.
/// RFC 3830 §6.5, RFC 6509 §4.3. TS 33.180 E.1.2 prints the length 32, which cannot hold an ECCSI signature over P-256.
/// </summary>
public sealed class MikeySignature : MikeyPayload
{
    /// <summary>The size of an ECCSI signature over P-256 (RFC 6507 §3.3).</summary>
    public const int ValueSizeInBytes = 129;

    /// <summary>The size of type and length before the signature octets.</summary>
    internal const int PrefixSizeInBytes = 2;

    private const int Eccsi = 2;
    private const int LengthAsPrinted = 32;

    /// <summary>Makes a SIGN payload.</summary>
    /// <param name="value">129 octets.</param>
    /// <exception cref="ArgumentException">Another size.</exception>
    public MikeySignature(ReadOnlyMemory<byte> value)
        : this(value, ValueSizeInBytes)
    {
    }

    /// <summary>Zeros, for a message that is about to be signed.</summary>
    internal static MikeySignature Placeholder { get; } = new(new byte[ValueSizeInBytes]);

    private MikeySignature(ReadOnlyMemory<byte> value, int declaredLength)
    {
        if (value.Length != ValueSizeInBytes)
        {
            throw new ArgumentException("An ECCSI signature has 129 octets.", nameof(value));
        }

        Value = value;
        DeclaredLength = declaredLength;
    }

    /// <summary>The signature, 129 octets: r (32), s (32), PVT (65).</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The length field: 129, or 32 under <see cref="MikeyTolerances.SignatureLengthAsPrinted"/>.</summary>
    public int DeclaredLength { get; }

    /// <inheritdoc/>
    public override MikeyPayloadType PayloadType => MikeyPayloadType.Signature;

    /// <inheritdoc/>
    public override int SizeInBytes => PrefixSizeInBytes + ValueSizeInBytes;

    internal static MikeySignature? Read(ref OctetReader reader, MikeyTolerances tolerances)
    {
        int offset = reader.Offset;
        ushort prefix = reader.UInt16();
        reader.Require(prefix >> 12 == Eccsi, MikeyFormatReason.UndefinedValue, offset);
        int length = prefix & 0xFFF;
        bool asPrinted = length == LengthAsPrinted
            && tolerances.HasFlag(MikeyTolerances.SignatureLengthAsPrinted)
            && reader.Remaining == ValueSizeInBytes;
        reader.Require(length == ValueSizeInBytes || asPrinted, MikeyFormatReason.WrongLength, offset);
        ReadOnlyMemory<byte> value = reader.Take(ValueSizeInBytes);
        return reader.Failed ? null : new MikeySignature(value, length);
    }

    internal override void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.UInt16((Eccsi << 12) | DeclaredLength);
        writer.Octets(Value.Span);
    }
}
