using System.Text;

namespace Watchword.Mikey;

/// <summary>The octets of <see cref="KeyParameters"/> (TS 33.180 table E.6.1-1).</summary>
internal static class KeyParametersCodec
{
    private const int ElementHeadSize = 3;
    private const int FixedSize = 1 + 4 + 5 + 5;

    private static readonly long _lastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <param name="octets">The octets.</param>
    /// <param name="firstType">The number of the first key type: 0, or 1 in the old form of a peer.</param>
    /// <param name="reason">Why there are none.</param>
    /// <param name="offset">Where.</param>
    public static KeyParameters? Read(ReadOnlySpan<byte> octets, int firstType, out MikeyFormatReason reason, out int offset)
    {
        if (octets.Length > KeyParameters.MaximumSizeInBytes)
        {
            (reason, offset) = (MikeyFormatReason.TooLong, KeyParameters.MaximumSizeInBytes);
            return null;
        }

        OctetReader reader = new(octets.ToArray());
        if (IsElement(octets))
        {
            reader.Take(ElementHeadSize);
        }

        KeyParameters? parameters = Read(ref reader, firstType);
        (reason, offset) = (reader.Reason, reader.FaultOffset);
        return reader.Failed ? null : parameters;
    }

    public static byte[] Write(KeyParameters parameters, KeyParametersForm form)
    {
        byte[] text = Encoding.UTF8.GetBytes(parameters.Text);
        byte[][] groups = [.. parameters.GroupIds.Select(Encoding.UTF8.GetBytes)];
        bool hasGroups = KeyParameters.HasGroups(parameters.KeyType);
        int groupsSize = 1 + groups.Sum(g => ElementHeadSize + g.Length);
        int size = FixedSize + 2 + text.Length + (hasGroups ? 2 + groupsSize : 0) + parameters.KeySpecific.Length;
        bool fits = (groups.Length == 0 || hasGroups)
            && groups.Length <= byte.MaxValue
            && parameters.GroupIds.Distinct(StringComparer.Ordinal).Count() == groups.Length
            && IsTime(parameters.Activation)
            && IsTime(parameters.Expiry)
            && (text.Length == 0 || MikeyIdentity.IsPrintable(text))
            && Array.TrueForAll(groups, g => MikeyIdentity.IsPrintable(g))
            && size + ElementHeadSize <= KeyParameters.MaximumSizeInBytes;
        if (!fits)
        {
            throw new ArgumentException("A time, a text, groups or a size that key parameters cannot have.", nameof(parameters));
        }

        byte[] octets = new byte[size + (form.ElementIdentifier is null ? 0 : ElementHeadSize)];
        OctetWriter writer = new(octets);
        if (form.ElementIdentifier is { } identifier)
        {
            writer.Octet(identifier);
            writer.UInt16(size);
        }

        writer.Octet((byte)parameters.KeyType);
        writer.UInt32((uint)parameters.Status);
        WriteTime(ref writer, parameters.Activation);
        WriteTime(ref writer, parameters.Expiry);
        writer.UInt16(text.Length);
        writer.Octets(text);
        if (hasGroups)
        {
            WriteGroups(ref writer, groups, groupsSize, form.GroupIdentifier);
        }

        writer.Octets(parameters.KeySpecific.Span);
        // Bits of the status that no release defines could pass for the length of an element.
        return form.ElementIdentifier is not null || !IsElement(octets)
            ? octets
            : throw new ArgumentException("A status that reads as a length.", nameof(parameters));
    }

    /// <summary>
    /// Whether the first 3 octets are identifier and length of an element that ends with the octets. Parameters without an
    /// element have the upper bits of the status there, which are zero.
    /// </summary>
    private static bool IsElement(ReadOnlySpan<byte> octets) =>
        octets.Length > ElementHeadSize + FixedSize && ((octets[1] << 8) | octets[2]) == octets.Length - ElementHeadSize;

    private static KeyParameters? Read(ref OctetReader reader, int firstType)
    {
        int typeOffset = reader.Offset;
        int type = reader.Octet() - firstType;
        reader.Require(type is >= 0 and <= (int)KeyPurpose.Musik, MikeyFormatReason.UndefinedValue, typeOffset);
        uint status = reader.UInt32();
        DateTimeOffset? activation = ReadTime(ref reader);
        DateTimeOffset? expiry = ReadTime(ref reader);
        int textOffset = reader.Offset;
        ReadOnlyMemory<byte> text = reader.Take(reader.UInt16());
        reader.Require(text.IsEmpty || MikeyIdentity.IsPrintable(text.Span), MikeyFormatReason.InvalidText, textOffset);
        // Parameters of a group key that end here name no group.
        bool namesGroups = !reader.Failed && KeyParameters.HasGroups((KeyPurpose)type) && reader.Remaining > 0;
        string[] groups = namesGroups ? ReadGroups(ref reader) : [];
        return reader.Failed
            ? null
            : new KeyParameters((KeyPurpose)type)
            {
                Status = (KeyStatus)status,
                Activation = activation,
                Expiry = expiry,
                Text = Encoding.UTF8.GetString(text.Span),
                GroupIds = groups,
                KeySpecific = reader.Take(reader.Remaining),
            };
    }

    /// <summary>
    /// Number of groups (1), and for each an identifier (1), a length (2) and the group ID, within the length (2) before.
    /// </summary>
    private static string[] ReadGroups(ref OctetReader reader)
    {
        int lengthOffset = reader.Offset;
        int length = reader.UInt16();
        int end = reader.Offset + length;
        int count = reader.Octet();
        reader.Require(length > 0 && count * (ElementHeadSize + 1) < length, MikeyFormatReason.WrongLength, lengthOffset);
        reader.Require(end - reader.Offset <= reader.Remaining, MikeyFormatReason.Truncated, lengthOffset);
        if (reader.Failed)
        {
            return [];
        }

        string[] groups = new string[count];
        HashSet<string> seen = new(count, StringComparer.Ordinal);
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            int offset = reader.Offset;
            _ = reader.Octet();
            ReadOnlyMemory<byte> group = reader.Take(reader.UInt16());
            reader.Require(reader.Failed || MikeyIdentity.IsPrintable(group.Span), MikeyFormatReason.InvalidText, offset);
            if (!reader.Failed)
            {
                groups[i] = Encoding.UTF8.GetString(group.Span);
                reader.Require(seen.Add(groups[i]), MikeyFormatReason.Duplicate, offset);
            }
        }

        reader.Require(reader.Offset == end, MikeyFormatReason.WrongLength, lengthOffset);
        return groups;
    }

    private static void WriteGroups(ref OctetWriter writer, byte[][] groups, int size, byte identifier)
    {
        writer.UInt16(size);
        writer.Octet((byte)groups.Length);
        foreach (byte[] group in groups)
        {
            writer.Octet(identifier);
            writer.UInt16(group.Length);
            writer.Octets(group);
        }
    }

    /// <summary>Seconds since 1970, 40 bits; 0 says nothing. What .NET's calendar does not reach is as good as never.</summary>
    private static DateTimeOffset? ReadTime(ref OctetReader reader)
    {
        long seconds = ((long)reader.Octet() << 32) | reader.UInt32();
        return seconds == 0 ? null
            : seconds >= _lastSecond ? DateTimeOffset.MaxValue
            : DateTimeOffset.FromUnixTimeSeconds(seconds);
    }

    private static bool IsTime(DateTimeOffset? time) => time is null || time.Value.ToUnixTimeSeconds() > 0;

    private static void WriteTime(ref OctetWriter writer, DateTimeOffset? time)
    {
        long seconds = time?.ToUnixTimeSeconds() ?? 0;
        writer.Octet((byte)(seconds >> 32));
        writer.UInt32((uint)seconds);
    }
}
