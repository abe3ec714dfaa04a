using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

public sealed partial class WrappedKey
{
    internal const string Rfc3394Algorithm = "http://www.w3.org/2001/04/xmlenc#kw-aes256";
    internal const string Rfc5649Algorithm = "http://www.w3.org/2009/xmlenc11#kw-aes-256-pad";

    /// <summary>Children of <c>EncryptedKey</c>; what XML-Encryption has besides, nothing here needs.</summary>
    private static readonly ElementSet Children = ElementSet.Of(
        AnnexDNames.Encryption, "EncryptionMethod", "ds:KeyInfo", "CipherData", "CarriedKeyName");

    private static readonly ElementSet KeyInfoChildren = ElementSet.Of(AnnexDNames.Signature, "KeyName");

    private static readonly ElementSet CipherDataChildren = ElementSet.Of(AnnexDNames.Encryption, "CipherValue");

    private static readonly ElementSet ContentChildren = ElementSet.Of(AnnexDNames.Encryption, "EncryptedKey");

    private readonly bool _hexadecimal;

    /// <summary>
    /// Reads <c>xenc:EncryptedKey</c>, on which the reader stands. A cipher value is base64, or hexadecimal digits: those of a
    /// key of <paramref name="length"/> octets never have as many characters in one as in the other.
    /// </summary>
    internal static WrappedKey Read(AnnexDReader reader, int length)
    {
        string? algorithm = null, keyName = null, carriedKeyName = null;
        byte[]? cipherValue = null;
        bool hexadecimal = false;
        ElementCursor child = new(reader, Children);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "EncryptionMethod":
                    algorithm = reader.Attribute("Algorithm")
                        ?? throw reader.Fail("@Algorithm", KeyManagementFormatFault.MissingElement);
                    reader.SkipElement();
                    break;
                case "ds:KeyInfo": keyName = ReadKeyName(reader); break;
                case "CipherData": cipherValue = ReadCipherValue(reader, length, out hexadecimal); break;
                case "CarriedKeyName": carriedKeyName = reader.ReadString(); break;
            }
        }

        child.Require("CipherData");
        return new WrappedKey(keyName, algorithm, cipherValue!, hexadecimal) { CarriedKeyName = carriedKeyName };
    }

    /// <summary>Reads <c>NewTransportKey</c> or <c>NewIntegrityKey</c>: never anything but a wrapped key.</summary>
    internal static WrappedKey ReadNewKey(AnnexDReader reader)
    {
        WrappedKey? key = null;
        ElementCursor child = new(reader, ContentChildren);
        while (child.MoveNext())
        {
            key = Read(reader, SecurityExtensionKey.SizeInBytes);
        }

        child.Require("EncryptedKey");
        return key!;
    }

    /// <summary>Writes an element of <c>EncKeyContentType</c>.</summary>
    internal void Write(AnnexDWriter writer, string name)
    {
        writer.Start(name);
        writer.Type("EncKeyContentType");
        writer.StartForeign("xenc", "EncryptedKey");
        if (Algorithm is not null)
        {
            writer.StartForeign("xenc", "EncryptionMethod");
            writer.Attribute("Algorithm", Algorithm);
            writer.End();
        }

        if (TransportKeyId is not null)
        {
            writer.StartForeign("ds", "KeyInfo");
            writer.ForeignText("ds", "KeyName", TransportKeyId);
            writer.End();
        }

        writer.StartForeign("xenc", "CipherData");
        writer.ForeignText(
            "xenc", "CipherValue", _hexadecimal ? Convert.ToHexString(_cipherValue) : Convert.ToBase64String(_cipherValue));
        writer.End();
        if (CarriedKeyName is not null)
        {
            writer.ForeignText("xenc", "CarriedKeyName", CarriedKeyName);
        }

        writer.End();
        writer.End();
    }

    private static string? ReadKeyName(AnnexDReader reader)
    {
        string? name = null;
        ElementCursor child = new(reader, KeyInfoChildren);
        while (child.MoveNext())
        {
            name = reader.ReadString();
        }

        return name;
    }

    private static byte[] ReadCipherValue(AnnexDReader reader, int length, out bool hexadecimal)
    {
        byte[]? octets = null;
        hexadecimal = false;
        ElementCursor child = new(reader, CipherDataChildren);
        while (child.MoveNext())
        {
            string text = reader.ReadString();
            octets = Decode(text, length, out hexadecimal) ?? throw reader.Fail(KeyManagementFormatFault.InvalidValue);
        }

        child.Require("CipherValue");
        return octets!;
    }

    private static byte[]? Decode(string text, int length, out bool hexadecimal)
    {
        string digits = string.Concat(text.Split(AnnexDReader.XmlWhiteSpace));
        int padded = (length + 7) / 8 * 8, stripped = length / 8 * 8;
        hexadecimal = (digits.Length == 2 * (padded + 8) || digits.Length == 2 * (stripped + 8))
            && digits.All(char.IsAsciiHexDigit);
        if (hexadecimal)
        {
            return Convert.FromHexString(digits);
        }

        byte[] octets = new byte[digits.Length / 4 * 3];
        return digits.Length > 0 && Convert.TryFromBase64String(digits, octets, out int written) ? octets[..written] : null;
    }
}
