using Microsoft.EntityFrameworkCore;
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
            i => (Task)store.AppendAuditAsync([Entry(AuditKind.Denied, i == 20 ? "sip:\0@x" : "sip:a@x")], Token))];
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

    protected override KmsDatabase Database() => KmsDatabase.PostgreSql(_connection);

    private async Task OpenAsync() => (await KmsStore.OpenAsync(Database(), Time, Token)).Dispose();

    private Task ExecuteAsync(string sql) => PostgreSqlCluster.ExecuteAsync(_connection, sql, Token);
}
