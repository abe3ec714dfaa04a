using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Xml;

namespace Watchword.KeyManagement.Xml;

/// <summary>Keys: hexadecimal digits that go to pinned memory without ever being a string, or an encrypted key.</summary>
internal sealed partial class AnnexDReader
{
    private const string EncryptedKey = "EncryptedKey";

    /// <summary>hexBinary of exactly as many octets as <paramref name="destination"/> has.</summary>
    public void ReadHex(Span<byte> destination)
    {
        if (ReadKey(destination, encryptedAllowed: false) is not null)
        {
            throw Fail(KeyManagementFormatFault.UnexpectedContent);
        }
    }

    /// <summary>
    /// <c>abstractKeyContentType</c>: what stands in the element decides, for deployed peers leave <c>xsi:type</c> out; where it
    /// stands and says the opposite, the element is refused unless reading is lenient.
    /// </summary>
    /// <returns>Null if the key stood there plain and is in the destination.</returns>
    public WrappedKey? ReadKeyContent(Span<byte> destination)
    {
        string type = _xml.GetAttribute("type", AnnexDNames.SchemaInstance)?.Trim(XmlWhiteSpace) ?? "";
        type = type[(type.IndexOf(':', StringComparison.Ordinal) + 1)..];
        WrappedKey? wrapped = ReadKey(destination, encryptedAllowed: true);
        bool contradicts = type.Length > 0 && type != (wrapped is null ? "KeyContentType" : "EncKeyContentType");
        return !contradicts || IsLenient ? wrapped : throw Fail(KeyManagementFormatFault.UnexpectedContent);
    }

    private WrappedKey? ReadKey(Span<byte> destination, bool encryptedAllowed)
    {
        HexAccumulator digits = new(destination, IsLenient);
        WrappedKey? wrapped = null;
        char[] chunk = GC.AllocateArray<char>(128, pinned: true);
        try
        {
            bool more = BeginText();
            while (more)
            {
                Advance();
                switch (_xml.NodeType)
                {
                    case XmlNodeType.EndElement:
                        more = false;
                        break;
                    case XmlNodeType.Element when encryptedAllowed && wrapped is null && digits.IsEmpty && IsEncryptedKey():
                        Push(EncryptedKey);
                        wrapped = WrappedKey.Read(this, destination.Length);
                        Pop();
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                        ReadDigits(ref digits, chunk);
                        break;
                    default:
                        throw Fail(KeyManagementFormatFault.UnexpectedContent);
                }
            }

            if (wrapped is not null)
            {
                return digits.IsEmpty ? wrapped : throw Fail(KeyManagementFormatFault.UnexpectedContent);
            }

            return digits.IsComplete ? null : throw Fail(KeyManagementFormatFault.WrongLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(chunk.AsSpan()));
        }
    }

    private void ReadDigits(ref HexAccumulator digits, char[] chunk)
    {
        for (int read; (read = ReadChunk(chunk, 0)) > 0;)
        {
            if (digits.Add(chunk.AsSpan(0, read)) is { } fault)
            {
                throw Fail(fault);
            }
        }
    }

    private bool IsEncryptedKey() =>
        _xml.LocalName == EncryptedKey && (IsLenient || _xml.NamespaceURI == AnnexDNames.Encryption);
}
