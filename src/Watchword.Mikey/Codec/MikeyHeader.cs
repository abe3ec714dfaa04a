namespace Watchword.Mikey;

/// <summary>
/// HDR: version 1 (1), data type 26 (1), next payload (1), V = 0 and PRF 1 (1), CSB ID (4), number of crypto sessions (1), CS ID map
/// type (1), map. RFC 3830 §6.1, RFC 6509 §4.1, TS 33.180 E.1.2.
/// </summary>
public sealed class MikeyHeader
{
    private const byte Version = 1;
    private const byte SakkeMessage = 26;
    private const byte ResponseFlag = 0x80;
    private const byte PrfHmacSha256 = 1;
    private const int FixedSizeInBytes = 10;

    /// <summary>Makes a header.</summary>
    /// <param name="csbId">The crypto session bundle ID, in which TS 33.180 carries the key identifier.</param>
    /// <param name="map">The crypto sessions.</param>
    public MikeyHeader(uint csbId, MikeyCsIdMap map)
    {
        CsbId = csbId;
        Map = map;
    }

    /// <summary>
    /// The crypto session bundle ID: K-ID or UK-ID, with the purpose tag in the 4 most significant bits (TS 33.180 5.2.2).
    /// </summary>
    public uint CsbId { get; }

    /// <summary>The crypto sessions.</summary>
    public MikeyCsIdMap Map { get; }

    /// <summary>The size on the wire.</summary>
    public int SizeInBytes => FixedSizeInBytes + Map.SizeInBytes;

    internal static MikeyHeader? Read(ref OctetReader reader, out byte nextPayload)
    {
        reader.Require(reader.Octet() == Version, MikeyFormatReason.UnsupportedVersion, 0);
        reader.Require(reader.Octet() == SakkeMessage, MikeyFormatReason.UnsupportedDataType, 1);
        nextPayload = reader.Octet();
        byte flags = reader.Octet();
        reader.Require((flags & ResponseFlag) == 0, MikeyFormatReason.ResponseRequested, 3);
        reader.Require((flags & ~ResponseFlag) == PrfHmacSha256, MikeyFormatReason.UnsupportedPrf, 3);
        uint csbId = reader.UInt32();
        MikeyCsIdMap? map = MikeyCsIdMap.Read(ref reader);
        return reader.Failed ? null : new MikeyHeader(csbId, map!);
    }

    internal void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.Octet(Version);
        writer.Octet(SakkeMessage);
        writer.Octet(nextPayload);
        writer.Octet(PrfHmacSha256);
        writer.UInt32(CsbId);
        writer.Octet((byte)Map.Count);
        writer.Octet((byte)Map.MapType);
        Map.Write(ref writer);
    }
}
