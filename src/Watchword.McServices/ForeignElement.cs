using System.Text.RegularExpressions;
using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices;

/// <summary>
/// An element that this library has no property for: an extension of a later release or of a vendor. It is kept with everything
/// that is in it and written again where it stood. It may hold identities, so it does not print itself.
/// </summary>
public sealed partial class ForeignElement
{
    private readonly string _xml;

    internal ForeignElement(XmlElement element)
    {
        Name = new XmlQualifiedName(element.LocalName, element.NamespaceURI);
        // Alone, with those inherited namespaces whose prefixes may stand in a value; those of names it takes along by itself.
        XmlDocument alone = new() { PreserveWhitespace = true, XmlResolver = null };
        XmlElement root = (XmlElement)alone.ImportNode(element, deep: true);
        alone.AppendChild(root);
        HashSet<string> prefixes = new(StringComparer.Ordinal);
        PrefixesInValues(root, prefixes);
        for (XmlNode? ancestor = element.ParentNode; ancestor is XmlElement && prefixes.Count > 0; ancestor = ancestor.ParentNode)
        {
            foreach (XmlAttribute attribute in ancestor.Attributes!)
            {
                // The default namespace is declared by an attribute that is itself called xmlns: no value has a name of its.
                if (attribute.Prefix.Length > 0 && attribute.NamespaceURI == Names.Xmlns && prefixes.Contains(attribute.LocalName)
                    && !root.HasAttribute(attribute.LocalName, Names.Xmlns))
                {
                    root.SetAttributeNode((XmlAttribute)alone.ImportNode(attribute, deep: true));
                }
            }
        }

        _xml = root.OuterXml;
    }

    private ForeignElement(XmlQualifiedName name, string xml)
    {
        Name = name;
        _xml = xml;
    }

    /// <summary>Its name and namespace.</summary>
    public XmlQualifiedName Name { get; }

    /// <summary>Reads an element that is to be put into a document.</summary>
    /// <param name="xml">One element, UTF-8, with the namespaces that it uses.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">Not one element, or past a limit.</exception>
    public static ForeignElement Parse(ReadOnlyMemory<byte> xml, XmlLimits? limits = null)
    {
        XmlElement root = BoundedXml.Load(xml, limits ?? XmlLimits.Default).DocumentElement!;
        return new ForeignElement(new XmlQualifiedName(root.LocalName, root.NamespaceURI), root.OuterXml);
    }

    internal void Write(XmlWriter writer)
    {
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        using XmlReader reader = XmlReader.Create(new StringReader(_xml), settings);
        reader.MoveToContent();
        writer.WriteNode(reader, defattr: false);
    }

    // Depth is bounded by the limits of the document. What only looks like a prefix, such as the scheme of a URI, does no harm.
    private static void PrefixesInValues(XmlNode node, HashSet<string> prefixes)
    {
        IEnumerable<string> values = node is XmlElement element
            ? element.Attributes.Cast<XmlAttribute>().Where(a => a.NamespaceURI != Names.Xmlns).Select(a => a.Value)
            : node is XmlCharacterData text ? [text.Value ?? ""] : [];
        foreach (Match match in values.SelectMany(value => Prefix().Matches(value)))
        {
            prefixes.Add(match.Groups[1].Value);
        }

        foreach (XmlNode child in node.ChildNodes)
        {
            PrefixesInValues(child, prefixes);
        }
    }

    [GeneratedRegex(@"([\w.-]+):", RegexOptions.NonBacktracking)]
    private static partial Regex Prefix();
}
