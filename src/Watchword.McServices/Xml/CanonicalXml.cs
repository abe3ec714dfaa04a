using System.Security.Cryptography.Xml;
using System.Xml;

namespace Watchword.McServices.Xml;

/// <summary>Canonical XML without comments, inclusive (REC-xml-c14n-20010315) or exclusive (xml-exc-c14n).</summary>
internal static class CanonicalXml
{
    public static bool IsKnown(string algorithm) => algorithm is Names.Canonical or Names.ExclusiveCanonical;

    /// <summary>The canonical octets of a whole document.</summary>
    /// <exception cref="McServicesFormatException">It has an attribute that the inclusive form could lose.</exception>
    public static byte[] Octets(XmlDocument document, string algorithm)
    {
        if (algorithm == Names.Canonical && HasAmbiguousAttributes(document))
        {
            throw new McServicesFormatException(BoundedXml.Root, McServicesFormatFault.UnsupportedSignature);
        }

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

    /// <summary>
    /// Whether an <c>xml:</c> attribute is called like a prefix: the inclusive transform keeps both under one name, so that it
    /// fails on an element that has both, and leaves out, unsigned, an attribute with the value of a declaration around it.
    /// </summary>
    private static bool HasAmbiguousAttributes(XmlDocument document)
    {
        HashSet<string> prefixes = new(StringComparer.Ordinal);
        HashSet<string> names = new(StringComparer.Ordinal);
        Stack<XmlNode> open = new([document]);
        while (open.TryPop(out XmlNode? node))
        {
            foreach (XmlElement element in node.ChildNodes.OfType<XmlElement>())
            {
                open.Push(element);
                prefixes.UnionWith(NamesIn(element, Names.Xmlns));
                names.UnionWith(NamesIn(element, Names.XmlPrefixed));
            }
        }

        return names.Overlaps(prefixes);
    }

    private static IEnumerable<string> NamesIn(XmlElement element, string namespaceUri) =>
        element.Attributes.Cast<XmlAttribute>().Where(a => a.NamespaceURI == namespaceUri).Select(a => a.LocalName);

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
