using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>
/// Two nodes on one PostgreSQL, each a process, under the load of several clients; one is killed with SIGKILL in the middle and
/// started again. Clients see connections break and ask the other node; nobody ever gets a wrong answer.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class NodeKillTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private const int Clients = 6;
    private const int Identities = 40;
    private const int AnswersOfEachNode = 60;

    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-kms-pg-").FullName;
    private readonly ConcurrentDictionary<(string UserUri, string UserId), string> _keySets = new();
    private readonly ConcurrentBag<Received> _received = [];
    private readonly HttpClient?[] _nodes = new HttpClient?[2];
    private readonly int[] _answers = new int[2];
    private readonly TaskCompletionSource _underLoad = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private KmsHost _host = null!;
    private KmsCertificate _certificate = null!;
    private string _connection = string.Empty;
    private int _broken;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await cluster.CreateDatabaseAsync(Token);
        string file = Path.Combine(_directory, "connection");
        await File.WriteAllTextAsync(file, _connection, Token);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _host = KmsHost.With(("Kms:Store:Provider", "PostgreSql"), ("Kms:Store:ConnectionStringFile", file));
        await KmsInitialization.CreateDomainAsync(_host.Initialization(), TimeProvider.System, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_node_killed_under_load_costs_retries_and_nothing_else()
    {
        KmsProcess[] nodes = await Task.WhenAll(KmsProcess.StartAsync(_host), KmsProcess.StartAsync(_host));
        await using KmsProcess first = nodes[0];
        await using KmsProcess second = nodes[1];
        _nodes[0] = _host.Certificates.CreateClient(first.Address);
        _nodes[1] = _host.Certificates.CreateClient(second.Address);
        _certificate = await CertificateAsync(_nodes[0]!);

        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task load = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => AskOnAsync(enough.Token))));
        await (await Task.WhenAny(_underLoad.Task, load));
        first.Kill();
        await using KmsProcess again = await KmsProcess.StartAsync(_host);
        int before = Volatile.Read(ref _answers[0]);
        using HttpClient killed = Interlocked.Exchange(ref _nodes[0], _host.Certificates.CreateClient(again.Address))!;
        await WaitForAnswersAsync(before + AnswersOfEachNode, load);
        await enough.CancelAsync();
        await load;

        _broken.ShouldBeGreaterThan(0);
        _answers[1].ShouldBeGreaterThan(AnswersOfEachNode);
        _keySets.Select(keySet => keySet.Key.UserUri).Distinct().Count().ShouldBe(Identities);
        await CheckAuditAsync();
        _nodes[0]!.Dispose();
        _nodes[1]!.Dispose();
    }

    /// <summary>One client: asks for random identities at random nodes until told that it is enough.</summary>
    private async Task AskOnAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            int number = RandomNumberGenerator.GetInt32(Identities);
            int node = RandomNumberGenerator.GetInt32(_nodes.Length);
            // A node that does not answer is not asked twice: the other one has the same keys.
            if (!await TryAskAsync(node, number) && !await TryAskAsync(1 - node, number))
            {
                throw new InvalidOperationException("neither node answered");
            }

            if (_received.Count > 2 * Clients * Clients)
            {
                _underLoad.TrySetResult();
            }
        }
    }

    /// <summary>Asks one node; false if the connection broke. Whatever does answer must answer right.</summary>
    private async Task<bool> TryAskAsync(int node, int number)
    {
        string uri = $"sip:user{number}@mc.test.example";
        using HttpRequestMessage request = new(HttpMethod.Post, AnnexDPaths.KeyProv());
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken($"user{number}", uri));
        HttpResponseMessage response;
        byte[] body;
        try
        {
            response = await Volatile.Read(ref _nodes[node])!.SendAsync(request, Token);
            body = await response.Content.ReadAsByteArrayAsync(Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            Interlocked.Increment(ref _broken);
            return false;
        }

        using (response)
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            Take(uri, body, response.Headers.GetValues("X-Correlation-Id").Single());
        }

        Interlocked.Increment(ref _answers[node]);
        return true;
    }

    private void Take(string uri, byte[] body, string correlationId)
    {
        using KmsResponse answer = KmsResponse.Parse(body);
        KmsKeySet keySet = ((KmsKeyProv)answer.Message!).KeySets.Single();
        keySet.UserUri.ShouldBe(uri);
        byte[] secrets = KmsHost.SecretsOf(keySet);
        string fingerprint = Convert.ToHexString(SHA256.HashData(secrets));
        string known = _keySets.GetOrAdd((uri, keySet.UserId.ToHex()), _ =>
        {
            keySet.TryValidate(_certificate, out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
            validated!.Dispose();
            return fingerprint;
        });
        fingerprint.ShouldBe(known);
        _received.Add(new Received(
            uri, keySet.UserId.ToHex(), Convert.ToHexString(SHA256.HashData(secrets.AsSpan(289, 65))), correlationId));
    }

    private async Task WaitForAnswersAsync(int count, Task load)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (Volatile.Read(ref _answers[0]) < count && !load.IsCompleted && await timer.WaitForNextTickAsync(Token))
        {
        }
    }

    private async Task CheckAuditAsync()
    {
        using KmsStore store = await KmsStore.OpenAsync(KmsDatabase.PostgreSql(_connection), TimeProvider.System, Token);
        List<AuditRecord> audit = await store.ReadAuditAsync(Token).ToListAsync(Token);
        AuditVerification verification = AuditChain.Verify(audit);
        verification.Fault.ShouldBe(AuditFault.None);

        // What the killed node had begun: at most one request of each client.
        verification.OpenIntents.Count.ShouldBeLessThanOrEqualTo(Clients);
        AuditKeySet[] issued = [.. audit.Where(record => record.Entry is { Kind: AuditKind.Outcome, Result: 0 })
            .SelectMany(record => record.Entry.KeySets)];
        (string UserId, string Keys)[] different = [.. issued
            .Select(keySet => (Convert.ToHexString(keySet.UserId.Span), keySet.UserUri + Convert.ToHexString(keySet.PublicTokenHash.Span)))
            .Distinct()];
        different.Select(keySet => keySet.UserId).ShouldBeUnique();
        HashSet<Received> outcomes = [.. audit.Where(record => record.Entry is { Kind: AuditKind.Outcome, Result: 0 })
            .Select(record => new Received(
                record.Entry.KeySets[0].UserUri,
                Convert.ToHexString(record.Entry.KeySets[0].UserId.Span),
                Convert.ToHexString(record.Entry.KeySets[0].PublicTokenHash.Span),
                record.Entry.CorrelationId))];
        _received.ShouldAllBe(received => outcomes.Contains(received));
    }

    private async Task<KmsCertificate> CertificateAsync(HttpClient client)
    {
        using Answer answer = await KmsHost.SendAsync(
            client, AnnexDPaths.Init, AccessToken("watcher", "sip:watcher@mc.test.example"));
        return ((KmsInit)answer.Document.Message!).Certificate;
    }

    private string AccessToken(string subject, string uri) => _host.Issuer.Sign(TestIssuer.Claims(
        TimeProvider.System.GetUtcNow(),
        ("sub", subject),
        ("scope", "3gpp:mc:ptt_key_management_service"),
        ("mcptt_id", uri),
        ("mcvideo_id", null),
        ("mcdata_id", null)));

    private sealed record Received(string UserUri, string UserId, string TokenHash, string CorrelationId);
}
