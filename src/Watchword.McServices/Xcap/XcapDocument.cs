using System.Diagnostics.CodeAnalysis;
using System.Security;
using System.Text;
using System.Xml;
using Watchword.McServices.Configuration;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Xcap;

/// <summary>
/// A document in the hands of an XCAP server: its nodes are found, made, replaced and deleted by the rules of RFC 4825 §8.2,
/// without any rule of an application usage. Not for several threads at once. After an operation that was refused it is to be
/// thrown away.
/// </summary>
public sealed class XcapDocument
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly XmlDocument _document;
    private readonly XmlLimits _limits;
    private readonly string _defaultNamespace;

    private XcapDocument(XmlDocument document, XmlLimits limits, string defaultNamespace)
    {
        _document = document;
        _limits = limits;
        _defaultNamespace = defaultNamespace;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="defaultNamespace">What element names without prefix in selectors belong to (RFC 4825 §6.3).</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">Not XML, or past a limit.</exception>
    public static XcapDocument Parse(ReadOnlyMemory<byte> document, string defaultNamespace, XmlLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(defaultNamespace);
        limits ??= XmlLimits.Default;
        return new XcapDocument(BoundedXml.Load(document, limits), limits, defaultNamespace);
    }

    /// <summary>Reads a document of a usage: names without prefix belong to the namespace of its root if the usage knows it.</summary>
    /// <param name="usage">The application usage.</param>
    /// <param name="document">The document.</param>
    /// <param name="limits">Limits of the document.</param>
    /// <exception cref="McServicesFormatException">Not XML without a document type, or past a limit.</exception>
    public static XcapDocument Of(ApplicationUsage usage, ReadOnlyMemory<byte> document, XmlLimits limits)
    {
        ArgumentNullException.ThrowIfNull(usage);
        ArgumentNullException.ThrowIfNull(limits);
        XmlDocument loaded = BoundedXml.Load(document, limits);
        return new XcapDocument(loaded, limits, usage.NamespaceOf(loaded.DocumentElement!.NamespaceURI));
    }

    /// <summary>Whether the octets are UTF-8, in an XML declaration too if there is one (RFC 4825 §11: not-utf-8).</summary>
    public static bool IsUtf8(ReadOnlySpan<byte> octets) => TryDecode(octets, out string? text) && DeclaresUtf8(text);

    /// <summary>The document as UTF-8.</summary>
    public byte[] Write() => BoundedXml.Write(_document);

    /// <summary>
    /// The representation of a node: the element, the value of the attribute as it is written in XML, or an empty element with
    /// the namespace bindings in scope (RFC 4825 §7.5, §7.8, §7.10). An element carries the bindings that it needs.
    /// </summary>
    /// <returns>Null if the selector selects no node, or more than one.</returns>
    public byte[]? Read(NodeSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        if (Find(selector) is not { } element)
        {
            return null;
        }

        return selector.Terminal switch
        {
            NodeTerminal.Attribute => AttributeOf(element, selector) is { } attribute
                ? Encoding.UTF8.GetBytes(AttributeText.Escape(attribute.Value))
                : null,
            NodeTerminal.Namespaces => Encoding.UTF8.GetBytes(NamespacesOf(element)),
            _ => Encoding.UTF8.GetBytes(element.OuterXml),
        };
    }

    /// <summary>Makes or replaces an element or an attribute (RFC 4825 §8.2.1 to §8.2.4).</summary>
    /// <param name="selector">Where; not namespaces.</param>
    /// <param name="body">The element, or the value of the attribute, in UTF-8.</param>
    public XcapEdit Put(NodeSelector selector, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(selector);
        if (selector.Terminal == NodeTerminal.Namespaces)
        {
            throw new ArgumentException("Namespace bindings cannot be put.", nameof(selector));
        }

        if (!TryDecode(body, out string? text))
        {
            return XcapEdit.Refuse(XcapErrorKind.NotUtf8);
        }

        return selector.Terminal == NodeTerminal.Attribute ? PutAttribute(selector, text) : PutElement(selector, text);
    }

    /// <summary>Deletes an element or an attribute (RFC 4825 §8.2.5).</summary>
    /// <param name="selector">Which; not namespaces.</param>
    public XcapEdit Delete(NodeSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        if (selector.Terminal == NodeTerminal.Namespaces)
        {
            throw new ArgumentException("Namespace bindings cannot be deleted.", nameof(selector));
        }

        if (Find(selector) is not { } element)
        {
            return new XcapEdit(XcapEditOutcome.NotFound);
        }

        if (selector.Terminal == NodeTerminal.Attribute)
        {
            if (AttributeOf(element, selector) is not { } attribute)
            {
                return new XcapEdit(XcapEditOutcome.NotFound);
            }

            element.Attributes.Remove(attribute);
            return new XcapEdit(XcapEditOutcome.Deleted);
        }

        if (element == _document.DocumentElement)
        {
            return XcapEdit.Refuse(XcapErrorKind.CannotDelete);
        }

        element.ParentNode!.RemoveChild(element);

        // Idempotent: the same URI must select nothing now (§8.2.5).
        return Find(selector) is null ? new XcapEdit(XcapEditOutcome.Deleted) : XcapEdit.Refuse(XcapErrorKind.CannotDelete);
    }

    private XcapEdit PutAttribute(NodeSelector selector, string text)
    {
        if (Walk(selector.Steps, selector.Steps.Count, out int existing) is not { } element)
        {
            return XcapEdit.Refuse(XcapErrorKind.NoParent, existing);
        }

        NodeName name = selector.Attribute!;
        if (!AttributeText.TryRead(text, out string? value) || !MayStand(name, value))
        {
            return XcapEdit.Refuse(XcapErrorKind.NotXmlAttributeValue);
        }

        XmlAttribute? standing = AttributeOf(element, selector);
        bool isNew = standing is null;
        if (standing is not null)
        {
            standing.Value = value;
        }
        else if (name.Namespace is null)
        {
            element.SetAttribute(name.LocalName, value);
        }
        else
        {
            XmlAttribute made = _document.CreateAttribute(PrefixFor(element, name.Namespace), name.LocalName, name.Namespace);
            made.Value = value;
            element.Attributes.Append(made);
        }

        // An attribute that the selector tests: with another value the URI would select nothing (§8.2.2).
        return Find(selector) == element
            ? new XcapEdit(isNew ? XcapEditOutcome.Created : XcapEditOutcome.Replaced)
            : XcapEdit.Refuse(XcapErrorKind.CannotInsert);
    }

    /// <summary>A reader of XML refuses <c>xml:space</c> with any other value, and with it the document (XML 1.0 §2.10).</summary>
    private static bool MayStand(NodeName name, string value) =>
        name.Namespace != Names.XmlPrefixed || name.LocalName != "space" || value is "default" or "preserve";

    /// <summary>The prefix that a namespace has at an element; none leaves it to the writer, who declares one.</summary>
    private static string PrefixFor(XmlElement element, string uri) => uri == Names.XmlPrefixed
        ? "xml"
        : ScopeOf(element).FirstOrDefault(binding => binding.Key.Length > 0 && binding.Value == uri).Key ?? string.Empty;

    private XcapEdit PutElement(NodeSelector selector, string text)
    {
        int last = selector.Steps.Count - 1;
        int existing = 0;
        XmlNode? parent = last == 0 ? _document : Walk(selector.Steps, last, out existing);
        if (parent is null)
        {
            return XcapEdit.Refuse(XcapErrorKind.NoParent, existing);
        }

        if (!TryReadFragment(parent as XmlElement, text, out XmlElement? fresh))
        {
            return XcapEdit.Refuse(XcapErrorKind.NotXmlFragment);
        }

        XmlElement[] selected = Select(parent, selector.Steps[last]);
        if (selected.Length > 1)
        {
            return XcapEdit.Refuse(XcapErrorKind.CannotInsert);
        }

        if (selected is [var old])
        {
            parent.ReplaceChild(fresh, old);
        }
        else if (parent is not XmlElement element || !TryInsert(element, selector.Steps[last], fresh))
        {
            return XcapEdit.Refuse(XcapErrorKind.CannotInsert);
        }

        // A GET of the same URI must give what was put (§8.2.2, §8.2.3).
        return Find(selector) == fresh
            ? new XcapEdit(selected.Length == 0 ? XcapEditOutcome.Created : XcapEditOutcome.Replaced)
            : XcapEdit.Refuse(XcapErrorKind.CannotInsert);
    }

    /// <summary>
    /// Puts a new element where the step then selects it (§8.2.3): without a position behind the last sibling of that name, or as
    /// the last child; with a position before the element that has it now, or behind the last one.
    /// </summary>
    private bool TryInsert(XmlElement parent, NodeStep step, XmlElement fresh)
    {
        XmlElement[] siblings = Select(parent, new NodeStep(step.Name));
        int position = step.Position ?? siblings.Length + 1;
        if (position > siblings.Length + 1)
        {
            return false;
        }

        if (position <= siblings.Length)
        {
            parent.InsertBefore(fresh, siblings[position - 1]);
        }
        else
        {
            parent.InsertAfter(fresh, siblings.Length > 0 ? siblings[^1] : parent.LastChild);
        }

        return true;
    }

    /// <summary>A well-balanced fragment of one element, in the namespaces of where it goes (§7.4).</summary>
    private bool TryReadFragment(XmlElement? parent, string text, [NotNullWhen(true)] out XmlElement? element)
    {
        element = null;
        XmlDocument scratch = new() { PreserveWhitespace = true, XmlResolver = null };
        XmlElement holder = scratch.CreateElement("holder");
        scratch.AppendChild(holder);
        foreach ((string prefix, string uri) in parent is null ? [] : ScopeOf(parent))
        {
            holder.SetAttribute(prefix.Length == 0 ? "xmlns" : "xmlns:" + prefix, uri);
        }

        try
        {
            BoundedXml.AppendContent(holder, text, _limits);
        }
        catch (McServicesFormatException)
        {
            return false;
        }

        XmlElement[] elements = [.. holder.ChildNodes.OfType<XmlElement>()];
        bool isOne = elements.Length == 1
            && holder.ChildNodes.OfType<XmlNode>().All(node => node is XmlElement or XmlComment
                || string.IsNullOrWhiteSpace(node.Value));
        element = isOne ? (XmlElement)_document.ImportNode(elements[0], deep: true) : null;
        return isOne;
    }

    private XmlElement? Find(NodeSelector selector) => Walk(selector.Steps, selector.Steps.Count, out _);

    /// <summary>The element that the first steps select; null if one of them selects none or several.</summary>
    private XmlElement? Walk(IReadOnlyList<NodeStep> steps, int count, out int existing)
    {
        XmlNode at = _document;
        for (existing = 0; existing < count; existing++)
        {
            if (Select(at, steps[existing]) is not [var next])
            {
                return null;
            }

            at = next;
        }

        return at as XmlElement;
    }

    private XmlElement[] Select(XmlNode parent, NodeStep step)
    {
        IEnumerable<XmlElement> named = parent.ChildNodes.OfType<XmlElement>().Where(element => step.Name is not { } name
            || (element.LocalName == name.LocalName && element.NamespaceURI == (name.Namespace ?? _defaultNamespace)));
        if (step.Position is { } position)
        {
            named = named.Skip(position - 1).Take(1);
        }

        return [.. named.Where(element => step.Attribute is not { } test
            || element.GetAttributeNode(test.Name.LocalName, test.Name.Namespace ?? "")?.Value == test.Value)];
    }

    private static XmlAttribute? AttributeOf(XmlElement element, NodeSelector selector) =>
        element.GetAttributeNode(selector.Attribute!.LocalName, selector.Attribute.Namespace ?? "");

    private static string NamespacesOf(XmlElement element)
    {
        StringBuilder text = new();
        text.Append('<').Append(element.Name);
        foreach ((string prefix, string uri) in ScopeOf(element))
        {
            text.Append(prefix.Length == 0 ? " xmlns" : " xmlns:").Append(prefix)
                .Append("=\"").Append(SecurityElement.Escape(uri)).Append('"');
        }

        return text.Append("/>").ToString();
    }

    /// <summary>The namespace bindings in scope at an element, the default one first; <c>xml</c> is not among them.</summary>
    private static SortedDictionary<string, string> ScopeOf(XmlElement element)
    {
        SortedDictionary<string, string> scope = new(StringComparer.Ordinal);
        for (XmlNode? node = element; node is XmlElement ancestor; node = node.ParentNode)
        {
            foreach (XmlAttribute attribute in ancestor.Attributes)
            {
                if (attribute.NamespaceURI == Names.Xmlns)
                {
                    scope.TryAdd(attribute.Prefix.Length == 0 ? string.Empty : attribute.LocalName, attribute.Value);
                }
            }

            // What another program made without declaring it.
            scope.TryAdd(ancestor.Prefix, ancestor.NamespaceURI);
        }

        foreach (string none in scope.Where(binding => binding.Value.Length == 0 || binding.Key == "xml").Select(
            binding => binding.Key).ToArray())
        {
            scope.Remove(none);
        }

        return scope;
    }

    private static bool TryDecode(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = _strict.GetString(octets);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }

    private static bool DeclaresUtf8(string text)
    {
        string start = text.TrimStart('\uFEFF');
        int end = start.StartsWith("<?xml", StringComparison.Ordinal) ? start.IndexOf("?>", StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            return true;
        }

        string declaration = start[..end];
        int encoding = declaration.IndexOf("encoding", StringComparison.Ordinal);
        return encoding < 0 || declaration[encoding..].Contains("utf-8", StringComparison.OrdinalIgnoreCase);
    }
}
