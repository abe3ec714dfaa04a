using System.Buffers.Binary;

namespace Watchword.Mikey;

/// <summary>Writes big-endian fields one after the other into a destination of exactly the right size.</summary>
internal ref struct OctetWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Offset { get; private set; }

    public void Octet(byte value) => _destination[Offset++] = value;

    public void UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_destination[Offset..], checked((ushort)value));
        Offset += 2;
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_destination[Offset..], value);
        Offset += 4;
    }

    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_destination[Offset..], value);
        Offset += 8;
    }

    public void Skip(int length) => Offset += length;

    public void Octets(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_destination[Offset..]);
        Offset += value.Length;
    }
}
