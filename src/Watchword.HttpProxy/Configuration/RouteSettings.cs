using System.Globalization;
using Watchword.Hosting;
using Watchword.HttpProxy.Forwarding;

namespace Watchword.HttpProxy.Configuration;

/// <summary>Where requests with some URLs go.</summary>
/// <param name="Name">The name in log and metrics.</param>
/// <param name="Authorities">The hosts and ports of the URLs.</param>
/// <param name="PathPrefixes">What their paths begin with; <c>/</c> for every path.</param>
/// <param name="UeDestinations">Where UEs' requests go; empty if no UE may ask.</param>
/// <param name="EntityDestinations">Where those of network entities go.</param>
/// <param name="Trust">How the destinations are known.</param>
/// <param name="ServerName">The name in their certificates; null for the host of each.</param>
internal sealed record RouteSettings(
    string Name, IReadOnlyList<string> Authorities, IReadOnlyList<string> PathPrefixes, IReadOnlyList<Uri> UeDestinations,
    IReadOnlyList<Uri> EntityDestinations, CertificateTrust Trust, string? ServerName);

/// <summary>Reads servers and partners into routes.</summary>
internal sealed class RouteReader(ProxyOptions options, ConfigurationFaults faults)
{
    private const string PlainUrl = "write https://HOST or https://HOST:PORT";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<(string Authority, string Prefix)> _taken = [];

    /// <summary>The authorities of the IdM servers.</summary>
    public HashSet<string> Idm { get; } = new(StringComparer.Ordinal);

    /// <summary>The own authorities.</summary>
    public HashSet<string> Own { get; } = new(StringComparer.Ordinal);

    /// <summary>All routes.</summary>
    public IReadOnlyList<RouteSettings> Read()
    {
        Idm.UnionWith(ReadUrls(options.IdmUrls, "Proxy:IdmUrls").Select(url => url.Authority));
        if (options.IdmUrls.Count == 0)
        {
            faults.Warn("Proxy:IdmUrls", "names no IdM server, so that requests for it are refused as those for any unknown host",
                "name it: its UEs are then told to connect directly");
        }

        Own.UnionWith(ReadUrls(options.PublicUrls, "Proxy:PublicUrls").Select(url => url.Authority));
        List<RouteSettings> routes = [];
        for (int i = 0; i < options.Servers.Count; i++)
        {
            routes.Add(ReadServer(options.Servers[i], $"Proxy:Servers:{i}"));
        }

        for (int i = 0; i < options.Partners.Count; i++)
        {
            routes.AddRange(ReadPartner(options.Partners[i], $"Proxy:Partners:{i}"));
        }

        if (routes.Count == 0)
        {
            faults.Add("Proxy:Servers", "and Proxy:Partners name nothing to forward to", "name the servers behind the proxy");
        }

        CheckMixing(routes);
        return routes;
    }

    private RouteSettings ReadServer(ServerOptions server, string section)
    {
        CheckName(server.Name, section);
        string[] authorities = server.PublicUrls.Count == 0
            ? [.. Own]
            : [.. ReadUrls(server.PublicUrls, $"{section}:PublicUrls").Select(url => url.Authority)];
        if (authorities.Length == 0 || !authorities.All(Own.Contains))
        {
            faults.Add(server.PublicUrls.Count == 0 ? "Proxy:PublicUrls" : $"{section}:PublicUrls",
                server.PublicUrls.Count == 0 ? "names no URL" : "has a URL that Proxy:PublicUrls does not have",
                "write there under which URLs the servers of this domain are asked for");
        }

        if (server.PathPrefixes.Count == 0)
        {
            faults.Add($"{section}:PathPrefixes", "names no path", "write for example /keymanagement/identity/v1");
        }

        for (int i = 0; i < server.PathPrefixes.Count; i++)
        {
            CheckPrefix(server.PathPrefixes[i], $"{section}:PathPrefixes:{i}");
            Take(authorities, server.PathPrefixes[i], section);
        }

        Uri[] destinations = ReadDestinations(server.Destinations, $"{section}:Destinations");
        Uri[] entity = ReadDestinations(server.EntityDestinations, $"{section}:EntityDestinations");
        if (destinations.Length + entity.Length == 0)
        {
            faults.Add($"{section}:Destinations", "names no URL", PlainUrl);
        }

        return new RouteSettings(
            server.Name, authorities, [.. server.PathPrefixes], destinations, entity.Length > 0 ? entity : destinations,
            ReadTrust(server.Trust, section), server.Trust.ServerName);
    }

    private IEnumerable<RouteSettings> ReadPartner(PartnerOptions partner, string section)
    {
        CheckName(partner.Name, section);
        if (partner.PublicUrls.Count == 0)
        {
            faults.Add($"{section}:PublicUrls", "names no URL", PlainUrl);
        }

        Uri[] configured = ReadDestinations(partner.Destinations, $"{section}:Destinations");
        Uri[] entity = ReadDestinations(partner.EntityDestinations, $"{section}:EntityDestinations");
        CertificateTrust trust = ReadTrust(partner.Trust, section);
        foreach ((string authority, Uri url) in ReadUrls(partner.PublicUrls, $"{section}:PublicUrls"))
        {
            if (Own.Contains(authority) || Idm.Contains(authority))
            {
                faults.Add($"{section}:PublicUrls", $"has {authority}, which is this domain's or an IdM server's", "name it once");
            }

            Take([authority], "/", section);
            Uri[] destinations = configured.Length > 0 ? configured : [url];
            yield return new RouteSettings(
                partner.Name, [authority], ["/"], destinations, entity.Length > 0 ? entity : destinations, trust,
                partner.Trust.ServerName);
        }
    }

    private CertificateTrust ReadTrust(TrustOptions trust, string section)
    {
        if (trust.ServerName is not null && trust.Thumbprints.Count > 0)
        {
            faults.Add($"{section}:Trust:ServerName", "is not looked at where certificates are pinned", "leave it out");
        }

        return new CertificateTrust(trust.CaFile, trust.Thumbprints, $"{section}:Trust", faults);
    }

    private void Take(IEnumerable<string> authorities, string prefix, string section)
    {
        foreach (string authority in authorities)
        {
            if (!_taken.Add((authority, prefix)))
            {
                faults.Add(section, $"claims {prefix} of {authority}, which is claimed already", "let one server have it");
            }
        }
    }

    private void CheckName(string name, string section)
    {
        if (name.Length is 0 or > 32 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            faults.Add($"{section}:Name", "is not a name of letters, digits and hyphens", "write for example kms");
        }
        else if (!_names.Add(name))
        {
            faults.Add($"{section}:Name", "stands there twice", "give each server and partner a name of its own");
        }
    }

    private void CheckPrefix(string prefix, string option)
    {
        if (!RequestTarget.IsPlainPath(prefix) || prefix.AsSpan().ContainsAny('%', '?') || (prefix.Length > 1 && prefix.EndsWith('/')))
        {
            faults.Add(option, "is not the beginning of a path",
                "write /NAME/NAME without slash at the end, dot segments, escapes and query");
        }
        else if (prefix == "/health" || prefix.StartsWith("/health/", StringComparison.Ordinal))
        {
            faults.Add(option, "would hide the health of the proxy", "take another path");
        }
    }

    private (string Authority, Uri Url)[] ReadUrls(List<string> urls, string option)
    {
        List<(string Authority, Uri Url)> read = [];
        for (int i = 0; i < urls.Count; i++)
        {
            if (Authority.TryReadUrl(urls[i], out string? authority, out Uri? url))
            {
                read.Add((authority, url));
            }
            else
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{option}:{i}"), "is no https URL without path", PlainUrl);
            }
        }

        return [.. read];
    }

    private Uri[] ReadDestinations(List<string> urls, string option)
    {
        (string Authority, Uri Url)[] read = ReadUrls(urls, option);
        if (read.Any(url => Idm.Contains(url.Authority)))
        {
            faults.Add(option, "names an IdM server", "UEs connect to it directly (TS 24.482 A.2.1.2)");
        }

        return [.. read.Select(url => url.Url)];
    }

    /// <summary>Where asserted identities are believed, no request of a UE may ever arrive.</summary>
    private void CheckMixing(List<RouteSettings> routes)
    {
        HashSet<string> believing = [.. options.Servers.SelectMany(server => server.EntityDestinations)
            .Concat(options.Partners.SelectMany(partner => partner.EntityDestinations)).Select(url => KeyOf(url) ?? url)];
        if (routes.SelectMany(route => route.UeDestinations).Any(url => believing.Contains(KeyOf(url.AbsoluteUri)!)))
        {
            faults.Add("Proxy:Servers", "has a destination that is also one of EntityDestinations",
                "give network entities a listener of their own at that server");
        }

        if (options.AssertedIdentity is not null && believing.Count > 0 && options.ClientCertificate is null)
        {
            faults.Add("Proxy:ClientCertificate", "is missing, so that no server can tell the proxy from anybody else",
                "name the certificate that the servers have pinned for the proxy");
        }
    }

    private static string? KeyOf(string url) => Authority.TryReadUrl(url, out string? authority, out _) ? authority : null;
}
