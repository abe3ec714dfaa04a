using System.Globalization;

namespace Watchword.Sip;

/// <summary>
/// Request-Line and Status-Line (RFC 3261 §7.1, §7.2): single spaces, no white space at the ends, no header fields in the
/// Request-URI (table 1).
/// </summary>
internal static class SipStartLine
{
    private const string Version = "SIP/2.0";

    /// <summary>Reads the line. With another version than 2.0 a request is given all the same, for it to be answered.</summary>
    public static SipFormatFault Read(string line, SipHeaders headers, out SipMessage? message)
    {
        message = null;
        return line.StartsWith("SIP/", StringComparison.OrdinalIgnoreCase)
            ? ReadStatus(line, headers, out message)
            : ReadRequest(line, headers, out message);
    }

    private static SipFormatFault ReadStatus(string line, SipHeaders headers, out SipMessage? message)
    {
        message = null;
        string[] parts = line.Split(' ', 3);
        if (parts.Length != 3 || parts[1].Length != 3
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int code) || code is < 100 or > 699)
        {
            return SipFormatFault.StartLine;
        }

        if (!IsVersion(parts[0]))
        {
            return SipFormatFault.Version;
        }

        message = new SipResponse(code, parts[2], headers);
        return SipFormatFault.None;
    }

    private static SipFormatFault ReadRequest(string line, SipHeaders headers, out SipMessage? message)
    {
        message = null;
        string[] parts = line.Split(' ');
        if (parts.Length != 3 || !SipChars.IsToken(parts[0]) || !SipUri.TryParse(parts[1], out SipUri? uri)
            || uri.Headers is not null || !parts[2].StartsWith("SIP/", StringComparison.OrdinalIgnoreCase))
        {
            return SipFormatFault.StartLine;
        }

        message = new SipRequest(parts[0], uri, headers);
        return IsVersion(parts[2]) ? SipFormatFault.None : SipFormatFault.Version;
    }

    private static bool IsVersion(string text) => string.Equals(text, Version, StringComparison.OrdinalIgnoreCase);
}
