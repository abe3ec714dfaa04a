namespace Watchword.Mikey;

/// <summary>The types of CS ID map (RFC 3830 §6.1.1, RFC 4563 §4, RFC 6043 §6.1.1).</summary>
public enum MikeyCsIdMapType
{
    /// <summary>SRTP-ID (RFC 3830): the legacy form.</summary>
    SrtpId = 0,

    /// <summary>Empty map (RFC 4563): the default profile of the key applies.</summary>
    Empty = 1,

    /// <summary>GENERIC-ID (RFC 6043).</summary>
    GenericId = 2,
}

/// <summary>The crypto sessions of a header. The set of forms is closed.</summary>
public abstract class MikeyCsIdMap
{
    private protected MikeyCsIdMap()
    {
    }

    /// <summary>The empty map.</summary>
    public static MikeyCsIdMap Empty { get; } = new MikeyEmptyMap();

    /// <summary>The form of the map.</summary>
    public abstract MikeyCsIdMapType MapType { get; }

    /// <summary>The number of crypto sessions, 0 to 255.</summary>
    public abstract int Count { get; }

    /// <summary>The size of the map information on the wire, without number and type.</summary>
    public abstract int SizeInBytes { get; }

    internal abstract void Write(ref OctetWriter writer);

    internal static MikeyCsIdMap? Read(ref OctetReader reader)
    {
        int countOffset = reader.Offset;
        byte count = reader.Octet();
        int typeOffset = reader.Offset;
        byte type = reader.Octet();
        switch ((MikeyCsIdMapType)type)
        {
            case MikeyCsIdMapType.Empty:
                reader.Require(count == 0, MikeyFormatReason.WrongLength, countOffset);
                return reader.Failed ? null : Empty;
            case MikeyCsIdMapType.SrtpId:
                return MikeySrtpIdMap.Read(ref reader, count);
            case MikeyCsIdMapType.GenericId:
                reader.Require(count != 0, MikeyFormatReason.WrongLength, countOffset);
                return MikeyGenericIdMap.Read(ref reader, count);
            default:
                reader.Require(false, MikeyFormatReason.UndefinedValue, typeOffset);
                return null;
        }
    }

    private sealed class MikeyEmptyMap : MikeyCsIdMap
    {
        public override MikeyCsIdMapType MapType => MikeyCsIdMapType.Empty;

        public override int Count => 0;

        public override int SizeInBytes => 0;

        internal override void Write(ref OctetWriter writer)
        {
        }
    }
}
