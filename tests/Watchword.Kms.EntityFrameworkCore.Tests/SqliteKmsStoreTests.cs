using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

public sealed class SqliteKmsStoreTests : KmsStoreContract
{
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-store-").FullName;
    private string File => Path.Combine(_directory, "kms.db");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_store_that_does_not_exist_is_not_opened_and_not_made()
    {
        (await ErrorOf(OpenAsync())).ShouldBe(KmsError.NoDomain);
        System.IO.File.Exists(File).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_written_is_there_for_the_next_process()
    {
        KmsStore first = await CreateAsync();
        await first.AppendAuditAsync([Entry(AuditKind.Intent, "sip:a@x")], Token);
        KmsStore second = await CreateAsync();
        await second.AppendAuditAsync([Entry(AuditKind.Intent, "sip:b@x")], Token);
        await first.AppendAuditAsync([Entry(AuditKind.Intent, "sip:c@x")], Token);
        List<AuditRecord> log = await second.ReadAuditAsync(Token).ToListAsync(Token);
        log.Count.ShouldBe(3);
        AuditChain.Verify(log).IsValid.ShouldBeTrue();
    }

    [Theory]
    [InlineData("UPDATE Audit SET Subject = 'mallory' WHERE Sequence = 1")]
    [InlineData("DELETE FROM Audit WHERE Sequence = 2")]
    [InlineData("DELETE FROM Audit")]
    public async Task The_audit_log_is_append_only_in_the_database_itself(string sql)
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Intent, "sip:a@x"), Entry(AuditKind.Intent, "sip:b@x")], Token);
        Should.Throw<SqliteException>(() => Execute(sql)).Message.ShouldContain("append-only");
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task Who_goes_round_the_triggers_is_found_by_the_chain()
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Intent, "sip:a@x"), Entry(AuditKind.Intent, "sip:b@x")], Token);
        Execute("DROP TRIGGER Audit_no_update; UPDATE Audit SET Subject = 'mallory' WHERE Sequence = 1");
        AuditVerification verification = await AuditChain.VerifyAsync(store.ReadAuditAsync(Token), cancellationToken: Token);
        (verification.Fault, verification.BrokenAt).ShouldBe((AuditFault.ContentChanged, (long?)1));
    }

    [Fact]
    public async Task A_commit_is_on_the_disk_when_it_returns()
    {
        await CreateAsync();
        await using SqliteKmsDbContext context = new(SqliteKmsDbContext.OptionsFor(File));
        await context.Database.OpenConnectionAsync(Token);
        Scalar(context, "PRAGMA journal_mode").ShouldBe("wal");
        Scalar(context, "PRAGMA synchronous").ShouldBe(2L);
    }

    [Fact]
    public async Task What_decides_about_an_issuance_is_found_by_keys_however_many_rows_there_are()
    {
        await CreateAsync();
        StoreProvider provider = Database().Provider;
        IssuanceUnit unit = new(
            [Issuance() with { Grant = 1 }], Entry(AuditKind.Intent), new IssuanceConditions { LongestSilence = TimeSpan.FromSeconds(1) },
            isOutcome: false, Token);
        List<string> plan = [];
        await using (KmsDbContext context = provider.CreateContext())
        {
            await provider.QueryAsync(
                context,
                [.. IssuanceFacts.For(provider, [unit])!.Queries.Select(query =>
                    query with { Sql = "EXPLAIN QUERY PLAN " + query.Sql, Row = row => plan.Add(row.GetString(3)) })],
                Token);
        }

        provider.Close();

        // A few generations and issuers, and the lists of parameters.
        plan.Count(step => step.StartsWith("SEARCH", StringComparison.Ordinal)).ShouldBe(3);
        plan.Where(step => step.StartsWith("SCAN", StringComparison.Ordinal)).Select(step => step.Split(' ')[1]).Distinct()
            .ShouldBeSubsetOf(["Domain", "IssuerEvents", "json_each"]);
    }

    [Fact]
    public async Task A_database_that_cannot_be_written_is_one_numbered_error()
    {
        KmsStore store = await CreateAsync();
        Execute("DROP TABLE Audit");
        (await ErrorOf(store.AppendAuditAsync([Entry(AuditKind.Custody)], Token))).ShouldBe(KmsError.StoreUnavailable);
    }

    [Fact]
    public async Task The_model_and_the_migrations_agree()
    {
        await CreateAsync();
        await using SqliteKmsDbContext context = new(SqliteKmsDbContext.OptionsFor(File));
        context.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    protected override async Task<long> CountReplaysAsync()
    {
        await using SqliteKmsDbContext context = new(SqliteKmsDbContext.OptionsFor(File));
        return await context.Replays.LongCountAsync(Token);
    }

    protected override KmsDatabase Database() => KmsDatabase.Sqlite(File);

    private async Task OpenAsync() => (await KmsStore.OpenAsync(Database(), Time, Token)).Dispose();

    private static object? Scalar(KmsDbContext context, string sql)
    {
        using System.Data.Common.DbCommand command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
