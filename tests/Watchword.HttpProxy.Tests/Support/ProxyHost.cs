using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Watchword.HttpProxy.Http;

namespace Watchword.HttpProxy.Tests.Support;

/// <summary>A proxy in this process over real TLS, with a server of each kind behind it.</summary>
internal sealed class ProxyHost : IAsyncDisposable
{
    public const string Own = "services.home.example";
    public const string Partner = "services.partner.example";
    public const string Idm = "idm.home.example";
    public const string Entity = "sip:mcx-server@home.example";
    public const string KeyPath = "/keymanagement/identity/v1";

    private readonly WebApplication _application;
    private readonly MeterListener _meter = new();

    private ProxyHost(WebApplication application, Parts parts)
    {
        _application = application;
        P = parts;
        IMeterFactory meters = application.Services.GetRequiredService<IMeterFactory>();
        _meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Name == "watchword.proxy.requests.refused")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                Counted.AddOrUpdate((string)tag.Value!, value, (_, before) => before + value);
            }
        });
        _meter.Start();
    }

    public Parts P { get; }

    public ConcurrentDictionary<string, long> Counted { get; } = new();

    public IServiceProvider Services => _application.Services;

    public int UePort => PortOf(0);

    public int EntityPort => PortOf(1);

    public static async Task<ProxyHost> StartAsync(Action<Dictionary<string, string?>, Parts>? change = null)
    {
        Parts parts = await Parts.CreateAsync();
        Dictionary<string, string?> settings = parts.Settings();
        change?.Invoke(settings, parts);
        WebApplication application = ProxyApplication.Create([], builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.ClearProviders().AddProvider(parts.Log).SetMinimumLevel(LogLevel.Trace);
        });
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new ProxyHost(application, parts);
    }

    /// <summary>A client whose connections go to the proxy, whatever host is asked for.</summary>
    public HttpClient Client(X509Certificate2? certificate = null, bool entity = false, Version? version = null)
    {
        int port = entity ? EntityPort : UePort;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (_, cancellation) =>
                await TlsAsync(port, certificate, version == HttpVersion.Version20, cancellation),
        };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri("https://" + Own),
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    public async Task<SslStream> TlsAsync(
        int port, X509Certificate2? certificate, bool isHttp2 = false, CancellationToken cancellation = default)
    {
        TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, port, cancellation);
        SslStream tls = new(tcp.GetStream());
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "localhost",
            ClientCertificates = certificate is null ? null : [certificate],
            ApplicationProtocols = [isHttp2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11],
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            },
        };
        options.CertificateChainPolicy.CustomTrustStore.Add(P.Authority.Ca);
        await tls.AuthenticateAsClientAsync(options, cancellation);
        return tls;
    }

    /// <summary>Sends octets on a connection of their own and gives all that comes back until the proxy closes it or is silent.</summary>
    public async Task<string> RawAsync(string text, bool entity = false, int expected = 1)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        end.CancelAfter(TimeSpan.FromMinutes(1));
        await using SslStream tls = await TlsAsync(
            entity ? EntityPort : UePort, entity ? P.EntityLeaf.Certificate : null, cancellation: end.Token);
        await tls.WriteAsync(Encoding.Latin1.GetBytes(text), end.Token);
        StringBuilder all = new();
        byte[] buffer = new byte[8192];
        while (CountAnswers(all.ToString()) < expected)
        {
            int read;
            try
            {
                read = await tls.ReadAsync(buffer, end.Token);
            }
            catch (IOException)
            {
                break;
            }

            if (read == 0)
            {
                break;
            }

            all.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return all.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        await P.DisposeAsync();
    }

    /// <summary>The error of a problem that the proxy wrote; every member that a person needs is there.</summary>
    public static async Task<ProxyError> ErrorAsync(HttpResponseMessage response)
    {
        response.Content.Headers.ContentType.ShouldBe(new MediaTypeHeaderValue("application/problem+json"));
        using JsonDocument problem = JsonDocument.Parse(
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        JsonElement root = problem.RootElement;
        ProxyError error = (ProxyError)root.GetProperty("code").GetInt32();
        Enum.IsDefined(error).ShouldBeTrue();
        root.GetProperty("status").GetInt32().ShouldBe((int)response.StatusCode);
        foreach (string member in (string[])["title", "detail", "clause"])
        {
            root.GetProperty(member).GetString().ShouldNotBeNullOrEmpty();
        }

        root.GetProperty("type").GetString().ShouldBe("urn:watchword:proxy:error:" + (int)error);
        root.GetProperty("correlationId").GetString().ShouldBe(response.Headers.GetValues("X-Correlation-Id").Single());
        return error;
    }

    public long CountOf(ProxyError error) => Counted.GetValueOrDefault(((int)error).ToString(CultureInfo.InvariantCulture));

    private static int CountAnswers(string text) => text.Split("HTTP/1.1 ").Skip(1).Count(part =>
        part.IndexOf("\r\n\r\n", StringComparison.Ordinal) is var head and >= 0
        && (LengthOf(part[..head]) is not { } length || part.Length >= head + 4 + length));

    private static int? LengthOf(string head) => head.Split("\r\n")
        .Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
        .Select(line => (int?)int.Parse(line[15..], CultureInfo.InvariantCulture)).FirstOrDefault();

    private int PortOf(int index) => new Uri(_application.Urls.ElementAt(index)).Port;
}

/// <summary>What a proxy under test is among.</summary>
internal sealed class Parts : IAsyncDisposable
{
    private Parts(TestAuthority authority) => Authority = authority;

    public TestAuthority Authority { get; }

    public LogCapture Log { get; } = new();

    public required Backend Kms { get; init; }

    public required Backend KmsForEntities { get; init; }

    public required Backend Groups { get; init; }

    public required Backend PartnerServer { get; init; }

    public required Leaf ProxyLeaf { get; init; }

    public required Leaf ProxyClient { get; init; }

    public required Leaf EntityLeaf { get; init; }

    public static async Task<Parts> CreateAsync()
    {
        TestAuthority authority = new();
        Leaf server = authority.Issue("backend");
        return new Parts(authority)
        {
            Kms = await Backend.StartAsync(server),
            KmsForEntities = await Backend.StartAsync(server),
            Groups = await Backend.StartAsync(server),
            PartnerServer = await Backend.StartAsync(server),
            ProxyLeaf = authority.Issue("proxy"),
            ProxyClient = authority.IssueClient("proxy-client"),
            EntityLeaf = authority.IssueClient("entity"),
        };
    }

    public IEnumerable<Backend> All => [Kms, KmsForEntities, Groups, PartnerServer];

    /// <summary>Nothing came through to anybody.</summary>
    public void ShouldHaveSeenNothing() => All.Sum(backend => backend.Requests.Count).ShouldBe(0);

    public Dictionary<string, string?> Settings() => new(StringComparer.Ordinal)
    {
        ["Proxy:Listen:0"] = "https://127.0.0.1:0",
        ["Proxy:Tls:CertificateFile"] = ProxyLeaf.CertificateFile,
        ["Proxy:Tls:KeyFile"] = ProxyLeaf.KeyFile,
        ["Proxy:Tls:ServerName"] = "localhost",
        ["Proxy:ClientCertificate:CertificateFile"] = ProxyClient.CertificateFile,
        ["Proxy:ClientCertificate:KeyFile"] = ProxyClient.KeyFile,
        ["Proxy:AssertedIdentity:Listen:0"] = "https://127.0.0.1:0",
        ["Proxy:AssertedIdentity:Peers:0:Thumbprint"] = EntityLeaf.Thumbprint,
        ["Proxy:AssertedIdentity:Peers:0:EntityUris:0"] = ProxyHost.Entity,
        ["Proxy:PublicUrls:0"] = "https://" + ProxyHost.Own,
        ["Proxy:IdmUrls:0"] = "https://" + ProxyHost.Idm,
        ["Proxy:Servers:0:Name"] = "kms",
        ["Proxy:Servers:0:PathPrefixes:0"] = ProxyHost.KeyPath,
        ["Proxy:Servers:0:Destinations:0"] = Kms.Url,
        ["Proxy:Servers:0:EntityDestinations:0"] = KmsForEntities.Url,
        ["Proxy:Servers:0:Trust:CaFile"] = Authority.CaFile,
        ["Proxy:Servers:1:Name"] = "gms",
        ["Proxy:Servers:1:PathPrefixes:0"] = "/groups",
        ["Proxy:Servers:1:Destinations:0"] = Groups.Url,
        ["Proxy:Servers:1:Trust:CaFile"] = Authority.CaFile,
        ["Proxy:Partners:0:Name"] = "partner",
        ["Proxy:Partners:0:PublicUrls:0"] = "https://" + ProxyHost.Partner,
        ["Proxy:Partners:0:Destinations:0"] = PartnerServer.Url,
        ["Proxy:Partners:0:Trust:CaFile"] = Authority.CaFile,
    };

    public async ValueTask DisposeAsync()
    {
        foreach (Backend backend in All)
        {
            await backend.DisposeAsync();
        }

        Authority.Dispose();
    }
}

/// <summary>Keeps every line of the log, with its state.</summary>
internal sealed class LogCapture : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
