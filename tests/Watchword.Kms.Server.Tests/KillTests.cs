using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>
/// The server as a process of its own, killed with SIGKILL at random moments: no key set reaches a client without intent and
/// outcome in the audit log, and the domain survives.
/// </summary>
public sealed class KillTests : IAsyncLifetime
{
    private const int Provisionings = 200;
    private const int PerRound = 13;
    private const int Clients = 3;

    private readonly KmsHost _host = KmsHost.WithoutDomain();
    private readonly ConcurrentBag<Received> _received = [];
    private int _asked;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task No_key_set_leaves_without_an_audit_record_whenever_the_server_is_killed()
    {
        (int created, _, string errors) = await Tool.RunAsync(
            "dotnet", [ServerFile, "init-domain", .. Arguments(), "--kms-uri", KmsHost.KmsUri, "--create-kek", "true"]);
        created.ShouldBe(0, errors);

        byte[]? publicKey = null;
        int rounds = 0;
        while (_asked < Provisionings)
        {
            publicKey = await RunRoundAsync(publicKey);
            rounds++;
        }

        rounds.ShouldBeGreaterThanOrEqualTo(15);
        _received.Count.ShouldBeGreaterThan(Provisionings / 4);
        (await Tool.RunAsync("dotnet", [ServerFile, "verify-audit", "--data", _host.DataDirectory])).ExitCode.ShouldBe(0);
        await CheckAuditAsync();
    }

    private static string ServerFile => Path.Combine(AppContext.BaseDirectory, "Watchword.Kms.Server.dll");

    /// <summary>Starts the server, has several clients ask for keys, and kills it at a random moment between.</summary>
    private async Task<byte[]> RunRoundAsync(byte[]? publicKey)
    {
        using Process server = Tool.Start("dotnet", [ServerFile, .. Arguments()]);
        try
        {
            Uri address = await WaitForAddressAsync(server);
            using HttpClient client = _host.Certificates.CreateClient(address);
            byte[] served = await PublicKeyAsync(client);
            served.ShouldBe(publicKey ?? served);

            int killAt = RandomNumberGenerator.GetInt32(1, PerRound + 1);
            int inRound = 0;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
            {
                while (Interlocked.Increment(ref inRound) is var number && number <= PerRound)
                {
                    Task asking = AskAsync(client);
                    if (number == killAt)
                    {
                        // Not a wait for something: the randomness of the moment within the request.
                        await Task.Delay(
                            TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(60)), TestContext.Current.CancellationToken);
                        server.Kill();
                    }

                    await asking;
                }
            })));
            return served;
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private async Task AskAsync(HttpClient client)
    {
        int number = Interlocked.Increment(ref _asked);
        string uri = $"sip:user{number}@mc.test.example";
        using HttpRequestMessage request = new(HttpMethod.Post, AnnexDPaths.KeyProv());
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token($"user{number}", uri));
        try
        {
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
            response.IsSuccessStatusCode.ShouldBeTrue($"{(int)response.StatusCode} {System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 900)))}");
            using KmsResponse answer = KmsResponse.Parse(body);
            KmsKeySet keySet = ((KmsKeyProv)answer.Message!).KeySets.Single();
            byte[] token = new byte[65];
            keySet.ExportPublicToken(token);
            _received.Add(new Received(
                uri, keySet.UserId.ToHex(), Convert.ToHexString(
                    SHA256.HashData(token)), response.Headers.GetValues("X-Correlation-Id").Single()));
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or SocketException)
        {
            // Cut off by the kill: this client got no key.
        }
    }

    private async Task CheckAuditAsync()
    {
        using KmsStore store = await KmsStore.OpenAsync(
            KmsDatabase.Sqlite(Path.Combine(_host.DataDirectory, "kms.db")), TimeProvider.System, TestContext.Current.CancellationToken);
        List<AuditRecord> audit = await store.ReadAuditAsync(
            TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        AuditChain.Verify(audit).Fault.ShouldBe(AuditFault.None);
        Dictionary<long, AuditEntry> intents = audit.Where(record => record.Entry.Kind == AuditKind.Intent)
            .ToDictionary(record => record.Sequence, record => record.Entry);
        ILookup<Received, AuditEntry> outcomes = audit.Where(record => record.Entry is { Kind: AuditKind.Outcome, Result: 0 })
            .ToLookup(record => new Received(
                record.Entry.KeySets[0].UserUri,
                Convert.ToHexString(record.Entry.KeySets[0].UserId.Span),
                Convert.ToHexString(record.Entry.KeySets[0].PublicTokenHash.Span),
                record.Entry.CorrelationId), record => record.Entry);
        foreach (Received received in _received)
        {
            AuditEntry outcome = outcomes[received].ShouldHaveSingleItem();
            intents[outcome.IntentSequence!.Value].CorrelationId.ShouldBe(received.CorrelationId);
        }
    }

    private string Token(string subject, string uri) => _host.Issuer.Sign(TestIssuer.Claims(
        TimeProvider.System.GetUtcNow(),
        ("sub", subject),
        ("scope", "3gpp:mc:ptt_key_management_service"),
        ("mcptt_id", uri),
        ("mcvideo_id", null),
        ("mcdata_id", null)));

    private async Task<byte[]> PublicKeyAsync(HttpClient client)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, AnnexDPaths.Init);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token("watcher", "sip:watcher@mc.test.example"));
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        using KmsResponse answer = KmsResponse.Parse(
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return ((KmsInit)answer.Message!).Certificate.PublicEncryptionKey.Export();
    }

    private string[] Arguments() => [.. _host.Settings().SelectMany(setting => new[] { "--" + setting.Key, setting.Value! })];

    private static async Task<Uri> WaitForAddressAsync(Process server)
    {
        const string mark = "Now listening on: ";
        while (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.IndexOf(mark, StringComparison.Ordinal) is var at and >= 0)
            {
                // Read on, so that the server never waits for somebody to read its log.
                _ = server.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                _ = server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                return new Uri($"https://localhost:{new Uri(line[(at + mark.Length)..]).Port}");
            }
        }

        throw new InvalidOperationException(await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private sealed record Received(string UserUri, string UserId, string TokenHash, string CorrelationId);
}
