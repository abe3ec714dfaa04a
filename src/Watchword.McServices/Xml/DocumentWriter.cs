using System.Globalization;
using System.Xml;

namespace Watchword.McServices.Xml;

/// <summary>
/// Writes documents of one namespace as UTF-8: elements whose value is null are left out, values that XML cannot carry are an
/// <see cref="ArgumentException"/> of the caller.
/// </summary>
internal sealed class DocumentWriter : IDisposable
{
    private static readonly XmlWriterSettings _settings = new()
    {
        Encoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        CheckCharacters = true,
        // A carriage return in a value would be read back as a line feed.
        NewLineHandling = NewLineHandling.Entitize,
    };

    private readonly MemoryStream _stream = new();
    private readonly XmlWriter _writer;
    private readonly string _namespace;

    public DocumentWriter(string root, string namespaceUri, params ReadOnlySpan<(string Prefix, string Uri)> prefixes)
    {
        _namespace = namespaceUri;
        _writer = XmlWriter.Create(_stream, _settings);
        _writer.WriteStartElement(root, namespaceUri);
        foreach ((string prefix, string uri) in prefixes)
        {
            _writer.WriteAttributeString("xmlns", prefix, null, uri);
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _stream.Dispose();
    }

    public void Attribute(string name, string? value)
    {
        if (value is not null)
        {
            _writer.WriteAttributeString(name, value);
        }
    }

    /// <summary>An element with what the action writes into it.</summary>
    public void Element(string name, Action content, string? namespaceUri = null)
    {
        _writer.WriteStartElement(name, namespaceUri ?? _namespace);
        content();
        _writer.WriteEndElement();
    }

    public void Text(string name, string? value, string? namespaceUri = null)
    {
        if (value is not null)
        {
            _writer.WriteElementString(name, namespaceUri ?? _namespace, value);
        }
    }

    public void Boolean(string name, bool? value, string? namespaceUri = null) =>
        Text(name, value is null ? null : value.Value ? "true" : "false", namespaceUri);

    public void Number(string name, int? value, string? namespaceUri = null) =>
        Text(name, value?.ToString(CultureInfo.InvariantCulture), namespaceUri);

    public void Empty(string name, bool isThere, string? namespaceUri = null)
    {
        if (isThere)
        {
            Element(name, () => { }, namespaceUri);
        }
    }

    public void Foreign(IEnumerable<ForeignElement> elements)
    {
        foreach (ForeignElement element in elements)
        {
            element.Write(_writer);
        }
    }

    public byte[] Finish()
    {
        _writer.WriteEndElement();
        _writer.Flush();
        return _stream.ToArray();
    }
}
