using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>
/// The conversation of TS 33.180 Annex D with one KMS: plain, signed and wrapped, rotated with lost answers. Once on each
/// database.
/// </summary>
public abstract class ProtectedConversation : IAsyncLifetime
{
    /// <summary>What clients call the KMS, whatever node they reach.</summary>
    private protected const string PublicUrl = "https://kms.test.example";

    private const string Alice = "sip:alice.ptt@mc.test.example";

    private static readonly Authority Officer = new("admin", "olga", "crypto officer");

    private protected KmsHost Host { get; set; } = null!;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private TransportKeyDirectory Keys => Host.Services.GetRequiredService<KmsState>().TransportKeys;

    public abstract ValueTask InitializeAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract KmsDatabase Database();

    [Fact]
    public async Task From_plain_to_signed_and_wrapped()
    {
        // Plain, as long as nobody of the identity is enrolled.
        KmsCertificate certificate = await Host.CertificateAsync();
        using Answer plain = await Host.KeyProvAsync(Host.Token(), Alice);
        byte[] secrets = KmsHost.SecretsOf(plain.KeySets.Single());
        string receiverKey = Convert.ToHexString(secrets.AsSpan(0, 257));
        Encoding.UTF8.GetString(plain.Body).ShouldContain(receiverKey);

        using ProtectedClient client = await EnrolAsync();
        using KmsResponse init = (await client.AskAsync(AnnexDPaths.Init))!;
        ((KmsInit)init.Message!).Certificate.KmsUri.ShouldBe(KmsHost.KmsUri);
        using KmsResponse all = (await client.AskAsync(AnnexDPaths.KeyProv()))!;
        client.Unwrap(all).Select(keySet => keySet.UserUri).ShouldBe(
            [Alice, "sip:alice.video@mc.test.example", "sip:alice.data@mc.test.example"]);
        using Answer one = await Host.PostAsync(
            AnnexDPaths.KeyProv(Alice), Host.Token(), client.Sign(AnnexDPaths.KeyProv(Alice)));
        using KmsResponse answer = client.Verify(one);
        KmsKeySet keySet = client.Unwrap(answer).Single();
        KmsHost.SecretsOf(keySet).ShouldBe(secrets);
        keySet.TryValidate(certificate, out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
        validated!.Dispose();

        // Nothing of the key sets is in the answer: neither in hexadecimal nor in base64, at whatever place of the latter.
        string text = Encoding.UTF8.GetString(one.Body).ToUpperInvariant();
        text.ShouldNotContain(receiverKey[2..34]);
        text.ShouldNotContain(Convert.ToHexString(secrets.AsSpan(257, 16)));
        text.ShouldNotContain(Convert.ToHexString(secrets.AsSpan(290, 16)));
    }

    [Fact]
    public async Task A_rotation_survives_lost_answers_at_every_point()
    {
        using ProtectedClient client = await EnrolAsync();
        (await client.AskAsync(AnnexDPaths.Init))!.Dispose();
        TransportKeyClient rotated = await RotateAsync();
        (await RotateAsync()).Pending!.Number.ShouldBe(rotated.Pending!.Number);

        // The answer with the new keys is lost, twice, once of each kind; each delivers the same.
        await client.AskAsync(AnnexDPaths.Init, isLost: true);
        await client.AskAsync(AnnexDPaths.KeyProv(Alice), isLost: true);
        using KmsResponse delivered = (await client.AskAsync(AnnexDPaths.KeyProv(Alice)))!;
        ProtectedClient.NewKeyIds(delivered).ShouldBe([rotated.Pending.TransportKeyId, rotated.Pending.IntegrityKeyId]);
        client.Unwrap(delivered, pair: 0).ShouldHaveSingleItem();
        client.Pairs.Count.ShouldBe(2);

        // Until the new pair is seen the old one stays good: a retry that was under way.
        using KmsResponse late = (await client.AskAsync(AnnexDPaths.KeyProv(Alice), pair: 0))!;
        ProtectedClient.NewKeyIds(late).ShouldBe([rotated.Pending.TransportKeyId, rotated.Pending.IntegrityKeyId]);

        // The first answer under the new pair is lost, and the node restarts.
        await client.AskAsync(AnnexDPaths.KeyProv(Alice), isLost: true);
        await Host.StartAgainAsync();
        using KmsResponse next = (await client.AskAsync(AnnexDPaths.KeyProv(Alice)))!;
        ProtectedClient.NewKeyIds(next).ShouldBeEmpty();
        client.Unwrap(next).ShouldHaveSingleItem();
        using Answer old = await Host.PostAsync(AnnexDPaths.Init, Host.Token(), client.Sign(AnnexDPaths.Init, pair: 0));
        (old.Status, old.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.TransportKeyUnknown));

        (await Keys.FindAsync(KmsHost.KmsUri, Alice, "phone-1", Token))!.Pairs.ShouldHaveSingleItem().Number
            .ShouldBe(rotated.Pending.Number);
        List<AuditEntry> acts = [.. (await AuditAsync()).Where(entry => entry.Kind == AuditKind.TransportKey)];
        acts.Select(entry => entry.Subject).ShouldBe(["olga", "olga", "olga", "alice"]);
        acts.ShouldAllBe(entry => entry.UserUri == Alice && entry.KmsUri == KmsHost.KmsUri);
        acts[^1].Role.ShouldBeNull();
    }

    [Fact]
    public async Task Two_nodes_take_a_signed_request_once_and_agree_on_the_keys()
    {
        using ProtectedClient client = await EnrolAsync();
        await using WebApplication second = Host.CreateApplication();
        await second.StartAsync(Token);
        using HttpClient there = Host.Certificates.CreateClient(
            new Uri($"https://localhost:{new Uri(second.Urls.Single()).Port}"));
        HttpClient[] nodes = [Host.Client, there];
        byte[] body = client.Sign(AnnexDPaths.Init);
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            i => KmsHost.SendAsync(nodes[i % 2], AnnexDPaths.Init, Host.Token(), body)));
        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(1);
        foreach (Answer answer in answers.Where(answer => answer.Status != HttpStatusCode.OK))
        {
            using KmsResponse refusal = client.Verify(answer);
            refusal.Error!.ErrorCode.ShouldBe((int)KmsError.RequestReplayed);
        }

        // Both are asked to make new keys, and to deliver them, at the same time.
        TransportKeyDirectory[] directories = [Keys, second.Services.GetRequiredService<KmsState>().TransportKeys];
        TransportKeyClient[] rotated = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => directories[i % 2].RotateAsync(Officer, KmsHost.KmsUri, Alice, "phone-1", "c", Token))));
        rotated.Select(one => one.Pending!.TransportKeyId).Distinct().ShouldHaveSingleItem();
        byte[][] bodies = [.. Enumerable.Range(1, 8).Select(
            i => client.Sign(AnnexDPaths.Init, time: Host.Time.GetUtcNow().AddSeconds(i)))];
        answers = await Task.WhenAll(bodies.Select(
            (request, i) => KmsHost.SendAsync(nodes[i % 2], AnnexDPaths.Init, Host.Token(), request)));
        foreach (Answer answer in answers)
        {
            using KmsResponse response = client.Verify(answer);
            ProtectedClient.NewKeyIds(response)[0].ShouldBe(rotated[0].Pending!.TransportKeyId);
        }
    }

    private async Task<ProtectedClient> EnrolAsync()
    {
        await Keys.EnrolAsync(Officer, new TransportKeyEnrolment(KmsHost.KmsUri, Alice, "phone-1"), "c", Token);
        using TransportKeyFile file = await Keys.ExportAsync(
            Officer, KmsHost.KmsUri, Alice, "phone-1", PublicUrl, "c", Token);
        return new ProtectedClient(Host, file);
    }

    private Task<TransportKeyClient> RotateAsync() => Keys.RotateAsync(Officer, KmsHost.KmsUri, Alice, "phone-1", "c", Token);

    private async Task<List<AuditEntry>> AuditAsync()
    {
        using KmsStore store = await KmsStore.OpenAsync(Database(), Host.Time, Token);
        AuditChain.Verify(await store.ReadAuditAsync(Token).ToListAsync(Token)).IsValid.ShouldBeTrue();
        return await store.ReadAuditAsync(Token).Select(record => record.Entry).ToListAsync(Token);
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteProtectedConversation : ProtectedConversation
{
    public override async ValueTask InitializeAsync() => Host = await KmsHost.StartAsync(
        ("Kms:PublicBaseUrl", PublicUrl), ("Kms:Tls:ServerName", "localhost"));

    private protected override KmsDatabase Database() => KmsDatabase.Sqlite(Path.Combine(Host.DataDirectory, "kms.db"));
}

/// <summary>On PostgreSQL.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PostgreSqlProtectedConversation(PostgreSqlCluster cluster) : ProtectedConversation
{
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-kms-pg-").FullName;
    private string _connection = string.Empty;

    public override async ValueTask InitializeAsync()
    {
        _connection = await cluster.CreateDatabaseAsync(Token);
        string file = Path.Combine(_directory, "connection");
        await File.WriteAllTextAsync(file, _connection, Token);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Host = await KmsHost.StartAsync(
            ("Kms:PublicBaseUrl", PublicUrl), ("Kms:Tls:ServerName", "localhost"),
            ("Kms:Store:Provider", "PostgreSql"), ("Kms:Store:ConnectionStringFile", file));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private protected override KmsDatabase Database() => KmsDatabase.PostgreSql(_connection);
}
