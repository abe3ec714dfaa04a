using System.Buffers;
using System.Text;

namespace Watchword.Sip;

/// <summary>The character sets of RFC 3261 §25.1.</summary>
internal static class SipChars
{
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const string Mark = "-_.!~*'()";
    private const string Unreserved = Alphanumeric + Mark;

    public static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    public static readonly SearchValues<char> Token = SearchValues.Create(Alphanumeric + "-.!%*_+`'~");

    /// <summary>callid: word [ "@" word ].</summary>
    public static readonly SearchValues<char> Word = SearchValues.Create(Alphanumeric + "-.!%*_+`'~()<>:\\\"/[]?{}");

    /// <summary>A value that needs no quotes: a token, or a host with an IPv6 address.</summary>
    public static readonly SearchValues<char> PlainValue = SearchValues.Create(Alphanumeric + "-.!%*_+`'~[]:");

    public static readonly SearchValues<char> Host = SearchValues.Create(Alphanumeric + "-.");
    public static readonly SearchValues<char> Scheme = SearchValues.Create(Alphanumeric + "+-.");
    public static readonly SearchValues<char> UriUser = SearchValues.Create(Unreserved + "&=+$,;?/%");
    public static readonly SearchValues<char> UriPassword = SearchValues.Create(Unreserved + "&=+$,%");
    public static readonly SearchValues<char> UriParameter = SearchValues.Create(Unreserved + "[]/:&+$%");
    public static readonly SearchValues<char> UriHeader = SearchValues.Create(Unreserved + "[]/?:+$%");
    public static readonly SearchValues<char> UriOther = SearchValues.Create(Unreserved + ";/?:@&=+$,[]%");
    public static readonly SearchValues<char> TelGlobal = SearchValues.Create("0123456789-.()");
    public static readonly SearchValues<char> TelLocal = SearchValues.Create("0123456789abcdefABCDEF*#-.()");

    /// <summary>Where a URI without angle brackets ends (RFC 3261 §20.10).</summary>
    public static readonly SearchValues<char> AddressEnd = SearchValues.Create(" \t;,?<>");

    public static readonly SearchValues<char> UnreservedSet = SearchValues.Create(Unreserved);

    /// <summary>Every percent sign stands before two hexadecimal digits.</summary>
    public static bool EscapesAreWhole(ReadOnlySpan<char> text)
    {
        for (int at = text.IndexOf('%'); at >= 0;)
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
            {
                return false;
            }

            int next = text[(at + 3)..].IndexOf('%');
            at = next < 0 ? -1 : at + 3 + next;
        }

        return true;
    }

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Token);

    /// <summary>
    /// Text that may stand in a header field: no control characters but the tab, and nothing that UTF-8 cannot say.
    /// </summary>
    public static bool IsText(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if ((c < ' ' && c != '\t') || c == '\x7f' || char.IsLowSurrogate(c))
            {
                return false;
            }

            if (char.IsHighSurrogate(c) && (++i == text.Length || !char.IsLowSurrogate(text[i])))
            {
                return false;
            }
        }

        return true;
    }

    public static StringBuilder AppendQuoted(this StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\')
            {
                builder.Append('\\');
            }

            builder.Append(c);
        }

        return builder.Append('"');
    }
}
