using System.Globalization;
using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>Numbers that have names: payloads, roles, purposes, maps.</summary>
internal static class PayloadNames
{
    private static readonly (string Name, string Meaning)[] Purposes =
    [
        ("GMK", "group master key"), ("PCK", "private call key"), ("CSK", "client-server key"),
        ("SPK", "signalling protection key"),
        ("MKFC", "multicast floor control key"), ("MSCCK", "MBMS subchannel control key"), ("MuSiK", "multicast signalling key"),
    ];

    /// <summary>The short name of the key's purpose, such as <c>PCK</c>.</summary>
    public static string Purpose(int tag) =>
        tag < Purposes.Length ? Purposes[tag].Name : string.Create(CultureInfo.InvariantCulture, $"undefined ({tag})");

    /// <summary>What the upper 4 bits of a key identifier say.</summary>
    public static string Identifier(ulong id) => (int)(id >> 28) is int tag && tag < Purposes.Length
        ? $"key identifier; purpose tag {tag}: {Purposes[tag].Name}, {Purposes[tag].Meaning}"
            + (tag == 0 ? "; as GUK-ID, an identifier of this receiver's own (TS 33.180 5.2.3)" : string.Empty)
        : $"key identifier; no purpose is defined for tag {tag}";

    /// <summary>The name of a payload type (RFC 3830 §6.1, RFC 6043, RFC 6509).</summary>
    public static string Payload(ulong type) => type switch
    {
        0 => "none: last payload",
        1 => "KEMAC",
        2 => "PKE",
        3 => "DH",
        4 => "SIGN",
        5 => "T",
        6 => "ID",
        7 => "CERT",
        8 => "CHASH",
        9 => "V",
        10 => "SP",
        11 => "RAND",
        12 => "ERR",
        13 => "TR",
        14 => "IDR",
        15 => "RANDR",
        16 => "TP",
        17 => "TICKET",
        20 => "key data",
        21 => "general extension",
        26 => "SAKKE",
        _ => "unknown payload",
    };

    /// <summary>The name of an IDR payload by its role.</summary>
    public static string IdentityName(ulong role) => role switch
    {
        1 => "IDRi",
        2 => "IDRr",
        3 => "IDRkms",
        4 => "IDRpsk",
        5 => "IDRapp",
        6 => "IDRkmsi",
        7 => "IDRkmsr",
        8 => "IDRuidi",
        9 => "IDRuidr",
        _ => "IDR",
    };

    /// <summary>What a role says.</summary>
    public static string Role(ulong role) => role switch
    {
        1 => "initiator",
        2 => "receiver",
        3 or 4 or 5 => "of MIKEY-TICKET (RFC 6043); an I_MESSAGE does not have it",
        6 => "KMS of the initiator",
        7 => "KMS of the receiver",
        8 => "UID of the initiator, in place of its URI",
        9 => "UID of the receiver, in place of its URI",
        _ => "undefined",
    };

    /// <summary>What a type of map says.</summary>
    public static string Map(ulong type) => type switch
    {
        0 => "SRTP-ID (RFC 3830), which TS 33.180 E.1.2 does not use",
        1 => "empty map (RFC 4563): the default profile of the key applies",
        2 => "GENERIC-ID (RFC 6043)",
        _ => "undefined",
    };

    /// <summary>What a CS ID says (TS 33.180 table E.1.3-1).</summary>
    public static string Session(ulong csId) => (McCryptoSession)csId switch
    {
        McCryptoSession.McpttPrivateInitiator => "MCPTT private call, initiator",
        McCryptoSession.McpttPrivateReceiver => "MCPTT private call, receiver",
        McCryptoSession.McVideoPrivateInitiator => "MCVideo private call, initiator",
        McCryptoSession.McVideoPrivateReceiver => "MCVideo private call, receiver",
        McCryptoSession.McpttGroup => "MCPTT group call",
        McCryptoSession.McVideoGroup => "MCVideo group call",
        McCryptoSession.CskMcpttSrtcp => "MCPTT unicast SRTCP under the CSK",
        McCryptoSession.MusikMcpttSrtcp => "MCPTT multicast SRTCP under the MuSiK",
        McCryptoSession.CskMcVideoSrtcp => "MCVideo unicast SRTCP under the CSK",
        McCryptoSession.MusikMcVideoSrtcp => "MCVideo multicast SRTCP under the MuSiK",
        _ => "not in TS 33.180 table E.1.3-1",
    };

    /// <summary>What a parameter of an SRTP policy is.</summary>
    public static string Parameter(ulong type) => (MikeySrtpParameter)type switch
    {
        MikeySrtpParameter.EncryptionAlgorithm => "encryption algorithm",
        MikeySrtpParameter.EncryptionKeyLength => "session encryption key length",
        MikeySrtpParameter.AuthenticationAlgorithm => "authentication algorithm",
        MikeySrtpParameter.SaltLength => "session salt length",
        MikeySrtpParameter.PseudoRandomFunction => "SRTP PRF",
        MikeySrtpParameter.KeyDerivationRate => "key derivation rate",
        MikeySrtpParameter.RocTransmissionRate => "ROC transmission rate",
        MikeySrtpParameter.SrtpTagLength => "SRTP authentication tag length",
        MikeySrtpParameter.SrtcpTagLength => "SRTCP authentication tag length",
        MikeySrtpParameter.AeadTagLength => "AEAD authentication tag length",
        _ => "not in TS 33.180 Annex E",
    };

    /// <summary>What the value of such a parameter, of one octet, means.</summary>
    public static string ParameterValue(ulong type, int value) => ((MikeySrtpParameter)type, value) switch
    {
        (MikeySrtpParameter.EncryptionAlgorithm, 6) => "6: AES-GCM",
        (MikeySrtpParameter.AuthenticationAlgorithm, 4) => "4: RCCm3, unauthenticated ROC",
        (MikeySrtpParameter.PseudoRandomFunction, 0) => "0: AES-CM",
        (MikeySrtpParameter.EncryptionKeyLength or MikeySrtpParameter.SaltLength or MikeySrtpParameter.SrtpTagLength
            or MikeySrtpParameter.SrtcpTagLength or MikeySrtpParameter.AeadTagLength, _) =>
            string.Create(CultureInfo.InvariantCulture, $"{value} octets"),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
