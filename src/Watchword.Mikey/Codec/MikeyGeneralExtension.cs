namespace Watchword.Mikey;

/// <summary>
/// General extension: next payload (1), type (1), length (2), data. RFC 3830 §6.15. This payload has a length of its own, so types
/// that are unknown are kept and passed over, as RFC 3830 means it; the signature covers them all the same.
/// </summary>
public sealed class MikeyGeneralExtension : MikeyPayload
{
    /// <summary>The type of SAKKE-to-self (TS 33.180 E.5): the data is one whole SAKKE payload for the initiator's own UID.</summary>
    public const int SakkeToSelf = 6;

    /// <summary>The type of key parameters (TS 33.180 E.6): the data is an MCData protected payload.</summary>
    public const int KeyParameters = 7;

    /// <summary>Makes a general extension of any type but <see cref="SakkeToSelf"/>.</summary>
    /// <param name="extensionType">0 to 255.</param>
    /// <param name="data">At most 65535 octets.</param>
    /// <exception cref="ArgumentException">A type or size that does not fit.</exception>
    public MikeyGeneralExtension(int extensionType, ReadOnlyMemory<byte> data)
    {
        if (extensionType is < 0 or > 255 or SakkeToSelf || data.Length > ushort.MaxValue)
        {
            throw new ArgumentException("A general extension has a type of one octet and up to 65535 octets.", nameof(extensionType));
        }

        ExtensionType = extensionType;
        Data = data;
    }

    private MikeyGeneralExtension(MikeySakke sakke, ReadOnlyMemory<byte> data)
    {
        ExtensionType = SakkeToSelf;
        Data = data;
        Sakke = sakke;
    }

    /// <summary>The type of the extension.</summary>
    public int ExtensionType { get; }

    /// <summary>The data as sent.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The inner payload of a <see cref="SakkeToSelf"/> extension, otherwise null.</summary>
    public MikeySakke? Sakke { get; }

    /// <inheritdoc/>
    public override MikeyPayloadType PayloadType => MikeyPayloadType.GeneralExtension;

    /// <inheritdoc/>
    public override int SizeInBytes => 4 + Data.Length;

    /// <summary>A SAKKE-to-self extension (TS 33.180 E.5); the inner next-payload octet is 0.</summary>
    /// <param name="sakke">The key, encapsulated to the initiator's own UID.</param>
    public static MikeyGeneralExtension FromSakkeToSelf(MikeySakke sakke)
    {
        byte[] data = new byte[sakke.SizeInBytes];
        OctetWriter writer = new(data);
        sakke.Write(ref writer, nextPayload: 0);
        return new MikeyGeneralExtension(sakke, data);
    }

    /// <summary>A SAKKE-to-self extension over its data, of which the payload was read.</summary>
    internal static MikeyGeneralExtension Wrap(MikeySakke sakke, ReadOnlyMemory<byte> data) => new(sakke, data);

    internal static MikeyGeneralExtension? Read(ref OctetReader reader, out byte nextPayload)
    {
        nextPayload = reader.Octet();
        byte type = reader.Octet();
        ushort length = reader.UInt16();
        int dataOffset = reader.Offset;
        ReadOnlyMemory<byte> data = reader.Take(length);
        if (reader.Failed)
        {
            return null;
        }

        if (type != SakkeToSelf)
        {
            return new MikeyGeneralExtension(type, data);
        }

        // The inner next-payload octet is there and ignored (TS 33.180 E.5).
        OctetReader inner = new(data);
        MikeySakke? sakke = MikeySakke.Read(ref inner, out _);
        reader.Require(!inner.Failed, inner.Reason, dataOffset + inner.FaultOffset);
        reader.Require(inner.Remaining == 0, MikeyFormatReason.TrailingOctets, dataOffset + inner.Offset);
        return reader.Failed ? null : Wrap(sakke!, data);
    }

    internal override void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.Octet(nextPayload);
        writer.Octet((byte)ExtensionType);
        writer.UInt16(Data.Length);
        writer.Octets(Data.Span);
    }
}
