using Watchword.Authorization;
using Watchword.Identity;
using Watchword.Idm.Server;
using Watchword.Kms.Server;
using Watchword.ResourceServers;

namespace Watchword.Lab;

/// <summary>IdM server and KMS, each with its own listener, container and database, in this process.</summary>
internal sealed class LabServers : IAsyncDisposable
{
    private const string TokenLifetime = "00:10:00";

    /// <summary>Short, because the walk moves the clock: the KMS keys nobody before it has heard from the IdM server since.</summary>
    private const string HeartbeatInterval = "00:00:00.25";
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;

    private LabServers(LabPorts ports, string caFile, WebApplication idm, WebApplication kms, TimeProvider time)
    {
        _time = time;
        Ports = ports;
        CaFile = caFile;
        Idm = idm;
        Kms = kms;
    }

    public LabPorts Ports { get; }

    public string CaFile { get; }

    /// <summary>Takes everything that servers log; null for nobody.</summary>
    public ILoggerProvider? Log { get; private init; }

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
        DateTimeOffset now = _time.GetUtcNow();
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
    public static WebApplication CreateIdm(
        LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time,
        IReadOnlyDictionary<string, string?>? more = null, ILoggerProvider? log = null)
    {
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Idm:DataDirectory"] = directories.Idm,
            ["Idm:Issuer"] = ports.IdmUrl,
            ["Idm:Listen:0"] = ports.IdmUrl,
            ["Idm:Tls:CertificateFile"] = ca.ServerFile,
            ["Idm:Tls:KeyFile"] = ca.ServerKeyFile,
            ["Idm:Custody:KeyEncryptionKeyFile"] = directories.IdmKeyEncryptionKey,
            ["Idm:IdentityDomains:0"] = LabDomain.IdentityDomain,
            ["Idm:IdentityDomains:1"] = LabDomain.PartnerIdentityDomain,
            ["Idm:AccessTokenLifetime"] = TokenLifetime,
            ["Idm:LogIn:ServiceName"] = "Watchword lab",
        };
        foreach (McResource resource in AnnexB.Resources)
        {
            string server = $"Idm:ResourceServers:{(int)resource}:";
            settings[server + "Audience"] = LabDomain.AudienceOf(resource);
            foreach (McService service in AnnexB.Services)
            {
                settings[$"{server}Scopes:{(int)service}"] = McScopes.For(service, resource);
            }
        }

        string admin = $"Idm:ResourceServers:{AnnexB.Resources.Count}:";
        settings[admin + "Audience"] = LabDomain.KmsAdminAudience;
        foreach ((int index, string scope) in KmsRoleScopes.All.Index())
        {
            settings[$"{admin}Scopes:{index}"] = scope;
        }

        TellEvents(settings, McResource.KeyManagement, ports.KmsUrl + KmsServerExtensions.SecurityEventsPath, ca);
        // The three services are one process here, which hears everything by the stream for the first of them.
        TellEvents(settings, McResource.Service, ports.ServicesUrl + ServicesExtensions.SecurityEventsPath, ca);
        return IdmApplication.Create([], builder => Configure(builder, settings, time, more, log));
    }

    private static void TellEvents(
        Dictionary<string, string?> settings, McResource resource, string endpoint, LabCertificateAuthority ca)
    {
        string events = $"Idm:ResourceServers:{(int)resource}:Events:";
        settings[events + "Endpoint"] = endpoint;
        settings[events + "CaFile"] = ca.CaFile;
        settings[events + "HeartbeatInterval"] = HeartbeatInterval;
    }

    /// <summary>Starts both servers on data that exists.</summary>
    public static Task<LabServers> StartAsync(
        LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time, CancellationToken cancellation) =>
        StartAsync(directories, ports, ca, time, more: null, cancellation);

    /// <summary>The same with settings that add to the lab's, or take their place.</summary>
    public static Task<LabServers> StartAsync(
        LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time,
        IReadOnlyDictionary<string, string?>? more, CancellationToken cancellation) =>
        StartAsync(directories, ports, ca, time, more, log: null, cancellation);

    /// <summary>The same, with everything that the servers log, whatever the console shows of it.</summary>
    public static async Task<LabServers> StartAsync(
        LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time,
        IReadOnlyDictionary<string, string?>? more, ILoggerProvider? log, CancellationToken cancellation)
    {
        WebApplication idm = CreateIdm(directories, ports, ca, time, more, log);
        try
        {
            await idm.StartAsync(cancellation);
            WebApplication kms = CreateKms(directories, ports, ca, time, more, log);
            try
            {
                await kms.StartAsync(cancellation);
                LabServers servers = new(ports, ca.CaFile, idm, kms, time) { Log = log };
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

    private static WebApplication CreateKms(
        LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time,
        IReadOnlyDictionary<string, string?>? more, ILoggerProvider? log)
    {
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Kms:DataDirectory"] = directories.Kms,
            ["Kms:Custody:KeyEncryptionKeyFile"] = directories.KmsKeyEncryptionKey,
            ["Kms:Domains:0:KmsUri"] = LabDomain.KmsUri,
            ["Kms:Domains:0:PublicBaseUrls:0"] = ports.KmsUrl,
            ["Kms:Domains:1:KmsUri"] = LabDomain.PartnerKmsUri,
            ["Kms:Domains:1:PublicBaseUrls:0"] = ports.PartnerKmsUrl,
            ["Kms:Listen:0"] = ports.KmsUrl,
            ["Kms:Preparation:Enabled"] = "true",
            ["Kms:Admin:Listen:0"] = ports.KmsAdminUrl,
            ["Kms:Admin:Audience"] = LabDomain.KmsAdminAudience,
            ["Kms:Admin:Issuers:0"] = ports.IdmUrl,
            ["Kms:Tls:CertificateFile"] = ca.ServerFile,
            ["Kms:Tls:KeyFile"] = ca.ServerKeyFile,
            ["Authorization:Audience"] = LabDomain.AudienceOf(McResource.KeyManagement),
            ["Authorization:Issuers:0:Issuer"] = ports.IdmUrl,
            ["Authorization:Issuers:0:MetadataAddress"] = ports.IdmUrl + "/.well-known/openid-configuration",
            ["Authorization:Issuers:0:CaFile"] = ca.CaFile,
            ["Authorization:Issuers:0:IdentityDomains:0"] = LabDomain.IdentityDomain,
            ["Authorization:Issuers:0:IdentityDomains:1"] = LabDomain.PartnerIdentityDomain,
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = nameof(SilencePolicy.Refuse),
        };
        foreach ((int index, string uri) in LabDomain.Entities.Values.Index())
        {
            settings[$"Authorization:Issuers:0:EntityUris:{index}"] = uri;
        }

        return KmsApplication.Create([], builder => Configure(builder, settings, time, more, log));
    }

    internal static void Configure(
        WebApplicationBuilder builder, Dictionary<string, string?> settings, TimeProvider time,
        IReadOnlyDictionary<string, string?>? more = null, ILoggerProvider? log = null)
    {
        settings["Lab:Enabled"] = "true";
        builder.Configuration.AddInMemoryCollection(settings);
        if (more is not null)
        {
            builder.Configuration.AddInMemoryCollection(more);
        }

        builder.Services.AddSingleton(time);
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
        // Standard output belongs to the walk and, with --json, to its report.
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (log is not null)
        {
            // Rules for one provider go before those for all.
            builder.Logging.AddProvider(log);
            builder.Services.Configure<LoggerFilterOptions>(
                filter => filter.Rules.Add(new LoggerFilterRule(log.GetType().FullName, null, LogLevel.Debug, null)));
        }
    }
}
