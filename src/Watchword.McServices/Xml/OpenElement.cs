using System.Globalization;
using System.Xml;

namespace Watchword.McServices.Xml;

/// <summary>
/// Reads the documents that others may extend: order, prefixes and unknown elements do not matter, what is known must have the
/// value that it should and stand no oftener than it may. Faults name elements that this library knows, never content.
/// </summary>
internal static class OpenElement
{
    /// <summary>The longest URI and the longest name that are taken, in characters.</summary>
    public const int MaximumText = 4096;

    /// <summary>The root, which must have this name in one of the namespaces.</summary>
    /// <exception cref="McServicesFormatException">Not XML, past a limit, or another root.</exception>
    public static XmlElement Root(
        ReadOnlyMemory<byte> document, XmlLimits limits, string name, params ReadOnlySpan<string> namespaces)
    {
        XmlElement root = BoundedXml.Load(document, limits).DocumentElement!;
        return root.LocalName == name && namespaces.Contains(root.NamespaceURI)
            ? root
            : throw new McServicesFormatException(BoundedXml.Root, McServicesFormatFault.UnexpectedRoot);
    }

    /// <summary>The children of that name, in the namespace of the parent unless another is given.</summary>
    public static IEnumerable<XmlElement> Children(XmlElement parent, string name, string? namespaceUri = null)
    {
        string wanted = namespaceUri ?? parent.NamespaceURI;
        return parent.ChildNodes.OfType<XmlElement>().Where(e => e.LocalName == name && e.NamespaceURI == wanted);
    }

    /// <summary>The one child of that name; null if there is none.</summary>
    public static XmlElement? Child(XmlElement parent, string name, string? namespaceUri = null)
    {
        XmlElement? found = null;
        foreach (XmlElement child in Children(parent, name, namespaceUri))
        {
            found = found is null ? child : throw new McServicesFormatException(name, McServicesFormatFault.DuplicateElement);
        }

        return found;
    }

    public static XmlElement RequiredChild(XmlElement parent, string name, string? namespaceUri = null) =>
        Child(parent, name, namespaceUri) ?? throw Missing(name);

    /// <summary>
    /// The one child of that name, which may stand in <c>anyExt</c> as well, where later releases put what they add.
    /// </summary>
    public static XmlElement? ExtendedChild(XmlElement parent, string name, string? namespaceUri = null)
    {
        XmlElement? direct = Child(parent, name, namespaceUri);
        XmlElement? extension = Child(parent, "anyExt");
        XmlElement? extended = extension is null ? null : Child(extension, name, namespaceUri ?? parent.NamespaceURI);
        return direct is not null && extended is not null
            ? throw new McServicesFormatException(name, McServicesFormatFault.DuplicateElement)
            : direct ?? extended;
    }

    /// <summary>Text without white space around it; null if the element is not there or empty.</summary>
    public static string? Text(XmlElement? element)
    {
        if (element is null)
        {
            return null;
        }

        string text = HoldsElements(element) ? throw Unexpected(element.LocalName)
            : element.InnerText.Trim(' ', '\t', '\r', '\n');
        return text.Length switch
        {
            0 => null,
            > MaximumText => throw Unexpected(element.LocalName),
            _ => text,
        };
    }

    public static string? ChildText(XmlElement? parent, string name) => parent is null ? null : Text(Child(parent, name));

    /// <summary>A URI or a reference to one: printable, without white space.</summary>
    public static string? Uri(XmlElement? element) => Text(element) is not { } text ? null
        : IsUri(text) ? text
        : throw Unexpected(element!.LocalName);

    public static string? ChildUri(XmlElement? parent, string name) => parent is null ? null : Uri(Child(parent, name));

    public static bool? Boolean(XmlElement? element) => Text(element) switch
    {
        null when element is null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw Unexpected(element!.LocalName),
    };

    public static bool? ChildBoolean(XmlElement? parent, string name) => parent is null ? null : Boolean(Child(parent, name));

    /// <summary>A number that is not negative.</summary>
    public static int? Number(XmlElement? element, int maximum) => Text(element) is { } text
        ? Number(text, maximum, element!.LocalName)
        : element is null ? null : throw Unexpected(element.LocalName);

    public static int? ChildNumber(XmlElement? parent, string name, int maximum = int.MaxValue) =>
        parent is null ? null : Number(Child(parent, name), maximum);

    public static int Number(string text, int maximum, string name) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= maximum
            ? number
            : throw Unexpected(name);

    /// <summary>The value of an attribute without namespace; null if it is not there.</summary>
    public static string? Attribute(XmlElement element, string name) =>
        element.GetAttributeNode(name, "") is not { } attribute ? null
        : attribute.Value.Length <= MaximumText ? attribute.Value
        : throw Unexpected(name);

    public static string? UriAttribute(XmlElement element, string name) => Attribute(element, name)?.Trim() is not { } text ? null
        : IsUri(text) ? text
        : throw Unexpected(name);

    public static string RequiredUriAttribute(XmlElement element, string name) =>
        UriAttribute(element, name) ?? throw Missing(name);

    /// <summary>Elements that are none of those, in the order of the document.</summary>
    public static IReadOnlyList<ForeignElement> Others(XmlElement parent, params ReadOnlySpan<XmlQualifiedName> known)
    {
        List<ForeignElement> others = [];
        foreach (XmlElement child in parent.ChildNodes.OfType<XmlElement>())
        {
            if (!known.Contains(new XmlQualifiedName(child.LocalName, child.NamespaceURI)))
            {
                others.Add(new ForeignElement(child));
            }
        }

        return others;
    }

    public static bool HoldsElements(XmlElement element) => element.ChildNodes.OfType<XmlElement>().Any();

    public static bool IsUri(string text) =>
        text.Length is > 0 and <= MaximumText && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));

    public static McServicesFormatException Missing(string name) => new(name, McServicesFormatFault.MissingElement);

    public static McServicesFormatException Unexpected(string name) => new(name, McServicesFormatFault.UnexpectedValue);
}
