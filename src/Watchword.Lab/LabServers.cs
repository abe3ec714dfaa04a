using Watchword.Authorization;
using Watchword.Identity;
using Watchword.Idm.Server;
using Watchword.Kms.Server;
using Watchword.McServices.Info;
using Watchword.ResourceServers;

namespace Watchword.Lab;

/// <summary>IdM server and KMS, each with its own listener, container and database, in this process.</summary>
internal sealed class LabServers : IAsyncDisposable
{
    private const string TokenLifetime = "00:10:00";

    /// <summary>Short, because the walk moves the clock: the KMS keys nobody before it has heard from the IdM server since.</summary>
    private const string HeartbeatInterval = "00:00:00.25";
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private LabServers(LabSite site, WebApplication idm, WebApplication kms)
    {
        Site = site;
        Idm = idm;
        Kms = kms;
    }

    /// <summary>The domain whose servers they are.</summary>
    public LabSite Site { get; }

    public LabPorts Ports => Site.Ports;

    public string CaFile => Site.Ca.CaFile;

    /// <summary>The IdM server, for what its admin API would do.</summary>
    public WebApplication Idm { get; }

    /// <summary>The KMS, for what its admin API would do.</summary>
    public WebApplication Kms { get; }

    /// <summary>
    /// Waits until the KMS knows that it has heard of everything that happened at the IdM server until now, by the servers' clock.
    /// </summary>
    /// <exception cref="LabException">That took longer than a minute.</exception>
    public Task WaitForEventsAsync(CancellationToken cancellation) => WaitForEventsAsync(Kms, cancellation);

    /// <summary>The same for any resource server.</summary>
    /// <exception cref="LabException">That took longer than a minute.</exception>
    public async Task WaitForEventsAsync(WebApplication server, CancellationToken cancellation)
    {
        DateTimeOffset now = Site.Time.GetUtcNow();
        ISecurityEventSink sink = server.Services.GetRequiredService<ISecurityEventSink>();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        long started = TimeProvider.System.GetTimestamp();
        while (!((await sink.GetStreamStateAsync(Ports.IdmUrl, cancellation))?.CompleteAt >= now))
        {
            if (TimeProvider.System.GetElapsedTime(started) > LongestWait)
            {
                throw new LabException("the security events of the IdM server do not reach a resource server");
            }

            _ = await timer.WaitForNextTickAsync(cancellation);
        }
    }

    /// <summary>Builds the IdM server on its data without starting it: initialisation wants it so.</summary>
    public static WebApplication CreateIdm(LabSite site)
    {
        LabPorts ports = site.Ports;
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Idm:DataDirectory"] = site.Directories.Idm,
            ["Idm:Issuer"] = ports.IdmUrl,
            ["Idm:Listen:0"] = ports.IdmUrl,
            ["Idm:Tls:CertificateFile"] = site.Ca.ServerFile,
            ["Idm:Tls:KeyFile"] = site.Ca.ServerKeyFile,
            ["Idm:Custody:KeyEncryptionKeyFile"] = site.Directories.IdmKeyEncryptionKey,
            ["Idm:AccessTokenLifetime"] = TokenLifetime,
            ["Idm:LogIn:ServiceName"] = "Watchword lab",
        };
        Number(settings, "Idm:IdentityDomains", site.Names.SecurityDomains.Select(domain => domain.IdentityDomain));
        foreach (McResource resource in AnnexB.Resources)
        {
            string server = $"Idm:ResourceServers:{(int)resource}:";
            settings[server + "Audience"] = site.Names.AudienceOf(resource);
            Number(settings, server + "Scopes", AnnexB.Services.Select(service => McScopes.For(service, resource)));
        }

        string admin = $"Idm:ResourceServers:{AnnexB.Resources.Count}:";
        settings[admin + "Audience"] = site.Names.KmsAdminAudience;
        Number(settings, admin + "Scopes", KmsRoleScopes.All);
        TellEvents(settings, McResource.KeyManagement, ports.KmsUrl + KmsServerExtensions.SecurityEventsPath, site.Ca);
        // The three services are one process here, which hears everything by the stream for the first of them.
        TellEvents(settings, McResource.Service, ports.ServicesUrl + ServicesExtensions.SecurityEventsPath, site.Ca);
        DealWithOthers(settings, site);
        return IdmApplication.Create([], builder => Configure(builder, settings, site));
    }

    /// <summary>Whom the IdM server gives security tokens for, and whose it takes (TS 33.180 B.7).</summary>
    private static void DealWithOthers(Dictionary<string, string?> settings, LabSite site)
    {
        foreach ((int index, LabPeer partner) in site.Partners.Index())
        {
            string section = $"Idm:PartnerServers:{index}:";
            settings[section + "Resource"] = partner.Names.IdmResource;
            Number(settings, section + "Services", AnnexB.Services.Select(McServiceText));
        }

        foreach ((int index, LabPeer primary) in site.Primaries.Index())
        {
            string section = $"Idm:PrimaryServers:{index}:";
            settings["Idm:SecurityTokenAudiences:0"] = site.Names.IdmResource;
            settings[section + "Issuer"] = primary.Ports.IdmUrl;
            settings[section + "JwksFile"] = site.Directories.PrimaryKeys(primary.Names.Name);
            settings[section + "IdentityDomains:0"] = primary.Names.IdentityDomain;
            Number(settings, section + "Scopes", McScopes.All);
        }
    }

    private static string McServiceText(McService service) => McServiceNames.Of((McServiceKind)(int)service).Prefix;

    /// <summary>A list of the configuration.</summary>
    internal static void Number(Dictionary<string, string?> settings, string section, IEnumerable<string> values)
    {
        foreach ((int index, string value) in values.Index())
        {
            settings[$"{section}:{index}"] = value;
        }
    }

    private static void TellEvents(
        Dictionary<string, string?> settings, McResource resource, string endpoint, LabCertificateAuthority ca)
    {
        string events = $"Idm:ResourceServers:{(int)resource}:Events:";
        settings[events + "Endpoint"] = endpoint;
        settings[events + "CaFile"] = ca.CaFile;
        settings[events + "HeartbeatInterval"] = HeartbeatInterval;
    }

    /// <summary>Starts IdM server and KMS of the home domain on data that exists.</summary>
    public static Task<LabServers> StartAsync(
        LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time, CancellationToken cancellation) =>
        StartAsync(LabSite.Home(directories, ports, ca, time), cancellation);

    /// <summary>Starts both servers of a domain on data that exists.</summary>
    public static async Task<LabServers> StartAsync(LabSite site, CancellationToken cancellation)
    {
        WebApplication idm = CreateIdm(site);
        try
        {
            await idm.StartAsync(cancellation);
            WebApplication kms = CreateKms(site);
            try
            {
                await kms.StartAsync(cancellation);
                LabServers servers = new(site, idm, kms);
                await servers.WaitForEventsAsync(cancellation);
                return servers;
            }
            catch
            {
                await kms.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await idm.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Kms.StopAsync();
        await Kms.DisposeAsync();
        await Idm.StopAsync();
        await Idm.DisposeAsync();
    }

    private static WebApplication CreateKms(LabSite site)
    {
        LabPorts ports = site.Ports;
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Kms:DataDirectory"] = site.Directories.Kms,
            ["Kms:Custody:KeyEncryptionKeyFile"] = site.Directories.KmsKeyEncryptionKey,
            ["Kms:Listen:0"] = ports.KmsUrl,
            ["Kms:Preparation:Enabled"] = "true",
            ["Kms:Admin:Listen:0"] = ports.KmsAdminUrl,
            ["Kms:Admin:Audience"] = site.Names.KmsAdminAudience,
            ["Kms:Admin:Issuers:0"] = ports.IdmUrl,
            ["Kms:Tls:CertificateFile"] = site.Ca.ServerFile,
            ["Kms:Tls:KeyFile"] = site.Ca.ServerKeyFile,
            ["Authorization:Audience"] = site.Names.AudienceOf(McResource.KeyManagement),
        };
        foreach ((int index, LabSecurityDomain domain) in site.Names.SecurityDomains.Index())
        {
            settings[$"Kms:Domains:{index}:KmsUri"] = domain.KmsUri;
            settings[$"Kms:Domains:{index}:PublicBaseUrls:0"] = domain.Url(ports);
        }

        TrustIssuer(settings, site);
        Number(settings, "Authorization:Issuers:0:EntityUris", site.Names.Entities.Values);
        return KmsApplication.Create([], builder => Configure(builder, settings, site));
    }

    /// <summary>A resource server takes tokens of the IdM server of its own domain alone: guests come with one too.</summary>
    internal static void TrustIssuer(Dictionary<string, string?> settings, LabSite site)
    {
        settings["Authorization:Issuers:0:Issuer"] = site.Ports.IdmUrl;
        settings["Authorization:Issuers:0:MetadataAddress"] = site.Ports.IdmUrl + "/.well-known/openid-configuration";
        settings["Authorization:Issuers:0:CaFile"] = site.Ca.CaFile;
        settings["Authorization:Issuers:0:SecurityEvents:Policy"] = nameof(SilencePolicy.Refuse);
        Number(settings, "Authorization:Issuers:0:IdentityDomains", site.AssertedDomains);
    }

    internal static void Configure(WebApplicationBuilder builder, Dictionary<string, string?> settings, LabSite site)
    {
        settings["Lab:Enabled"] = "true";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(site.More);
        builder.Services.AddSingleton(site.Time);
        // The lab's output is the walk; what a server has to say beside it concerns only its faults.
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // What fails at start is told by the lab in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // The KMS starts after the IdM server, which tells it of events from its first moment on.
        builder.Logging.AddFilter("Watchword.Idm.Server.Events", LogLevel.Error);
        // An IdM server that moved to another port is a new one to the KMS, which asks it to begin anew.
        builder.Logging.AddFilter("Watchword.Authorization", LogLevel.Error);
        // The walk provokes refused log-ins, and says so itself.
        builder.Logging.AddFilter("Watchword.Idm.Server.Accounts", LogLevel.Error);
        // Whoever administers the lab's KMS is told himself what it refuses.
        builder.Logging.AddFilter("Watchword.Kms.Server.Administration", LogLevel.Error);
        // So does it with identities that a UE asserts.
        builder.Logging.AddFilter("Watchword.HttpProxy.Http", LogLevel.Error);
        builder.Logging.AddFilter("Watchword.ResourceServers.Http", LogLevel.Error);
        builder.Logging.AddFilter("Watchword.ResourceServers.Xcap", LogLevel.Error);
        builder.Logging.AddFilter("Watchword.Idm.Server.InterDomain", LogLevel.Error);
        // Members in the walk fetch their group keys; nobody takes a MESSAGE.
        builder.Logging.AddFilter("Watchword.ResourceServers.GroupManagement.Sip", LogLevel.Error);
        // Standard output belongs to the walk and, with --json, to its report.
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (site.Log is { } log)
        {
            // Rules for one provider go before those for all.
            builder.Logging.AddProvider(log);
            builder.Services.Configure<LoggerFilterOptions>(
                filter => filter.Rules.Add(new LoggerFilterRule(log.GetType().FullName, null, LogLevel.Debug, null)));
        }
    }
}
