using System.Xml;

namespace Watchword.McServices.Xml;

/// <summary>
/// Reads elements of XML Signature and XML Encryption that have one form only: exactly these children, exactly these attributes.
/// Whatever else stands there is refused with one fault.
/// </summary>
internal sealed class StrictElement(McServicesFormatFault fault)
{
    /// <summary>The children, which must be these, in this order.</summary>
    public List<XmlElement> Children(XmlElement parent, string namespaceUri, params ReadOnlySpan<string> names)
    {
        List<XmlElement> children = Elements(parent, textAllowed: false);
        Expect(parent, children, namespaceUri, names);
        return children;
    }

    public void Expect(XmlElement parent, List<XmlElement> elements, string namespaceUri, params ReadOnlySpan<string> names)
    {
        bool fits = elements.Count == names.Length;
        for (int i = 0; fits && i < names.Length; i++)
        {
            fits = elements[i].LocalName == names[i] && elements[i].NamespaceURI == namespaceUri;
        }

        Require(fits, parent);
    }

    /// <summary>
    /// Child elements; text that stands where only elements belong is refused, comments and white space are nothing.
    /// </summary>
    public List<XmlElement> Elements(XmlElement parent, bool textAllowed)
    {
        List<XmlElement> elements = [];
        foreach (XmlNode node in parent.ChildNodes)
        {
            switch (node)
            {
                case XmlElement element:
                    elements.Add(element);
                    break;
                case XmlComment or XmlWhitespace or XmlSignificantWhitespace:
                case XmlText or XmlCDataSection when textAllowed:
                    break;
                default:
                    throw Refuse(parent);
            }
        }

        return elements;
    }

    /// <summary>The text of an element without child elements, without white space.</summary>
    public string Text(XmlElement element)
    {
        Require(Elements(element, textAllowed: true).Count == 0, element);
        return string.Concat(element.InnerText.Split((char[])[' ', '\t', '\r', '\n']));
    }

    /// <summary>The one attribute that an element must have, besides namespaces and those that may stand there.</summary>
    public string Attribute(XmlElement element, string name, params ReadOnlySpan<string> alsoAllowed)
    {
        string? value = null;
        foreach (XmlAttribute attribute in element.Attributes)
        {
            if (attribute.Name == name)
            {
                value = attribute.Value;
            }
            else
            {
                Require(attribute.NamespaceURI == Names.Xmlns || alsoAllowed.Contains(attribute.Name), element);
            }
        }

        return value ?? throw Refuse(element);
    }

    /// <summary>An element that names an algorithm and has no parameters.</summary>
    public string Algorithm(XmlElement element)
    {
        Require(Elements(element, textAllowed: false).Count == 0, element);
        return Attribute(element, "Algorithm");
    }

    public void Require(bool condition, XmlElement element)
    {
        if (!condition)
        {
            throw Refuse(element);
        }
    }

    // Only names of the two standards are said, never a name that somebody else chose.
    private McServicesFormatException Refuse(XmlElement element) =>
        new(element.NamespaceURI is Names.Signature or Names.Encryption ? element.LocalName : "*", fault);
}
