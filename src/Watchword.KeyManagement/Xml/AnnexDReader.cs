using System.Globalization;
using System.Xml;

namespace Watchword.KeyManagement.Xml;

/// <summary>
/// Reads an Annex D document element by element, in any order, within limits. Everything that can go wrong comes out as
/// <see cref="KeyManagementFormatException"/> with the path of known element names.
/// </summary>
internal sealed partial class AnnexDReader : IDisposable
{
    private readonly XmlReader _xml;
    private readonly MemoryStream _stream;
    private readonly AnnexDReadOptions _options;
    private readonly List<string> _path = [];
    private int _elements;

    /// <summary>
    /// An element with more attributes than any of Annex D, XML-Signature and XML-Encryption counts as several.
    /// </summary>
    private const int MaxFreeAttributes = 16;

    /// <summary>Opens a document; nothing is read yet.</summary>
    public AnnexDReader(ReadOnlyMemory<byte> document, AnnexDReadOptions options)
    {
        _options = options;
        if (document.Length > options.MaxOctets)
        {
            throw Fail(KeyManagementFormatFault.TooLarge);
        }

        _stream = BoundedInput.Open(document);
        try
        {
            _xml = CreateReader(_stream, options);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw Fail(KeyManagementFormatFault.NotXml);
        }
    }

    public AnnexDReadOptions Options => _options;

    public bool IsLenient => _options.Lenient;

    public string Path => _path.Count == 0 ? "/" : string.Join('/', _path);

    /// <summary>Moves to the root element and says whether it is <paramref name="name"/>.</summary>
    public bool RootIs(string name)
    {
        do
        {
            Advance();
        }
        while (_xml.NodeType != XmlNodeType.Element);

        return IsOurs() && _xml.LocalName == name;
    }

    /// <summary>Moves to the root element, which must be <paramref name="name"/>; its signed form is refused as such.</summary>
    public void ReadRoot(string name)
    {
        if (!RootIs(name))
        {
            // A signature that nobody checks must not look like one that was checked: signed documents have a reader of their
            // own.
            bool signed = IsOurs() && _xml.LocalName == "Signed" + name;
            throw Fail(signed ? KeyManagementFormatFault.UnsupportedMessage : KeyManagementFormatFault.UnexpectedRoot);
        }

        Push(name);
    }

    /// <summary>Moves to the root element, which must have the local name <paramref name="name"/> in any namespace.</summary>
    public void ReadAnyRoot(string name)
    {
        RootIs(name);
        if (_xml.LocalName != name)
        {
            throw Fail(KeyManagementFormatFault.UnexpectedRoot);
        }

        Push(name);
    }

    /// <summary>After the root element: only white space, comments and processing instructions may follow.</summary>
    public void ReadEnd()
    {
        Pop();
        while (Next())
        {
            // XmlReader refuses every other node after the root itself.
        }
    }

    /// <summary>An attribute without namespace of the current element.</summary>
    public string? Attribute(string name) => _xml.GetAttribute(name);

    /// <summary>An attribute without namespace of the current element that is an integer; null if absent.</summary>
    public long? IntegerAttribute(string name)
    {
        string? text = Attribute(name)?.Trim(XmlWhiteSpace);
        return text is null ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
            : throw Fail("@" + name, KeyManagementFormatFault.InvalidValue);
    }

    /// <summary>
    /// Refuses a <c>Version</c> other than 1.x.y; the known schemas fix it, and releases differ in the minor number.
    /// </summary>
    public void CheckVersion()
    {
        string? version = Attribute("Version");
        if (version is null || _options.Lenient)
        {
            return;
        }

        string[] parts = version.Split('.');
        if (parts.Length != 3 || parts[0] != "1" || !parts.All(part => part.Length is > 0 and < 6 && part.All(char.IsAsciiDigit)))
        {
            throw Fail(KeyManagementFormatFault.UnsupportedVersion);
        }
    }

    public KeyManagementFormatException Fail(KeyManagementFormatFault fault) => new(Path, fault);

    public KeyManagementFormatException Fail(string child, KeyManagementFormatFault fault) =>
        new(_path.Count == 0 ? child : Path + "/" + child, fault);

    public void Dispose()
    {
        _xml.Dispose();
        _stream.Dispose();
    }

    internal void Push(string name) => _path.Add(name);

    internal void Pop() => _path.RemoveAt(_path.Count - 1);

    /// <summary>The next child element that the set knows, or -1 at the end tag of the container, which is consumed.</summary>
    internal int NextChild(ElementSet known, int containerDepth)
    {
        while (true)
        {
            Advance();
            switch (_xml.NodeType)
            {
                case XmlNodeType.EndElement when _xml.Depth == containerDepth:
                    return -1;
                case XmlNodeType.Element:
                    int index = known.IndexOf(_xml.LocalName, _xml.NamespaceURI, IsOurs());
                    if (index >= 0)
                    {
                        return index;
                    }

                    // No namespace at all is not "another namespace" (##other): in strict reading it is ours, misspelt.
                    if (!_options.Lenient && !known.IsOpen && _xml.NamespaceURI is AnnexDNames.Kms or "")
                    {
                        throw Fail("*", KeyManagementFormatFault.UnknownElement);
                    }

                    SkipElement();
                    break;
                case XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                    break;
                case XmlNodeType.Text when IsBlank():
                    break;
                default:
                    throw Fail(KeyManagementFormatFault.UnexpectedContent);
            }
        }
    }

    internal bool IsEmptyElement => _xml.IsEmptyElement;

    internal int Depth => _xml.Depth;

    /// <summary>Passes over the current element with all that is in it, within the limits of the document.</summary>
    internal void SkipElement()
    {
        if (_xml.IsEmptyElement)
        {
            return;
        }

        int depth = _xml.Depth;
        do
        {
            Advance();
        }
        while (_xml.NodeType != XmlNodeType.EndElement || _xml.Depth > depth);
    }

    /// <summary>Reads the next node, which must exist.</summary>
    private void Advance()
    {
        if (!Next())
        {
            throw Fail(KeyManagementFormatFault.NotXml);
        }
    }

    private bool Next()
    {
        try
        {
            if (!_xml.Read())
            {
                return false;
            }
        }
        catch (Exception e) when (IsMalformed(e))
        {
            // The message of an XmlException quotes the document: it is not passed on.
            throw Fail(KeyManagementFormatFault.NotXml);
        }

        if (_xml.Depth >= _options.MaxDepth)
        {
            throw Fail(KeyManagementFormatFault.TooDeep);
        }

        if (_xml.NodeType == XmlNodeType.Element)
        {
            _elements += 1 + (_xml.AttributeCount / MaxFreeAttributes);
            if (_elements > _options.MaxElements)
            {
                throw Fail(KeyManagementFormatFault.TooManyElements);
            }
        }

        return true;
    }

    /// <summary>What XmlReader throws for documents: bad syntax, undecodable octets, an unknown encoding name.</summary>
    internal static bool IsMalformed(Exception e) =>
        e is XmlException or FormatException or ArgumentException or NotSupportedException or InvalidOperationException;

    private bool IsOurs() => _options.Lenient
        ? _xml.NamespaceURI is not 
            (AnnexDNames.Signature or AnnexDNames.Encryption or AnnexDNames.RedirectResponse or AnnexDNames.Extension)
        : _xml.NamespaceURI == AnnexDNames.Kms;

    /// <summary>
    /// A reader that resolves nothing, expands nothing and never looks past the limits; what only canonical form needs is left
    /// out unless <paramref name="everything"/>.
    /// </summary>
    internal static XmlReader CreateReader(Stream stream, AnnexDReadOptions options, bool everything = false) =>
        XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = Math.Max(1, options.MaxOctets),
            MaxCharactersFromEntities = 1,
            IgnoreComments = !everything,
            IgnoreProcessingInstructions = !everything,
            IgnoreWhitespace = !everything,
            ConformanceLevel = ConformanceLevel.Document,
            CheckCharacters = true,
            CloseInput = false,
        });
}
