using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Watchword.Hosting;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Events;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>What came back for a request, and the parsed document.</summary>
internal sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, string? ContentType, byte[] Body) : IDisposable
{
    private KmsResponse? _document;

    public KmsResponse Document => _document ??= KmsResponse.Parse(Body);

    public KmsError Error =>
        (KmsError)(Document.Error ?? throw new InvalidOperationException($"{Status} has no KmsError")).ErrorCode;

    public IReadOnlyList<KmsKeySet> KeySets => ((KmsKeyProv)Document.Message!).KeySets;

    public string? WwwAuthenticate => Headers.WwwAuthenticate.ToString() is { Length: > 0 } text ? text : null;

    public void Dispose() => _document?.Dispose();
}

/// <summary>A whole KMS on loopback over TLS, with its own data directory, clock and token issuer.</summary>
internal sealed class KmsHost : IAsyncDisposable
{
    public const string KmsUri = "kms.test.example";

    /// <summary>Two hours: the opening window of a quarter begins 90 minutes into a period.</summary>
    public const long PeriodSeconds = 7200;

    private readonly Dictionary<string, string?> _changes;
    private WebApplication? _application;
    private HttpClient? _client;

    private KmsHost(Dictionary<string, string?> changes)
    {
        _changes = changes;
        Directory = System.IO.Directory.CreateTempSubdirectory("watchword-kms-").FullName;
        Certificates = TestCertificates.Create(Directory);
        Issuer.WriteJwks(JwksFile);
    }

    public string Directory { get; }

    public TestCertificates Certificates { get; }

    public TestIssuer Issuer { get; } = new();

    /// <summary>Stands at the start of a key period.</summary>
    public FakeTimeProvider Time { get; } = new(StartOfPeriod());

    public Uri Address { get; private set; } = new("https://localhost");

    /// <summary>The listener for asserted identities, if the configuration has one.</summary>
    public Uri? AssertedAddress { get; private set; }

    /// <summary>The listener for metrics, if the configuration has one.</summary>
    public Uri LastAddress { get; private set; } = new("https://localhost");

    public List<string> Log { get; } = [];

    /// <summary>Who was told to have been disabled or removed.</summary>
    public List<(string Issuer, string Subject)> Barred { get; } = [];

    /// <summary>How often telling of it fails before it succeeds.</summary>
    public int BarringFailures { get; set; }

    /// <summary>What was logged until now.</summary>
    public string LogText
    {
        get
        {
            lock (Log)
            {
                return string.Join('\n', Log);
            }
        }
    }

    public HttpClient Client => _client ?? throw new InvalidOperationException();

    public IServiceProvider Services => _application!.Services;

    public string JwksFile => Path.Combine(Directory, "jwks.json");

    public string KeyFile => Path.Combine(Directory, "kek");

    public string DataDirectory => Path.Combine(Directory, "data");

    public static async Task<KmsHost> StartAsync(params (string Key, string? Value)[] changes)
    {
        KmsHost host = With(changes);
        await KmsInitialization.CreateDomainAsync(host.Initialization(), host.Time, TestContext.Current.CancellationToken);
        await host.StartAgainAsync();
        return host;
    }

    public static KmsHost WithoutDomain() => new([]);

    /// <summary>Another configuration for the next start.</summary>
    public void Change(string key, string? value) => _changes[key] = value;

    /// <summary>Takes changes back whose keys begin like that.</summary>
    public void Forget(string prefix)
    {
        foreach (string key in _changes.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).ToArray())
        {
            _changes.Remove(key);
        }
    }

    /// <summary>Not started yet.</summary>
    public static KmsHost With(params (string Key, string? Value)[] changes) =>
        new(changes.ToDictionary(change => change.Key, change => change.Value));

    public KmsInitializationOptions Initialization(bool isLabData = false) => new()
    {
        DataDirectory = DataDirectory,
        KmsUri = KmsUri,
        KeyEncryptionKeyFile = KeyFile,
        CreateKeyEncryptionKey = true,
        Custody = new CustodyOptions
        {
            KeyEncryptionKeyFile = KeyFile,
            Documents = Enum.Parse<CustodyPlaceKind>(_changes.GetValueOrDefault("Kms:Custody:Documents", "Automatic")!),
        },
        PeriodSeconds = PeriodSeconds,
        CertUri = "cert1." + KmsUri,
        Domains = ["mc.test.example"],
        IsLabData = isLabData,
        Store = new DatabaseOptions
        {
            Provider = Enum.Parse<DatabaseKind>(_changes.GetValueOrDefault("Kms:Store:Provider", "Sqlite")!),
            ConnectionString = _changes.GetValueOrDefault("Kms:Store:ConnectionString"),
            ConnectionStringFile = _changes.GetValueOrDefault("Kms:Store:ConnectionStringFile"),
        },
    };

    public Dictionary<string, string?> Settings()
    {
        Dictionary<string, string?> settings = new()
        {
            ["Kms:DataDirectory"] = DataDirectory,
            ["Kms:Custody:KeyEncryptionKeyFile"] = KeyFile,
            ["Kms:PublicBaseUrl"] = "https://localhost:0",
            ["Kms:Listen:0"] = "https://127.0.0.1:0",
            // Many tests ask far more often than a client does; the limit has a test of its own.
            ["Kms:RequestsPerMinute"] = "0",

            // Tests move the clock and count records; checkpoints have a test of their own.
            ["Kms:Audit:CheckpointMinutes"] = "0",
            ["Kms:Tls:CertificateFile"] = Certificates.CertificateFile,
            ["Kms:Tls:KeyFile"] = Certificates.KeyFile,
            ["Authorization:Audience"] = TestIssuer.Audience,
            ["Authorization:Issuers:0:Issuer"] = TestIssuer.Name,
            ["Authorization:Issuers:0:JwksFile"] = JwksFile,
            ["Authorization:Issuers:0:IdentityDomains:0"] = "mc.test.example",
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = "Off",
        };
        foreach ((string key, string? value) in _changes)
        {
            settings[key] = value;
        }

        return settings;
    }

    public WebApplication CreateApplication() => KmsApplication.Create([], builder =>
    {
        builder.Configuration.AddInMemoryCollection(Settings());
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton<RequesterBarred>((issuer, subject, _) =>
        {
            if (BarringFailures-- > 0)
            {
                throw new InvalidOperationException("The erasing fails.");
            }

            Barred.Add((issuer, subject));
            return Task.CompletedTask;
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new ListLoggerProvider(Log));
    });

    /// <summary>Stops the server if it runs, and starts it on the same data.</summary>
    public async Task StartAgainAsync()
    {
        await StopAsync();
        _application = CreateApplication();
        await _application.StartAsync(TestContext.Current.CancellationToken);
        IServer server = _application.Services.GetRequiredService<IServer>();
        Uri[] addresses = [.. server.Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => new Uri($"https://localhost:{new Uri(address).Port}"))];
        Address = addresses[0];
        AssertedAddress = addresses is [_, var asserted] ? asserted : null;
        LastAddress = addresses[^1];
        _client = Certificates.CreateClient(Address);
    }

    /// <summary>Stops the server as a signal does, with all that it does at its end.</summary>
    public async Task ShutDownAsync()
    {
        await _application!.StopAsync(TestContext.Current.CancellationToken);
        await StopAsync();
    }

    public async Task StopAsync()
    {
        _client?.Dispose();
        if (_application is not null)
        {
            await _application.DisposeAsync();
            _application = null;
        }
    }

    public string Token(params (string Name, object? Value)[] changes) =>
        Issuer.Sign(TestIssuer.Claims(Time.GetUtcNow(), changes));

    public Task<Answer> KeyProvAsync(string? token, string? uri = null, DateTimeOffset? time = null, byte[]? body = null) =>
        PostAsync(AnnexDPaths.KeyProv(uri, time is { } at ? NtpTimestamp.FromDateTimeOffset(at) : null), token, body);

    public Task<Answer> PostAsync(
        string path, string? token, byte[]? body = null, HttpMethod? method = null, params (string Name, string Value)[] headers) =>
        SendAsync(Client, path, token, body, method, headers);

    /// <summary>Sends to wherever <paramref name="client"/> connects.</summary>
    public static async Task<Answer> SendAsync(
        HttpClient client, string path, string? token, byte[]? body = null, HttpMethod? method = null,
        params (string Name, string Value)[] headers)
    {
        UriCreationOptions asItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };
        Uri url = new(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, asItIs);
        using HttpRequestMessage request = new(method ?? HttpMethod.Post, url);
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
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/xml");
        }

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] content = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, response.Headers, response.Content.Headers.ContentType?.ToString(), content);
    }

    /// <summary>The body of a well-formed request, as a client makes it.</summary>
    public byte[] Request(
        string path, string? userUri = null, string? kmsUri = null, DateTimeOffset? time = null, string? url = null)
    {
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = userUri ?? "sip:alice.ptt@mc.test.example",
            KmsUri = kmsUri ?? KmsUri,
            Time = time ?? Time.GetUtcNow(),
            ClientReqUrl = url ?? Address.GetLeftPart(UriPartial.Authority) + path,
        }.WriteTo(body);
        return body.ToArray();
    }

    public async Task<KmsCertificate> CertificateAsync()
    {
        using Answer answer = await PostAsync(AnnexDPaths.Init, Token());
        return ((KmsInit)answer.Document.Message!).Certificate;
    }

    /// <summary>The audit log as it is on the disk.</summary>
    public async Task<List<AuditRecord>> AuditAsync()
    {
        using KmsStore store = await KmsStore.OpenAsync(
            KmsDatabase.Sqlite(Path.Combine(DataDirectory, "kms.db")), Time, TestContext.Current.CancellationToken);
        return await store.ReadAuditAsync(
            TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    public static byte[] SecretsOf(KmsKeySet keySet)
    {
        byte[] octets = new byte[257 + 32 + 65];
        keySet.ExportReceiverKey(octets.AsSpan(0, 257));
        keySet.ExportSigningSecret(octets.AsSpan(257, 32));
        keySet.ExportPublicToken(octets.AsSpan(289, 65));
        return octets;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Issuer.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>Where <see cref="Time"/> begins.</summary>
    public static DateTimeOffset StartOfPeriod() =>
        new KeyPeriodSchedule(PeriodSeconds, 0).At(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)).Start;
}

/// <summary>Keeps what was logged, to search it for what must not be there.</summary>
internal sealed class ListLoggerProvider(List<string> lines) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ListLogger(lines, categoryName);

    public void Dispose()
    {
    }

    private sealed class ListLogger(List<string> lines, string category) : ILogger
    {
        /// <summary>A scope is printed with each line by loggers that are told to: nothing secret may be in it either.</summary>
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            lock (lines)
            {
                lines.Add($"{category} scope {state}");
            }

            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
            {
                lines.Add($"{category} {eventId.Id} {formatter(state, exception)} {exception}");
            }
        }
    }
}
