using System.Text;

namespace Watchword.Mikey;

/// <summary>
/// The roles of an IDR payload in an I_MESSAGE (RFC 6043 §6.6, RFC 6509 §4.4, TS 33.180 E.7). The roles 3 to 5 (KMS, PSK,
/// application) belong to MIKEY-TICKET and are refused.
/// </summary>
public enum MikeyIdentityRole
{
    /// <summary>No role: not a value of the wire.</summary>
    None = 0,

    /// <summary>IDRi: the initiator's URI.</summary>
    Initiator = 1,

    /// <summary>IDRr: the receiver's URI.</summary>
    Responder = 2,

    /// <summary>IDRkmsi: the KMS URI of the initiator's security domain.</summary>
    InitiatorKms = 6,

    /// <summary>IDRkmsr: the KMS URI of the receiver's security domain.</summary>
    ResponderKms = 7,

    /// <summary>IDRuidi: the initiator's UID in place of IDRi, which hides the identity.</summary>
    InitiatorUid = 8,

    /// <summary>IDRuidr: the receiver's UID in place of IDRr.</summary>
    ResponderUid = 9,
}

/// <summary>The types of an identity (RFC 3830 §6.7, RFC 6043 §6.6).</summary>
public enum MikeyIdentityType
{
    /// <summary>A network access identifier.</summary>
    Nai = 0,

    /// <summary>A URI.</summary>
    Uri = 1,

    /// <summary>A byte string: only for UIDs.</summary>
    ByteString = 2,
}

/// <summary>IDR: next payload (1), role (1), type (1), length (2), identity. RFC 6043 §6.6.</summary>
public sealed class MikeyIdentity : MikeyPayload
{
    /// <summary>The size of a UID (TS 33.180 F.2.1).</summary>
    public const int UidSizeInBytes = 32;

    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private MikeyIdentity(MikeyIdentityRole role, MikeyIdentityType type, ReadOnlyMemory<byte> octets)
    {
        Role = role;
        IdentityType = type;
        Octets = octets;
        Text = IsUidRole(role) ? null : _utf8.GetString(octets.Span);
    }

    /// <summary>Whose identity this is.</summary>
    public MikeyIdentityRole Role { get; }

    /// <summary>How the octets are meant.</summary>
    public MikeyIdentityType IdentityType { get; }

    /// <summary>The identity: UTF-8 text, or the 32 octets of a UID.</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <summary>The identity as text, exactly as sent; null for a UID.</summary>
    public string? Text { get; }

    /// <inheritdoc/>
    public override MikeyPayloadType PayloadType => MikeyPayloadType.Identity;

    /// <inheritdoc/>
    public override int SizeInBytes => 5 + Octets.Length;

    /// <summary>An identity of type URI.</summary>
    /// <param name="role">A role that holds a URI.</param>
    /// <param name="uri">The URI, taken octet by octet: it is an identifier and is not normalised (TS 33.180 F.2.1).</param>
    /// <exception cref="ArgumentException">A UID role; or an empty, too long or unprintable URI.</exception>
    public static MikeyIdentity FromUri(MikeyIdentityRole role, string uri)
    {
        byte[] octets;
        try
        {
            octets = _utf8.GetBytes(uri);
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("The URI is not valid Unicode.", nameof(uri));
        }

        if (!IsTextRole((byte)role) || octets.Length > ushort.MaxValue || !IsPrintable(octets))
        {
            throw new ArgumentException("This role takes a URI of 1 to 65535 printable UTF-8 octets.", nameof(uri));
        }

        return new MikeyIdentity(role, MikeyIdentityType.Uri, octets);
    }

    /// <summary>A UID in place of a URI (TS 33.180 E.7).</summary>
    /// <param name="role">One of the two UID roles.</param>
    /// <param name="uid">32 octets.</param>
    /// <exception cref="ArgumentException">Another role or size.</exception>
    public static MikeyIdentity FromUid(MikeyIdentityRole role, ReadOnlySpan<byte> uid) => IsUidRole(role) && uid.Length == UidSizeInBytes
        ? new MikeyIdentity(role, MikeyIdentityType.ByteString, uid.ToArray())
        : throw new ArgumentException("A UID role takes exactly 32 octets.", nameof(uid));

    /// <summary>An identity over octets that have been checked.</summary>
    internal static MikeyIdentity Wrap(MikeyIdentityRole role, MikeyIdentityType type, ReadOnlyMemory<byte> octets) =>
        new(role, type, octets);

    internal static MikeyIdentity? Read(ref OctetReader reader, out byte nextPayload)
    {
        nextPayload = reader.Octet();
        int roleOffset = reader.Offset;
        byte role = reader.Octet();
        int typeOffset = reader.Offset;
        byte type = reader.Octet();
        int lengthOffset = reader.Offset;
        ushort length = reader.UInt16();
        bool uid = IsUidRole((MikeyIdentityRole)role);
        reader.Require(uid || IsTextRole(role), MikeyFormatReason.UndefinedValue, roleOffset);
        reader.Require(
            type <= (byte)(uid ? MikeyIdentityType.ByteString : MikeyIdentityType.Uri), MikeyFormatReason.UndefinedValue, typeOffset);
        reader.Require(!uid || length == UidSizeInBytes, MikeyFormatReason.WrongLength, lengthOffset);
        int textOffset = reader.Offset;
        ReadOnlyMemory<byte> octets = reader.Take(length);
        reader.Require(uid || IsPrintable(octets.Span), MikeyFormatReason.InvalidText, textOffset);
        return reader.Failed ? null : Wrap((MikeyIdentityRole)role, (MikeyIdentityType)type, octets);
    }

    internal override void Write(ref OctetWriter writer, byte nextPayload)
    {
        writer.Octet(nextPayload);
        writer.Octet((byte)Role);
        writer.Octet((byte)IdentityType);
        writer.UInt16(Octets.Length);
        writer.Octets(Octets.Span);
    }

    private static bool IsUidRole(MikeyIdentityRole role) => role is MikeyIdentityRole.InitiatorUid or MikeyIdentityRole.ResponderUid;

    private static bool IsTextRole(byte role) => (MikeyIdentityRole)role
        is MikeyIdentityRole.Initiator or MikeyIdentityRole.Responder or MikeyIdentityRole.InitiatorKms or MikeyIdentityRole.ResponderKms;

    // Text that is shown and compared: a NUL or a line break in it could only deceive.
    internal static bool IsPrintable(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || !System.Text.Unicode.Utf8.IsValid(text))
        {
            return false;
        }

        foreach (byte octet in text)
        {
            if (octet is < 0x20 or 0x7F)
            {
                return false;
            }
        }

        return true;
    }
}
