using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>
/// Tells the fields of a message apart and explains each. It needs no keys, it verifies nothing, and it goes as far as the
/// octets do:
/// whether the message keeps the rules of an I_MESSAGE is what the codec says.
/// </summary>
internal sealed class MessageDissector(ReadOnlyMemory<byte> octets, DateTimeOffset now)
{
    // Each payload has an octet at least, but a screen has an end: far above the codec's own limit.
    private const int MaximumPayloads = 256;
    private const ulong Signature = 4;

    private readonly FieldReader reader = new(octets);

    /// <summary>Walks the message.</summary>
    public static DecodedMessage Dissect(ReadOnlyMemory<byte> octets, DateTimeOffset now) =>
        new MessageDissector(octets, now).Dissect();

    private DecodedMessage Dissect()
    {
        ulong next = 0;
        reader.Payload("HDR", "RFC 3830 §6.1", () => next = Header());
        for (int count = 0; reader.Fault is null && next != 0; count++)
        {
            if (count == MaximumPayloads)
            {
                reader.Fail(MikeyFormatReason.TooMany, reader.Offset);
                break;
            }

            ulong type = next;
            next = Payload(type);
            if (type == Signature)
            {
                break;
            }
        }

        if (reader.Fault is null && reader.Remaining > 0)
        {
            reader.Payload("octets after the end", "RFC 3830 §6", () => reader.Rest(MikeyFormatReason.TrailingOctets));
        }

        return new DecodedMessage(octets, reader.Payloads, reader.Fault);
    }

    private ulong Payload(ulong type)
    {
        ulong next = 0;
        switch ((MikeyPayloadType)type)
        {
            case MikeyPayloadType.Timestamp:
                reader.Payload("T", "RFC 3830 §6.6", () => next = Timestamp());
                break;
            case MikeyPayloadType.Random:
                reader.Payload("RAND", "RFC 3830 §6.11", () => next = Random());
                break;
            case MikeyPayloadType.Identity:
                int role = reader.Peek(1);
                reader.Payload(PayloadNames.IdentityName((ulong)role), "RFC 6043 §6.6", () => next = Identity());
                break;
            case MikeyPayloadType.SecurityPolicy:
                reader.Payload("SP", "RFC 3830 §6.10", () => next = PolicyDissector.Policy(reader));
                break;
            case MikeyPayloadType.Sakke:
                reader.Payload("SAKKE", "RFC 6509 §4.2", () => next = ExtensionDissector.Sakke(reader));
                break;
            case MikeyPayloadType.GeneralExtension:
                reader.Payload("GE", "RFC 3830 §6.15", () => next = ExtensionDissector.Extension(reader));
                break;
            case MikeyPayloadType.Signature:
                reader.Payload("SIGN", "RFC 3830 §6.5", Sign);
                break;
            default:
                reader.Payload(PayloadNames.Payload(type), "RFC 3830 §6", () => next = Other(type));
                break;
        }

        return next;
    }

    private ulong Header()
    {
        _ = reader.Number("hdr.version", 1, value => value == 1 ? null : "only version 1 exists");
        ulong dataType = reader.Number(
            "hdr.data_type", 1, value => value == 26 ? "SAKKE I_MESSAGE" : "not the SAKKE I_MESSAGE, which is 26");
        ulong next = reader.Number("hdr.next_payload", 1, PayloadNames.Payload);
        _ = reader.Bits(
            "hdr.v",
            7,
            1,
            last: false,
            value => value == 0 ? "no response asked for" : "response asked for; MIKEY-SAKKE has none");
        _ = reader.Bits(
            "hdr.prf", 0, 0x7F, last: true, value => value == 1 ? "PRF-HMAC-SHA-256" : "not PRF-HMAC-SHA-256, which is 1");
        _ = reader.Identifier("hdr.csb_id", 4, PayloadNames.Identifier);
        ulong count = reader.Number("hdr.cs_count", 1, _ => "number of crypto sessions");
        ulong map = reader.Number("hdr.map_type", 1, PayloadNames.Map);
        PolicyDissector.Map(reader, map, count);
        // Other data types have other payloads, which are not told apart here.
        if (reader.Fault is null && dataType != 26)
        {
            reader.Rest(MikeyFormatReason.UnsupportedDataType);
        }

        return next;
    }

    private ulong Timestamp()
    {
        ulong next = reader.Number("t.next_payload", 1, PayloadNames.Payload);
        ulong type = reader.Number("t.type", 1, value => value switch
        {
            0 => "NTP-UTC, 64 bits",
            1 => "NTP, 64 bits; TS 33.180 uses only NTP-UTC",
            2 => "counter, 32 bits; TS 33.180 uses only NTP-UTC",
            _ => "undefined",
        });
        if (type > 2)
        {
            reader.Rest(MikeyFormatReason.UndefinedValue);
            return 0;
        }

        _ = reader.Identifier("t.value", type == 2 ? 4 : 8, value => type == 0
            ? $"{Printable.Time(new MikeyTimestamp(MikeyTimestampType.NtpUtc, value).ToDateTimeOffset(now))}; selects the key "
                + "period of both UIDs"
            : null);
        return next;
    }

    private ulong Random()
    {
        ulong next = reader.Number("rand.next_payload", 1, PayloadNames.Payload);
        ulong length = reader.Number("rand.length", 1, value => value >= 16 ? "octets" : "octets; at least 16 are required");
        reader.Octets("rand.value", (int)length, "enters the derivation of the media keys (RFC 3830 §4.1.3)");
        return next;
    }

    private ulong Identity()
    {
        ulong next = reader.Number("id.next_payload", 1, PayloadNames.Payload);
        ulong role = reader.Number("id.role", 1, PayloadNames.Role);
        _ = reader.Number("id.type", 1, value => value switch { 0 => "NAI", 1 => "URI", 2 => "byte string", _ => "undefined" });
        ulong length = reader.Number("id.length", 2, _ => "octets");
        if (role is 8 or 9)
        {
            reader.Octets("id.uid", (int)length, length == 32 ? null : "a UID has 32 octets");
        }
        else
        {
            reader.Text("id.value", (int)length);
        }

        return next;
    }

    private void Sign()
    {
        int type = reader.Bits(
            "sign.type", 12, 0xF, last: false, value => value == 2 ? "ECCSI" : "not ECCSI, which is 2", length: 2);
        int length = reader.Bits("sign.length", 0, 0xFFF, last: true, value => value switch
        {
            129 => "octets",
            32 => "as TS 33.180 E.1.2 prints it; an ECCSI signature has 129 octets",
            _ => "octets; an ECCSI signature has 129",
        }, length: 2);
        if (type == 2 && reader.Remaining >= 129 && length is 129 or 32)
        {
            reader.Octets("sign.r", 32, "x coordinate");
            reader.Octets("sign.s", 32);
            reader.Octets("sign.pvt", 65, "public validation token of the signer");
            return;
        }

        reader.Octets("sign.value", Math.Min(length, Math.Max(reader.Remaining, 0)), optional: true);
        reader.Fail(MikeyFormatReason.WrongLength, reader.Offset);
    }

    // Two payloads of RFC 3830 have a length like an identity's, and one has none but a fixed size; of the others nothing
    // can be told.
    private ulong Other(ulong type)
    {
        switch (type)
        {
            case 6 or 7:
                ulong next = reader.Number("other.next_payload", 1, PayloadNames.Payload);
                _ = reader.Number("other.type", 1);
                ulong length = reader.Number("other.length", 2, _ => "octets");
                reader.Octets("other.data", (int)length, "an I_MESSAGE does not have this payload");
                return next;
            case 12:
                ulong following = reader.Number("err.next_payload", 1, PayloadNames.Payload);
                _ = reader.Number("err.number", 1, Error);
                _ = reader.Number("err.reserved", 2);
                return following;
            default:
                reader.Rest(MikeyFormatReason.UnknownPayload);
                return 0;
        }
    }

    private static string Error(ulong number) => number switch
    {
        0 => "authentication failure",
        1 => "invalid timestamp",
        2 => "PRF not supported",
        3 => "MAC algorithm not supported",
        4 => "encryption algorithm not supported",
        5 => "hash function not supported",
        6 => "DH group not supported",
        7 => "identity not supported",
        8 => "certificate type not supported",
        9 => "security policy not supported",
        10 => "invalid hash",
        11 => "invalid data type, version or payload type",
        12 => "unspecified error",
        _ => "undefined",
    };
}
