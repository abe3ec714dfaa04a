using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Notifications;

/// <summary>
/// What changed of the documents that a client subscribed to (RFC 5874), as NOTIFY carries it without patches
/// (<c>diff-processing=no-patching</c>, RFC 5875 §4.3): the client fetches what has another entity tag.
/// </summary>
public sealed record XcapDiff
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/xcap-diff+xml";

    /// <summary>The event package (RFC 5875).</summary>
    public const string EventPackage = "xcap-diff";

    /// <summary>The namespace.</summary>
    public const string Namespace = "urn:ietf:params:xml:ns:xcap-diff";

    private const string Root = "xcap-diff";
    private const string Document = "document";
    private const string RootAttribute = "xcap-root";

    /// <summary>The XCAP root that selectors are relative to.</summary>
    public required string XcapRoot { get; init; }

    /// <summary>The documents, each with its state.</summary>
    public IReadOnlyList<XcapDiffDocument> Documents { get; init; } = [];

    /// <summary>Elements without a property, such as those of elements and attributes that were subscribed to.</summary>
    public IReadOnlyList<ForeignElement> Others { get; init; } = [];

    /// <summary>Reads a notification.</summary>
    /// <param name="body">The body.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, a selector or the root missing, or a value of another form.
    /// </exception>
    public static XcapDiff Parse(ReadOnlyMemory<byte> body, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(body, limits ?? XmlLimits.Default, Root, Namespace);
        return new XcapDiff
        {
            XcapRoot = OpenElement.RequiredUriAttribute(root, RootAttribute),
            Documents = [.. OpenElement.Children(root, Document).Select(XcapDiffDocument.Read)],
            Others = OpenElement.Others(root, new XmlQualifiedName(Document, Namespace)),
        };
    }

    /// <summary>The document as UTF-8.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not.</exception>
    public byte[] Write()
    {
        using DocumentWriter writer = new(Root, Namespace);
        writer.Attribute(RootAttribute, XcapRoot);
        foreach (XcapDiffDocument document in Documents)
        {
            writer.Element(Document, () => document.Write(writer));
        }

        writer.Foreign(Others);
        return writer.Finish();
    }
}

/// <summary>The state of one document (RFC 5874 §3): there, changed, or deleted.</summary>
/// <param name="Selector">The document selector, as the client subscribed to it (RFC 5875 §4.6).</param>
/// <param name="NewEtag">The entity tag that it has now; null if it is not there.</param>
/// <param name="PreviousEtag">The entity tag that it had; null if it was not there, or nothing is said.</param>
public sealed record XcapDiffDocument(string Selector, string? NewEtag, string? PreviousEtag)
{
    /// <summary>What else stands in it: patches, which are passed over because the document is fetched.</summary>
    public IReadOnlyList<ForeignElement> Others { get; init; } = [];

    /// <summary>Whether the document was deleted: it had an entity tag and has none.</summary>
    public bool IsDeleted => NewEtag is null && PreviousEtag is not null;

    /// <summary>A document as it is, in the first notification of a subscription.</summary>
    public static XcapDiffDocument Existing(string selector, string etag) => new(selector, etag, null);

    /// <summary>A document that was replaced.</summary>
    public static XcapDiffDocument Changed(string selector, string newEtag, string previousEtag) =>
        new(selector, newEtag, previousEtag);

    /// <summary>A document that is gone.</summary>
    public static XcapDiffDocument Deleted(string selector, string previousEtag) => new(selector, null, previousEtag);

    internal static XcapDiffDocument Read(XmlElement element) => new(
        OpenElement.RequiredUriAttribute(element, "sel"),
        Etag(element, "new-etag"),
        Etag(element, "previous-etag"))
    {
        Others = OpenElement.Others(element),
    };

    internal void Write(DocumentWriter writer)
    {
        writer.Attribute("new-etag", NewEtag);
        writer.Attribute("previous-etag", PreviousEtag);
        writer.Attribute("sel", Selector);
        writer.Foreign(Others);
    }

    private static string? Etag(XmlElement element, string name) =>
        OpenElement.Attribute(element, name) is { Length: > 0 } etag ? etag : null;
}
