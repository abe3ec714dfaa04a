using System.Globalization;
using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>One field of a payload: what it is called, its value as a person reads it, and what that value means.</summary>
internal sealed record DecodedField(string Name, string Value, string? Meaning = null);

/// <summary>One payload with its place in the message and the clause that lays it out.</summary>
internal sealed record DecodedPayload(string Name, string Reference, int Offset, int Length, IReadOnlyList<DecodedField> Fields);

/// <summary>Explains every field of an I_MESSAGE. It needs no keys, and it verifies nothing.</summary>
internal sealed class MessageDecoder(MikeyMessage message, DateTimeOffset now)
{
    private static readonly string[] PurposeNames = ["GMK", "PCK", "CSK", "SPK", "MKFC", "MSCCK", "MuSiK"];

    private static readonly string[] PurposeMeanings =
    [
        "group master key", "private call key", "client-server key", "signalling protection key", "multicast floor control key",
        "MBMS subchannel control key", "multicast signalling key",
    ];

    /// <summary>The short name of the key's purpose, such as <c>PCK</c>.</summary>
    public static string PurposeName(KeyPurpose purpose) =>
        (int)purpose < PurposeNames.Length
            ? PurposeNames[(int)purpose]
            : string.Create(CultureInfo.InvariantCulture, $"undefined ({(int)purpose})");

    /// <summary>The payloads in the order of the wire, HDR first.</summary>
    public IReadOnlyList<DecodedPayload> Decode()
    {
        List<DecodedPayload> decoded = [new("HDR", "RFC 3830 §6.1", 0, message.Header.SizeInBytes, Header())];
        int offset = message.Header.SizeInBytes;
        for (int index = 0; index < message.Payloads.Count; index++)
        {
            MikeyPayload payload = message.Payloads[index];
            (string name, string reference, IEnumerable<DecodedField> fields) = Describe(payload);
            IEnumerable<DecodedField> next = payload is MikeySignature ? [] : [Next(message.Payloads[index + 1])];
            decoded.Add(new DecodedPayload(name, reference, offset, payload.SizeInBytes, [.. next, .. fields]));
            offset += payload.SizeInBytes;
        }

        return decoded;
    }

    private (string Name, string Reference, IEnumerable<DecodedField> Fields) Describe(MikeyPayload payload) => payload switch
    {
        MikeyTimestamp time => ("T", "RFC 3830 §6.6", Timestamp(time)),
        MikeyRandom random => ("RAND", "RFC 3830 §6.11", Random(random)),
        MikeyIdentity identity => (IdentityName(identity.Role), "RFC 6043 §6.6", Identity(identity)),
        MikeySecurityPolicy policy => ("SP", "RFC 3830 §6.10", PolicyText.Describe(policy)),
        MikeySakke sakke => ("SAKKE", "RFC 6509 §4.2", Sakke(sakke)),
        MikeyGeneralExtension extension => ("GE", "RFC 3830 §6.15", Extension(extension)),
        MikeySignature signature => ("SIGN", "RFC 3830 §6.5", Signature(signature)),
        _ => (payload.PayloadType.ToString(), "RFC 3830 §6", []),
    };

    private List<DecodedField> Header()
    {
        MikeyHeader header = message.Header;
        string purpose = (int)message.Purpose < PurposeMeanings.Length
            ? PurposeMeanings[(int)message.Purpose]
            : "no purpose is defined for this tag";
        List<DecodedField> fields =
        [
            new("version", "1"),
            new("data type", "26", "SAKKE I_MESSAGE (RFC 6509 §4.1)"),
            Next(message.Payloads[0]),
            new("V", "0", "no response asked for"),
            new("PRF", "1", "PRF-HMAC-SHA-256"),
            new(
                "CSB ID",
                header.CsbId.ToString("x8", CultureInfo.InvariantCulture),
                $"key identifier; purpose tag {(int)message.Purpose:x}: {PurposeName(message.Purpose)}, {purpose} (TS 33.180 5.2.2)"),
            new("#CS", Text(header.Map.Count), "number of crypto sessions"),
            new("CS ID map type", Text((int)header.Map.MapType), MapName(header.Map.MapType)),
        ];
        fields.AddRange(PolicyText.Describe(header.Map));
        return fields;
    }

    private IEnumerable<DecodedField> Timestamp(MikeyTimestamp time)
    {
        yield return new("TS type", Text((int)time.TimestampType), time.TimestampType switch
        {
            MikeyTimestampType.NtpUtc => "NTP-UTC, 64 bits",
            MikeyTimestampType.Ntp => "NTP, 64 bits; TS 33.180 uses only NTP-UTC",
            _ => "counter, 32 bits; TS 33.180 uses only NTP-UTC",
        });
        yield return time.TimestampType == MikeyTimestampType.NtpUtc
            ? new(
                "TS value",
                time.Value.ToString("X16", CultureInfo.InvariantCulture),
                $"{Printable.Time(time.ToDateTimeOffset(now))}; selects the key period of both UIDs (TS 33.180 E.1.1)")
            : new("TS value", time.Value.ToString("X", CultureInfo.InvariantCulture));
    }

    private static IEnumerable<DecodedField> Random(MikeyRandom random) =>
    [
        new("RAND length", Text(random.Value.Length), "octets"),
        new("RAND", Printable.Hex(random.Value.Span), "enters the derivation of the media keys (RFC 3830 §4.1.3)"),
    ];

    private static IEnumerable<DecodedField> Identity(MikeyIdentity identity) =>
    [
        new("role", Text((int)identity.Role), identity.Role switch
        {
            MikeyIdentityRole.Initiator => "initiator",
            MikeyIdentityRole.Responder => "receiver",
            MikeyIdentityRole.InitiatorKms => "KMS of the initiator",
            MikeyIdentityRole.ResponderKms => "KMS of the receiver",
            MikeyIdentityRole.InitiatorUid => "UID of the initiator, in place of its URI (TS 33.180 E.7)",
            MikeyIdentityRole.ResponderUid => "UID of the receiver, in place of its URI (TS 33.180 E.7)",
            _ => null,
        }),
        new("ID type", Text((int)identity.IdentityType), identity.IdentityType switch
        {
            MikeyIdentityType.Nai => "NAI",
            MikeyIdentityType.Uri => "URI",
            _ => "byte string",
        }),
        new("ID length", Text(identity.Octets.Length), "octets"),
        new("ID", identity.Text ?? Printable.Hex(identity.Octets.Span)),
    ];

    private static IEnumerable<DecodedField> Sakke(MikeySakke sakke)
    {
        ReadOnlySpan<byte> data = sakke.Encapsulated.Span;
        return
        [
            new("SAKKE params", "1", "parameter set 1 (RFC 6509 Appendix A)"),
            new("ID scheme", Text((int)sakke.Scheme), sakke.Scheme == MikeyIdentifierScheme.HashedUid
                ? "3GPP MCX hashed UID (TS 33.180 F.2.1)"
                : "tel URI with monthly keys (RFC 6509); some clients write it and mean the hashed UID"),
            new("SAKKE data length", Text(data.Length), "octets"),
            new("R", Printable.Hex(data[..257]), "point of 257 octets (RFC 6508 §6.2.1)"),
            new("H", Printable.Hex(data[257..]), "the key, masked (RFC 6508 §6.2.1)"),
        ];
    }

    private static IEnumerable<DecodedField> Extension(MikeyGeneralExtension extension)
    {
        yield return new("type", Text(extension.ExtensionType), extension.ExtensionType switch
        {
            MikeyGeneralExtension.SakkeToSelf => "SAKKE-to-self (TS 33.180 E.5)",
            MikeyGeneralExtension.KeyParameters => "key parameters, encrypted under the key of this message (TS 33.180 E.6)",
            _ => "unknown; covered by the signature and otherwise ignored",
        });
        yield return new("length", Text(extension.Data.Length), "octets");
        yield return new("data", Printable.Hex(extension.Data.Span));
        foreach (DecodedField field in extension.Sakke is { } inner ? Sakke(inner) : [])
        {
            yield return field with { Name = "inner " + field.Name };
        }
    }

    private static IEnumerable<DecodedField> Signature(MikeySignature signature)
    {
        ReadOnlySpan<byte> value = signature.Value.Span;
        return
        [
            new("S type", "2", "ECCSI (RFC 6509 §4.3)"),
            new("signature length", Text(signature.DeclaredLength), signature.DeclaredLength == MikeySignature.ValueSizeInBytes
                ? "octets"
                : "as TS 33.180 E.1.2 prints it; 129 octets follow, as an ECCSI signature has"),
            new("r", Printable.Hex(value[..32]), "x coordinate (RFC 6507 §5.2.1)"),
            new("s", Printable.Hex(value[32..64])),
            new("PVT", Printable.Hex(value[64..]), "public validation token of the signer (RFC 6507 §5.1)"),
        ];
    }

    private static DecodedField Next(MikeyPayload payload) => new("next payload", Text((int)payload.PayloadType), payload switch
    {
        MikeyTimestamp => "T",
        MikeyRandom => "RAND",
        MikeyIdentity => "IDR",
        MikeySecurityPolicy => "SP",
        MikeySakke => "SAKKE",
        MikeyGeneralExtension => "general extension",
        MikeySignature => "SIGN",
        _ => null,
    });

    private static string IdentityName(MikeyIdentityRole role) => role switch
    {
        MikeyIdentityRole.Initiator => "IDRi",
        MikeyIdentityRole.Responder => "IDRr",
        MikeyIdentityRole.InitiatorKms => "IDRkmsi",
        MikeyIdentityRole.ResponderKms => "IDRkmsr",
        MikeyIdentityRole.InitiatorUid => "IDRuidi",
        MikeyIdentityRole.ResponderUid => "IDRuidr",
        _ => "IDR",
    };

    private static string MapName(MikeyCsIdMapType type) => type switch
    {
        MikeyCsIdMapType.Empty => "empty map (RFC 4563): the default profile of the key applies",
        MikeyCsIdMapType.GenericId => "GENERIC-ID (RFC 6043)",
        _ => "SRTP-ID (RFC 3830)",
    };

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
