using System.Net;

namespace Watchword.Idm.Server.Configuration;

/// <summary>One address of <c>Idm:Listen</c>; <see cref="Address"/> is null for <c>localhost</c>, both loopback addresses.</summary>
internal readonly record struct ListenAddress(IPAddress? Address, int Port)
{
    public static bool TryParse(string text, out ListenAddress result)
    {
        result = default;
        const string scheme = "https://";
        if (!text.StartsWith(scheme, StringComparison.Ordinal))
        {
            return false;
        }

        string rest = text[scheme.Length..].TrimEnd('/');
        int colon = rest.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(rest.AsSpan(colon + 1), out ushort port))
        {
            return false;
        }

        string host = rest[..colon];
        IPAddress? address = null;
        if (host is "*" or "+")
        {
            address = IPAddress.IPv6Any;
        }
        else if (host == "localhost")
        {
            if (port == 0)
            {
                return false;
            }
        }
        else if (!IPAddress.TryParse(host.Trim('[', ']'), out address))
        {
            return false;
        }

        result = new ListenAddress(address, port);
        return true;
    }
}
