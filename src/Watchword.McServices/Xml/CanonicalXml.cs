using System.Security.Cryptography.Xml;
using System.Xml;

namespace Watchword.McServices.Xml;

/// <summary>Canonical XML without comments, inclusive (REC-xml-c14n-20010315) or exclusive (xml-exc-c14n).</summary>
internal static class CanonicalXml
{
    public static bool IsKnown(string algorithm) => algorithm is Names.Canonical or Names.ExclusiveCanonical;

    /// <summary>The canonical octets of a whole document.</summary>
    public static byte[] Octets(XmlDocument document, string algorithm)
    {
        Transform transform = algorithm == Names.Canonical
            ? new XmlDsigC14NTransform(includeComments: false)
            : new XmlDsigExcC14NTransform(includeComments: false);
        transform.LoadInput(document);
        using MemoryStream octets = (MemoryStream)transform.GetOutput(typeof(Stream));
        return octets.ToArray();
    }

    /// <summary>
    /// The canonical octets of an element where it stands: the inclusive form has the namespaces and <c>xml:</c> attributes that
    /// it inherits (§2.4); the exclusive one leaves out what it does not use.
    /// </summary>
    public static byte[] Octets(XmlElement element, string algorithm)
    {
        XmlDocument alone = new() { PreserveWhitespace = true, XmlResolver = null };
        XmlElement root = (XmlElement)alone.ImportNode(element, deep: true);
        alone.AppendChild(root);
        for (XmlNode? ancestor = element.ParentNode; ancestor is XmlElement; ancestor = ancestor.ParentNode)
        {
            Inherit(root, ancestor, algorithm == Names.Canonical);
        }

        return Octets(alone, algorithm);
    }

    private static void Inherit(XmlElement root, XmlNode ancestor, bool withXmlAttributes)
    {
        foreach (XmlAttribute attribute in ancestor.Attributes!)
        {
            bool inherited = attribute.NamespaceURI == Names.Xmlns
                || (withXmlAttributes && attribute.NamespaceURI == Names.XmlPrefixed);
            if (inherited && !root.HasAttribute(attribute.LocalName, attribute.NamespaceURI))
            {
                root.SetAttributeNode((XmlAttribute)root.OwnerDocument.ImportNode(attribute, deep: true));
            }
        }
    }
}
