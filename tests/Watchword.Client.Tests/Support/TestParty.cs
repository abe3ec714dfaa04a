using Watchword.Identity;
using Watchword.KeyManagement;

namespace Watchword.Client.Tests.Support;

/// <summary>A keyed profile, of a user or of a network entity, whose exchange trusts the servers of the tests.</summary>
public sealed class TestParty : IDisposable
{
    public const string GroupServer = "sip:gms@lab.example";
    public const string McxServer = "sip:mcx@lab.example";

    private readonly TestProfile _profile;
    private readonly string _directory;
    private readonly TestDomain _domain;

    private TestParty(TestProfile profile, string directory, KeyStore store, string uri, TestDomain domain)
    {
        (_profile, _directory, _domain, Uri, Store) = (profile, directory, domain, uri, store);
    }

    public string Uri { get; }

    public KeyStore Store { get; private set; }

    public ServiceKeyExchange Keys => With(o => o);

    /// <summary>A user under his MCPTT ID, or an entity under its URI, keyed for the current period.</summary>
    public static async Task<TestParty> CreateAsync(
        TestProfile profile, string uri, bool isEntity = false, TestDomain? domain = null, KeyStoreOptions? options = null)
    {
        domain ??= TestDomain.Home;
        string directory = Path.Combine(profile.Directory, uri.Replace(':', '_'));
        KeyStore store = await KeyStore.CreateAsync(directory, profile.Unlock, profile.Time, options);
        Dictionary<McService, string> ids = isEntity ? [] : new() { [McService.Mcptt] = uri };
        store.KeepEntity(new ClientIdentity(TestIdm.Issuer, uri, TestIdm.ClientId, ids, isEntity ? uri : null));
        _ = store.KeepRootCertificate(domain.Certificate);
        TestParty party = new(profile, directory, store, uri, domain);
        party.Provision();
        return party;
    }

    public ServiceKeyExchange With(Func<ServiceKeyExchangeOptions, ServiceKeyExchangeOptions> bend) => new(
        Store, _profile.Time, bend(new ServiceKeyExchangeOptions { GroupManagementServers = [GroupServer], McxServers = [McxServer] }));

    /// <summary>Fetches the key set of the current period.</summary>
    public void Provision()
    {
        DateTimeOffset now = _profile.Time.GetUtcNow();
        KeyPeriod period = _domain.Certificate.PeriodAt(now);
        using KmsKeySet keySet = _domain.Issue(Uri, period.Number);
        Store.KeepKeySets([StoredKeySet.From(keySet, period, Store.Root!, now)]);
    }

    /// <summary>Closes the store and opens it again, as a process that starts anew.</summary>
    public async Task RestartAsync(KeyStoreOptions? options = null)
    {
        Store.Dispose();
        Store = await KeyStore.OpenAsync(_directory, _profile.Unlock, _profile.Time, options);
    }

    public byte[] ReadFile() => File.ReadAllBytes(Path.Combine(_directory, "keystore.wwks"));

    public void WriteFile(byte[] octets) => File.WriteAllBytes(Path.Combine(_directory, "keystore.wwks"), octets);

    public void Dispose() => Store.Dispose();
}
