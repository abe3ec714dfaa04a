using System.Globalization;
using System.Security.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The server killed with SIGKILL while it prepares ahead: whoever comes after goes on where it was.</summary>
public sealed class PreparationKillTests : IAsyncLifetime
{
    private const int Identities = 1500;
    private const int Rounds = 3;

    private readonly KmsHost _host = KmsHost.With(
        ("Kms:Preparation:Enabled", "true"), ("Kms:Preparation:BatchSize", "7"), ("Kms:FullCheckRate", "0"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Whenever_it_is_killed_no_identity_is_left_out_and_none_is_done_twice()
    {
        DomainRecord domain = await KmsInitialization.CreateDomainAsync(_host.Initialization(), TimeProvider.System, Token);
        using KmsStore store = await KmsStore.OpenAsync(
            KmsDatabase.Sqlite(Path.Combine(_host.DataDirectory, "kms.db")), TimeProvider.System, Token);
        await KeyAsync(store, domain);
        Preparation order = await OrderAsync(store);
        int killed = 0;
        for (int round = 0; round < Rounds; round++)
        {
            await using KmsProcess server = await KmsProcess.StartAsync(_host);
            long before = (await FindAsync(store)).Done;
            long least = before + RandomNumberGenerator.GetInt32(1, 200);
            killed += (await WaitAsync(store, one => one.Done >= least)).State == PreparationState.Running ? 1 : 0;
            server.Kill();
            await EndLeaseAsync(store, order.Id);
        }

        killed.ShouldBeGreaterThan(0, "it was never killed at work");
        await using (KmsProcess last = await KmsProcess.StartAsync(_host))
        {
            await WaitAsync(store, one => one.State != PreparationState.Running);
        }

        Preparation done = await FindAsync(store);
        (done.State, done.Done, done.Total, done.LeftOut).ShouldBe((PreparationState.Finished, Identities, Identities, 0));
        (await store.CountPreparedAsync(done.Id, Token)).ShouldBe(Identities);

        // What outcomes say was prepared follows without gap or overlap; a kill leaves intents without outcome at most.
        List<AuditRecord> records = await store.ReadAuditAsync(Token)
            .Where(record => record.Entry.Kind == AuditKind.Preparation).ToListAsync(Token);
        long next = 0;
        foreach (AuditRecord outcome in records.Where(record => record.Entry.IntentSequence is not null))
        {
            string[] words = outcome.Entry.Detail!.Split(' ', ',');
            int at = Array.IndexOf(words, "number");
            long first = long.Parse(words[at + 1], CultureInfo.InvariantCulture);
            (next == 0 ? first : next).ShouldBe(first);
            next = long.Parse(words[at + 3], CultureInfo.InvariantCulture) + 1;
        }

        next.ShouldBe(Identities + 1);
        (await AuditChain.VerifyAsync(store.ReadAuditAsync(Token), cancellationToken: Token)).IsValid.ShouldBeTrue();
    }

    /// <summary>As if the identities had been keyed in the current period.</summary>
    private static async Task KeyAsync(KmsStore store, DomainRecord domain)
    {
        KmsCertificate certificate = domain.ToCertificate();
        long period = domain.Schedule.At(TimeProvider.System.GetUtcNow()).Number;
        foreach (int[] part in Enumerable.Range(0, Identities).Chunk(AuditEntry.MaxKeySets))
        {
            IssuanceRecord[] issued = [.. part.Select(number =>
            {
                string uri = string.Create(CultureInfo.InvariantCulture, $"sip:user{number}@mc.test.example");
                return new IssuanceRecord(
                    domain.KmsUri, 1, 1, period, uri, TestIssuer.Name, uri, certificate.UserIdFor(uri, period).Octets.ToArray(),
                    new byte[SHA256.HashSizeInBytes]);
            })];
            AuditEntry entry = new() { Kind = AuditKind.Administration, KmsUri = domain.KmsUri, Generation = 1, CorrelationId = "c" };
            await store.RecordIssuanceAsync(issued, entry, new IssuanceConditions(), Token);
        }
    }

    private async Task<Preparation> OrderAsync(KmsStore store)
    {
        using EnvelopeCustody custody = new(
            new DirectoryDocuments(_host.DataDirectory), KeyEncryptionKeySource.FromKeyFile(_host.KeyFile));
        using PreparedKeyVault vault = new(custody);
        using SecurityDomain domain = await SecurityDomain.OpenAsync(store, custody, cancellationToken: Token);
        PreparationActs acts = new(store, vault, TimeProvider.System);
        PreparationPlan plan = await acts.PlanAsync(domain, generation: null, listed: null, Token);
        return await acts.StartAsync(Authority.Console, domain, plan, listed: null, "c", Token);
    }

    /// <summary>As if the time had passed for which a preparation stays with a node that is not heard of.</summary>
    private static Task<Preparation?> EndLeaseAsync(KmsStore store, long id) => store.ChangePreparationAsync(
        id, one => new PreparationStep(one with { LeaseUntil = DateTimeOffset.UnixEpoch }, []), Token);

    private static async Task<Preparation> FindAsync(KmsStore store) =>
        (await store.FindPreparationsAsync(null, Token)).ShouldHaveSingleItem();

    private static async Task<Preparation> WaitAsync(KmsStore store, Func<Preparation, bool> isSo)
    {
        Preparation one;
        while (!isSo(one = await FindAsync(store)) && one.State == PreparationState.Running)
        {
            await Task.Delay(5, Token);
        }

        return one;
    }
}
