namespace Watchword.Mikey;

/// <summary>RAND: next payload (1), length (1), octets. RFC 3830 §6.11; 16 octets in TS 33.180 E.1.2.</summary>
public sealed class MikeyRandom : MikeyPayload
{
    /// <summary>The size that is sent, and the smallest that is read: RFC 3830 §4.2.2 asks for at least 128 bits.</summary>
    public const int RandomSizeInBytes = 16;

    /// <summary>Makes a RAND payload.</summary>
    /// <param name="value">16 to 255 octets.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer or more.</exception>
    public MikeyRandom(ReadOnlyMemory<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value.Length, RandomSizeInBytes, nameof(value));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, byte.MaxValue, nameof(value));
        Value = value;
    }

    /// <summary>The random octets; they also enter the derivation of media keys (RFC 3830 §4.1.3).</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <inheritdoc/>
    public override MikeyPayloadType PayloadType => MikeyPayloadType.Random;

    /// <inheritdoc/>
    public override int SizeInBytes => 2 + Value.Length;

    internal static MikeyRandom? Read(ref OctetReader reader, out byte nextPayload)
    {
        nextPayload = reader.Octet();
        int lengthOffset = reader.Offset;
        byte length = reader.Octet();
        reader.Require(length >= RandomSizeInBytes, MikeyFormatReason.WrongLength, lengthOffset);
        ReadOnlyMemory<byte> value = reader.Take(length);
        return reader.Failed ? null : new MikeyRandom(value);
    }

    internal override void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.Octet(nextPayload);
        writer.Octet((byte)Value.Length);
        writer.Octets(Value.Span);
    }
}
