using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Watchword.McServices.Xcap;

/// <summary>Percent-encoding of XCAP URIs (RFC 4825 §6.1, RFC 3986 §2.1), strict and in UTF-8.</summary>
internal static class XcapText
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// A segment of a path. Colon and at sign stand as they are (RFC 3986 §3.3), as documents of TS 24.484 show them.
    /// </summary>
    public static string Encode(string segment) => Uri.EscapeDataString(segment)
        .Replace("%3A", ":", StringComparison.Ordinal).Replace("%40", "@", StringComparison.Ordinal);

    /// <summary>Undoes the encoding.</summary>
    /// <returns>
    /// False for a percent sign without two digits, octets that are no UTF-8, or a character outside ASCII that is not encoded.
    /// </returns>
    public static bool TryDecode(string text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        byte[] octets = new byte[text.Length];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is <= ' ' or >= '\x7f')
            {
                return false;
            }

            if (c != '%')
            {
                octets[count++] = (byte)c;
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                return false;
            }

            octets[count++] = (byte)((Value(text[i + 1]) << 4) | Value(text[i + 2]));
            i += 2;
        }

        try
        {
            decoded = _strict.GetString(octets, 0, count);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static int Value(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
