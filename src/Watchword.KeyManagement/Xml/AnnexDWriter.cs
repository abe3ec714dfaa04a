using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Xml;

namespace Watchword.KeyManagement.Xml;

/// <summary>
/// Writes Annex D elements; the callers keep the order of the schema. What is written is its own canonical form (Canonical XML
/// 1.0) but for the XML declaration: end tags stand by themselves, namespaces come before attributes, and the callers write
/// attributes in the order of their names, those of a namespace last. So a signature is made over the octets as they leave.
/// </summary>
internal sealed class AnnexDWriter : IDisposable
{
    /// <summary>Digits of the longest key, the RSK of 257 octets.</summary>
    private const int MostDigits = 2 * 257;

    /// <summary>One for each thread, all zero between two keys: pinned memory costs the collector by the piece.</summary>
    [ThreadStatic]
    private static char[]? digitsOfThread;

    private readonly XmlWriter _xml;
    private readonly string _namespace;

    public AnnexDWriter(Stream stream, AnnexDOptions options, bool withDeclaration = true)
    {
        Options = options;
        _namespace = options.Namespace;
        _xml = XmlWriter.Create(stream, new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
            CheckCharacters = true,
            NewLineHandling = NewLineHandling.Entitize,
            OmitXmlDeclaration = !withDeclaration,
            CloseOutput = false,
        });
    }

    public AnnexDOptions Options { get; }

    public void StartDocument(string root, string version, string? id)
    {
        _xml.WriteStartDocument();
        _xml.WriteStartElement(root, _namespace);
        _xml.WriteAttributeString("xmlns", _namespace);
        _xml.WriteAttributeString("xmlns", "xsi", null, AnnexDNames.SchemaInstance);
        if (id is not null)
        {
            _xml.WriteAttributeString("Id", id);
        }

        _xml.WriteAttributeString("Version", version);
    }

    public void EndDocument()
    {
        _xml.WriteFullEndElement();
        _xml.WriteEndDocument();
        _xml.Flush();
    }

    public void Start(string name, string? version = null)
    {
        _xml.WriteStartElement(name, _namespace);
        if (version is not null)
        {
            _xml.WriteAttributeString("Version", version);
        }
    }

    /// <summary>An element of another namespace, which is declared where it is not yet.</summary>
    public void StartForeign(string prefix, string name)
    {
        string namespaceUri = AnnexDNames.OfPrefix(prefix);
        bool declared = _xml.LookupPrefix(namespaceUri) == prefix;
        _xml.WriteStartElement(prefix, name, namespaceUri);
        if (!declared)
        {
            _xml.WriteAttributeString("xmlns", prefix, null, namespaceUri);
        }
    }

    public void Attribute(string name, string value) => _xml.WriteAttributeString(name, value);

    /// <summary><c>xsi:type</c>, after the other attributes.</summary>
    public void Type(string type) => _xml.WriteAttributeString("type", AnnexDNames.SchemaInstance, type);

    public void End() => _xml.WriteFullEndElement();

    public void Text(string name, string value)
    {
        Start(name);
        _xml.WriteString(value);
        End();
    }

    public void ForeignText(string prefix, string name, string value)
    {
        StartForeign(prefix, name);
        _xml.WriteString(value);
        End();
    }

    /// <summary>An element that came in; with it, what is written is no canonical form any more.</summary>
    public void Foreign(KmsRedirectResponse response) => response.WriteTo(_xml);

    public void OptionalText(string name, string? value)
    {
        if (value is not null)
        {
            Text(name, value);
        }
    }

    public void Integer(string name, long value) => Text(name, value.ToString(CultureInfo.InvariantCulture));

    public void Boolean(string name, bool value) => Text(name, value ? "true" : "false");

    public void Time(string name, DateTimeOffset value) => Text(name, XmlTime.ToString(value, Options.TimesCarryZone));

    public void OptionalTime(string name, DateTimeOffset? value)
    {
        if (value is { } time)
        {
            Time(name, time);
        }
    }

    public void UserId(string name, UserId value) =>
        Text(name, Options.UserIdEncoding == UserIdEncoding.Hexadecimal ? value.ToHex() : value.ToBase64());

    /// <summary>hexBinary in upper case, of public octets.</summary>
    public void Hex(string name, ReadOnlySpan<byte> octets) => Text(name, Convert.ToHexString(octets));

    /// <summary>
    /// A key as <c>KeyContentType</c>. The digits are made in pinned memory that is zeroed; the writer's own output buffer, which
    /// they pass through, is not within reach.
    /// </summary>
    public void KeyContent(string name, ReadOnlySpan<byte> key)
    {
        Start(name);
        Type("KeyContentType");
        char[] digits = digitsOfThread ??= GC.AllocateUninitializedArray<char>(MostDigits, pinned: true);
        try
        {
            Hexadecimal.Encode(key, digits.AsSpan(0, 2 * key.Length));
            _xml.WriteChars(digits, 0, 2 * key.Length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits.AsSpan()));
        }

        End();
    }

    public void Dispose() => _xml.Dispose();
}
