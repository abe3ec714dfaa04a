using System.Collections.Frozen;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Http;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// Where a request goes (TS 24.482 A.2.2): one for a partner's host by its URL, one for a host of this domain by the longest
/// prefix of its path, any other nowhere.
/// </summary>
internal sealed class ForwardingTable
{
    private const string Discovery = "/.well-known/openid-configuration";

    private readonly FrozenDictionary<string, Entry[]> _byAuthority;
    private readonly ProxySettings _settings;

    public ForwardingTable(ProxySettings settings, DestinationConnections connections)
    {
        _settings = settings;
        Dictionary<string, List<Entry>> byAuthority = new(StringComparer.Ordinal);
        List<Lane> lanes = [];
        foreach (RouteSettings route in settings.Routes)
        {
            Lane ue = new(route.Name, route.UeDestinations, connections.Open(route));
            Lane entity = new(route.Name + " (entities)", route.EntityDestinations, connections.Open(route));
            lanes.AddRange([ue, entity]);
            foreach (string authority in route.Authorities)
            {
                if (!byAuthority.TryGetValue(authority, out List<Entry>? entries))
                {
                    byAuthority[authority] = entries = [];
                }

                entries.AddRange(route.PathPrefixes.Select(prefix => new Entry(prefix, ue, entity)));
            }
        }

        Lanes = lanes;
        _byAuthority = byAuthority.ToFrozenDictionary(
            pair => pair.Key, pair => pair.Value.OrderByDescending(entry => entry.Prefix.Length).ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Every lane.</summary>
    public IReadOnlyList<Lane> Lanes { get; }

    /// <summary>True for a partner's host: every path of it is the partner's.</summary>
    public bool IsPartner(string authority) => _byAuthority.ContainsKey(authority) && !_settings.OwnAuthorities.Contains(authority);

    /// <summary>The lane of a request.</summary>
    /// <exception cref="ProxyException">It goes nowhere.</exception>
    public Lane Find(string authority, RequestTarget target, bool isEntity)
    {
        bool isOwn = _settings.OwnAuthorities.Contains(authority);
        if (_settings.IdmAuthorities.Contains(authority) || (isOwn && target.Path == Discovery))
        {
            throw new ProxyException(ProxyError.IdmServerIsDirect);
        }

        if (!_byAuthority.TryGetValue(authority, out Entry[]? entries))
        {
            throw new ProxyException(isOwn ? ProxyError.PathNotServed : ProxyError.HostNotServed);
        }

        Lane? lane = entries.Where(entry => target.IsBelow(entry.Prefix))
            .Select(entry => isEntity ? entry.Entity : entry.Ue).FirstOrDefault();
        return lane is { IsOpen: true } ? lane : throw new ProxyException(ProxyError.PathNotServed);
    }

    private sealed record Entry(string Prefix, Lane Ue, Lane Entity);
}
