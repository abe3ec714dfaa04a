using System.Buffers;
using System.Text;

namespace Watchword.Identity;

/// <summary>
/// The checks on an MC service ID or entity URI: a <c>sip:</c> or <c>tel:</c> URI that is compared octet by octet and never
/// normalised, because its exact octets are hashed into the UID (TS 33.180 F.2.1).
/// </summary>
public static class McServiceId
{
    /// <summary>Longest identity accepted, in octets of UTF-8. The UID's length field would allow 65,535 (F.2.1).</summary>
    public const int MaxOctets = 1024;

    private static readonly SearchValues<char> Forbidden = SearchValues.Create(" \t\r\n\"<>\\^`{|}#");

    /// <summary>
    /// True for a URI that may be keyed: scheme <c>sip:</c>, <c>sips:</c> or <c>tel:</c> in lower case, something behind it, no
    /// white space, control character, quotation mark, angle bracket, lone surrogate or fragment, at most <see cref="MaxOctets"/>.
    /// </summary>
    public static bool IsValid(string? value)
    {
        if (string.IsNullOrEmpty(value) || value.Length > MaxOctets)
        {
            return false;
        }

        int colon = value.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && value[..colon] is "sip" or "sips" or "tel"
            && colon + 1 < value.Length
            && value.AsSpan().IndexOfAny(Forbidden) < 0
            && IsPrintableUtf8(value);
    }

    /// <summary>
    /// The identity domain of a URI: what follows the last <c>@</c> (or the scheme, where a SIP URI has no user part), up to port or parameter, in
    /// lower case; <c>tel:</c> for a telephone number, which has no domain of its own. Null if the URI is not valid.
    /// </summary>
    public static string? DomainOf(string? value)
    {
        if (!IsValid(value))
        {
            return null;
        }

        if (value!.StartsWith("tel:", StringComparison.Ordinal))
        {
            return "tel:";
        }

        string rest = value[(value.IndexOf(':', StringComparison.Ordinal) + 1)..];
        int at = rest.LastIndexOf('@');
        string host = rest[(at + 1)..];
        int end = host.StartsWith('[') ? host.IndexOf(']', StringComparison.Ordinal) + 1 : host.AsSpan().IndexOfAny(":;?");
        host = end > 0 ? host[..end] : host;
        return host.Length == 0 || host[0] is ':' or ';' or '?' ? null : host.ToLowerInvariant();
    }

    private static bool IsPrintableUtf8(string value)
    {
        int octets = 0;
        foreach (Rune rune in value.EnumerateRunes())
        {
            // EnumerateRunes turns a lone surrogate into U+FFFD: such a string has no octets to compare.
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune))
            {
                return false;
            }

            octets += rune.Utf8SequenceLength;
        }

        return octets <= MaxOctets;
    }
}
