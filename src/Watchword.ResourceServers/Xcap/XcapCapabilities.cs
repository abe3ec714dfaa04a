using System.Security.Cryptography;
using System.Text;
using System.Xml;
using Watchword.McServices.Xcap;

namespace Watchword.ResourceServers.Xcap;

/// <summary>The document <c>xcap-caps/global/index</c> of a root (RFC 4825 §12), made from its application usages.</summary>
internal static class XcapCapabilities
{
    public const string Auid = "xcap-caps";

    private const string Namespace = "urn:ietf:params:xml:ns:xcap-caps";

    public static bool IsMeant(DocumentSelector document) =>
        document is { Auid: Auid, Xui: null, Path: ["index"] };

    public static (string ETag, byte[] Content) Make(XcapRealm realm)
    {
        using MemoryStream stream = new();
        using (XmlWriter writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false) }))
        {
            writer.WriteStartElement("xcap-caps", Namespace);
            WriteAll(writer, "auids", "auid", [Auid, .. realm.Usages.Select(usage => usage.Auid)]);
            WriteAll(writer, "extensions", "extension", []);
            WriteAll(writer, "namespaces", "namespace",
                [Namespace, XcapError.Namespace, .. realm.Usages.SelectMany(usage => usage.Namespaces)]);
            writer.WriteEndElement();
        }

        byte[] content = stream.ToArray();
        return (Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12)), content);
    }

    private static void WriteAll(XmlWriter writer, string list, string item, IEnumerable<string> values)
    {
        writer.WriteStartElement(list, Namespace);
        foreach (string value in values.Distinct(StringComparer.Ordinal))
        {
            writer.WriteElementString(item, Namespace, value);
        }

        writer.WriteEndElement();
    }
}
