using System.Buffers.Binary;

namespace Watchword.Mikey;

/// <summary>
/// Reads big-endian fields from the front of an octet string. The first fault sticks: from then on every read gives zero or
/// nothing, so a payload is read straight through and checked once.
/// </summary>
internal ref struct OctetReader(ReadOnlyMemory<byte> source)
{
    private readonly ReadOnlyMemory<byte> _source = source;

    /// <summary>Octets consumed so far, which is also the offset of the next field.</summary>
    public int Offset { get; private set; }

    public MikeyFormatReason Reason { get; private set; }

    public int FaultOffset { get; private set; }

    public readonly bool Failed => Reason != MikeyFormatReason.None;

    public readonly int Remaining => Failed ? 0 : _source.Length - Offset;

    public byte Octet()
    {
        ReadOnlySpan<byte> field = Take(1).Span;
        return field.IsEmpty ? (byte)0 : field[0];
    }

    public ushort UInt16()
    {
        ReadOnlySpan<byte> field = Take(2).Span;
        return field.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    public uint UInt32()
    {
        ReadOnlySpan<byte> field = Take(4).Span;
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    public ulong UInt64()
    {
        ReadOnlySpan<byte> field = Take(8).Span;
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(field);
    }

    /// <summary>The next <paramref name="length"/> octets, or none if there are fewer.</summary>
    public ReadOnlyMemory<byte> Take(int length)
    {
        if (Failed)
        {
            return default;
        }

        if (length > _source.Length - Offset)
        {
            Fail(MikeyFormatReason.Truncated, Offset);
            return default;
        }

        ReadOnlyMemory<byte> field = _source.Slice(Offset, length);
        Offset += length;
        return field;
    }

    /// <summary>Notes a fault at <paramref name="offset"/> unless the condition holds or an earlier fault stands.</summary>
    public void Require(bool condition, MikeyFormatReason reason, int offset)
    {
        if (!condition)
        {
            Fail(reason, offset);
        }
    }

    private void Fail(MikeyFormatReason reason, int offset)
    {
        if (!Failed)
        {
            Reason = reason;
            FaultOffset = offset;
        }
    }
}
