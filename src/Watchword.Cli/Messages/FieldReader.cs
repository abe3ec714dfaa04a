using System.Globalization;
using System.Text;
using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>
/// Reads field after field and notes each with its place, as far as the octets go. The first fault sticks: from then on
/// nothing is read,
/// so that a payload is read straight through. Unlike the codec it goes on where a value is not one that an I_MESSAGE may have.
/// </summary>
internal sealed class FieldReader(ReadOnlyMemory<byte> octets)
{
    private readonly List<DecodedPayload> payloads = [];
    private List<DecodedField> fields = [];

    /// <summary>The offset of the next field.</summary>
    public int Offset { get; private set; }

    /// <summary>Octets that are left; none after a fault.</summary>
    public int Remaining => Fault is null ? octets.Length - Offset : 0;

    /// <summary>The first fault.</summary>
    public DecodedFault? Fault { get; private set; }

    /// <summary>What has been read.</summary>
    public IReadOnlyList<DecodedPayload> Payloads => payloads;

    /// <summary>Reads one payload: what <paramref name="read"/> notes belongs to it.</summary>
    public void Payload(string name, string clause, Action read)
    {
        int start = Offset;
        fields = [];
        read();
        if (fields.Count > 0)
        {
            payloads.Add(new DecodedPayload(name, clause, start, Offset - start, fields));
        }
    }

    /// <summary>Gives a payload the name that its content says.</summary>
    public void Rename(string name)
    {
        if (payloads.Count > 0)
        {
            payloads[^1] = payloads[^1] with { Name = name };
        }
    }

    /// <summary>The octet that comes next, without reading it; 0 if there is none.</summary>
    public int Peek(int ahead = 0) => Remaining > ahead ? octets.Span[Offset + ahead] : 0;

    /// <summary>A number of <paramref name="length"/> octets, 1 to 8, in decimal.</summary>
    public ulong Number(string id, int length, Func<ulong, string?>? meaning = null)
    {
        ulong value = Big(length);
        Note(id, length, value.ToString(CultureInfo.InvariantCulture), meaning?.Invoke(value));
        return Fault is null ? value : 0;
    }

    /// <summary>Some bits of the octet that comes next; only the last field of an octet goes past it.</summary>
    public int Bits(string id, int shift, int mask, bool last, Func<int, string?>? meaning = null, int length = 1)
    {
        int value = (int)(Big(length) >> shift) & mask;
        Note(id, length, value.ToString(CultureInfo.InvariantCulture), meaning?.Invoke(value), advance: last);
        return Fault is null ? value : 0;
    }

    /// <summary>A number of <paramref name="length"/> octets, in hexadecimal.</summary>
    public ulong Identifier(string id, int length, Func<ulong, string?>? meaning = null)
    {
        ulong value = Big(length);
        Note(
            id,
            length,
            value.ToString("x" + (2 * length).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            meaning?.Invoke(value));
        return Fault is null ? value : 0;
    }

    /// <summary>Octets in hexadecimal. None is a field too, unless <paramref name="optional"/>.</summary>
    public void Octets(string id, int length, string? meaning = null, bool optional = false)
    {
        if (!(optional && length == 0))
        {
            Note(id, length, length <= Remaining ? Printable.Hex(octets.Span.Slice(Offset, length)) : string.Empty, meaning);
        }
    }

    /// <summary>Text; what is not UTF-8 or not printable is made visible.</summary>
    public void Text(string id, int length, string? meaning = null) =>
        Note(
            id,
            length,
            length <= Remaining ? Printable.Text(Encoding.UTF8.GetString(octets.Span.Slice(Offset, length))) : string.Empty,
            meaning);

    /// <summary>What cannot be told apart, to the end.</summary>
    public void Rest(MikeyFormatReason reason)
    {
        int start = Offset;
        Octets("raw", Remaining, optional: true);
        Fail(reason, start);
    }

    /// <summary>Notes a fault unless there is one.</summary>
    public void Fail(MikeyFormatReason reason, int offset) => Fault ??= new DecodedFault(reason, offset);

    private ulong Big(int length)
    {
        ulong value = 0;
        for (int i = 0; i < length && length <= Remaining; i++)
        {
            value = (value << 8) | octets.Span[Offset + i];
        }

        return value;
    }

    private void Note(string id, int length, string value, string? meaning, bool advance = true)
    {
        if (Fault is not null)
        {
            return;
        }

        if (length > Remaining)
        {
            int start = Offset;
            if (Remaining > 0)
            {
                Note("raw", Remaining, Printable.Hex(octets.Span[Offset..]), "the message ends inside this field");
            }

            Fail(MikeyFormatReason.Truncated, start);
            return;
        }

        fields.Add(new DecodedField(FieldDefinitions.Get(id), Offset, length, value, meaning));
        Offset += advance ? length : 0;
    }
}
