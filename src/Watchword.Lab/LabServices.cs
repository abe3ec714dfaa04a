using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.HttpProxy;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers;

namespace Watchword.Lab;

/// <summary>MCX, configuration management and group management server, the HTTP proxy and what stands in for a SIP core, in this process, beside IdM server and KMS.</summary>
internal sealed class LabServices : IAsyncDisposable
{
    /// <summary>The host of public user identities of the home domain.</summary>
    public const string ImsDomain = "ims." + LabDomain.IdentityDomain;

    /// <summary>Who writes configuration documents, and groups of the organisation, of the home domain.</summary>
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

    /// <summary>The GMS URI of the home domain.</summary>
    public static string GmsUri => LabDomain.Home.GmsUri;

    /// <summary>The PSI at which configuration documents of the home domain are subscribed to.</summary>
    public static string CmsUri => LabDomain.Home.CmsUri;

    /// <summary>The MDSI of the home domain.</summary>
    public static string McxDomainUri => LabDomain.Home.McxDomainUri;

    /// <summary>The PSI of the participating function of a service in the home domain.</summary>
    public static string ServerUri(McServiceNames service) => LabDomain.Home.ServerUri(service);

    /// <summary>How many clients are authorised at the MCX server now.</summary>
    public Task<int> CountBindingsAsync(CancellationToken cancellation) =>
        Application.Services.CountServiceAuthorizationsAsync(cancellation);

    /// <summary>Starts them; <paramref name="servers"/>, of the same domain, run already.</summary>
    public static async Task<LabServices> StartAsync(LabServers servers, CancellationToken cancellation)
    {
        LabSite site = servers.Site;
        X509Certificate2 provisioning = site.Ca.CreateEntityCertificate("provisioning");
        Dictionary<string, string?> settings = Settings(site);
        settings["Services:AssertedIdentity:Peers:0:Thumbprint"] = provisioning.GetCertHashString(HashAlgorithmName.SHA256);
        WebApplication application = ServicesApplication.Create([], builder => LabServers.Configure(builder, settings, site));
        WebApplication? proxy = null;
        LabSipCore? core = null;
        try
        {
            core = await LabSipCore.StartAsync(site, cancellation);
            await application.StartAsync(cancellation);
            proxy = ProxyApplication.Create([], builder => LabServers.Configure(builder, ProxySettings(site), site));
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

    private static Dictionary<string, string?> Settings(LabSite site)
    {
        (LabNames names, LabDirectories directories, LabPorts ports) = (site.Names, site.Directories, site.Ports);
        if (!File.Exists(directories.CskKey))
        {
            LabFiles.WriteSecret(directories.CskKey, RandomNumberGenerator.GetBytes(32));
        }

        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Services:DataDirectory"] = directories.Services,
            ["Services:Listen:0"] = ports.ServicesUrl,
            ["Services:Tls:CertificateFile"] = site.Ca.ServerFile,
            ["Services:Tls:KeyFile"] = site.Ca.ServerKeyFile,
            ["Services:Mcx:Enabled"] = "true",
            ["Services:Mcx:Audience"] = names.AudienceOf(McResource.Service),
            ["Services:Mcx:WarnHost"] = names.McxHost,
            ["Services:Mcx:CskKeyFile"] = directories.CskKey,
            ["Services:AssertedIdentity:Listen:0"] = ports.ServicesEntitiesUrl,
            ["Services:AssertedIdentity:Peers:0:EntityUris:0"] = names.ProvisioningUri,
            ["Services:Configuration:Enabled"] = "true",
            ["Services:Configuration:Audience"] = names.AudienceOf(McResource.ConfigurationManagement),
            ["Services:Configuration:XcapRoot"] = ports.ConfigurationRoot,
            ["Services:Configuration:Administrators:0"] = names.ProvisioningUri,
            ["Services:Configuration:SubscriptionUri"] = names.CmsUri,
            ["Services:Groups:Enabled"] = "true",
            ["Services:Groups:Audience"] = names.AudienceOf(McResource.GroupManagement),
            ["Services:Groups:XcapRoot"] = ports.GroupsRoot,
            ["Services:Groups:Administrators:0"] = names.ProvisioningUri,
            ["Services:Groups:SubscriptionUri"] = names.GmsUri,
            ["Services:Sip:Listen:0"] = SipUrl(ports.McxSip),
            ["Services:Sip:Peers:0:Name"] = "lab-core",
            ["Services:Sip:Peers:0:Networks:0"] = "127.0.0.1/32",
            ["Services:Sip:Core"] = SipUrl(ports.SipCore),
            ["Authorization:Audience"] = names.AudienceOf(McResource.Service),
        };
        LabServers.TrustIssuer(settings, site);
        AddIdentity(settings, "Services:Mcx:Identities:0:", LabNames.McxEntity, directories.McxStoreKey, site);
        AddIdentity(settings, "Services:Groups:Identity:", LabNames.GmsEntity, directories.GmsStoreKey, site);
        foreach (McServiceNames service in McServiceNames.All)
        {
            string section = $"Services:Mcx:Services:{(int)service.Kind}:";
            settings[section + "Service"] = service.Name;
            settings[section + "Psis:0"] = names.ServerUri(service);
        }

        return settings;
    }

    /// <summary>How a server is a KM client.</summary>
    private static void AddIdentity(
        Dictionary<string, string?> settings, string section, string entity, string storeKey, LabSite site)
    {
        settings[section + "Uri"] = site.Names.Entities[entity];
        settings[section + "Idm"] = site.Ports.IdmUrl;
        settings[section + "ClientId"] = entity;
        settings[section + "CredentialFile"] = site.Directories.EntityKey(entity);
        settings[section + "Kms"] = site.Ports.KmsUrl;
        settings[section + "KmsUri"] = site.Names.KmsUri;
        settings[section + "CaFile"] = site.Ca.CaFile;
        settings[section + "StoreDirectory"] = Path.Combine(site.Directories.Services, entity);
        settings[section + "StoreKeyFile"] = storeKey;
    }

    private static Dictionary<string, string?> ProxySettings(LabSite site)
    {
        LabPorts ports = site.Ports;
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Proxy:Listen:0"] = ports.ProxyUrl,
            ["Proxy:Tls:CertificateFile"] = site.Ca.ServerFile,
            ["Proxy:Tls:KeyFile"] = site.Ca.ServerKeyFile,
            ["Proxy:IdmUrls:0"] = ports.IdmUrl,
            ["Proxy:Servers:0:Name"] = "kms",
            ["Proxy:Servers:0:PathPrefixes:0"] = "/keymanagement",
            ["Proxy:Servers:0:Destinations:0"] = ports.KmsUrl,
            ["Proxy:Servers:0:Trust:CaFile"] = site.Ca.CaFile,
            ["Proxy:Servers:1:Name"] = "services",
            ["Proxy:Servers:1:PathPrefixes:0"] = "/cms",
            ["Proxy:Servers:1:PathPrefixes:1"] = "/gms",
            ["Proxy:Servers:1:Destinations:0"] = ports.ServicesUrl,
            ["Proxy:Servers:1:Trust:CaFile"] = site.Ca.CaFile,
        };
        // UEs ask for the servers by their own URLs, over their connection to the proxy.
        LabServers.Number(settings, "Proxy:PublicUrls", [ports.ProxyUrl, ports.KmsUrl, ports.ServicesUrl]);
        foreach ((int index, LabPeer partner) in site.Partners.Index())
        {
            string section = $"Proxy:Partners:{index}:";
            settings[section + "Name"] = partner.Names.Name;
            // By the Request-URI to the partner's own proxy (TS 24.482 A.2.2), which knows its servers; its IdM server is asked directly.
            LabServers.Number(settings, section + "PublicUrls", [partner.Ports.KmsUrl, partner.Ports.ServicesUrl]);
            settings[section + "Destinations:0"] = partner.Ports.ProxyUrl;
            settings[section + "Trust:CaFile"] = site.Ca.CaFile;
            settings["Proxy:IdmUrls:" + (index + 1).ToString(CultureInfo.InvariantCulture)] = partner.Ports.IdmUrl;
        }

        return settings;
    }

    private static string SipUrl(int port) => string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{port}");
}
