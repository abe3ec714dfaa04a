using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Watchword.Identity;
using Watchword.Idm.Server;
using Watchword.Kms.Server;

namespace Watchword.Lab;

/// <summary>The ports of one running lab.</summary>
internal readonly record struct LabPorts(int Idm, int Kms)
{
    private const int Attempts = 100;

    public string IdmUrl => Url(Idm);

    public string KmsUrl => Url(Kms);

    /// <summary>The port that was asked for and the next one.</summary>
    /// <exception cref="LabException">One of them is in use.</exception>
    public static LabPorts Fixed(int port)
    {
        LabPorts ports = new(port, port + 1);
        return IsFree(ports.Idm) && IsFree(ports.Kms)
            ? ports
            : throw new LabException($"port {(IsFree(port) ? port + 1 : port)} is in use: stop what listens there, or choose another --port");
    }

    /// <summary>Those that the lab had before if they are free, else any two that follow each other.</summary>
    public static LabPorts FindFree(LabPorts? before)
    {
        if (before is { } known && IsFree(known.Idm) && IsFree(known.Kms))
        {
            return known;
        }

        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            if (port < IPEndPoint.MaxPort && IsFree(port + 1))
            {
                return new LabPorts(port, port + 1);
            }
        }

        throw new LabException("no two free ports were found on loopback: choose them with --port");
    }

    private static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>IdM server and KMS, each with its own listener, container and database, in this process.</summary>
internal sealed class LabServers : IAsyncDisposable
{
    private const string TokenLifetime = "00:10:00";

    private LabServers(LabPorts ports, string caFile, WebApplication idm, WebApplication kms)
    {
        Ports = ports;
        CaFile = caFile;
        Idm = idm;
        Kms = kms;
    }

    public LabPorts Ports { get; }

    public string CaFile { get; }

    /// <summary>The IdM server, for what its admin API would do.</summary>
    public WebApplication Idm { get; }

    private WebApplication Kms { get; }

    /// <summary>Builds the IdM server on its data without starting it: initialisation wants it so.</summary>
    public static WebApplication CreateIdm(LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time)
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
            ["Idm:AccessTokenLifetime"] = TokenLifetime,
            ["Idm:LogIn:ServiceName"] = "Watchword lab",
        };
        foreach (McResource resource in McServices.Resources)
        {
            string server = $"Idm:ResourceServers:{(int)resource}:";
            settings[server + "Audience"] = LabDomain.AudienceOf(resource);
            foreach (McService service in McServices.All)
            {
                settings[$"{server}Scopes:{(int)service}"] = McScopes.For(service, resource);
            }
        }

        return IdmApplication.Create([], builder => Configure(builder, settings, time));
    }

    /// <summary>Starts both servers on data that exists.</summary>
    public static async Task<LabServers> StartAsync(
        LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time, CancellationToken cancellation)
    {
        WebApplication idm = CreateIdm(directories, ports, ca, time);
        try
        {
            await idm.StartAsync(cancellation);
            WebApplication kms = CreateKms(directories, ports, ca, time);
            try
            {
                await kms.StartAsync(cancellation);
                return new LabServers(ports, ca.CaFile, idm, kms);
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

    private static WebApplication CreateKms(LabDirectories directories, LabPorts ports, LabCertificateAuthority ca, TimeProvider time)
    {
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Kms:DataDirectory"] = directories.Kms,
            ["Kms:Custody:KeyEncryptionKeyFile"] = directories.KmsKeyEncryptionKey,
            ["Kms:PublicBaseUrl"] = ports.KmsUrl,
            ["Kms:Listen:0"] = ports.KmsUrl,
            ["Kms:Tls:CertificateFile"] = ca.ServerFile,
            ["Kms:Tls:KeyFile"] = ca.ServerKeyFile,
            ["Authorization:Audience"] = LabDomain.AudienceOf(McResource.KeyManagement),
            ["Authorization:Issuers:0:Issuer"] = ports.IdmUrl,
            ["Authorization:Issuers:0:MetadataAddress"] = ports.IdmUrl + "/.well-known/openid-configuration",
            ["Authorization:Issuers:0:CaFile"] = ca.CaFile,
            ["Authorization:Issuers:0:IdentityDomains:0"] = LabDomain.IdentityDomain,
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = "Off",
        };
        foreach ((int index, string uri) in LabDomain.Entities.Values.Index())
        {
            settings[$"Authorization:Issuers:0:EntityUris:{index}"] = uri;
        }

        return KmsApplication.Create([], builder => Configure(builder, settings, time));
    }

    private static void Configure(WebApplicationBuilder builder, Dictionary<string, string?> settings, TimeProvider time)
    {
        settings["Lab:Enabled"] = "true";
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton(time);
        // The lab's output is the walk; what a server has to say beside it concerns only its faults.
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // What fails at start is told by the lab in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // The walk provokes refused log-ins, and says so itself.
        builder.Logging.AddFilter("Watchword.Idm.Server.Accounts", LogLevel.Error);
        // Standard output belongs to the walk and, with --json, to its report.
        builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
