using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>A pair of nodes is upgraded one after the other, as <c>docs/operations.md</c> says: the one that is left works on.</summary>
public sealed class UpgradeTests(PostgreSqlCluster cluster)
{
    private const string First = "20261125192212_Initial";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_of_the_first_version_works_on_while_the_other_one_brings_the_tables_up_to_date()
    {
        string connection = await cluster.CreateDatabaseAsync(Token);
        await MigrateToFirstAsync(connection);
        await using FirstVersionNode old = new(connection, TimeProvider.System);
        await old.CreateDomainAsync(Token);
        await old.IssueAsync("sip:before@x.example", Token);
        (await KmsStore.NeedsMigrationAsync(KmsDatabase.PostgreSql(connection), Token)).ShouldBeTrue();

        // The old node never stops; the new one starts, migrates, and both write.
        using CancellationTokenSource stopped = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task working = Task.Run(() => IssueOnAsync(old, stopped.Token), Token);
        using (KmsStore upgraded = await KmsStore.OpenAsync(KmsDatabase.PostgreSql(connection), TimeProvider.System, Token))
        {
            for (int number = 0; number < 20; number++)
            {
                await IssueAsync(upgraded, $"sip:new{number}@x.example", $"sip:new{number}@x.example");
            }

            // What the old node gave out is known to the new one, to the user and to nobody else.
            await IssueAsync(upgraded, "sip:before@x.example", "sip:before@x.example");
            (await Should.ThrowAsync<KmsException>(IssueAsync(upgraded, "sip:before@x.example", "sip:other@x.example"))).Error
                .ShouldBe(KmsError.IdentityMoved);
            await WaitForMoreAsync(old, working);
        }

        await stopped.CancelAsync();
        await working;

        // Then the other one is upgraded.
        (await KmsStore.NeedsMigrationAsync(KmsDatabase.PostgreSql(connection), Token)).ShouldBeFalse();
        using KmsStore second = await KmsStore.OpenAsync(KmsDatabase.PostgreSql(connection), TimeProvider.System, Token);
        old.Issued.Count.ShouldBeGreaterThan(10);
        foreach (string userUri in old.Issued)
        {
            (await second.WasIssuedAsync(
                FirstVersionNode.KmsUri, 1, FirstVersionNode.PeriodNumber, userUri, "i", userUri, Token)).ShouldBeTrue();
        }

        (await second.FindActiveAsync(cancellationToken: Token)).ShouldNotBeNull().State.ShouldBe(GenerationState.Active);
        List<AuditRecord> log = await second.ReadAuditAsync(Token).ToListAsync(Token);
        AuditVerification verification = AuditChain.Verify(log);
        (verification.Fault, verification.OpenIntents.Count).ShouldBe((AuditFault.None, 1));
        log.Count(record => record.Format == 1).ShouldBe(2 * old.Issued.Count);
        int firstNew = log.FindIndex(record => record.Format == AuditRecord.CurrentFormat);
        log.Skip(firstNew).ShouldContain(record => record.Format == 1, "the old node wrote after the new one had begun");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_migration_only_adds(bool isPostgreSql)
    {
        using KmsDbContext context = isPostgreSql
            ? new PostgreSqlKmsDbContextFactory().CreateDbContext([])
            : new SqliteKmsDbContext(SqliteKmsDbContext.OptionsFor("unused.db"));
        IMigrationsAssembly migrations = context.GetService<IMigrationsAssembly>();
        List<string> faults = [];
        foreach ((string id, System.Reflection.TypeInfo type) in migrations.Migrations.OrderBy(one => one.Key, StringComparer.Ordinal).Skip(1))
        {
            Migration migration = migrations.CreateMigration(type, context.Database.ProviderName!);
            HashSet<string> made = [.. migration.UpOperations.OfType<CreateTableOperation>().Select(table => table.Name)];
            faults.AddRange(migration.UpOperations.Where(operation => !OnlyAdds(operation, made, isPostgreSql))
                .Select(operation => $"{id}: {operation.GetType().Name}"));
        }

        migrations.Migrations.Count.ShouldBeGreaterThan(4);
        faults.ShouldBeEmpty();
    }

    /// <summary>
    /// True if statements of the version before still work, and mean the same. On SQLite, where there is one node and so no version
    /// before that runs, rows may also be brought up to date and an index be replaced.
    /// </summary>
    private static bool OnlyAdds(MigrationOperation operation, HashSet<string> made, bool isPostgreSql) => operation switch
    {
        CreateTableOperation => true,
        AddColumnOperation column => column.IsNullable || column.DefaultValue is not null || made.Contains(column.Table),
        CreateIndexOperation index => !index.IsUnique || !isPostgreSql || made.Contains(index.Table),
        DropIndexOperation => !isPostgreSql,
        SqlOperation sql => !isPostgreSql && sql.Sql.StartsWith("UPDATE ", StringComparison.Ordinal),
        _ => false,
    };

    private static async Task IssueOnAsync(FirstVersionNode old, CancellationToken stopped)
    {
        for (int number = 0; !stopped.IsCancellationRequested; number++)
        {
            await old.IssueAsync($"sip:old{number}@x.example", Token);
        }
    }

    private static async Task WaitForMoreAsync(FirstVersionNode old, Task working)
    {
        int before = old.Issued.Count;
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        while (old.Issued.Count == before && !working.IsCompleted && await timer.WaitForNextTickAsync(Token))
        {
        }
    }

    private static async Task IssueAsync(KmsStore store, string userUri, string subject)
    {
        byte[] userId = FirstVersionNode.UserIdOf(userUri);
        AuditEntry Entry(AuditKind kind, long? intent) => new()
        {
            Kind = kind,
            KmsUri = FirstVersionNode.KmsUri,
            Generation = 1,
            CorrelationId = "new",
            Issuer = "i",
            Subject = subject,
            KeyPeriodNumber = FirstVersionNode.PeriodNumber,
            KeySets = [new AuditKeySet(userUri, "mcptt", userId, intent is null ? default : userId)],
            IntentSequence = intent,
        };
        long sequence = (await store.AppendAuditAsync([Entry(AuditKind.Intent, intent: null)], Token))[0].Sequence;
        IssuanceRecord issued = new(
            FirstVersionNode.KmsUri, 1, 1, FirstVersionNode.PeriodNumber, userUri, "i", subject, userId, userId);
        await store.RecordIssuanceAsync([issued], Entry(AuditKind.Outcome, sequence), new IssuanceConditions(), Token);
    }

    private static async Task MigrateToFirstAsync(string connection)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(connection);
        await using PostgreSqlKmsDbContext context = new(PostgreSqlKmsDbContext.OptionsFor(source));
        await context.GetService<IMigrator>().MigrateAsync(First, Token);
    }
}
