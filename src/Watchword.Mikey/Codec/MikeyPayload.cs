namespace Watchword.Mikey;

/// <summary>
/// The payload types of an I_MESSAGE (RFC 3830 §6.1, RFC 6043 §6.1, RFC 6509 §4.1). Every other type is refused: MIKEY payloads
/// share no length field, so an unknown one cannot be skipped, and RFC 3830 allows extension only inside the general extension
/// payload.
/// </summary>
public enum MikeyPayloadType
{
    /// <summary>The next-payload value that ends a chain; a signed message never holds it, because SIGN has no such field.</summary>
    None = 0,

    /// <summary>SIGN (RFC 3830 §6.5).</summary>
    Signature = 4,

    /// <summary>T (RFC 3830 §6.6).</summary>
    Timestamp = 5,

    /// <summary>SP (RFC 3830 §6.10).</summary>
    SecurityPolicy = 10,

    /// <summary>RAND (RFC 3830 §6.11).</summary>
    Random = 11,

    /// <summary>IDR, identity with role (RFC 6043 §6.6).</summary>
    Identity = 14,

    /// <summary>General extension (RFC 3830 §6.15).</summary>
    GeneralExtension = 21,

    /// <summary>SAKKE (RFC 6509 §4.2).</summary>
    Sakke = 26,
}

/// <summary>One payload of an I_MESSAGE. The set of payloads is closed.</summary>
public abstract class MikeyPayload
{
    private protected MikeyPayload()
    {
    }

    /// <summary>The number by which the payload before this one announces it.</summary>
    public abstract MikeyPayloadType PayloadType { get; }

    /// <summary>The size of the whole payload on the wire, its next-payload octet included.</summary>
    public abstract int SizeInBytes { get; }

    internal abstract void Write(ref OctetWriter writer, byte nextPayload);
}
