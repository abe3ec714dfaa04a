using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;

namespace Watchword.Idm.Server.Tests.Support;

/// <summary>An IdM server on Kestrel over TLS on a free port of loopback, in a temporary data directory, under a clock of its own.</summary>
internal sealed class IdmHost : IAsyncDisposable
{
    public const string Password = "correct horse battery";
    public const string KmsAudience = "https://kms.example.org";
    public const string CmsAudience = "https://cms.example.org";
    public const string NativeClient = IdmInitialization.CommandLineClientId;

    private readonly bool ownsDirectory;
    private WebApplication app;

    private IdmHost(string directory, bool ownsDirectory, WebApplication app, FakeTimeProvider time, RecordingLogger log)
    {
        Directory = directory;
        this.ownsDirectory = ownsDirectory;
        this.app = app;
        Time = time;
        LogLines = log;
    }

    public string Directory { get; }

    public FakeTimeProvider Time { get; }

    public RecordingLogger LogLines { get; }

    public string OneTimeCode { get; private set; } = string.Empty;

    public string Issuer => app.Services.GetRequiredService<IdmIssuer>().Value;

    public IServiceProvider Services => app.Services;

    public static async Task<IdmHost> StartAsync(Dictionary<string, string?>? settings = null, string? directory = null, FakeTimeProvider? time = null)
    {
        bool owns = directory is null;
        directory ??= System.IO.Directory.CreateTempSubdirectory("watchword-idm-test-").FullName;
        // A whole second: tokens hold no fractions, and the tests compare.
        time ??= new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        RecordingLogger log = new();
        WebApplication app = Build(directory, settings, time, log);
        IdmHost host = new(directory, owns, app, time, log);
        FirstAdministratorCode? code = await IdmInitialization.RunAsync(app, TestContext.Current.CancellationToken);
        host.OneTimeCode = code?.Code ?? string.Empty;
        await app.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public static WebApplication Build(
        string directory, Dictionary<string, string?>? settings, TimeProvider time, RecordingLogger log, Action<WebApplicationBuilder>? more = null)
    {
        Dictionary<string, string?> all = Settings(directory, settings);
        return IdmApplication.Create([], builder =>
        {
            builder.Configuration.AddInMemoryCollection(all);
            builder.Logging.ClearProviders().AddProvider(log);
            builder.Services.AddSingleton(time);
            more?.Invoke(builder);
        });
    }

    /// <summary>The settings of a server in a directory, with certificate files made if there are none.</summary>
    public static Dictionary<string, string?> Settings(string directory, Dictionary<string, string?>? settings)
    {
        string certificate = Path.Combine(directory, "tls.crt");
        string key = Path.Combine(directory, "tls.key");
        if (!File.Exists(certificate))
        {
            TestCertificates.WriteServerFiles(certificate, key);
        }

        Dictionary<string, string?> all = new()
        {
            ["Idm:DataDirectory"] = Path.Combine(directory, "data"),
            ["Idm:Issuer"] = "https://localhost:0",
            ["Idm:Listen:0"] = "https://127.0.0.1:0",
            ["Idm:Tls:CertificateFile"] = certificate,
            ["Idm:Tls:KeyFile"] = key,
            ["Idm:Custody:KeyEncryptionKeyFile"] = Path.Combine(directory, "kek"),
            ["Idm:IdentityDomains:0"] = "mc.example.org",
            ["Idm:LogIn:PasswordIterations"] = "10000",
            ["Idm:ResourceServers:0:Audience"] = KmsAudience,
            ["Idm:ResourceServers:1:Audience"] = CmsAudience,
        };
        foreach (McService service in AnnexB.Services)
        {
            all[$"Idm:ResourceServers:0:Scopes:{(int)service}"] = McScopes.For(service, McResource.KeyManagement);
            all[$"Idm:ResourceServers:1:Scopes:{(int)service}"] = McScopes.For(service, McResource.ConfigurationManagement);
        }

        foreach ((string name, string? value) in settings ?? [])
        {
            all[name] = value;
        }

        return all;
    }

    /// <summary>Stops and starts again on the same data, as after a reboot.</summary>
    public async Task RestartAsync(Dictionary<string, string?>? settings = null, Action? between = null)
    {
        await app.StopAsync(TestContext.Current.CancellationToken);
        await app.DisposeAsync();
        between?.Invoke();
        app = Build(Directory, settings, Time, LogLines);
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A client that trusts the test CA alone, keeps cookies, and follows no redirect.</summary>
    public HttpClient CreateClient(X509Certificate2? certificate = null)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { TestCertificates.Authority },
                },
                ClientCertificates = certificate is null ? null : [certificate],
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri(Issuer) };
    }

    public Task<AccountView> AddAccountAsync(string userName, string? mcptt = null, string? video = null, string? data = null, bool administrator = false) =>
        WithAccountsAsync(accounts => accounts.CreateAsync(new NewAccount
        {
            UserName = userName,
            Password = Password,
            McpttId = mcptt,
            McvideoId = video,
            McdataId = data,
            Administrator = administrator,
        }));

    /// <summary>alice, who has all three services under three different identities.</summary>
    public Task<AccountView> AddAliceAsync() => AddAccountAsync(
        "alice", "sip:alice.ptt@mc.example.org", "sip:alice.video@mc.example.org", "sip:alice.data@mc.example.org");

    public async Task<T> WithAccountsAsync<T>(Func<AccountDirectory, Task<T>> act)
    {
        await using AsyncServiceScope scope = app.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<AccountDirectory>());
    }

    public async Task<ClientView> AddClientAsync(NewClient client)
    {
        await using AsyncServiceScope scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ClientDirectory>().CreateAsync(client);
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        if (ownsDirectory)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}

/// <summary>Keeps every log line, scopes and state included, so that a test can look for what must not be there.</summary>
internal sealed class RecordingLogger : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyCollection<string> Lines => lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
