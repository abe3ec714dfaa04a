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
    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");
    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("ABCDEFabcdef0123456789:.");

    /// <summary>
    /// True for a URI that may be keyed: scheme <c>sip:</c>, <c>sips:</c> or <c>tel:</c> in lower case, a host (for
    /// <c>tel:</c>, anything) behind it, at most one <c>@</c> with a user before it, no white space, control
    /// character, quotation mark, angle bracket, lone surrogate or fragment, at most <see cref="MaxOctets"/>.
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
            && IsPrintableUtf8(value)
            && (value.StartsWith("tel:", StringComparison.Ordinal) || HostOf(value[(colon + 1)..]) is not null);
    }

    /// <summary>
    /// The identity domain of a URI: what follows the <c>@</c> (or the scheme, where a SIP URI has no user part), up to port or
    /// parameter, in lower case; <c>tel:</c> for a telephone number, which has no domain of its own. Null if the URI is not valid.
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

        return HostOf(value[(value.IndexOf(':', StringComparison.Ordinal) + 1)..])!.ToLowerInvariant();
    }

    /// <summary>
    /// The host of a SIP URI without its scheme; null if it has none, has an empty user part, or more than one <c>@</c>:
    /// RFC 3261 §25.1 escapes that character everywhere else, and parsers disagree on which one ends the user part.
    /// </summary>
    private static string? HostOf(string rest)
    {
        int at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at == 0 || rest.IndexOf('@', at + 1) >= 0)
        {
            return null;
        }

        string host = rest[(at + 1)..];
        if (host.StartsWith('['))
        {
            int close = host.IndexOf(']', StringComparison.Ordinal);
            return close > 1 && !host.AsSpan(1, close - 1).ContainsAnyExcept(AddressCharacters) && EndsHost(host, close + 1)
                ? host[..(close + 1)]
                : null;
        }

        int end = host.AsSpan().IndexOfAnyExcept(HostCharacters);
        end = end < 0 ? host.Length : end;
        return end > 0 && EndsHost(host, end) ? host[..end] : null;
    }

    private static bool EndsHost(string host, int end) => end == host.Length || host[end] is ':' or ';' or '?';

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
