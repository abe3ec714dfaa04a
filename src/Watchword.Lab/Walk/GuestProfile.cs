using Watchword.Client;

namespace Watchword.Lab.Walk;

/// <summary>
/// A user of the home domain as a guest in the other one (TS 33.180 5.1.4): tokens of the partner's IdM server, and, where he is
/// migrated, a profile of its own with the keys of the migration KMS.
/// </summary>
internal sealed class GuestProfile : IDisposable
{
    private readonly TlsTrust _trust;
    private readonly IdmClient _idm;
    private readonly KmClient? _keys;
    private readonly bool _isMigrated;
    private readonly LabSite _abroad;
    private readonly LabSite _homeSite;
    private readonly TimeProvider _time;

    private GuestProfile(WalkProfile home, RunningLab lab, KeyStore? abroad)
    {
        Home = home;
        _homeSite = lab.Home.Site;
        _abroad = lab.Allied.Site;
        _time = _abroad.Time;
        _isMigrated = abroad is not null;
        Store = abroad ?? home.Store;
        _trust = TlsTrust.FromCaFile(_abroad.Ca.CaFile);
        _idm = new IdmClient(new IdmClientOptions { Issuer = _abroad.Ports.IdmUrl, ClientId = LabDomain.ClientId }, _trust, _time);
        Tokens = new TokenCache(home.Tokens, new PartnerDomain(_idm, _abroad.Names.IdmResource), Store);
        _keys = _isMigrated ? KeysOver(ThroughHome) : null;
    }

    /// <summary>Who he is at home.</summary>
    public WalkProfile Home { get; }

    /// <summary>Where the tokens and keys of the other domain are.</summary>
    public KeyStore Store { get; }

    /// <summary>Access tokens of the partner's IdM server.</summary>
    public TokenCache Tokens { get; }

    /// <summary>The migration KMS, asked over the home HTTP proxy.</summary>
    public KmClient Keys => _keys ?? throw new InvalidOperationException("He is not migrated.");

    /// <summary>His own HTTP proxy, whatever server he asks.</summary>
    public HomeHttpProxy ThroughHome => new() { Url = _homeSite.Ports.ProxyUrl };

    /// <summary>One who is keyed by the other domain's KMS too, in a profile of its own below <paramref name="directory"/>.</summary>
    public static async Task<GuestProfile> MigrateAsync(WalkProfile home, RunningLab lab, string directory, CancellationToken cancellation)
    {
        string keyFile = Path.Combine(directory, home.Name + "-abroad.key");
        KeyStoreUnlock.CreateKeyFile(keyFile);
        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(keyFile);
        KeyStore store = await KeyStore.CreateAsync(
            Path.Combine(directory, home.Name + "-abroad"), unlock, lab.Home.Site.Time, cancellationToken: cancellation);
        return new GuestProfile(home, lab, store);
    }

    /// <summary>One who stays keyed by his home KMS alone.</summary>
    public static GuestProfile Stay(WalkProfile home, RunningLab lab) => new(home, lab, null);

    /// <summary>The migration KMS over a proxy; the caller disposes it.</summary>
    public KmClient KeysOver(HomeHttpProxy proxy) =>
        new(new KmClientOptions { KmsUrl = _abroad.Ports.KmsUrl, HttpProxy = proxy }, _trust, Tokens, _time);

    /// <summary>The group management server of the other domain, by its URL over the home HTTP proxy; the caller disposes it.</summary>
    public XcapClient Groups(TokenCache? tokens = null) => new(
        new XcapClientOptions { Root = _abroad.Ports.GroupsRoot, HttpProxy = ThroughHome }, _trust, tokens ?? Tokens, _time);

    /// <summary>Opens what its group management server hands out, with the keys of a profile.</summary>
    public ServiceKeyExchange Exchange(KeyStore? store = null) => new(
        store ?? Store, _time, new ServiceKeyExchangeOptions { GroupManagementServers = [_abroad.Names.GmsUri] });

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys?.Dispose();
        _idm.Dispose();
        _trust.Dispose();
        if (_isMigrated)
        {
            Store.Dispose();
        }
    }
}
