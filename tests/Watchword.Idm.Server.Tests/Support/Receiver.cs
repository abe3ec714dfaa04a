using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Watchword.Authorization;
using Watchword.Identity;

namespace Watchword.Idm.Server.Tests.Support;

/// <summary>
/// A resource server on Kestrel over TLS that takes the events of an IdM server. It can be stopped and started again on its port,
/// lose deliveries, lose its memory, or be set back to an earlier one.
/// </summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly string _directory;
    private readonly SwitchedSink _sink;
    private WebApplication? _app;
    private int _port;

    private Receiver(TimeProvider time)
    {
        _time = time;
        _sink = new SwitchedSink(time);
        _directory = Directory.CreateTempSubdirectory("watchword-receiver-").FullName;
        TestCertificates.WriteServerFiles(Path.Combine(_directory, "tls.crt"), Path.Combine(_directory, "tls.key"));
        File.WriteAllText(CaFile, TestCertificates.Authority.ExportCertificatePem());
    }

    public string CaFile => Path.Combine(_directory, "ca.pem");

    public string Endpoint => $"https://localhost:{_port}/events";

    /// <summary>Answers 500 to every n-th delivery in place of looking at it; 0 to none.</summary>
    public Func<bool> Loses { get; set; } = () => false;

    /// <summary>Stores a delivery and then does as if it had not: the acknowledgement gets lost.</summary>
    public Func<bool> LosesAnswer { get; set; } = () => false;

    public SwitchedSink Sink => _sink;

    /// <summary>When the issuer confirmed the last token that was let in; null if it was not asked.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Listens on a port, which is needed to configure the IdM server, before it can know its issuer.</summary>
    public static async Task<Receiver> ListenAsync(TimeProvider time)
    {
        Receiver receiver = new(time);
        await receiver.StartAsync(null);
        return receiver;
    }

    /// <summary>The settings of an IdM server that tells this receiver.</summary>
    public Dictionary<string, string?> Settings() => new()
    {
        ["Idm:ResourceServers:0:Events:Endpoint"] = Endpoint,
        ["Idm:ResourceServers:0:Events:CaFile"] = CaFile,
    };

    public Task TrustAsync(IdmHost idm, params (string Key, string Value)[] more) => StartAsync(idm, more);

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            _app = null;
        }
    }

    /// <summary>Asks for the resource with a token.</summary>
    public async Task<int> AskAsync(string token)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"https://localhost:{_port}/keys");
        request.Headers.Authorization = new("Bearer", token);
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode
            ? 0
            : System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty("code").GetInt32();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    public async Task StartAsync(IdmHost? idm, params (string Key, string Value)[] more)
    {
        await StopAsync();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(Path.Combine(_directory, "tls.crt"), Path.Combine(_directory, "tls.key"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen => listen.UseHttps(certificate)));
        string issuer = idm?.Issuer ?? "https://nobody.example.org";
        Dictionary<string, string?> settings = new()
        {
            ["Authorization:Audience"] = IdmHost.KmsAudience,
            ["Authorization:Issuers:0:Issuer"] = issuer,
            ["Authorization:Issuers:0:MetadataAddress"] = issuer + "/.well-known/openid-configuration",
            ["Authorization:Issuers:0:CaFile"] = CaFile,
            ["Authorization:Issuers:0:IdentityDomains:0"] = "mc.example.org",
            ["Authorization:Issuers:0:SecurityEvents:Policy"] = "Refuse",
            ["Authorization:Issuers:0:SecurityEvents:MaxSilence"] = "00:00:30",
            ["Authorization:FetchRetryDelay"] = "00:00:01",
        };
        foreach ((string key, string value) in more)
        {
            settings["Authorization:Issuers:0:" + key] = value;
        }

        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton(_time);
        builder.Services.AddSingleton<ISecurityEventSink>(_sink);
        builder.Services.AddWatchwordAuthorization(builder.Configuration.GetSection("Authorization"));
        WebApplication app = builder.Build();
        app.Use(async (context, next) =>
        {
            if (context.Request.Path == "/events" && Loses())
            {
                context.Response.StatusCode = 500;
                return;
            }

            if (context.Request.Path == "/events" && LosesAnswer())
            {
                context.Response.OnStarting(() =>
                {
                    context.Response.StatusCode = 500;
                    context.Response.Headers.Clear();
                    return Task.CompletedTask;
                });
            }

            await next(context);
        });
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapSecurityEvents("/events");
        app.MapGet("/keys", (HttpContext context) =>
        {
            ConfirmedAt = AccessTokenPrincipal.From(context.User)?.ConfirmedAt;
            return "keys";
        }).RequireMcScope(McResource.KeyManagement);
        await app.StartAsync();
        _port = new Uri(app.Urls.First()).Port;
        _app = app;
        Client?.Dispose();
        SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(TestCertificates.Authority);
        Client = new HttpClient(handler);
    }
}

/// <summary>A sink whose memory a test may replace, and which tells of every acceptance.</summary>
internal sealed class SwitchedSink(TimeProvider time) : ISecurityEventSink
{
    private readonly Lock _gate = new();
    private readonly List<(string Issuer, string Type, long Sequence, StreamOutcome Outcome)> _seen = [];
    private readonly List<SecurityEvent> _applied = [];
    private MemorySecurityEventSink _memory = new(time);
    private TaskCompletionSource _changed = NewChange();

    public IReadOnlyList<(string Issuer, string Type, long Sequence, StreamOutcome Outcome)> Seen
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>Everything is forgotten, as with a new database.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _memory = new MemorySecurityEventSink(time);
            _applied.Clear();
        }
    }

    /// <summary>The newest events are forgotten, as with a database from a backup.</summary>
    public async Task RestoreAsync(int events)
    {
        SecurityEvent[] kept;
        lock (_gate)
        {
            kept = [.. _applied.SkipLast(events)];
        }

        Forget();
        foreach (SecurityEvent securityEvent in kept)
        {
            await AcceptAsync(securityEvent, default);
        }
    }

    public async Task<SecurityEventOutcome> AcceptAsync(SecurityEvent securityEvent, CancellationToken cancellationToken)
    {
        SecurityEventOutcome outcome = await _memory.AcceptAsync(securityEvent, cancellationToken);
        TaskCompletionSource changed;
        lock (_gate)
        {
            _seen.Add((securityEvent.Issuer, securityEvent.Type, securityEvent.Sequence, outcome.Outcome));
            if (outcome.Outcome == StreamOutcome.Applied && !securityEvent.IsHeartbeat)
            {
                _applied.Add(securityEvent);
            }

            changed = _changed;
            _changed = NewChange();
        }

        changed.TrySetResult();
        return outcome;
    }

    public ValueTask<EventStreamState?> GetStreamStateAsync(string issuer, CancellationToken cancellationToken) =>
        _memory.GetStreamStateAsync(issuer, cancellationToken);

    public ValueTask<SubjectStanding> GetStandingAsync(string issuer, string subject, CancellationToken cancellationToken) =>
        _memory.GetStandingAsync(issuer, subject, cancellationToken);

    public async Task<SubjectState> StateAsync(string issuer, string subject) =>
        (await GetStandingAsync(issuer, subject, TestContext.Current.CancellationToken)).State;

    /// <summary>The next acceptance after this call.</summary>
    public Task NextAsync()
    {
        lock (_gate)
        {
            return _changed.Task;
        }
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
