using System.Net;
using Microsoft.AspNetCore.Http;

namespace Watchword.Hosting;

/// <summary>URLs to listen on: how they are read, and which of them claim the same socket.</summary>
public static class ListenUrl
{
    /// <summary>The address of <paramref name="text"/>; null, with a fault, if it is no https URL without path.</summary>
    public static BindingAddress? Parse(string text, string option, ConfigurationFaults faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        try
        {
            BindingAddress address = BindingAddress.Parse(text);
            if (address.Scheme == Uri.UriSchemeHttps && address.PathBase.Length == 0 && !address.IsUnixPipe
                && !address.IsNamedPipe)
            {
                return address;
            }
        }
        catch (FormatException)
        {
            // Reported below like every other fault of this option.
        }

        faults.Add(option, "is not an https URL without path",
            "write https://ADDRESS:PORT; nothing is served without TLS (TS 33.180 6.1)");
        return null;
    }

    /// <summary>
    /// True if a connection could reach both: the same port, and an address in common. Port 0 is a free port and overlaps
    /// nothing.
    /// </summary>
    public static bool Overlap(BindingAddress one, BindingAddress other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.Port != other.Port || one.Port == 0)
        {
            return false;
        }

        IPAddress[] first = AddressesOf(one.Host);
        IPAddress[] second = AddressesOf(other.Host);
        return first.Length == 0 || second.Length == 0 || first.Intersect(second).Any();
    }

    /// <summary>The addresses of a host; empty for all of them, as any name but localhost is taken.</summary>
    private static IPAddress[] AddressesOf(string host)
    {
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return [IPAddress.Loopback.MapToIPv6(), IPAddress.IPv6Loopback];
        }

        return IPAddress.TryParse(host, out IPAddress? address) && !address.Equals(IPAddress.Any)
            && !address.Equals(IPAddress.IPv6Any)
            ? [address.MapToIPv6()]
            : [];
    }
}
