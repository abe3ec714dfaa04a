using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.Authorization;
using Watchword.HttpProxy;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers;

namespace Watchword.Lab;

/// <summary>MCX, configuration management and group management server, the HTTP proxy and what stands in for a SIP core, in this process, beside IdM server and KMS.</summary>
internal sealed class LabServices : IAsyncDisposable
{
    /// <summary>The host of public user identities.</summary>
    public const string ImsDomain = "ims." + LabDomain.IdentityDomain;

    private const string McxHost = "mcx." + LabDomain.IdentityDomain;
    private const string McxEntity = "mcx-server";
    private const string GmsEntity = "group-management-server";

    /// <summary>The PSI at which configuration documents are subscribed to.</summary>
    public const string CmsUri = "sip:cms@" + LabDomain.IdentityDomain;

    /// <summary>Who writes configuration documents, and groups of the organisation.</summary>
    public const string ProvisioningUri = "sip:provisioning@" + LabDomain.IdentityDomain;

    private readonly WebApplication _proxy;

    private LabServices(WebApplication services, WebApplication proxy, LabSipCore core, X509Certificate2 provisioning)
    {
        Application = services;
        Provisioning = provisioning;
        _proxy = proxy;
        Core = core;
    }

    /// <summary>The three services.</summary>
    public WebApplication Application { get; }

    /// <summary>The client certificate of the system that writes configuration documents.</summary>
    public X509Certificate2 Provisioning { get; }

    /// <summary>Where UEs send SIP.</summary>
    public LabSipCore Core { get; }

    /// <summary>The GMS URI, under which GMKs are signed.</summary>
    public static string GmsUri => LabDomain.Entities[GmsEntity];

    /// <summary>The MDSI, to which CSKs are encrypted.</summary>
    public static string McxDomainUri => LabDomain.Entities[McxEntity];

    /// <summary>The PSI of the participating function of a service.</summary>
    public static string ServerUri(McServiceNames service) => $"sip:{service.Prefix}@{McxHost}";

    /// <summary>How many clients are authorised at the MCX server now.</summary>
    public Task<int> CountBindingsAsync(CancellationToken cancellation) =>
        Application.Services.CountServiceAuthorizationsAsync(cancellation);

    /// <summary>Starts them; <paramref name="servers"/> run already.</summary>
    public static Task<LabServices> StartAsync(
        LabDirectories directories, LabServers servers, LabCertificateAuthority ca, TimeProvider time, CancellationToken cancellation) =>
        StartAsync(directories, servers, ca, time, more: null, cancellation);

    /// <summary>The same with settings that add to the lab's, or take their place.</summary>
    public static async Task<LabServices> StartAsync(
        LabDirectories directories, LabServers servers, LabCertificateAuthority ca, TimeProvider time,
        IReadOnlyDictionary<string, string?>? more, CancellationToken cancellation)
    {
        X509Certificate2 provisioning = ca.CreateEntityCertificate("provisioning");
        Dictionary<string, string?> settings = Settings(directories, servers.Ports, ca);
        settings["Services:AssertedIdentity:Peers:0:Thumbprint"] = provisioning.GetCertHashString(HashAlgorithmName.SHA256);
        WebApplication application = ServicesApplication.Create([], builder => LabServers.Configure(builder, settings, time, more, servers.Log));
        WebApplication? proxy = null;
        LabSipCore? core = null;
        try
        {
            core = await LabSipCore.StartAsync(servers.Ports, time, cancellation);
            await application.StartAsync(cancellation);
            proxy = ProxyApplication.Create([], builder => LabServers.Configure(builder, ProxySettings(servers.Ports, ca), time, more, servers.Log));
            await proxy.StartAsync(cancellation);
            await servers.WaitForEventsAsync(application, cancellation);
            return new LabServices(application, proxy, core, provisioning);
        }
        catch
        {
            await (proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
            await application.DisposeAsync();
            await (core?.DisposeAsync() ?? ValueTask.CompletedTask);
            provisioning.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _proxy.StopAsync();
        await _proxy.DisposeAsync();
        await Application.StopAsync();
        await Application.DisposeAsync();
        await Core.DisposeAsync();
        Provisioning.Dispose();
    }

    private static Dictionary<string, string?> Settings(LabDirectories directories, LabPorts ports, LabCertificateAuthority ca)
    {
        if (!File.Exists(directories.CskKey))
        {
            LabFiles.WriteSecret(directories.CskKey, RandomNumberGenerator.GetBytes(32));
        }

        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Services:DataDirectory"] = directories.Services,
            ["Services:Listen:0"] = ports.ServicesUrl,
            ["Services:Tls:CertificateFile"] = ca.ServerFile,
            ["Services:Tls:KeyFile"] = ca.ServerKeyFile,
            ["Services:Mcx:Enabled"] = "true",
            ["Services:Mcx:Audience"] = LabDomain.AudienceOf(McResource.Service),
            ["Services:Mcx:WarnHost"] = McxHost,
            ["Services:Mcx:CskKeyFile"] = directories.CskKey,
            ["Services:AssertedIdentity:Listen:0"] = ports.ServicesEntitiesUrl,
            ["Services:AssertedIdentity:Peers:0:EntityUris:0"] = ProvisioningUri,
            ["Services:Configuration:Enabled"] = "true",
            ["Services:Configuration:Audience"] = LabDomain.AudienceOf(McResource.ConfigurationManagement),
            ["Services:Configuration:XcapRoot"] = ports.ConfigurationRoot,
            ["Services:Configuration:Administrators:0"] = ProvisioningUri,
            ["Services:Configuration:SubscriptionUri"] = CmsUri,
            ["Services:Groups:Enabled"] = "true",
            ["Services:Groups:Audience"] = LabDomain.AudienceOf(McResource.GroupManagement),
            ["Services:Groups:XcapRoot"] = ports.GroupsRoot,
            ["Services:Groups:Administrators:0"] = ProvisioningUri,
            ["Services:Groups:SubscriptionUri"] = GmsUri,
            ["Services:Sip:Listen:0"] = SipUrl(ports.McxSip),
            ["Services:Sip:Peers:0:Name"] = "lab-core",
            ["Services:Sip:Peers:0:Networks:0"] = "127.0.0.1/32",
            ["Services:Sip:Core"] = SipUrl(ports.SipCore),
            ["Authorization:Audience"] = LabDomain.AudienceOf(McResource.Service),
            ["Authorization:Issuers:0:Issuer"] = ports.IdmUrl,
            ["Authorization:Issuers:0:MetadataAddress"] = ports.IdmUrl + "/.well-known/openid-configuration",
            ["Authorization:Issuers:0:CaFile"] = ca.CaFile,
            ["Authorization:Issuers:0:IdentityDomains:0"] = LabDomain.IdentityDomain,
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = nameof(SilencePolicy.Refuse),
        };
        AddIdentity(settings, "Services:Mcx:Identities:0:", McxEntity, directories.McxStoreKey, directories, ports, ca);
        AddIdentity(settings, "Services:Groups:Identity:", GmsEntity, directories.GmsStoreKey, directories, ports, ca);
        foreach (McServiceNames service in McServiceNames.All)
        {
            string section = $"Services:Mcx:Services:{(int)service.Kind}:";
            settings[section + "Service"] = service.Name;
            settings[section + "Psis:0"] = ServerUri(service);
        }

        return settings;
    }

    /// <summary>How a server is a KM client.</summary>
    private static void AddIdentity(
        Dictionary<string, string?> settings, string section, string entity, string storeKey, LabDirectories directories, LabPorts ports,
        LabCertificateAuthority ca)
    {
        settings[section + "Uri"] = LabDomain.Entities[entity];
        settings[section + "Idm"] = ports.IdmUrl;
        settings[section + "ClientId"] = entity;
        settings[section + "CredentialFile"] = directories.EntityKey(entity);
        settings[section + "Kms"] = ports.KmsUrl;
        settings[section + "KmsUri"] = LabDomain.KmsUri;
        settings[section + "CaFile"] = ca.CaFile;
        settings[section + "StoreDirectory"] = Path.Combine(directories.Services, entity);
        settings[section + "StoreKeyFile"] = storeKey;
    }

    private static Dictionary<string, string?> ProxySettings(LabPorts ports, LabCertificateAuthority ca) => new(StringComparer.Ordinal)
    {
        ["Proxy:Listen:0"] = ports.ProxyUrl,
        ["Proxy:Tls:CertificateFile"] = ca.ServerFile,
        ["Proxy:Tls:KeyFile"] = ca.ServerKeyFile,
        ["Proxy:PublicUrls:0"] = ports.ProxyUrl,
        // UEs ask for the KMS by its own URL, over their connection to the proxy.
        ["Proxy:PublicUrls:1"] = ports.KmsUrl,
        ["Proxy:IdmUrls:0"] = ports.IdmUrl,
        ["Proxy:Servers:0:Name"] = "kms",
        ["Proxy:Servers:0:PathPrefixes:0"] = "/keymanagement",
        ["Proxy:Servers:0:Destinations:0"] = ports.KmsUrl,
        ["Proxy:Servers:0:Trust:CaFile"] = ca.CaFile,
        ["Proxy:PublicUrls:2"] = ports.ServicesUrl,
        ["Proxy:Servers:1:Name"] = "services",
        ["Proxy:Servers:1:PathPrefixes:0"] = "/cms",
        ["Proxy:Servers:1:PathPrefixes:1"] = "/gms",
        ["Proxy:Servers:1:Destinations:0"] = ports.ServicesUrl,
        ["Proxy:Servers:1:Trust:CaFile"] = ca.CaFile,
    };

    private static string SipUrl(int port) => string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{port}");
}
