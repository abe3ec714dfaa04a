using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Watchword.Authorization;
using Watchword.Client.Tests.Support;
using Watchword.Hosting;
using Watchword.KeyManagement;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Keys;
using Watchword.ResourceServers.Mcx;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Downloads;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Sip;
using Watchword.ResourceServers.Storage;
using Watchword.Sip;
using Watchword.Sip.Tests;

namespace Watchword.ResourceServers.Tests.Mcx.Support;

/// <summary>
/// An MCX server in this process: real sockets, a real database, the real validation of tokens, keys of a domain that is made
/// here. Its clock stands still.
/// </summary>
internal sealed class McxHost : IAsyncDisposable
{
    public const string Mdsi = "sip:mdsi@lab.example";
    public const string OtherIdentity = "sip:participating@lab.example";
    /// <summary>An IdM server that is trusted, and whose keys cannot be had.</summary>
    public const string UnreachableIssuer = "https://idm.unreachable.example";

    public const string WarnHost = "mcx.lab.example";

    private readonly List<IDisposable> _owned = [];
    private readonly Action<McxOptions> _bend;
    private readonly SipDestination? _core;
    private readonly bool _hostsProfiles;
    private readonly X509Certificate2 _coreCertificate = Stacks.Certificate("core");
    private readonly SslStreamCertificateContext _certificate = Stacks.Context(Stacks.Certificate("mcx"));
    private IHost? _host;

    private McxHost(
        TestProfile profile, TestTokens tokens, string database, Action<McxOptions> bend, SipDestination? core, bool hostsProfiles)
    {
        (Profile, Tokens, Database, _bend, _core, _hostsProfiles) = (profile, tokens, database, bend, core, hostsProfiles);
    }

    public TestProfile Profile { get; }

    public TestTokens Tokens { get; }

    public string Database { get; }

    public FakeTimeProvider Time => Profile.Time;

    public DateTimeOffset Now => Time.GetUtcNow();

    public IServiceProvider Services => _host!.Services;

    public BindingUpkeep Upkeep => Services.GetServices<IHostedService>().OfType<BindingUpkeep>().Single();

    public DownloadWork Downloads => Services.GetServices<IHostedService>().OfType<DownloadWork>().Single();

    public IPEndPoint Of(SipTransport transport) =>
        Services.GetRequiredService<SipHost>().Listeners.Single(l => l.Transport == transport).EndPoint;

    /// <summary>Certificate and key of the SIP core, for another process.</summary>
    public string CoreCertificate()
    {
        string path = Path.Combine(Profile.Directory, "core.pem");
        File.WriteAllText(
            path, _coreCertificate.ExportCertificatePem() + "\n" + _coreCertificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return path;
    }

    public static string Psi(McServiceNames names) => $"sip:{names.Prefix}@mcx.lab.example";

    /// <summary>A server on SQLite, or on the database of a connection string.</summary>
    public static async Task<McxHost> StartAsync(
        Action<McxOptions>? bend = null, string? database = null, SipDestination? core = null, bool isKeyed = true,
        bool hostsProfiles = false)
    {
        TestProfile profile = new();
        TestTokens tokens = new();
        McxHost host = new(
            profile, tokens, database ?? $"Data Source={Path.Combine(profile.Directory, "services.db")}", bend ?? (_ => { }),
                core, hostsProfiles);
        host._owned.AddRange([tokens, profile]);
        tokens.WriteJwks(Path.Combine(profile.Directory, "jwks.json"));
        foreach (string uri in isKeyed ? (string[])[Mdsi, OtherIdentity] : [])
        {
            (await TestParty.CreateAsync(profile, uri, isEntity: true)).Dispose();
        }

        await using (DbContext context = McxTestContext.Create(host.Database))
        {
            _ = await context.Database.EnsureCreatedAsync();
        }

        await host.StartHostAsync();
        return host;
    }

    /// <summary>Ends the process, as far as the server is concerned, and starts another on the same files.</summary>
    public async Task RestartAsync()
    {
        await StopHostAsync();
        await StartHostAsync();
    }

    /// <summary>As if the KMS had sent the certificate of a partner domain.</summary>
    public void KeepPartner(KmsCertificate certificate) => McxRegistration.Ring(Services).Primary.Store!
        .KeepPartnerCertificates(
            [
                new KmsCertificate
                {
                    KmsUri = certificate.KmsUri,
                    Schedule = certificate.Schedule,
                    PublicEncryptionKey = certificate.PublicEncryptionKey,
                    PublicAuthenticationKey = certificate.PublicAuthenticationKey,
                    Role = KmsCertificateRole.External,
                },
            ],
            1, isComplete: true);

    public async Task<T> ReadAsync<T>(Func<DbContext, Task<T>> read)
    {
        await using DbContext context = McxTestContext.Create(Database);
        return await read(context);
    }

    public Task<List<BindingRow>> BindingsAsync() => ReadAsync(context => context.Set<BindingRow>().AsNoTracking().ToListAsync());

    /// <summary>Puts a user profile where the configuration management server would.</summary>
    public async Task PutProfileAsync(UserProfile profile)
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, profile.Service.Kind);
        string name = usage.ProfileName(profile.Index);
        await using DbContext context = McxTestContext.Create(Database);
        _ = await context.Set<XcapDocumentRow>().Where(row => row.Xui == profile.XuiUri && row.Name == name).ExecuteDeleteAsync();
        context.Add(new XcapDocumentRow
        {
            Auid = usage.Auid, Xui = profile.XuiUri, Name = name, ETag = "1", Content = profile.Write(), ChangedAt = Now,
        });
        _ = await context.SaveChangesAsync();
    }

    /// <summary>The groups of a client, of bindings that stand, without the end of their names.</summary>
    public async Task<string[]> GroupsAsync(McServiceNames names, string serviceId, string clientId) =>
        [.. (await ReadAsync(context => GroupAffiliations.OfUserAsync(
            context, names.Kind, serviceId, Now, TestContext.Current.CancellationToken)))
            .Where(row => row.ClientId == clientId).Select(row => row.GroupId).Order()];

    /// <summary>Waits until nothing is to be looked up any more.</summary>
    public async Task UntilAffiliatedAsync()
    {
        for (int i = 0; (await BindingsAsync()).Exists(row => row.AffiliationDueAt is not null && row.ExpiresAt > Now); i++)
        {
            i.ShouldBeLessThan(3000, "groups are not looked up");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopHostAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _owned.ForEach(owned => owned.Dispose());
    }

    private async Task StopHostAsync()
    {
        if (_host is { } host)
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
            _host = null;
        }
    }

    private async Task StartHostAsync()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Authorization:Audience"] = "https://other.mc.example",
            ["Authorization:Issuers:0:Issuer"] = TestTokens.Issuer,
            ["Authorization:Issuers:0:JwksFile"] = Path.Combine(Profile.Directory, "jwks.json"),
            ["Authorization:Issuers:0:IdentityDomains:0"] = TestTokens.Domain,
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = "Off",
            ["Authorization:Issuers:1:Issuer"] = UnreachableIssuer,
            ["Authorization:Issuers:1:JwksUri"] = "https://127.0.0.1:9/jwks",
            ["Authorization:Issuers:1:IdentityDomains:0"] = TestTokens.Domain,
            ["Authorization:Issuers:1:SecurityEvents:Policy"] = "Off",
        });
        IServiceCollection services = builder.Services;
        services.AddSingleton<TimeProvider>(Time);
        services.AddLogging();
        services.AddWatchwordAuthorization(builder.Configuration.GetSection("Authorization"));
        services.AddSingleton(new ServicesTransactions(() => McxTestContext.Create(Database)));
        services.AddSingleton<Func<HttpMessageHandler>>(() => new Unreachable());
        ConfigurationFaults faults = new();
        services.AddMcx(McxSettings.Check(Options(), faults) with { HostsProfiles = _hostsProfiles });
        faults.Any.ShouldBeFalse(faults.Describe());
        services.AddSip(new SipSettings(
            [
                new SipListener(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, 0)),
                new SipListener(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, 0)),
                new SipListener(SipTransport.Tls, new IPEndPoint(IPAddress.Loopback, 0)),
            ],
            new SipPeers([new SipPeer("core")
            {
                Networks = [IPNetwork.Parse("127.0.0.1/32")], CertificateSha256 = [Stacks.Fingerprint(_coreCertificate)],
                RequestsPerSecond = 10_000, Burst = 20_000,
            }]),
            _core, null, DropStrangersOnUdp: false), () => _certificate);
        _host = builder.Build();
        await _host.StartAsync();
    }

    private McxOptions Options()
    {
        string sealing = Path.Combine(Profile.Directory, "csk.key");
        string credential = Path.Combine(Profile.Directory, "entity.pem");
        if (!File.Exists(sealing))
        {
            Write(sealing, RandomNumberGenerator.GetBytes(32));
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Write(credential, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        }

        McxOptions options = new()
        {
            Enabled = true,
            Audience = TestTokens.Audience,
            WarnHost = WarnHost,
            CskKeyFile = sealing,
            Services = [.. McServiceNames.All.Select(
                names => new McxServiceOptions { Service = names.Name, Psis = [Psi(names)], MaxClients = 2 })],
            Identities = [.. ((string[])[Mdsi, OtherIdentity]).Select(uri => new EntityKeyOptions
            {
                Uri = uri,
                Idm = "https://idm.unreachable.example",
                Kms = "https://kms.unreachable.example",
                ClientId = "mcx-server",
                CredentialFile = credential,
                StoreDirectory = Path.Combine(Profile.Directory, uri.Replace(':', '_')),
                StoreKeyFile = Path.Combine(Profile.Directory, "unlock.key"),
            })],
        };
        _bend(options);
        return options;
    }

    private static void Write(string path, byte[] content)
    {
        using FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(content);
    }

    /// <summary>Neither IdM server nor KMS answers: what is in the key stores is all there is.</summary>
    private sealed class Unreachable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(HttpRequestError.ConnectionError);
    }
}
