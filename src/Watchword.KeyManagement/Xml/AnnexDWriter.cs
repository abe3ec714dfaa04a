using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Xml;

namespace Watchword.KeyManagement.Xml;

/// <summary>Writes Annex D elements; the callers keep the order of the schema.</summary>
internal sealed class AnnexDWriter : IDisposable
{
    private readonly XmlWriter _xml;

    public AnnexDWriter(Stream stream, AnnexDOptions options)
    {
        Options = options;
        _xml = XmlWriter.Create(stream, new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
            CheckCharacters = true,
            NewLineHandling = NewLineHandling.Entitize,
            CloseOutput = false,
        });
    }

    public AnnexDOptions Options { get; }

    public void StartDocument(string root, string version)
    {
        _xml.WriteStartDocument();
        _xml.WriteStartElement(root, AnnexDNames.Kms);
        _xml.WriteAttributeString("xmlns", "xsi", null, AnnexDNames.SchemaInstance);
        _xml.WriteAttributeString("Version", version);
    }

    public void EndDocument()
    {
        _xml.WriteEndElement();
        _xml.WriteEndDocument();
        _xml.Flush();
    }

    public void Start(string name, string? version = null)
    {
        _xml.WriteStartElement(name, AnnexDNames.Kms);
        if (version is not null)
        {
            _xml.WriteAttributeString("Version", version);
        }
    }

    public void Attribute(string name, string value) => _xml.WriteAttributeString(name, value);

    public void End() => _xml.WriteEndElement();

    public void Text(string name, string value) => _xml.WriteElementString(name, AnnexDNames.Kms, value);

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
        _xml.WriteAttributeString("type", AnnexDNames.SchemaInstance, "KeyContentType");
        char[] digits = GC.AllocateUninitializedArray<char>(2 * key.Length, pinned: true);
        try
        {
            Hexadecimal.Encode(key, digits);
            _xml.WriteChars(digits, 0, digits.Length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits.AsSpan()));
        }

        End();
    }

    public void Dispose() => _xml.Dispose();
}
