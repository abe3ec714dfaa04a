using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Notifications;

/// <summary>
/// A list of URIs (RFC 4826): the documents that a SUBSCRIBE is about (RFC 5875 §4.1), or users. It is read as one flat list,
/// whatever lists stand within each other.
/// </summary>
public sealed record ResourceLists
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/resource-lists+xml";

    /// <summary>The namespace.</summary>
    public const string Namespace = "urn:ietf:params:xml:ns:resource-lists";

    private const string Root = "resource-lists";
    private const string List = "list";
    private const string Entry = "entry";

    /// <summary>The entries, in the order of the document.</summary>
    public IReadOnlyList<ResourceListEntry> Entries { get; init; } = [];

    /// <summary>
    /// Whether the document refers to entries that stand elsewhere (<c>entry-ref</c>, <c>external</c>). They are never fetched: a
    /// receiver that needs all entries refuses it.
    /// </summary>
    public bool HasReferences { get; init; }

    /// <summary>A list of URIs.</summary>
    public static ResourceLists Of(params IEnumerable<string> uris) =>
        new() { Entries = [.. uris.Select(uri => new ResourceListEntry(uri))] };

    /// <summary>Reads a list.</summary>
    /// <param name="document">The body.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, or an entry without a URI.
    /// </exception>
    public static ResourceLists Parse(ReadOnlyMemory<byte> document, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(document, limits ?? XmlLimits.Default, Root, Namespace);
        List<ResourceListEntry> entries = [];
        bool hasReferences = false;
        foreach (XmlElement list in OpenElement.Children(root, List))
        {
            Flatten(list, entries, ref hasReferences);
        }

        return new ResourceLists { Entries = entries, HasReferences = hasReferences };
    }

    /// <summary>The document as UTF-8, one list.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not.</exception>
    public byte[] Write()
    {
        using DocumentWriter writer = new(Root, Namespace);
        writer.Element(List, () =>
        {
            foreach (ResourceListEntry entry in Entries)
            {
                writer.Element(Entry, () =>
                {
                    writer.Attribute("uri", entry.Uri);
                    writer.Text("display-name", entry.DisplayName);
                });
            }
        });
        return writer.Finish();
    }

    // Depth is bounded by the limits of the document.
    private static void Flatten(XmlElement list, List<ResourceListEntry> entries, ref bool hasReferences)
    {
        foreach (XmlElement child in list.ChildNodes.OfType<XmlElement>().Where(e => e.NamespaceURI == Namespace))
        {
            switch (child.LocalName)
            {
                case Entry:
                    entries.Add(new ResourceListEntry(
                        OpenElement.RequiredUriAttribute(child, "uri"), OpenElement.ChildText(child, "display-name")));
                    break;
                case List:
                    Flatten(child, entries, ref hasReferences);
                    break;
                case "entry-ref" or "external":
                    hasReferences = true;
                    break;
            }
        }
    }
}

/// <summary>An entry of a list.</summary>
/// <param name="Uri">Its URI, absolute or relative to an XCAP root.</param>
/// <param name="DisplayName">Its name for people; null if it has none.</param>
public sealed record ResourceListEntry(string Uri, string? DisplayName = null);
