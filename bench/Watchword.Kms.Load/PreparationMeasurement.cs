using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Kms.Load;

/// <summary>
/// Prepares the keys of many identities ahead, in this process and on a real store, as a node does it on all processors: rate,
/// processor time of each process, and how long a million would take at that.
/// </summary>
internal static class PreparationMeasurement
{
    private const string KmsUri = "kms.load.example";
    private const int Million = 1_000_000;

    /// <summary>Runs it.</summary>
    /// <param name="directory">For the store.</param>
    /// <param name="cluster">The PostgreSQL; null for SQLite.</param>
    /// <param name="identities">How many.</param>
    /// <param name="share">The share of the processors.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<object> RunAsync(
        string directory, PostgreSqlCluster? cluster, int identities, double share, CancellationToken cancellationToken)
    {
        KmsDatabase database = cluster is null
            ? KmsDatabase.Sqlite(Path.Combine(directory, "kms.db"))
            : KmsDatabase.PostgreSql(cluster.ConnectionString);
        using KmsStore store = await KmsStore.CreateAsync(database, TimeProvider.System, cancellationToken);
        using EphemeralCustody custody = new();
        using PreparedKeyVault vault = new(custody);
        using TransportKeyVault transportKeys = new(custody);
        DomainRecord domain = await SecurityDomain.CreateAsync(
            new DomainDescription(KmsUri, new KeyPeriodSchedule(30 * 86_400, 0)), store, custody, TimeProvider.System,
            cancellationToken);
        using KmsInstallation installation = await KmsInstallation.OpenAsync(
            store, custody, new Dictionary<string, DomainPolicy> { [KmsUri] = new() }, TimeProvider.System,
            cancellationToken: cancellationToken);
        await SeedAsync(store, domain, identities, cancellationToken);

        PreparationActs acts = new(store, vault, TimeProvider.System);
        SecurityDomain open = installation.Find(KmsUri)!.Domain;
        PreparationPlan plan = await acts.PlanAsync(open, generation: null, listed: null, cancellationToken);
        await acts.StartAsync(Authority.Console, open, plan, listed: null, "load", cancellationToken);
        PreparationRunner runner = new(
            store, installation, vault, transportKeys, new PreparationSettings(share), TimeProvider.System);
        double Database() => cluster is null ? 0 : ProcessorTime.OfFamily(cluster.ProcessId);
        double own = ProcessorTime.Of(Environment.ProcessId);
        double databaseBefore = Database();
        long begin = Stopwatch.GetTimestamp();
        Preparation done = await runner.RunAsync(cancellationToken)
            ?? throw new InvalidOperationException("Nothing was prepared.");
        double elapsed = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        double ownSeconds = ProcessorTime.Of(Environment.ProcessId) - own;
        double databaseSeconds = Database() - databaseBefore;
        return new
        {
            Store = cluster is null ? "SQLite" : "PostgreSQL",
            State = done.State.ToString(),
            Identities = done.Done,
            Stored = await store.CountPreparedAsync(done.Id, cancellationToken),
            Processors = Environment.ProcessorCount,
            ProcessorShare = share,
            Seconds = Math.Round(elapsed, 1),
            IdentitiesPerSecond = Math.Round(done.Done / elapsed),
            MicrosecondsPerIdentity = new
            {
                Kms = Math.Round(ownSeconds / done.Done * 1e6),
                PostgreSql = Math.Round(databaseSeconds / done.Done * 1e6),
            },
            MinutesForAMillion = new
            {
                AsMeasured = Math.Round(Million / (done.Done / elapsed) / 60, 1),
                ByProcessorTimeOnTwoIdleCores = Math.Round((ownSeconds + databaseSeconds) / done.Done * Million / 2 / 60, 1),
            },
            MemoryMiB = Math.Round(ProcessorTime.MemoryOf(Environment.ProcessId)),
        };
    }

    /// <summary>Identities that were keyed in the current period, as the store records them.</summary>
    private static async Task SeedAsync(
        KmsStore store, DomainRecord domain, int identities, CancellationToken cancellationToken)
    {
        KmsCertificate certificate = domain.ToCertificate();
        long period = domain.Schedule.At(TimeProvider.System.GetUtcNow()).Number;
        foreach (int[] part in Enumerable.Range(0, identities).Chunk(AuditEntry.MaxKeySets))
        {
            IssuanceRecord[] issued = [.. part.Select(number =>
            {
                string uri = string.Create(CultureInfo.InvariantCulture, $"sip:user{number}@load.example");
                return new IssuanceRecord(
                    KmsUri, domain.Generation, domain.SecretsGeneration, period, uri, "https://idm.load.example", uri,
                    certificate.UserIdFor(uri, period).Octets.ToArray(), RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes));
            })];
            AuditEntry entry = new()
            {
                Kind = AuditKind.Outcome, KmsUri = KmsUri, Generation = domain.Generation, CorrelationId = "seed",
            };
            await store.RecordIssuanceAsync(issued, entry, new IssuanceConditions(), cancellationToken);
        }
    }
}
