using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Watchword.HttpProxy.Configuration;

/// <summary>
/// Host and port of an https URL as requests are told apart by them: the host's characters in lower case, the port always there.
/// Nothing else is made equal: what the proxy takes for one host, no server takes for another.
/// </summary>
internal static class Authority
{
    private const int HttpsPort = 443;
    private const int MaxLength = 260;

    /// <summary>Reads the value of <c>Host</c> or the authority of a target.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out string? authority)
    {
        authority = null;
        if (text is not { Length: > 0 and <= MaxLength })
        {
            return false;
        }

        int end = text[0] == '[' ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        end = end < 0 ? text.Length : end;
        string host = text[..end];
        int port = HttpsPort;
        if (!IsHost(host)
            || (end < text.Length && (text[end] != ':' || !TryReadPort(text[(end + 1)..], out port))))
        {
            return false;
        }

        authority = string.Create(CultureInfo.InvariantCulture, $"{host.ToLowerInvariant()}:{port}");
        return true;
    }

    /// <summary>The authority of a URL that was configured: https, no path, no query, no user.</summary>
    public static bool TryReadUrl(string text, [NotNullWhen(true)] out string? authority, [NotNullWhen(true)] out Uri? url)
    {
        authority = null;
        return Uri.TryCreate(text, UriKind.Absolute, out url)
            && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/" && url.UserInfo.Length == 0 && url.Fragment.Length == 0
            && TryRead(string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.Port}"), out authority);
    }

    private static bool IsHost(string host) => host.StartsWith('[')
        ? host.Length > 3 && host.EndsWith(']') && host[1..^1].All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
        : host.Length > 0 && host[0] != '.' && host[^1] != '.' && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-');

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
