using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace Watchword.McServices.Tests;

/// <summary>Bodies and keys of the tests.</summary>
internal static class Samples
{
    public const string Info = "urn:3gpp:ns:mcpttInfo:1.0";
    public const string UserUri = "sip:alice.ptt@mc.example.org";
    public const uint CskId = 0x2A0B0C0D;
    public const string CskIdText = "KgsMDQ==";
    public const string InfoId = "info.1@mc.example.org";
    public const string ResourcesId = "lists+1@mc.example.org";

    public const string InfoText =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + "<mcpttinfo xmlns=\"urn:3gpp:ns:mcpttInfo:1.0\" xmlns:x=\"urn:x\">\n <mcptt-Params>\n"
        + "  <mcptt-access-token type=\"Normal\"><mcpttString>eyJhbGciOiJFUzI1NiJ9.e30.c2ln</mcpttString></mcptt-access-token>\n"
        + "  <session-type>prearranged</session-type>\n"
        + "  <mcptt-request-uri type=\"Normal\"><mcpttURI>sip:group-7@mc.example.org</mcpttURI></mcptt-request-uri>\n"
        + "  <mcptt-calling-user-id type=\"Normal\">"
        + "<mcpttURI x:a=\"1\">sip:alice.ptt@mc.example.org</mcpttURI></mcptt-calling-user-id>\n"
        + " </mcptt-Params>\n</mcpttinfo>";

    public static byte[] InfoBody { get; } = Octets(InfoText);

    public static byte[] ResourcesBody { get; } = Octets(
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list/></resource-lists>");

    public static XmlQualifiedName[] Confidential { get; } =
        [new("mcptt-access-token", Info), new("mcptt-request-uri", Info), new("mcptt-calling-user-id", Info),
            new("not-there", Info)];

    public static byte[] KeyOctets { get; } = [.. Enumerable.Range(0, 16).Select(i => (byte)(0x40 + (i * 5)))];

    public static byte[] OtherKeyOctets { get; } = [.. Enumerable.Range(0, 16).Select(i => (byte)(0x41 + (i * 5)))];

    public static SignallingConfidentialityKey CipherKey(uint id = CskId, bool other = false) =>
        new(other ? OtherKeyOctets : KeyOctets, id);

    public static SignallingIntegrityKey MacKey(uint id = CskId, bool other = false) =>
        new(other ? OtherKeyOctets : KeyOctets, id);

    public static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(byte[] octets) => Encoding.UTF8.GetString(octets);

    public static McServicesFormatFault FaultOf(Action read) => Should.Throw<McServicesFormatException>(read).Fault;

    public static Dictionary<string, ReadOnlyMemory<byte>> OneBody => new(StringComparer.Ordinal) { [InfoId] = InfoBody };

    /// <summary>The exclusive canonical form: what does not differ for a reader of XML does not differ in it.</summary>
    public static string Canonical(byte[] document)
    {
        XmlDocument loaded = new() { PreserveWhitespace = true, XmlResolver = null };
        loaded.LoadXml(Text(document));
        XmlDsigExcC14NTransform transform = new();
        transform.LoadInput(loaded);
        return Text(((MemoryStream)transform.GetOutput(typeof(Stream))).ToArray());
    }

    /// <summary>The same text where that text stands once.</summary>
    public static string Replaced(string text, string old, string replacement)
    {
        text.Split(old).Length.ShouldBeGreaterThan(1, old);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }
}
