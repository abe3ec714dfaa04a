using System.Globalization;
using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>Explains security policies and crypto sessions.</summary>
internal static class PolicyText
{
    /// <summary>The fields of an SP payload.</summary>
    public static IEnumerable<DecodedField> Describe(MikeySecurityPolicy policy)
    {
        yield return new("policy number", Number(policy.PolicyNumber));
        yield return new("protocol", "0", "SRTP");
        yield return new(
            "length", Number(policy.Parameters.Sum(parameter => 2 + parameter.Value.Length)), "octets of parameters");
        foreach (MikeyPolicyParameter parameter in policy.Parameters)
        {
            string value = parameter.Value.Length == 1 ? Number(parameter.Value.Span[0]) : Printable.Hex(parameter.Value.Span);
            yield return new(
                $"parameter {Number(parameter.ParameterType)}",
                value,
                Meaning((MikeySrtpParameter)parameter.ParameterType, parameter.Value.Span));
        }
    }

    /// <summary>The fields of a CS ID map.</summary>
    public static IEnumerable<DecodedField> Describe(MikeyCsIdMap map) => map switch
    {
        MikeyGenericIdMap generic => generic.Sessions.SelectMany(Describe),
        MikeySrtpIdMap srtp => srtp.Sessions.SelectMany((session, index) => Describe(session, index + 1)),
        _ => [],
    };

    private static IEnumerable<DecodedField> Describe(MikeyGenericSession session) =>
    [
        new("CS ID", Number(session.CsId), SessionName(session.CsId)),
        new("CS policies", string.Join(' ', session.Policies.ToArray().Select(number => Number(number))), "SP payloads"),
        new("CS session data", Printable.Hex(session.SessionData.Span)),
        new("CS SPI", Printable.Hex(session.Spi.Span), "key identifiers (MKI of the media)"),
    ];

    private static IEnumerable<DecodedField> Describe(MikeySrtpSession session, int csId) =>
    [
        new("CS ID", Number(csId), "by its place in the map"),
        new("CS policy", Number(session.PolicyNumber), "number of an SP payload"),
        new("CS SSRC", session.Ssrc.ToString("x8", CultureInfo.InvariantCulture)),
        new("CS ROC", session.Roc.ToString(CultureInfo.InvariantCulture)),
    ];

    private static string? SessionName(int csId) => (McCryptoSession)csId switch
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

    private static string Meaning(MikeySrtpParameter parameter, ReadOnlySpan<byte> value)
    {
        int first = value[0];
        return parameter switch
        {
            MikeySrtpParameter.EncryptionAlgorithm => "encryption algorithm" + (first == 6 ? ": AES-GCM" : string.Empty),
            MikeySrtpParameter.EncryptionKeyLength => "session encryption key length, octets",
            MikeySrtpParameter.AuthenticationAlgorithm =>
                "authentication algorithm" + (first == 4 ? ": RCCm3, unauthenticated ROC" : string.Empty),
            MikeySrtpParameter.SaltLength => "session salt length, octets",
            MikeySrtpParameter.PseudoRandomFunction => "SRTP PRF" + (first == 0 ? ": AES-CM" : string.Empty),
            MikeySrtpParameter.KeyDerivationRate => "key derivation rate",
            MikeySrtpParameter.RocTransmissionRate => "ROC transmission rate",
            MikeySrtpParameter.SrtpTagLength => "SRTP authentication tag length, octets",
            MikeySrtpParameter.SrtcpTagLength => "SRTCP authentication tag length, octets",
            MikeySrtpParameter.AeadTagLength => "AEAD authentication tag length, octets",
            _ => "not in TS 33.180 Annex E",
        };
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
