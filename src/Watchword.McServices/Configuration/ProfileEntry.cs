using System.Globalization;
using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Configuration;

/// <summary>
/// The entry of a user profile (TS 24.484 8.3.2.3, <c>EntryType</c>): a URI, a name, and an index that is its own in its list.
/// </summary>
internal sealed record ProfileEntry(string Uri, string? DisplayName, int? Index, XmlElement? Extension = null)
{
    private const string UriElement = "uri-entry";
    private const string IndexAttribute = "index";

    public static ProfileEntry? Read(XmlElement? element) => element is null ? null : new ProfileEntry(
        OpenElement.ChildUri(element, UriElement) ?? throw OpenElement.Missing(UriElement),
        OpenElement.ChildText(element, "display-name"),
        int.TryParse(element.GetAttribute(IndexAttribute), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index : null,
        OpenElement.Child(element, "anyExt"));

    /// <summary>The elements named <c>entry</c> of a list.</summary>
    public static IEnumerable<ProfileEntry> List(XmlElement list) =>
        OpenElement.Children(list, "entry").Select(element => Read(element)!);

    /// <summary>The URIs of a list that says something of the entries of another, which have the same index.</summary>
    public static Dictionary<int, string> ByIndex(XmlElement? list, string name)
    {
        Dictionary<int, string> uris = [];
        foreach (XmlElement element in list is null ? [] : OpenElement.Children(list, name))
        {
            ProfileEntry entry = Read(element)!;
            if (entry.Index is { } index && !uris.TryAdd(index, entry.Uri))
            {
                throw new McServicesFormatException(name, McServicesFormatFault.DuplicateElement);
            }
        }

        return uris;
    }

    public void Write(DocumentWriter writer, string name, Action? extension = null) => writer.Element(name, () =>
    {
        writer.Attribute(IndexAttribute, Index?.ToString(CultureInfo.InvariantCulture));
        writer.Text(UriElement, Uri);
        writer.Text("display-name", DisplayName);
        if (extension is not null)
        {
            writer.Element("anyExt", extension);
        }
    });
}
