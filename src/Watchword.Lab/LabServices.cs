using System.Globalization;
using System.Security.Cryptography;
using Watchword.Authorization;
using Watchword.HttpProxy;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers;

namespace Watchword.Lab;

/// <summary>The MCX server, the HTTP proxy and what stands in for a SIP core, in this process, beside IdM server and KMS.</summary>
internal sealed class LabServices : IAsyncDisposable
{
    /// <summary>The host of public user identities.</summary>
    public const string ImsDomain = "ims." + LabDomain.IdentityDomain;

    private const string McxHost = "mcx." + LabDomain.IdentityDomain;
    private const string McxEntity = "mcx-server";

    private readonly WebApplication _proxy;

    private LabServices(WebApplication mcx, WebApplication proxy, LabSipCore core)
    {
        Mcx = mcx;
        _proxy = proxy;
        Core = core;
    }

    /// <summary>The MCX server.</summary>
    public WebApplication Mcx { get; }

    /// <summary>Where UEs send SIP.</summary>
    public LabSipCore Core { get; }

    /// <summary>The MDSI, to which CSKs are encrypted.</summary>
    public static string McxDomainUri => LabDomain.Entities[McxEntity];

    /// <summary>The PSI of the participating function of a service.</summary>
    public static string ServerUri(McServiceNames service) => $"sip:{service.Prefix}@{McxHost}";

    /// <summary>How many clients are authorised at the MCX server now.</summary>
    public Task<int> CountBindingsAsync(CancellationToken cancellation) =>
        Mcx.Services.CountServiceAuthorizationsAsync(cancellation);

    /// <summary>Starts them; <paramref name="servers"/> run already.</summary>
    public static async Task<LabServices> StartAsync(
        LabDirectories directories, LabServers servers, LabCertificateAuthority ca, TimeProvider time, CancellationToken cancellation)
    {
        WebApplication mcx = ServicesApplication.Create(
            [], builder => LabServers.Configure(builder, McxSettings(directories, servers.Ports, ca), time));
        WebApplication? proxy = null;
        LabSipCore? core = null;
        try
        {
            core = await LabSipCore.StartAsync(servers.Ports, time, cancellation);
            await mcx.StartAsync(cancellation);
            proxy = ProxyApplication.Create([], builder => LabServers.Configure(builder, ProxySettings(servers.Ports, ca), time));
            await proxy.StartAsync(cancellation);
            await servers.WaitForEventsAsync(mcx, cancellation);
            return new LabServices(mcx, proxy, core);
        }
        catch
        {
            await (proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
            await mcx.DisposeAsync();
            await (core?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _proxy.StopAsync();
        await _proxy.DisposeAsync();
        await Mcx.StopAsync();
        await Mcx.DisposeAsync();
        await Core.DisposeAsync();
    }

    private static Dictionary<string, string?> McxSettings(LabDirectories directories, LabPorts ports, LabCertificateAuthority ca)
    {
        if (!File.Exists(directories.CskKey))
        {
            LabFiles.WriteSecret(directories.CskKey, RandomNumberGenerator.GetBytes(32));
        }

        const string Identity = "Services:Mcx:Identities:0:";
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
            [Identity + "Uri"] = McxDomainUri,
            [Identity + "Idm"] = ports.IdmUrl,
            [Identity + "ClientId"] = McxEntity,
            [Identity + "CredentialFile"] = directories.EntityKey(McxEntity),
            [Identity + "Kms"] = ports.KmsUrl,
            [Identity + "KmsUri"] = LabDomain.KmsUri,
            [Identity + "CaFile"] = ca.CaFile,
            [Identity + "StoreDirectory"] = Path.Combine(directories.Services, "mcx-keys"),
            [Identity + "StoreKeyFile"] = directories.McxStoreKey,
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
        foreach (McServiceNames service in McServiceNames.All)
        {
            string section = $"Services:Mcx:Services:{(int)service.Kind}:";
            settings[section + "Service"] = service.Name;
            settings[section + "Psis:0"] = ServerUri(service);
        }

        return settings;
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
    };

    private static string SipUrl(int port) => string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{port}");
}
