using System.Buffers.Binary;
using System.Text;

namespace Watchword.Client;

/// <summary>Writes the content of a store into pinned memory: big-endian numbers, octets and UTF-8 behind a 4-octet length.</summary>
internal sealed class StoreWriter : IDisposable
{
    private PinnedSecret _buffer = new(4096);
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.Span[.._length];

    public void Number(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(8), value);

    public void Octets(ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32BigEndian(Take(4), value.Length);
        value.CopyTo(Take(value.Length));
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            BinaryPrimitives.WriteInt32BigEndian(Take(4), -1);
            return;
        }

        int length = Encoding.UTF8.GetByteCount(value);
        BinaryPrimitives.WriteInt32BigEndian(Take(4), length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void Time(DateTimeOffset? value) => Number(value?.UtcTicks ?? -1);

    public void List<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        Number(items.Count);
        foreach (T item in items)
        {
            write(item);
        }
    }

    public void Dispose() => _buffer.Dispose();

    private Span<byte> Take(int length)
    {
        if (_length + length > _buffer.Length)
        {
            PinnedSecret larger = new(Math.Max(_buffer.Length * 2, _length + length));
            Written.CopyTo(larger.Span);
            _buffer.Dispose();
            _buffer = larger;
        }

        Span<byte> taken = _buffer.Span.Slice(_length, length);
        _length += length;
        return taken;
    }
}

/// <summary>Reads what <see cref="StoreWriter"/> wrote; anything else is one <see cref="FormatException"/>.</summary>
internal sealed class StoreReader(PinnedSecret content)
{
    private const int MaxItems = 100_000;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private int _position;

    public long Number() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public ReadOnlySpan<byte> Octets() => Take(BinaryPrimitives.ReadInt32BigEndian(Take(4)));

    public string? TextOrNull()
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(Take(4));
        try
        {
            return length == -1 ? null : StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("A text is not UTF-8.", e);
        }
    }

    public string Text() => TextOrNull() ?? throw new FormatException("A text is missing.");

    public DateTimeOffset? TimeOrNull()
    {
        long ticks = Number();
        return ticks switch
        {
            -1 => null,
            >= 0 when ticks <= DateTimeOffset.MaxValue.UtcTicks => new DateTimeOffset(ticks, TimeSpan.Zero),
            _ => throw new FormatException("A time is out of range."),
        };
    }

    public DateTimeOffset Time() => TimeOrNull() ?? throw new FormatException("A time is missing.");

    public void List(Action read)
    {
        long count = Number();
        if (count is < 0 or > MaxItems)
        {
            throw new FormatException("A list is too long.");
        }

        for (long i = 0; i < count; i++)
        {
            read();
        }
    }

    public void End()
    {
        if (_position != content.Length)
        {
            throw new FormatException("Octets follow the content.");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > content.Length - _position)
        {
            throw new FormatException("The content ends early.");
        }

        ReadOnlySpan<byte> taken = content.Span.Slice(_position, length);
        _position += length;
        return taken;
    }
}
