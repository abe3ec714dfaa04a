using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Xcap;

/// <summary>A value that must be unique and is not (RFC 4825 §11.2).</summary>
/// <param name="Field">The node selector of the value.</param>
/// <param name="AlternativeValues">Values that the server would take.</param>
public sealed record XcapUniquenessField(string Field, params IReadOnlyList<string> AlternativeValues);

/// <summary>The body of a 409 of an XCAP server (RFC 4825 §11).</summary>
public sealed record XcapError
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/xcap-error+xml";

    /// <summary>The namespace.</summary>
    public const string Namespace = "urn:ietf:params:xml:ns:xcap-error";

    private const string RootName = "xcap-error";
    private const string PhraseName = "phrase";
    private const string AncestorName = "ancestor";
    private const string ExistsName = "exists";
    private const string FieldName = "field";
    private const string AlternativeName = "alt-value";

    private static readonly string[] _names =
    [
        "not-well-formed", "not-xml-frag", "no-parent", "schema-validation-error", "not-xml-att-value", "cannot-insert",
        "cannot-delete", "uniqueness-failure", "constraint-failure", "extension", "not-utf-8",
    ];

    /// <summary>What is wrong.</summary>
    public required XcapErrorKind Kind { get; init; }

    /// <summary>A text for people; null for none.</summary>
    public string? Phrase { get; init; }

    /// <summary>
    /// With <see cref="XcapErrorKind.NoParent"/>, the URI of the closest ancestor that exists; null if it is not said.
    /// </summary>
    public string? Ancestor { get; init; }

    /// <summary>With <see cref="XcapErrorKind.UniquenessFailure"/>, the values.</summary>
    public IReadOnlyList<XcapUniquenessField> Fields { get; init; } = [];

    /// <summary>The name of the error element.</summary>
    public static string NameOf(XcapErrorKind kind) => _names[(int)kind];

    /// <summary>Reads the body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">Not XML, past a limit, or not exactly one error that is known.</exception>
    public static XcapError Parse(ReadOnlyMemory<byte> body, XmlLimits? limits = null)
    {
        XmlElement root = OpenElement.Root(body, limits ?? XmlLimits.Default, RootName, Namespace);
        XmlElement[] errors = [.. root.ChildNodes.OfType<XmlElement>().Where(element => element.NamespaceURI == Namespace)];
        int index = errors.Length == 1 ? Array.IndexOf(_names, errors[0].LocalName) : -1;
        if (index < 0)
        {
            throw OpenElement.Unexpected(RootName);
        }

        return new XcapError
        {
            Kind = (XcapErrorKind)index,
            Phrase = OpenElement.Attribute(errors[0], PhraseName),
            Ancestor = OpenElement.ChildUri(errors[0], AncestorName),
            Fields =
            [
                .. OpenElement.Children(errors[0], ExistsName).Select(exists => new XcapUniquenessField(
                    OpenElement.Attribute(exists, FieldName) ?? throw OpenElement.Missing(FieldName),
                    [.. OpenElement.Children(exists, AlternativeName).Select(OpenElement.Text).OfType<string>()])),
            ],
        };
    }

    /// <summary>The body as UTF-8.</summary>
    /// <exception cref="ArgumentException">A value with characters that XML has not.</exception>
    public byte[] Write()
    {
        using DocumentWriter writer = new(RootName, Namespace);
        writer.Element(NameOf(Kind), () =>
        {
            writer.Attribute(PhraseName, Phrase);
            writer.Text(AncestorName, Kind == XcapErrorKind.NoParent ? Ancestor : null);
            foreach (XcapUniquenessField field in Kind == XcapErrorKind.UniquenessFailure ? Fields : [])
            {
                writer.Element(ExistsName, () =>
                {
                    writer.Attribute(FieldName, field.Field);
                    foreach (string alternative in field.AlternativeValues)
                    {
                        writer.Text(AlternativeName, alternative);
                    }
                });
            }
        });
        return writer.Finish();
    }

    /// <summary>The type's name: what stands in it may be an identity.</summary>
    public override string ToString() => nameof(XcapError);
}
