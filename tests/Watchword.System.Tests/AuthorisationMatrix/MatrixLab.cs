using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Idm.Server.Keys;
using Watchword.Lab;
using Watchword.McServices.Configuration;
using Watchword.Sip;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>
/// One lab for the whole matrix: IdM server, KMS, the three services and the HTTP proxy on loopback, each with a listener for
/// network entities, and a SIP core, which is the services' one peer.
/// </summary>
public sealed class MatrixLab : IAsyncLifetime
{
    /// <summary>A partner IdM server, which nobody asks.</summary>
    private const string Partner = "https://idm.partner.example";
    private const string Loopback = "127.0.0.1";

    /// <summary>Subscriptions whose subscriber is to be told something, or is being told.</summary>
    private const string Owed = """
        SELECT COUNT(*) FROM subscriptions s
        WHERE IsOwed OR EndReason IS NOT NULL OR BusyUntil > unixepoch('subsec') * 1000 OR EXISTS (
            SELECT * FROM subscription_resources r WHERE r.SubscriptionId = s.Id AND r.SeenETag IS NOT (
                SELECT ETag FROM xcap_documents d WHERE d.Auid = r.Auid AND d.Xui = r.Xui AND d.Name = r.Name))
        """;

    /// <summary>The public service identities that SUBSCRIBE is sent to.</summary>
    internal const string CmsUri = "sip:cms@services.lab.example";

    /// <inheritdoc cref="CmsUri"/>
    internal const string GmsUri = "sip:gms@services.lab.example";

    private readonly LabDirectories _directories = new(TemporaryDirectory.Create());
    private readonly List<IDisposable> _owned = [];
    private readonly Dictionary<(X509Certificate2? Certificate, string? Proxy), HttpClient> _clients = [];
    private RunningDomain? _domain;
    private SipStack? _core;
    private int _entities;

    internal LabDescription Description { get; private set; } = null!;

    internal LabPorts Ports { get; private set; }

    /// <summary>The listener of the KMS for network entities.</summary>
    internal string KmsEntitiesUrl => $"https://localhost:{_entities}";

    /// <summary>The listener of the proxy for them.</summary>
    internal string ProxyEntitiesUrl => $"https://localhost:{_entities + 1}";

    /// <summary>May assert <see cref="Entity"/> and <see cref="LabServices.ProvisioningUri"/>, everywhere.</summary>
    internal X509Certificate2 Peer { get; private set; } = null!;

    /// <summary>Is known everywhere, and may assert an identity that nobody asks for.</summary>
    internal X509Certificate2 OtherPeer { get; private set; } = null!;

    /// <summary>The network entity that the KMS keys: none that it keys by a token.</summary>
    internal const string Entity = "sip:gateway@" + LabDomain.IdentityDomain;

    internal TlsTrust Trust { get; private set; } = null!;

    internal TokenForge Forge { get; private set; } = null!;

    /// <summary>What the KMS has stored.</summary>
    internal ServerState Kms { get; private set; } = null!;

    /// <summary>What the services have stored.</summary>
    internal ServerState Services { get; private set; } = null!;

    internal SipStack Core => _core!;

    internal SipDestination ServicesSip => new(SipTransport.Tcp, Loopback, Ports.McxSip);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(_directories.Root, TimeProvider.System);
        Ports = LabPorts.FindFree();
        do
        {
            _entities = LabPorts.FindFree().Idm;
        }
        while (Math.Abs(_entities - Ports.Idm) < 16);

        Peer = Own(ca.CreateEntityCertificate("peer"));
        OtherPeer = Own(ca.CreateEntityCertificate("other-peer"));
        Trust = Own(TlsTrust.FromCaFile(ca.CaFile));
        _core = await StartCoreAsync();
        IReadOnlyDictionary<string, string?> settings = Settings(ca);
        Description = await new LabSetup(_directories, ca, TimeProvider.System).PrepareAsync(Ports, before: null, Cancel);
        _domain = await RunningDomain.StartAsync(
            LabSite.Home(_directories, Ports, ca, TimeProvider.System) with { More = settings }, Description, Cancel);
        Kms = Own(ServerState.Open("kms", _directories.KmsDatabase));
        Services = Own(ServerState.Open("services", Directory.EnumerateFiles(_directories.Services, "*.db").Single()));
        Forge = new TokenForge(
            SigningOf(_domain.Servers), await IssuedTokens.GetAsync(Description, LabDomain.Dispatcher, Trust, Partner, Cancel));
        await UntilAsync(AreEntitiesKeyed, "the services' own keys do not come");
    }

    public async ValueTask DisposeAsync()
    {
        _owned.ForEach(owned => owned.Dispose());
        await (_domain?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_core?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_directories.Root, recursive: true);
    }

    /// <summary>The client that shows this certificate or none, to the server itself or to a proxy; the lab's own.</summary>
    internal HttpClient ClientOf(X509Certificate2? certificate, string? proxy = null)
    {
        if (!_clients.TryGetValue((certificate, proxy), out HttpClient? client))
        {
            _clients[(certificate, proxy)] = client = Own(CreateClient(certificate, proxy));
        }

        return client;
    }

    private HttpClient CreateClient(X509Certificate2? certificate, string? proxy)
    {
        SocketsHttpHandler handler = proxy is null
            ? Trust.CreateHandler()
            : Trust.CreateHandler(new HomeHttpProxy { Url = proxy, ClientCertificate = certificate });
        if (certificate is not null && proxy is null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        return new HttpClient(handler);
    }

    /// <summary>Writes a document as the provisioning system does.</summary>
    internal async Task WriteAsync(
        string root, string path, byte[] content, ApplicationUsage usage, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, Ports.ServicesEntitiesUrl + root + path);
        request.Headers.Add(AssertedIdentityHeader.Name, $"\"{LabServices.ProvisioningUri}\"");
        request.Content = new ByteArrayContent(content);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(usage.MediaType);
        using HttpResponseMessage response = await ClientOf(Peer).SendAsync(request, cancellation);
        string answer = await response.Content.ReadAsStringAsync(cancellation);
        response.IsSuccessStatusCode.ShouldBeTrue($"{(int)response.StatusCode} {answer}");
    }

    /// <summary>Keeps something until the lab ends.</summary>
    internal T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>Waits until nothing is left to do that an accepted request has set off.</summary>
    internal Task SettleAsync() => UntilAsync(IsSettled, "work of the services does not end");

    private static async Task UntilAsync(Func<bool> condition, string complaint)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromMinutes(1), complaint);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }
    }

    /// <summary>The key that signs the tokens of the running IdM server.</summary>
    private static Microsoft.IdentityModel.Tokens.SigningCredentials SigningOf(LabServers servers) =>
        servers.Idm.Services.GetRequiredService<SigningKeyRing>().Active.Es256;

    private bool AreEntitiesKeyed() => Kms.Count(
        "SELECT COUNT(DISTINCT UserUri) FROM Issuance "
        + $"WHERE UserUri IN ('{LabServices.McxDomainUri}', '{LabServices.GmsUri}')") == 2;

    private bool IsSettled() =>
        Services.Count("SELECT COUNT(*) FROM groups WHERE KeysDue OR RenewalAsked") == 0
        && Services.Count("SELECT COUNT(*) FROM mcx_bindings WHERE AffiliationDueAt IS NOT NULL") == 0
        && Services.Count(Owed) == 0
        && Services.Count("SELECT COUNT(*) FROM mcx_settings_subscriptions WHERE DueAt IS NOT NULL") == 0
        && Services.Count("SELECT COUNT(*) FROM mcx_key_downloads") == 0;

    /// <summary>A SIP core: takes what the services send to users.</summary>
    private static async Task<SipStack> StartCoreAsync()
    {
        SipStack core = new(new SipStackOptions
        {
            Listeners = [new SipListener(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, 0))],
            Peers = new SipPeers([new SipPeer("services") { Networks = [IPNetwork.Parse(Loopback + "/32")] }]),
        });
        foreach (string method in (string[])[SipMethods.Message, SipMethods.Notify])
        {
            core.Map(method, (request, _) => Task.FromResult(request.CreateResponse(200)));
        }

        await core.StartAsync(Cancel);
        return core;
    }

    /// <summary>
    /// What the lab has not by itself: listeners for entities everywhere, and users who write profiles and subscribe.
    /// </summary>
    private Dictionary<string, string?> Settings(LabCertificateAuthority ca)
    {
        string certificate = Path.Combine(_directories.Root, "proxy-client.pem");
        string key = Path.Combine(_directories.Root, "proxy-client.key");
        File.WriteAllText(certificate, Peer.ExportCertificatePem());
        using (ECDsa own = Peer.GetECDsaPrivateKey()!)
        {
            LabFiles.WriteSecret(key, own.ExportPkcs8PrivateKeyPem());
        }

        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Idm:PartnerServers:0:Resource"] = Partner,
            ["Idm:PartnerServers:0:Services:0"] = "mcptt",
            ["Kms:RequestsPerMinute"] = "0",
            ["Kms:AssertedIdentity:Listen:0"] = KmsEntitiesUrl,
            ["Kms:Domains:0:PublicBaseUrls:1"] = KmsEntitiesUrl,
            ["Services:Configuration:UsersMayWrite:0"] = "org.3gpp.mcptt.user-profile",
            ["Services:Configuration:SubscriptionUri"] = CmsUri,
            ["Services:Groups:SubscriptionUri"] = GmsUri,
            ["Services:Groups:Administrators:0"] = LabServices.ProvisioningUri,
            ["Services:Groups:KeysBySip"] = "false",
            ["Services:Sip:Core"] = $"tcp://{Loopback}:{_core!.Listeners[0].EndPoint.Port}",
            ["Proxy:AssertedIdentity:Listen:0"] = ProxyEntitiesUrl,
            ["Proxy:PublicUrls:3"] = ProxyEntitiesUrl,
            ["Proxy:ClientCertificate:CertificateFile"] = certificate,
            ["Proxy:ClientCertificate:KeyFile"] = key,
            ["Proxy:Servers:0:EntityDestinations:0"] = KmsEntitiesUrl,
            ["Proxy:Servers:1:EntityDestinations:0"] = Ports.ServicesEntitiesUrl,
            ["Proxy:Limits:RequestsPerMinute"] = "0",
            // The matrix provokes them.
            ["Logging:LogLevel:Watchword.Kms.Server.Http"] = "Error",
        };
        foreach (string server in (string[])["Kms", "Services", "Proxy"])
        {
            // The lab has a peer of its own at the services in the first place.
            int first = server == "Services" ? 1 : 0;
            AddPeer($"{server}:AssertedIdentity:Peers:{first}:", Peer, Entity, LabServices.ProvisioningUri);
            AddPeer($"{server}:AssertedIdentity:Peers:{first + 1}:", OtherPeer, "sip:other@lab.example");
        }

        return settings;

        void AddPeer(string section, X509Certificate2 peer, params string[] uris)
        {
            settings[section + "Thumbprint"] = peer.GetCertHashString(HashAlgorithmName.SHA256);
            foreach ((int index, string uri) in uris.Index())
            {
                settings[$"{section}EntityUris:{index}"] = uri;
            }
        }
    }
}
