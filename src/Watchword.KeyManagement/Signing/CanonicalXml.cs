using System.Security.Cryptography.Xml;
using System.Xml;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Signing;

/// <summary>Canonical XML 1.0 without comments (REC-xml-c14n-20010315) of one element of a document.</summary>
internal static class CanonicalXml
{
    public const string Algorithm = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

    private const string XmlnsNamespace = "http://www.w3.org/2000/xmlns/";
    private const string XmlNamespace = "http://www.w3.org/XML/1998/namespace";

    /// <summary>Loads a document whose limits have been checked, with every node that canonical form has.</summary>
    /// <exception cref="KeyManagementFormatException">Not XML, or an attribute that canonical form could lose.</exception>
    public static XmlDocument Load(ReadOnlyMemory<byte> document, AnnexDReadOptions options)
    {
        XmlDocument loaded = new() { PreserveWhitespace = true, XmlResolver = null };
        try
        {
            using MemoryStream stream = BoundedInput.Open(document);
            using XmlReader reader = AnnexDReader.CreateReader(stream, options, everything: true);
            loaded.Load(reader);
        }
        catch (Exception e) when (AnnexDReader.IsMalformed(e))
        {
            throw new KeyManagementFormatException("/", KeyManagementFormatFault.NotXml);
        }

        return HasAmbiguousAttributes(loaded)
            ? throw new KeyManagementFormatException("/", KeyManagementFormatFault.UnexpectedContent)
            : loaded;
    }

    /// <summary>
    /// The octets of an element and all that is in it, as a signature over a same-document reference covers them: with the
    /// namespaces and <c>xml:</c> attributes that it inherits (§2.4). They are a document of their own.
    /// </summary>
    public static byte[] Octets(XmlElement element)
    {
        XmlDocument alone = new() { PreserveWhitespace = true, XmlResolver = null };
        XmlElement root = (XmlElement)alone.ImportNode(element, deep: true);
        alone.AppendChild(root);
        for (XmlNode? ancestor = element.ParentNode; ancestor is XmlElement; ancestor = ancestor.ParentNode)
        {
            Inherit(root, ancestor);
        }

        return Octets(alone);
    }

    /// <summary>
    /// The octets of an element as a document of its own that it had before it was put where it is: of the namespaces around it,
    /// only those that it uses and does not declare itself.
    /// </summary>
    public static byte[] OctetsAlone(XmlElement element)
    {
        XmlDocument alone = new() { PreserveWhitespace = true, XmlResolver = null };
        XmlElement root = (XmlElement)alone.ImportNode(element, deep: true);
        alone.AppendChild(root);
        Dictionary<string, string> missing = new(StringComparer.Ordinal);
        CollectUndeclared(root, [], missing);
        foreach ((string prefix, string namespaceUri) in missing)
        {
            XmlAttribute declaration = prefix.Length == 0
                ? alone.CreateAttribute("xmlns", XmlnsNamespace)
                : alone.CreateAttribute("xmlns", prefix, XmlnsNamespace);
            declaration.Value = namespaceUri;
            root.SetAttributeNode(declaration);
        }

        return Octets(alone);
    }

    /// <summary>
    /// Whether an <c>xml:</c> attribute is called like a prefix: the transform keeps both under one name, so that it fails on
    /// an element that has both, and leaves out, unsigned, an attribute with the value of a declaration around it. No schema
    /// here has such an attribute.
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
                prefixes.UnionWith(NamesIn(element, XmlnsNamespace));
                names.UnionWith(NamesIn(element, XmlNamespace));
            }
        }

        return names.Overlaps(prefixes);
    }

    private static IEnumerable<string> NamesIn(XmlElement element, string namespaceUri) =>
        element.Attributes.Cast<XmlAttribute>().Where(a => a.NamespaceURI == namespaceUri).Select(a => a.LocalName);

    private static byte[] Octets(XmlDocument document)
    {
        XmlDsigC14NTransform transform = new(includeComments: false);
        transform.LoadInput(document);
        using MemoryStream octets = (MemoryStream)transform.GetOutput(typeof(Stream));
        return octets.ToArray();
    }

    /// <summary>Prefixes that stand in names within and are declared outside; depth is bounded by the reader's limit.</summary>
    private static void CollectUndeclared(XmlElement element, HashSet<string> declaredAbove, Dictionary<string, string> missing)
    {
        HashSet<string> declared = new(declaredAbove, StringComparer.Ordinal);
        foreach (XmlAttribute attribute in element.Attributes)
        {
            if (attribute.NamespaceURI == XmlnsNamespace)
            {
                declared.Add(attribute.Prefix.Length == 0 ? "" : attribute.LocalName);
            }
        }

        Note(element.Prefix, element.NamespaceURI);
        foreach (XmlAttribute attribute in element.Attributes)
        {
            if (attribute.Prefix.Length > 0 && attribute.NamespaceURI is not (XmlnsNamespace or XmlNamespace))
            {
                Note(attribute.Prefix, attribute.NamespaceURI);
            }
        }

        foreach (XmlNode child in element.ChildNodes)
        {
            if (child is XmlElement inner)
            {
                CollectUndeclared(inner, declared, missing);
            }
        }

        void Note(string prefix, string namespaceUri)
        {
            if (namespaceUri.Length > 0 && !declared.Contains(prefix))
            {
                missing.TryAdd(prefix, namespaceUri);
            }
        }
    }

    private static void Inherit(XmlElement root, XmlNode ancestor)
    {
        foreach (XmlAttribute attribute in ancestor.Attributes!)
        {
            if (attribute.NamespaceURI is XmlnsNamespace or XmlNamespace
                && !root.HasAttribute(attribute.LocalName, attribute.NamespaceURI))
            {
                root.SetAttributeNode((XmlAttribute)root.OwnerDocument.ImportNode(attribute, deep: true));
            }
        }
    }
}
