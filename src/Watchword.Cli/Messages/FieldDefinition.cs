namespace Watchword.Cli.Messages;

/// <summary>What is fixed about a field.</summary>
/// <param name="Id">The stable identifier, which the Wireshark dissector has too, behind <c>mikeysakke.</c>.</param>
/// <param name="Name">The name for people, that of the clause.</param>
/// <param name="Clause">The clause that lays it out.</param>
internal sealed record FieldDefinition(string Id, string Name, string Clause);

/// <summary>Every field that <c>mikey decode</c> and the Wireshark dissector know. A test holds the two to each other.</summary>
internal static class FieldDefinitions
{
    private const string Header = "RFC 3830 §6.1";
    private const string GenericMap = "RFC 6043 §6.1.1";
    private const string SrtpMap = "RFC 3830 §6.1.1";
    private const string Timestamp = "RFC 3830 §6.6";
    private const string Random = "RFC 3830 §6.11";
    private const string Identity = "RFC 6043 §6.6";
    private const string Policy = "RFC 3830 §6.10";
    private const string Sakke = "RFC 6509 §4.2";
    private const string Extension = "RFC 3830 §6.15";
    private const string Protected = "TS 33.180 8.5.4";
    private const string Signature = "RFC 3830 §6.5";

    /// <summary>All of them, in the order in which a message has them.</summary>
    public static IReadOnlyList<FieldDefinition> All { get; } =
    [
        new("hdr.version", "version", Header),
        new("hdr.data_type", "data type", "RFC 6509 §4.1"),
        new("hdr.next_payload", "next payload", Header),
        new("hdr.v", "V", Header),
        new("hdr.prf", "PRF", Header),
        new("hdr.csb_id", "CSB ID", "TS 33.180 5.2.2"),
        new("hdr.cs_count", "#CS", Header),
        new("hdr.map_type", "CS ID map type", Header),
        new("cs.id", "CS ID", "TS 33.180 E.1.3"),
        new("cs.protocol", "CS protocol", GenericMap),
        new("cs.s_flag", "CS S flag", GenericMap),
        new("cs.policy_count", "CS #P", GenericMap),
        new("cs.policies", "CS policies", GenericMap),
        new("cs.data_length", "CS session data length", GenericMap),
        new("cs.data", "CS session data", GenericMap),
        new("cs.spi_length", "CS SPI length", GenericMap),
        new("cs.spi", "CS SPI", GenericMap),
        new("cs.policy", "CS policy", SrtpMap),
        new("cs.ssrc", "CS SSRC", SrtpMap),
        new("cs.roc", "CS ROC", SrtpMap),
        new("t.next_payload", "next payload", Timestamp),
        new("t.type", "TS type", Timestamp),
        new("t.value", "TS value", "TS 33.180 E.1.2"),
        new("rand.next_payload", "next payload", Random),
        new("rand.length", "RAND length", Random),
        new("rand.value", "RAND", Random),
        new("id.next_payload", "next payload", Identity),
        new("id.role", "role", "TS 33.180 E.7"),
        new("id.type", "ID type", Identity),
        new("id.length", "ID length", Identity),
        new("id.value", "ID", Identity),
        new("id.uid", "UID", "TS 33.180 E.7"),
        new("sp.next_payload", "next payload", Policy),
        new("sp.policy", "policy number", Policy),
        new("sp.protocol", "protocol", Policy),
        new("sp.length", "length", Policy),
        new("sp.param_type", "parameter type", "RFC 3830 §6.10.1"),
        new("sp.param_length", "parameter length", "RFC 3830 §6.10.1"),
        new("sp.param_value", "parameter value", "TS 33.180 E.2.2"),
        new("sakke.next_payload", "next payload", Sakke),
        new("sakke.params", "SAKKE params", Sakke),
        new("sakke.scheme", "ID scheme", "TS 33.180 E.1.2"),
        new("sakke.length", "SAKKE data length", Sakke),
        new("sakke.r", "R", "RFC 6508 §6.2.1"),
        new("sakke.h", "H", "RFC 6508 §6.2.1"),
        new("ge.next_payload", "next payload", Extension),
        new("ge.type", "extension type", Extension),
        new("ge.length", "extension length", Extension),
        new("ge.data", "extension data", Extension),
        new("pp.message_type", "message type", Protected),
        new("pp.time", "date and time", Protected),
        new("pp.payload_id", "payload ID", Protected),
        new("pp.sequence", "payload sequence number", Protected),
        new("pp.algorithm", "payload algorithm", Protected),
        new("pp.signalling", "signalling algorithm", Protected),
        new("pp.iv", "IV", Protected),
        new("pp.dppk_id", "DPPK-ID", Protected),
        new("pp.element", "payload element", Protected),
        new("pp.length", "payload length", Protected),
        new("pp.cipher_text", "cipher text", Protected),
        new("pp.tag", "tag", Protected),
        new("sign.type", "S type", "RFC 6509 §4.3"),
        new("sign.length", "signature length", Signature),
        new("sign.r", "r", "RFC 6507 §5.2.1"),
        new("sign.s", "s", "RFC 6507 §5.2.1"),
        new("sign.pvt", "PVT", "RFC 6507 §5.1"),
        new("sign.value", "signature", Signature),
        new("err.next_payload", "next payload", "RFC 3830 §6.12"),
        new("err.number", "error number", "RFC 3830 §6.12"),
        new("err.reserved", "reserved", "RFC 3830 §6.12"),
        new("other.next_payload", "next payload", "RFC 3830 §6"),
        new("other.type", "type", "RFC 3830 §6.7"),
        new("other.length", "length", "RFC 3830 §6.7"),
        new("other.data", "data", "RFC 3830 §6.7"),
        new("raw", "octets that cannot be told apart", "RFC 3830 §6"),
    ];

    private static readonly Dictionary<string, FieldDefinition> ById = All.ToDictionary(
        field => field.Id, StringComparer.Ordinal);

    /// <summary>The definition with an identifier.</summary>
    public static FieldDefinition Get(string id) => ById[id];
}
