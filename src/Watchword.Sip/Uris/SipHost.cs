using System.Net;
using System.Net.Sockets;

namespace Watchword.Sip;

/// <summary>host [":" port] as in URIs and Via (RFC 3261 §25.1).</summary>
internal static class SipHost
{
    private const int MaxName = 255;
    private const int MaxLabel = 63;

    public static bool TryRead(ref SipScanner scanner, out string host)
    {
        host = "";
        if (scanner.NextIs('['))
        {
            int end = scanner.Rest.IndexOf(']');
            if (end < 0 || !IsAddress6(scanner.Rest[1..end]))
            {
                return false;
            }

            host = scanner.Rest[..(end + 1)].ToString();
            scanner.Advance(end + 1);
            return true;
        }

        if (!scanner.TryRun(SipChars.Host, out ReadOnlySpan<char> name) || !IsName(name))
        {
            return false;
        }

        host = name.ToString();
        return true;
    }

    /// <summary>1 to 65535.</summary>
    public static bool TryPort(ref SipScanner scanner, out int port)
    {
        bool read = scanner.TryNumber(out uint number) && number is > 0 and <= ushort.MaxValue;
        port = read ? (int)number : 0;
        return read;
    }

    /// <summary>The address of a host that is one, with or without brackets.</summary>
    public static bool TryAddress(ReadOnlySpan<char> host, out IPAddress? address)
    {
        if (host is ['[', .. var inner, ']'])
        {
            host = inner;
        }

        return IPAddress.TryParse(host, out address);
    }

    public static string Write(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{new IPAddress(address.GetAddressBytes())}]"
            : address.ToString();

    private static bool IsAddress6(ReadOnlySpan<char> text) =>
        !text.ContainsAny('%', '/') && IPAddress.TryParse(text, out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetworkV6;

    private static bool IsName(ReadOnlySpan<char> name)
    {
        ReadOnlySpan<char> rest = name.Length > 1 && name[^1] == '.' ? name[..^1] : name;
        if (rest.IsEmpty || rest.Length > MaxName)
        {
            return false;
        }

        ReadOnlySpan<char> last = default;
        foreach (Range range in rest.Split('.'))
        {
            last = rest[range];
            if (last.IsEmpty || last.Length > MaxLabel || last[0] == '-' || last[^1] == '-')
            {
                return false;
            }
        }

        // A name whose last label begins with a digit is an IPv4 address or nothing.
        return !char.IsAsciiDigit(last[0]) || IsAddress4(name);
    }

    private static bool IsAddress4(ReadOnlySpan<char> text)
    {
        int parts = 0;
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> part = text[range];
            if (part.Length is 0 or > 3 || part.ContainsAnyExcept(SipChars.Digits) || int.Parse(part, null) > byte.MaxValue)
            {
                return false;
            }

            parts++;
        }

        return parts == 4;
    }
}
