using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Watchword.Identity;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;

namespace Watchword.ResourceServers.Tests.Support;

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, HttpResponseHeaders Headers, string? MediaType, byte[] Body)
{
    public string? ETag => Headers.ETag?.Tag;

    public string Text => Encoding.UTF8.GetString(Body);

    public XcapError Conflict => XcapError.Parse(Body);
}

/// <summary>The services as they run: on loopback over TLS, with a database, a clock and an issuer of tokens.</summary>
internal sealed class ServicesHost : IAsyncDisposable
{
    public const string CmsAudience = "https://cms.mc.example";
    public const string GmsAudience = "https://gms.mc.example";
    public const string Entity = "sip:mcptt@lab.example";
    public const string StrangeEntity = "sip:other@lab.example";
    public const string Provisioning = "sip:provisioning@lab.example";
    public const string CmsPath = "/cms";
    public const string Profile = "org.3gpp.mcptt.user-profile";

    private readonly Dictionary<string, string?> _changes;
    private readonly X509Certificate2 _ca;
    private readonly X509Certificate2 _peer;
    private WebApplication? _application;

    private ServicesHost(Dictionary<string, string?> changes)
    {
        _changes = changes;
        Directory = System.IO.Directory.CreateTempSubdirectory("watchword-services-").FullName;
        _ca = MakeCertificates();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _peer = new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256).CreateSelfSigned(From, From.AddYears(5));
        Tokens.WriteJwks(Path.Combine(Directory, "jwks.json"));
    }

    public string Directory { get; }

    public TestTokens Tokens { get; } = new();

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    /// <summary>The listener of UEs and of the proxy on their behalf.</summary>
    public Uri Address { get; private set; } = new("https://localhost");

    /// <summary>The listener of network entities.</summary>
    public Uri EntityAddress { get; private set; } = new("https://localhost");

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Shows the certificate of a trusted peer, at the listener for them.</summary>
    public HttpClient Peer { get; private set; } = null!;

    public IServiceProvider Services => _application!.Services;

    /// <summary>What was logged; servers still write while a test reads.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    private static DateTimeOffset From { get; } = TimeProvider.System.GetUtcNow().AddDays(-30);

    public static async Task<ServicesHost> StartAsync(string? database, params (string Key, string? Value)[] changes)
    {
        ServicesHost host = new(changes.ToDictionary(change => change.Key, change => change.Value));
        if (database is not null)
        {
            host._changes["Services:Store:Provider"] = "PostgreSql";
            host._changes["Services:Store:ConnectionString"] = database;
        }

        await host.StartAgainAsync();
        return host;
    }

    public static ServicesHost NotStarted(params (string Key, string? Value)[] changes) =>
        new(changes.ToDictionary(change => change.Key, change => change.Value));

    /// <summary>Stops the server if it runs, and starts it on the same data.</summary>
    public async Task StartAgainAsync()
    {
        await StopAsync();
        _application = CreateApplication();
        await _application.StartAsync(TestContext.Current.CancellationToken);
        Uri[] addresses = [.. _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri($"https://localhost:{new Uri(address).Port}"))];
        (Address, EntityAddress) = (addresses[0], addresses[1]);
        Client = CreateClient(Address, certificate: null);
        Peer = CreateClient(EntityAddress, _peer);
    }

    public WebApplication CreateApplication() => ServicesApplication.Create([], builder =>
    {
        builder.Configuration.AddInMemoryCollection(Settings());
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new ListLogger(Log));
    });

    /// <summary>A token of a user for the configuration management server, with its three scopes.</summary>
    public string Token(string user = "alice", params (string Name, object? Value)[] changes) => Tokens.Create(
        user, Time.GetUtcNow(), [("aud", CmsAudience), ("scope", Scopes(McResource.ConfigurationManagement)), .. changes]);

    /// <summary>A token that may write everything.</summary>
    public string Administrator() => Token("root", ("scope", McScopes.ServicesAdministration));

    public static string Scopes(McResource resource) =>
        "openid " + string.Join(' ', AnnexB.Services.Select(service => McScopes.For(service, resource)));

    /// <summary>The path of a user's MCPTT profile.</summary>
    public static string ProfilePath(string user = "alice", int index = 1) =>
        $"{CmsPath}/{Profile}/users/{UserIds.Of(user, McService.Mcptt)}/mcptt-user-profile-{index}.xml";

    /// <summary>A profile that is good.</summary>
    public static string ProfileOf(string user = "alice", string name = "one") =>
        $"<mcptt-user-profile xmlns=\"urn:3gpp:mcptt:user-profile:1.0\" XUI-URI=\"{UserIds.Of(user, McService.Mcptt)}\" "
        + $"user-profile-index=\"1\"><Name>{name}</Name></mcptt-user-profile>";

    public Task<Answer> GetAsync(string path, string? token, params (string Name, string Value)[] headers) =>
        SendAsync(Client, HttpMethod.Get, path, token, null, null, headers);

    public Task<Answer> PutAsync(
        string path, string? token, string body, string? type = "application/vnd.3gpp.mcptt-user-profile+xml",
        params (string Name, string Value)[] headers) =>
        SendAsync(Client, HttpMethod.Put, path, token, Encoding.UTF8.GetBytes(body), type, headers);

    public Task<Answer> DeleteAsync(string path, string? token, params (string Name, string Value)[] headers) =>
        SendAsync(Client, HttpMethod.Delete, path, token, null, null, headers);

    /// <summary>Sends as a network entity through the trusted peer.</summary>
    public Task<Answer> AssertAsync(string entity, HttpMethod method, string path, string? body = null) => SendAsync(
        Peer, method, path, null, body is null ? null : Encoding.UTF8.GetBytes(body),
        body is null ? null : "application/vnd.3gpp.mcptt-user-profile+xml", (AssertedIdentityHeader.Name, $"\"{entity}\""));

    public static async Task<Answer> SendAsync(
        HttpClient client, HttpMethod method, string path, string? token, byte[]? body, string? type,
        params (string Name, string Value)[] headers)
    {
        UriCreationOptions asItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };
        using HttpRequestMessage request = new(
            method, new Uri(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, asItIs));
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
        }

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] content = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType, content);
    }

    public async Task<T> ReadAsync<T>(Func<DbContext, Task<T>> read) =>
        await Services.GetRequiredService<ServicesTransactions>().ReadAsync(
            (context, _) => read(context), TestContext.Current.CancellationToken);

    /// <summary>Writes the certificate of the trusted peer and its key, for another server that is to be it.</summary>
    public (string CertificateFile, string KeyFile, string CaFile) WritePeer()
    {
        string certificate = Path.Combine(Directory, "peer.pem"), key = Path.Combine(Directory, "peer.key");
        File.WriteAllText(certificate, _peer.ExportCertificatePem());
        using FileStream file = new(key, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        file.Write(Encoding.ASCII.GetBytes(_peer.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
        return (certificate, key, Path.Combine(Directory, "ca.pem"));
    }

    /// <summary>Everything that is stored of documents.</summary>
    public Task<List<string>> StateAsync() => ReadAsync(context => context.Set<XcapDocumentRow>().OrderBy(row => row.Auid)
        .ThenBy(row => row.Xui).ThenBy(row => row.Name).Select(
            row => row.Auid + " " + row.Xui + " " + row.Name + " " + row.ETag).ToListAsync());

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Tokens.Dispose();
        _ca.Dispose();
        _peer.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task StopAsync()
    {
        if (_application is not null)
        {
            Client.Dispose();
            Peer.Dispose();
            await _application.StopAsync();
            await _application.DisposeAsync();
            _application = null;
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        }
    }

    public Dictionary<string, string?> Settings()
    {
        Dictionary<string, string?> settings = new()
        {
            ["Services:DataDirectory"] = Path.Combine(Directory, "data"),
            ["Services:Listen:0"] = "https://127.0.0.1:0",
            ["Services:AssertedIdentity:Listen:0"] = "https://127.0.0.1:0",
            ["Services:AssertedIdentity:Peers:0:Thumbprint"] = _peer.GetCertHashString(HashAlgorithmName.SHA256),
            ["Services:AssertedIdentity:Peers:0:EntityUris:0"] = Entity,
            ["Services:AssertedIdentity:Peers:0:EntityUris:1"] = StrangeEntity,
            ["Services:AssertedIdentity:Peers:0:EntityUris:2"] = Provisioning,
            ["Services:Tls:CertificateFile"] = Path.Combine(Directory, "server.pem"),
            ["Services:Tls:KeyFile"] = Path.Combine(Directory, "server.key"),
            ["Services:Configuration:Enabled"] = "true",
            ["Services:Configuration:Audience"] = CmsAudience,
            ["Services:Configuration:XcapRoot"] = "https://localhost:0" + CmsPath,
            ["Services:Configuration:AuthorisedServers:0"] = Entity,
            ["Services:Configuration:Administrators:0"] = Provisioning,
            ["Authorization:Audience"] = "https://services.mc.example",
            ["Authorization:Issuers:0:Issuer"] = TestTokens.Issuer,
            ["Authorization:Issuers:0:JwksFile"] = Path.Combine(Directory, "jwks.json"),
            ["Authorization:Issuers:0:IdentityDomains:0"] = TestTokens.Domain,
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = "Off",
        };
        foreach ((string key, string? value) in _changes)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>A client that trusts the server's CA and shows a certificate if it has one.</summary>
    public HttpClient CreateClient(Uri address, X509Certificate2? certificate)
    {
        SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(_ca);
        if (certificate is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new HttpClient(handler) { BaseAddress = address };
    }

    private X509Certificate2 MakeCertificates()
    {
        using ECDsa caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest authority = new("CN=Watchword test CA", caKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 ca = authority.CreateSelfSigned(From, From.AddYears(10));
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(ca, From, From.AddYears(5), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Path.Combine(Directory, "ca.pem"), ca.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Directory, "server.pem"), certificate.ExportCertificatePem());
        string keyFile = Path.Combine(Directory, "server.key");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return X509CertificateLoader.LoadCertificate(ca.RawData);
    }

    /// <summary>Keeps what was logged, to search it for what must not be there.</summary>
    private sealed class ListLogger(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
