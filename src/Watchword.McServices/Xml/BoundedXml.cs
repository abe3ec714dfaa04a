using System.Text;
using System.Xml;

namespace Watchword.McServices.Xml;

/// <summary>XML as it comes in: without document types and entities, within limits, every node kept.</summary>
internal static class BoundedXml
{
    public const string Root = "/";

    /// <exception cref="McServicesFormatException">Not XML, or past a limit.</exception>
    public static XmlDocument Load(ReadOnlyMemory<byte> document, XmlLimits limits)
    {
        Check(document, limits);
        XmlDocument loaded = new() { PreserveWhitespace = true, XmlResolver = null };
        return Guard(() =>
        {
            using XmlReader reader = Open(document, limits);
            loaded.Load(reader);
            return loaded;
        });
    }

    /// <summary>Limits first, with a reader that keeps nothing.</summary>
    public static void Check(ReadOnlyMemory<byte> document, XmlLimits limits)
    {
        if (document.Length > limits.MaxOctets)
        {
            throw new McServicesFormatException(Root, McServicesFormatFault.TooLarge);
        }

        Guard(() =>
        {
            using XmlReader reader = Open(document, limits);
            return Count(reader, limits);
        });
    }

    /// <summary>A reader of a document that <see cref="Check"/> has let pass.</summary>
    public static XmlReader OpenChecked(ReadOnlyMemory<byte> document) =>
        Open(document, XmlLimits.Default with { MaxOctets = Math.Max(1, document.Length) });

    /// <summary>Adds the nodes that the text is, in the context of the element, behind its content.</summary>
    /// <exception cref="McServicesFormatException">Not content of XML, or past a limit.</exception>
    public static void AppendContent(XmlElement element, string text, XmlLimits limits) => Guard(() =>
    {
        XmlDocument document = element.OwnerDocument;
        XmlParserContext context = Context(element);
        using (XmlReader reader = OpenContent(text, context, limits))
        {
            Count(reader, limits);
        }

        using XmlReader content = OpenContent(text, context, limits);
        content.Read();
        while (!content.EOF)
        {
            element.AppendChild(document.ReadNode(content) ?? throw new XmlException());
        }

        return true;
    });

    /// <summary>A whole document as UTF-8 octets.</summary>
    public static byte[] Write(XmlDocument document)
    {
        if (document.FirstChild is XmlDeclaration declaration)
        {
            declaration.Encoding = "utf-8";
        }

        return Encoding.UTF8.GetBytes(document.OuterXml);
    }

    private static int Count(XmlReader reader, XmlLimits limits)
    {
        int elements = 0;
        while (reader.Read())
        {
            if (reader.Depth > limits.MaxDepth)
            {
                throw new McServicesFormatException(Root, McServicesFormatFault.TooDeep);
            }

            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            if (++elements > limits.MaxElements)
            {
                throw new McServicesFormatException(Root, McServicesFormatFault.TooManyElements);
            }

            // No element has the prefix xmlns (Namespaces in XML §3). The platform reads one, and cannot write it.
            if (reader.NamespaceURI == Names.Xmlns)
            {
                throw new McServicesFormatException(Root, McServicesFormatFault.NotXml);
            }
        }

        return elements;
    }

    private static XmlReader OpenContent(string text, XmlParserContext context, XmlLimits limits) =>
        XmlReader.Create(new StringReader(text), Settings(limits, ConformanceLevel.Fragment), context);

    private static XmlReader Open(ReadOnlyMemory<byte> document, XmlLimits limits) =>
        XmlReader.Create(new MemoryStream(document.ToArray(), writable: false), Settings(limits, ConformanceLevel.Document));

    private static XmlReaderSettings Settings(XmlLimits limits, ConformanceLevel level) => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = Math.Max(1, limits.MaxOctets),
        MaxCharactersFromEntities = 1,
        ConformanceLevel = level,
        CheckCharacters = true,
        CloseInput = true,
    };

    /// <summary>The namespaces in scope at an element.</summary>
    private static XmlParserContext Context(XmlElement element)
    {
        XmlNamespaceManager namespaces = new(new NameTable());
        List<XmlElement> path = [];
        for (XmlNode? node = element; node is XmlElement ancestor; node = node.ParentNode)
        {
            path.Insert(0, ancestor);
        }

        foreach (XmlAttribute attribute in path.SelectMany(ancestor => ancestor.Attributes.Cast<XmlAttribute>()))
        {
            if (attribute.NamespaceURI == Names.Xmlns)
            {
                namespaces.AddNamespace(attribute.Prefix.Length == 0 ? "" : attribute.LocalName, attribute.Value);
            }
        }

        return new XmlParserContext(namespaces.NameTable, namespaces, element.GetAttribute("xml:lang"), XmlSpace.None);
    }

    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is XmlException or DecoderFallbackException or ArgumentException or NotSupportedException)
        {
            throw new McServicesFormatException(Root, McServicesFormatFault.NotXml);
        }
    }
}
