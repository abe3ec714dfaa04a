using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

public sealed class PostgreSqlKmsStoreTests(PostgreSqlCluster cluster) : KmsStoreContract
{
    private string _connection = string.Empty;

    public override async ValueTask InitializeAsync() => _connection = await cluster.CreateDatabaseAsync(Token);

    [Fact]
    public async Task A_database_without_the_tables_of_a_kms_is_not_opened_and_nothing_is_made()
    {
        (await ErrorOf(OpenAsync())).ShouldBe(KmsError.NoDomain);
        (await ErrorOf(OpenAsync())).ShouldBe(KmsError.NoDomain);
    }

    [Theory]
    [InlineData("UPDATE \"Audit\" SET \"Subject\" = 'mallory' WHERE \"Sequence\" = 1")]
    [InlineData("DELETE FROM \"Audit\" WHERE \"Sequence\" = 2")]
    [InlineData("TRUNCATE \"Audit\"")]
    public async Task The_audit_log_is_append_only_in_the_database_itself(string sql)
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Intent, "sip:a@x"), Entry(AuditKind.Intent, "sip:b@x")], Token);
        (await Should.ThrowAsync<PostgresException>(ExecuteAsync(sql))).MessageText.ShouldContain("append-only");
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task Who_goes_round_the_triggers_is_found_by_the_chain()
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Intent, "sip:a@x"), Entry(AuditKind.Intent, "sip:b@x")], Token);
        await ExecuteAsync(
            """ALTER TABLE "Audit" DISABLE TRIGGER ALL; UPDATE "Audit" SET "Subject" = 'mallory' WHERE "Sequence" = 1""");
        AuditVerification verification = await AuditChain.VerifyAsync(store.ReadAuditAsync(Token), cancellationToken: Token);
        (verification.Fault, verification.BrokenAt).ShouldBe((AuditFault.ContentChanged, (long?)1));
    }

    [Fact]
    public async Task A_database_that_cannot_be_written_is_one_numbered_error()
    {
        KmsStore store = await CreateAsync();
        await ExecuteAsync("DROP TABLE \"Audit\"");
        (await ErrorOf(store.AppendAuditAsync([Entry(AuditKind.Custody)], Token))).ShouldBe(KmsError.StoreUnavailable);
        (await ErrorOf(store.ReadAuditAsync(Token).ToListAsync(Token).AsTask())).ShouldBe(KmsError.StoreUnavailable);
        await ExecuteAsync("DROP TABLE \"Subject\"");
        (await ErrorOf(store.ReadSubjectsAsync("i", Token).ToListAsync(Token).AsTask())).ShouldBe(KmsError.StoreUnavailable);
    }

    [Fact]
    public async Task A_lost_connection_is_replaced_and_what_was_not_committed_is_written_once()
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        await ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task Text_that_the_database_cannot_hold_fails_alone()
    {
        KmsStore store = await CreateAsync();
        Task[] writes = [.. Enumerable.Range(0, 40).Select(
            i => (Task)store.RecordIssuanceAsync(
                [Issuance() with { UserUri = i == 20 ? "sip:\0@x" : "sip:a@x", UserId = Octets((byte)i) }], Entry(AuditKind.Denied),
                new IssuanceConditions(), Token))];
        (await ErrorOf(writes[20])).ShouldBe(KmsError.StoreUnavailable);
        await Task.WhenAll(writes.Where((_, i) => i != 20));
        AuditChain.Verify(await store.ReadAuditAsync(Token).ToListAsync(Token)).Records.ShouldBe(39);
    }

    [Fact]
    public async Task Text_is_compared_octet_by_octet_whatever_the_collation_of_the_database()
    {
        KmsStore store = await CreateAsync();
        foreach (string uri in (string[])["b", "B", "a", "á", "A"])
        {
            await store.CreateDomainAsync(Domain() with { KmsUri = uri }, Entry(AuditKind.Custody), Token);
        }

        (await store.FindGenerationsAsync(Token)).Select(found => found.KmsUri).ShouldBe(["A", "B", "a", "b", "á"]);
    }

    [Fact]
    public async Task The_model_and_the_migrations_agree()
    {
        await CreateAsync();
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(_connection);
        await using PostgreSqlKmsDbContext context = new(PostgreSqlKmsDbContext.OptionsFor(source));
        context.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_that_dies_in_its_transaction_leaves_nothing_and_lets_the_others_go_on()
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        KmsDatabase other = Database();
        await using (KmsDbContext context = other.Provider.CreateContext())
        {
            AuditHeadQuery head = new();
            await using IDbContextTransaction begun = await other.Provider.BeginAsync(context, [head.Query], Token);
            WriteTransaction half = WriteTransaction.Begin(other.Provider, context, begun, head.Head, Time);
            half.Append([Entry(AuditKind.Intent, "sip:half@x"), Entry(AuditKind.Intent, "sip:half@x")]);
            await half.FlushAsync();
            Task waits = store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
            await ExecuteAsync("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'idle in transaction'
                """);
            await waits;
        }

        other.Provider.Close();
        List<AuditRecord> log = await store.ReadAuditAsync(Token).ToListAsync(Token);
        AuditChain.Verify(log).Records.ShouldBe(2);
        log.ShouldAllBe(record => record.Entry.Kind == AuditKind.Custody);
    }

    [Fact]
    public async Task A_commit_whose_end_is_unknown_is_reported_and_not_tried_again()
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);

        // The connection breaks in the commit itself, and each try leaves its mark in a sequence, which no rollback takes back.
        await ExecuteAsync("""
            CREATE SEQUENCE tries;
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM nextval('tries'); PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER break_off AFTER INSERT ON "Issuance" DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION break_off();
            """);
        (await ErrorOf(RecordAsync(store, Issuance()))).ShouldBe(KmsError.StoreUnavailable);
        await ExecuteAsync("DO $$ BEGIN ASSERT (SELECT last_value FROM tries) = 1; END $$");
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        AuditChain.Verify(await store.ReadAuditAsync(Token).ToListAsync(Token)).Records.ShouldBe(2);
    }

    [Fact]
    public async Task Nodes_that_start_together_on_an_empty_database_migrate_it_once()
    {
        KmsStore[] nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(CreateAsync)));
        await Task.WhenAll(nodes.Select(node => node.AppendAuditAsync([Entry(AuditKind.Custody)], Token)));
        (await nodes[0].GetAuditHeadAsync(Token)).Sequence.ShouldBe(4);
    }

    [Fact]
    public async Task A_clock_that_is_a_little_behind_takes_the_time_of_the_record_before()
    {
        KmsStore store = await CreateAsync();
        AuditRecord first = (await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token))[0];
        Time.AdjustTime(Time.GetUtcNow() - store.ClockTolerance);
        (await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token))[0].Time.ShouldBe(first.Time);
    }

    [Fact]
    public async Task A_database_of_a_later_version_is_not_touched()
    {
        await CreateAsync();
        await ExecuteAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('99991231000000_Future', '99.0.0')");
        (await ErrorOf(OpenAsync())).ShouldBe(KmsError.StoreTooNew);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_one_numbered_error_without_the_password()
    {
        KmsDatabase database = KmsDatabase.PostgreSql("Host=/nonexistent;Database=kms;Username=kms;Password=hunter2;Timeout=2");
        KmsException fault = await Should.ThrowAsync<KmsException>(KmsStore.OpenAsync(database, Time, Token));
        fault.Error.ShouldBe(KmsError.StoreUnavailable);
        fault.ToString().ShouldNotContain("hunter2");
        database.ToString().ShouldBe(nameof(KmsDatabase));
    }

    [Theory]
    [InlineData("Host=x")]
    [InlineData("Database=x")]
    [InlineData("Host=x;Database=y;Nonsense=hunter2")]
    [InlineData("Host=x;Database=y;Port=hunter2")]
    [InlineData("hunter2")]
    public void A_connection_string_that_is_none_is_refused_without_repeating_it(string text) =>
        Should.Throw<ArgumentException>(() => KmsDatabase.PostgreSql(text)).ToString().ShouldNotContain("hunter2");

    protected override async Task<long> CountReplaysAsync()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(_connection);
        await using PostgreSqlKmsDbContext context = new(PostgreSqlKmsDbContext.OptionsFor(source));
        return await context.Replays.LongCountAsync(Token);
    }

    protected override KmsDatabase Database() => KmsDatabase.PostgreSql(_connection);

    private async Task OpenAsync() => (await KmsStore.OpenAsync(Database(), Time, Token)).Dispose();

    private Task ExecuteAsync(string sql) => PostgreSqlCluster.ExecuteAsync(_connection, sql, Token);
}
