using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Info;

/// <summary>What a value of an info body is. The numbers are stable.</summary>
public enum McInfoValueKind
{
    /// <summary>A URI.</summary>
    Uri = 0,

    /// <summary>Text.</summary>
    Text = 1,

    /// <summary>True or false.</summary>
    Boolean = 2,

    /// <summary>Encrypted: <see cref="ConfidentialXml"/> decrypts the body that it stands in.</summary>
    Encrypted = 3,
}

/// <summary>
/// One value of an info body, in clear or encrypted (TS 24.379 F.1, <c>contentType</c>). It may be an access token or an
/// identity, so it does not print itself and has no equality over its content.
/// </summary>
public sealed class McInfoValue
{
    private const string Type = "type";
    private const string Normal = "Normal";
    private const string Encrypted = "Encrypted";

    private readonly string? _text;
    private readonly ForeignElement? _encryptedData;

    private McInfoValue(McInfoValueKind kind, string? text, ForeignElement? encryptedData)
    {
        Kind = kind;
        _text = text;
        _encryptedData = encryptedData;
    }

    /// <summary>What it is.</summary>
    public McInfoValueKind Kind { get; }

    /// <summary>Whether it is encrypted, so that nothing is known of it.</summary>
    public bool IsEncrypted => Kind == McInfoValueKind.Encrypted;

    /// <summary>The value in clear.</summary>
    /// <exception cref="InvalidOperationException">It is encrypted.</exception>
    public string Value => _text ?? throw new InvalidOperationException("The value is encrypted.");

    /// <summary>A URI in clear.</summary>
    /// <exception cref="ArgumentException">Empty, too long, or with white space.</exception>
    public static McInfoValue FromUri(string uri) => OpenElement.IsUri(uri)
        ? new McInfoValue(McInfoValueKind.Uri, uri, null)
        : throw new ArgumentException("A URI has 1 to 4096 characters without white space.", nameof(uri));

    /// <summary>Text in clear.</summary>
    /// <exception cref="ArgumentException">Empty.</exception>
    public static McInfoValue FromText(string text) => text.Trim().Length > 0
        ? new McInfoValue(McInfoValueKind.Text, text.Trim(), null)
        : throw new ArgumentException("Text that is empty says nothing.", nameof(text));

    /// <summary>True or false in clear.</summary>
    public static McInfoValue FromBoolean(bool value) => new(McInfoValueKind.Boolean, value ? "true" : "false", null);

    /// <summary>The value as a Boolean.</summary>
    /// <returns>Null if it is encrypted or no Boolean.</returns>
    public bool? AsBoolean() => _text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    /// <summary>The type name, never the value.</summary>
    public override string ToString() => nameof(McInfoValue);

    /// <summary>Reads a parameter. What it holds decides; a <c>type</c> that says the contrary is refused.</summary>
    internal static McInfoValue Read(XmlElement element, McServiceNames service)
    {
        List<XmlElement> children = [.. element.ChildNodes.OfType<XmlElement>()];
        if (children.Count != 1)
        {
            throw children.Count == 0 ? OpenElement.Missing(element.LocalName) : OpenElement.Unexpected(element.LocalName);
        }

        XmlElement content = children[0];
        bool isEncrypted = content.LocalName == "EncryptedData" && content.NamespaceURI == Names.Encryption;
        string? type = OpenElement.Attribute(element, Type);
        if (type is not (null or Normal or Encrypted) || (type is not null && (type == Encrypted) != isEncrypted))
        {
            throw OpenElement.Unexpected(element.LocalName);
        }

        return isEncrypted
            ? new McInfoValue(McInfoValueKind.Encrypted, null, new ForeignElement(content))
            : ReadClear(element, content, service);
    }

    internal void Write(DocumentWriter writer, string name, McServiceNames service) => writer.Element(name, () =>
    {
        writer.Attribute(Type, IsEncrypted ? Encrypted : Normal);
        if (_encryptedData is not null)
        {
            writer.Foreign([_encryptedData]);
            return;
        }

        writer.Text(
            Kind switch
            {
                McInfoValueKind.Uri => service.UriElement,
                McInfoValueKind.Boolean => service.BooleanElement,
                _ => service.StringElement,
            },
            _text);
    });

    private static McInfoValue ReadClear(XmlElement element, XmlElement content, McServiceNames service)
    {
        if (content.NamespaceURI != service.InfoNamespace)
        {
            throw OpenElement.Unexpected(element.LocalName);
        }

        if (content.LocalName == service.UriElement)
        {
            return new McInfoValue(McInfoValueKind.Uri, OpenElement.Uri(content) ?? throw Empty(), null);
        }

        if (content.LocalName == service.BooleanElement)
        {
            return FromBoolean(OpenElement.Boolean(content) ?? throw Empty());
        }

        return content.LocalName == service.StringElement
            ? new McInfoValue(McInfoValueKind.Text, Token(content) ?? throw Empty(), null)
            : throw OpenElement.Unexpected(element.LocalName);

        McServicesFormatException Empty() => OpenElement.Missing(element.LocalName);
    }

    // An access token is longer than other texts; the body bounds it.
    private static string? Token(XmlElement content)
    {
        string text = OpenElement.HoldsElements(content)
            ? throw OpenElement.Unexpected(content.LocalName)
            : content.InnerText.Trim();
        return text.Length == 0 ? null : text;
    }
}
