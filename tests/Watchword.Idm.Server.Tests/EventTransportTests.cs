using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

/// <summary>A receiver that knows RFC 8935 and nothing of ours, behind mutual TLS and a bearer credential; and how events are configured and kept.</summary>
public sealed class EventTransportTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_receiver_that_only_knows_the_standard_gets_each_event_until_it_acknowledges()
    {
        await using PlainReceiver receiver = await PlainReceiver.StartAsync();
        await using IdmHost idm = await IdmHost.StartAsync(receiver.Settings());
        string snapshot = await receiver.NextAsync();
        Jwt.Payload(snapshot).GetProperty("events").EnumerateObject().Single().Name.ShouldBe(SecurityEventTypes.Snapshot);
        string heartbeat = await receiver.NextAsync();
        Jwt.Payload(heartbeat).GetProperty("events").EnumerateObject().Single().Name.ShouldBe(SecurityEventTypes.Heartbeat);

        await idm.AddAliceAsync();
        receiver.Status = 503;
        string subject = (await idm.WithAccountsAsync(accounts => accounts.DisableAsync("alice"))).Subject;
        string refused = await receiver.NextAsync();
        receiver.Status = 202;
        Task<string> next = receiver.NextAsync();
        while (!next.IsCompleted)
        {
            idm.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(next, Task.Delay(10, Cancellation));
        }

        JsonElement first = Jwt.Payload(refused);
        JsonElement second = Jwt.Payload(await next);
        second.GetProperty("jti").GetString().ShouldBe(first.GetProperty("jti").GetString());
        second.GetProperty("toe").GetInt64().ShouldBe(first.GetProperty("toe").GetInt64());
        second.GetProperty("iat").GetDecimal().ShouldBeGreaterThan(first.GetProperty("iat").GetDecimal());
        second.GetProperty("sub_id").GetProperty("sub").GetString().ShouldBe(subject);
        second.GetProperty("events").GetProperty(SecurityEventTypes.AccountDisabled).GetProperty("mcptt_id").GetString().ShouldBe("sip:alice.ptt@mc.example.org");
        await ShouldVerifyAsync(idm, await next);
        idm.LogLines.Lines.ShouldContain(line => line.Contains(" 3400 ", StringComparison.Ordinal));
        idm.LogLines.Lines.ShouldAllBe(line => !line.Contains("alice", StringComparison.Ordinal));
        receiver.Credentials.ShouldAllBe(credential => credential == "Bearer event-credential");
        receiver.Certificates.ShouldAllBe(thumbprint => thumbprint == receiver.ExpectedCertificate);
    }

    [Fact]
    public async Task A_server_that_was_restored_from_a_backup_begins_its_streams_anew()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        await using Receiver receiver = await Receiver.ListenAsync(time);
        await using IdmHost idm = await IdmHost.StartAsync(receiver.Settings(), time: time);
        await receiver.TrustAsync(idm);
        await Deliveries.UntilFreshAsync(receiver, idm, time);
        string subject = (await idm.AddAliceAsync()).Subject;
        string backup = Path.Combine(idm.Directory, "backup.db");
        await using (AsyncServiceScope scope = idm.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<IdmDbContext>().Database.ExecuteSqlAsync($"VACUUM INTO {backup}", Cancellation);
        }

        await idm.WithAccountsAsync(accounts => accounts.DisableAsync("alice"));
        await Deliveries.UntilFreshAsync(receiver, idm, time);
        (await receiver.Sink.StateAsync(idm.Issuer, subject)).ShouldBe(Authorization.SubjectState.Disabled);

        Dictionary<string, string?> settings = receiver.Settings();
        settings["Idm:Issuer"] = idm.Issuer;
        settings["Idm:Listen:0"] = idm.Issuer.Replace("localhost", "127.0.0.1", StringComparison.Ordinal);
        await idm.RestartAsync(settings, between: () =>
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            string data = Path.Combine(idm.Directory, "data", "idm.db");
            File.Delete(data + "-wal");
            File.Delete(data + "-shm");
            File.Copy(backup, data, overwrite: true);
        });
        await Deliveries.UntilFreshAsync(receiver, idm, time);
        (await receiver.Sink.StateAsync(idm.Issuer, subject)).ShouldBe(Authorization.SubjectState.Enabled, "the receiver knows what the server knows");
        await idm.WithAccountsAsync(accounts => accounts.DisableAsync("alice"));
        await Deliveries.UntilFreshAsync(receiver, idm, time);
        (await receiver.Sink.StateAsync(idm.Issuer, subject)).ShouldBe(Authorization.SubjectState.Disabled);
    }

    [Fact]
    public async Task A_removed_entity_is_closed_and_one_that_returns_is_open()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new(DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()));
        await using Receiver receiver = await Receiver.ListenAsync(time);
        await using IdmHost idm = await IdmHost.StartAsync(receiver.Settings(), time: time);
        await receiver.TrustAsync(idm);
        await Deliveries.UntilFreshAsync(receiver, idm, time);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await idm.AddClientAsync(Entities.WithKey("mcx", key));
        using HttpClient http = idm.CreateClient();
        string token = (await CodeFlow.TokenAsync(http, Entities.Request(Entities.Assert(key, "mcx", idm.Issuer, time.GetUtcNow())))).AccessToken;
        (await receiver.AskAsync(token)).ShouldBe(0);
        await using (AsyncServiceScope scope = idm.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<Clients.ClientDirectory>().DeleteAsync("mcx", Cancellation);
        }

        await Deliveries.UntilFreshAsync(receiver, idm, time);
        (await receiver.AskAsync(token)).ShouldBe((int)Authorization.AuthorizationFault.SubjectDisabled);
        await idm.AddClientAsync(Entities.WithKey("mcx", key));
        time.Advance(TimeSpan.FromSeconds(1));
        await Deliveries.UntilFreshAsync(receiver, idm, time);
        (await receiver.AskAsync(token)).ShouldBe((int)Authorization.AuthorizationFault.TokenEnded, "it is of the registration before");
        string fresh = (await CodeFlow.TokenAsync(http, Entities.Request(Entities.Assert(key, "mcx", idm.Issuer, time.GetUtcNow())))).AccessToken;
        (await receiver.AskAsync(fresh)).ShouldBe(0);
    }

    [Fact]
    public async Task Accounts_that_were_disabled_before_the_upgrade_are_in_the_snapshot()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await using IdmDbContext database = new(
                new DbContextOptionsBuilder<IdmDbContext>().UseSqlite($"Data Source={file};Pooling=False").UseOpenIddict().Options);
            await database.GetService<IMigrator>().MigrateAsync("Initial", Cancellation);
            Account gone = new() { Id = Guid.NewGuid(), UserName = "gone", NormalizedUserName = "GONE", IsEnabled = false };
            Account here = new() { Id = Guid.NewGuid(), UserName = "here", NormalizedUserName = "HERE" };

            // By the columns of that time: the model of today has more.
            foreach (Account account in (Account[])[gone, here])
            {
                await database.Database.ExecuteSqlAsync(
                    $"""
                    INSERT INTO Accounts (Id, UserName, NormalizedUserName, IsEnabled, IsAdministrator, EmailConfirmed,
                        PhoneNumberConfirmed, TwoFactorEnabled, LockoutEnabled, AccessFailedCount)
                    VALUES ({account.Id}, {account.UserName}, {account.NormalizedUserName}, {account.IsEnabled}, 0, 0, 0, 0, 0, 0)
                    """,
                    Cancellation);
            }

            await database.Database.MigrateAsync(Cancellation);
            SubjectRecord record = await database.Subjects.SingleAsync(Cancellation);
            (record.Subject, record.State).ShouldBe((gone.Subject, SubjectState.Disabled));
            record.TokensEndedAt.ShouldNotBeNull();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("Endpoint", "http://kms.example.org/events")]
    [InlineData("Endpoint", "")]
    [InlineData("HeartbeatInterval", "00:00:00.1")]
    [InlineData("Timeout", "00:02:00")]
    [InlineData("SigningAlgorithm", "HS256")]
    [InlineData("CaFile", "/nonexistent/ca.pem")]
    [InlineData("ClientKeyFile", "/nonexistent/key.pem")]
    [InlineData("BearerTokenFile", "/nonexistent/token")]
    public void A_fault_in_the_configuration_of_a_receiver_is_listed(string key, string value)
    {
        OptionsValidationException faults = Should.Throw<OptionsValidationException>(() => IdmApplication.Create(
            ["--Idm:ResourceServers:0:Audience=a", "--Idm:ResourceServers:0:Events:Endpoint=https://kms.example.org/events", $"--Idm:ResourceServers:0:Events:{key}={value}", "--Idm:Listen:0=x"]));
        faults.Failures.ShouldContain(fault => fault.StartsWith("Idm:ResourceServers:0:Events", StringComparison.Ordinal));
    }

    [Fact]
    public void One_resource_server_has_one_stream()
    {
        EventReceiverOptions events = new() { Endpoint = "https://kms.example.org/events" };
        IdmOptions options = new() { ResourceServers = [new() { Audience = "a", Events = events }, new() { Audience = "a", Events = events }] };
        EventReceiverFaults.Of(options).ShouldHaveSingleItem();
    }

    private static async Task ShouldVerifyAsync(IdmHost idm, string token)
    {
        using HttpClient http = idm.CreateClient();
        JsonWebKeySet keys = JsonWebKeySet.Create(await http.GetStringAsync("/.well-known/jwks", Cancellation));
        TokenValidationResult result = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = idm.Issuer,
            ValidAudience = IdmHost.KmsAudience,
            ValidTypes = ["secevent+jwt"],
            IssuerSigningKeys = keys.Keys,
            ValidateLifetime = false,
        });
        result.IsValid.ShouldBeTrue(result.Exception?.Message);
    }

    /// <summary>Takes deliveries and answers with a status, without any header of ours.</summary>
    private sealed class PlainReceiver : IAsyncDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("watchword-plain-").FullName;
        private readonly ConcurrentQueue<string> _waiting = new();
        private readonly SemaphoreSlim _arrived = new(0);
        private WebApplication _app = null!;

        public int Status { get; set; } = 202;

        public ConcurrentQueue<string> Credentials { get; } = new();

        public ConcurrentQueue<string?> Certificates { get; } = new();

        public string ExpectedCertificate { get; private set; } = string.Empty;

        public static async Task<PlainReceiver> StartAsync()
        {
            PlainReceiver receiver = new();
            string Path_(string name) => Path.Combine(receiver._directory, name);
            TestCertificates.WriteServerFiles(Path_("tls.crt"), Path_("tls.key"));
            TestCertificates.WriteServerFiles(Path_("client.crt"), Path_("client.key"));
            SigningKeyTests.Restrict(Path_("client.key"));
            await File.WriteAllTextAsync(Path_("ca.pem"), TestCertificates.Authority.ExportCertificatePem(), Cancellation);
            await File.WriteAllTextAsync(Path_("bearer"), "event-credential\n", Cancellation);
            SigningKeyTests.Restrict(Path_("bearer"));
            using X509Certificate2 client = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(Path_("client.crt"), Cancellation));
            receiver.ExpectedCertificate = client.Thumbprint;
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelHttpsConfiguration();
            X509Certificate2 server = X509Certificate2.CreateFromPemFile(Path_("tls.crt"), Path_("tls.key"));
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = server;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.AllowAnyClientCertificate();
            })));
            receiver._app = builder.Build();
            receiver._app.MapPost("/events", receiver.TakeAsync);
            await receiver._app.StartAsync(Cancellation);
            return receiver;
        }

        public Dictionary<string, string?> Settings() => new()
        {
            ["Idm:ResourceServers:0:Events:Endpoint"] = $"https://localhost:{new Uri(_app.Urls.First()).Port}/events",
            ["Idm:ResourceServers:0:Events:CaFile"] = Path.Combine(_directory, "ca.pem"),
            ["Idm:ResourceServers:0:Events:ClientCertificateFile"] = Path.Combine(_directory, "client.crt"),
            ["Idm:ResourceServers:0:Events:ClientKeyFile"] = Path.Combine(_directory, "client.key"),
            ["Idm:ResourceServers:0:Events:BearerTokenFile"] = Path.Combine(_directory, "bearer"),
        };

        public async Task<string> NextAsync()
        {
            (await _arrived.WaitAsync(TimeSpan.FromMinutes(1), Cancellation)).ShouldBeTrue();
            _waiting.TryDequeue(out string? token).ShouldBeTrue();
            return token!;
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            _arrived.Dispose();
            Directory.Delete(_directory, recursive: true);
        }

        private async Task TakeAsync(HttpContext context)
        {
            using StreamReader reader = new(context.Request.Body);
            string token = await reader.ReadToEndAsync();
            context.Request.ContentType.ShouldBe("application/secevent+jwt");
            Credentials.Enqueue(context.Request.Headers.Authorization.ToString());
            Certificates.Enqueue(context.Connection.ClientCertificate?.Thumbprint);
            context.Response.StatusCode = Status;
            _waiting.Enqueue(token);
            _arrived.Release();
        }
    }
}
