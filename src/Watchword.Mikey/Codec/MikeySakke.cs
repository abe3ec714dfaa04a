namespace Watchword.Mikey;

/// <summary>The identifier schemes of a SAKKE payload (RFC 6509 §4.2, TS 33.180 E.1.2).</summary>
public enum MikeyIdentifierScheme
{
    /// <summary>No scheme: not a value of the wire.</summary>
    None = 0,

    /// <summary>
    /// Telephone URI with monthly keys (RFC 6509). Some peers write it and mean <see cref="HashedUid"/>: it is read, not sent.
    /// </summary>
    TelephoneUri = 1,

    /// <summary>3GPP MCX hashed UID (TS 33.180 F.2.1).</summary>
    HashedUid = 2,
}

/// <summary>
/// SAKKE: next payload (1), parameter set 1 (1), identifier scheme (1), length 273 (2), encapsulated data R || H. RFC 6509 §4.2.
/// </summary>
public sealed class MikeySakke : MikeyPayload
{
    /// <summary>The encapsulated data of parameter set 1: a point of 257 octets and 16 octets (RFC 6508 §4, RFC 6509 Appendix A).</summary>
    public const int EncapsulatedSizeInBytes = 273;

    private const byte ParameterSet = 1;

    /// <summary>Makes a SAKKE payload.</summary>
    /// <param name="scheme">How the receiver's identifier is formed.</param>
    /// <param name="encapsulated">273 octets.</param>
    /// <exception cref="ArgumentException">Unknown scheme or another size.</exception>
    public MikeySakke(MikeyIdentifierScheme scheme, ReadOnlyMemory<byte> encapsulated)
    {
        if (!IsKnown((byte)scheme) || encapsulated.Length != EncapsulatedSizeInBytes)
        {
            throw new ArgumentException("A SAKKE payload has scheme 1 or 2 and 273 octets.", nameof(encapsulated));
        }

        Scheme = scheme;
        Encapsulated = encapsulated;
    }

    /// <summary>How the receiver's identifier is formed.</summary>
    public MikeyIdentifierScheme Scheme { get; }

    /// <summary>The encapsulated key, 273 octets.</summary>
    public ReadOnlyMemory<byte> Encapsulated { get; }

    /// <inheritdoc/>
    public override MikeyPayloadType PayloadType => MikeyPayloadType.Sakke;

    /// <inheritdoc/>
    public override int SizeInBytes => 5 + EncapsulatedSizeInBytes;

    internal static MikeySakke? Read(ref OctetReader reader, out byte nextPayload)
    {
        nextPayload = reader.Octet();
        int setOffset = reader.Offset;
        reader.Require(reader.Octet() == ParameterSet, MikeyFormatReason.UndefinedValue, setOffset);
        int schemeOffset = reader.Offset;
        byte scheme = reader.Octet();
        reader.Require(IsKnown(scheme), MikeyFormatReason.UndefinedValue, schemeOffset);
        int lengthOffset = reader.Offset;
        reader.Require(reader.UInt16() == EncapsulatedSizeInBytes, MikeyFormatReason.WrongLength, lengthOffset);
        ReadOnlyMemory<byte> encapsulated = reader.Take(EncapsulatedSizeInBytes);
        return reader.Failed ? null : new MikeySakke((MikeyIdentifierScheme)scheme, encapsulated);
    }

    internal override void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.Octet(nextPayload);
        writer.Octet(ParameterSet);
        writer.Octet((byte)Scheme);
        writer.UInt16(EncapsulatedSizeInBytes);
        writer.Octets(Encapsulated.Span);
    }

    private static bool IsKnown(byte scheme) =>
        (MikeyIdentifierScheme)scheme is MikeyIdentifierScheme.TelephoneUri or MikeyIdentifierScheme.HashedUid;
}
