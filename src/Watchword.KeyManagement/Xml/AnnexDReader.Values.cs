using System.Globalization;
using System.Xml;

namespace Watchword.KeyManagement.Xml;

/// <summary>The simple types of Annex D.</summary>
internal sealed partial class AnnexDReader
{
    /// <summary>Longest URI or name, in characters.</summary>
    private const int MaxUriLength = 2048;

    /// <summary>Longest other string, in characters.</summary>
    private const int MaxStringLength = 8192;

    internal static readonly char[] XmlWhiteSpace = [' ', '\t', '\r', '\n'];

    /// <summary>anyURI: white space around it is no part of it (XML Schema 2 §3.2.17); must not be empty.</summary>
    public string ReadUri()
    {
        string value = ReadText(MaxUriLength).Trim(XmlWhiteSpace);
        return value.Length > 0 ? value : throw Fail(KeyManagementFormatFault.InvalidValue);
    }

    /// <summary>string, as it stands.</summary>
    public string ReadString() => ReadText(MaxStringLength);

    /// <summary>integer that fits 64 bits.</summary>
    public long ReadInteger() =>
        long.TryParse(ReadToken(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Fail(KeyManagementFormatFault.InvalidValue);

    /// <summary>boolean: <c>true</c>, <c>false</c>, <c>1</c>, <c>0</c>.</summary>
    public bool ReadBoolean() => ReadToken() switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw Fail(KeyManagementFormatFault.InvalidValue),
    };

    /// <summary>dateTime; one without zone is UTC.</summary>
    public DateTimeOffset ReadTime() => ReadTime(out _);

    /// <inheritdoc cref="ReadTime()"/>
    public DateTimeOffset ReadTime(out bool hadZone)
    {
        string text = ReadToken();
        hadZone = XmlTime.HasZone(text);
        return XmlTime.TryParse(text, out DateTimeOffset value) ? value : throw Fail(KeyManagementFormatFault.InvalidValue);
    }

    /// <summary>The UID in base64 or hexadecimal digits.</summary>
    public UserId ReadUserId() =>
        UserId.TryParse(ReadToken(), out UserId? value) ? value : throw Fail(KeyManagementFormatFault.InvalidValue);

    private string ReadToken() => ReadText(MaxStringLength).Trim(XmlWhiteSpace);

    /// <summary>The text of an element that has no child elements, less than <paramref name="limit"/> characters.</summary>
    private string ReadText(int limit)
    {
        char[] buffer = new char[256];
        int length = 0;
        bool any = BeginText();
        while (any && NextTextNode())
        {
            for (int read; (read = ReadChunk(buffer, length)) > 0;)
            {
                length += read;
                if (length == buffer.Length)
                {
                    if (length >= limit)
                    {
                        throw Fail(KeyManagementFormatFault.InvalidValue);
                    }

                    Array.Resize(ref buffer, 2 * length);
                }
            }
        }

        return new string(buffer, 0, length);
    }

    /// <summary>
    /// Passes over the current text, which XmlReader reports for white space too once it is longer than 4096 characters.
    /// </summary>
    private bool IsBlank()
    {
        char[] chunk = new char[256];
        for (int read; (read = ReadChunk(chunk, 0)) > 0;)
        {
            if (chunk.AsSpan(0, read).ContainsAnyExcept(XmlWhiteSpace))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>False if the element is empty and so has no end tag of its own.</summary>
    private bool BeginText() => !_xml.IsEmptyElement;

    /// <summary>Moves to the next piece of text; false at the end tag.</summary>
    private bool NextTextNode()
    {
        Advance();
        return _xml.NodeType switch
        {
            XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace => true,
            XmlNodeType.EndElement => false,
            _ => throw Fail(KeyManagementFormatFault.UnexpectedContent),
        };
    }

    /// <summary>Takes the next characters of the current piece of text without making a string of it; 0 at its end.</summary>
    private int ReadChunk(char[] buffer, int offset)
    {
        try
        {
            return _xml.ReadValueChunk(buffer, offset, buffer.Length - offset);
        }
        catch (Exception e) when (IsMalformed(e))
        {
            throw Fail(KeyManagementFormatFault.NotXml);
        }
    }
}
