using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>Databases of earlier and of later versions.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-migration-").FullName;

    private string File => Path.Combine(_directory, "kms.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_database_of_the_first_version_keeps_domain_log_and_issuances()
    {
        AuditRecord[] log = await MakeFirstVersionAsync();
        using KmsStore store = await KmsStore.OpenAsync(KmsDatabase.Sqlite(File), TimeProvider.System, Token);
        DomainRecord domain = (await store.FindActiveAsync(cancellationToken: Token)).ShouldNotBeNull();
        (domain.KmsUri, domain.Generation, domain.SecretsGeneration, domain.State).ShouldBe(
            ("kms.old.example", 1, 1, GenerationState.Active));
        (domain.StateChangedAt, domain.ValidFrom, domain.ValidTo).ShouldBe((domain.CreatedAt, null, null));
        (await store.WasIssuedAsync("kms.old.example", 1, 7, "sip:a@x", "i", "s", Token)).ShouldBeTrue();
        (await store.WasIssuedAsync("kms.old.example", 1, 7, "sip:a@x", "i", "t", Token)).ShouldBeFalse();
        AuditVerification verification = await AuditChain.VerifyAsync(store.ReadAuditAsync(Token), log[^1].ToHead(), cancellationToken: Token);
        (verification.IsValid, verification.Records).ShouldBe((true, 2));

        IssuanceRecord repeat = new("kms.old.example", 1, 1, 7, "sip:a@x", "i", "s", new byte[32], new byte[] { 1 });
        (await Should.ThrowAsync<KmsException>(store.RecordIssuanceAsync([repeat], log[0].Entry, new IssuanceConditions(), Token))).Error
            .ShouldBe(KmsError.RepeatDiffers);
        (await store.AppendAuditAsync([log[0].Entry], Token))[0].Sequence.ShouldBe(3);
    }

    [Fact]
    public async Task A_database_of_a_later_version_is_not_touched()
    {
        (await KmsStore.CreateAsync(KmsDatabase.Sqlite(File), TimeProvider.System, Token)).Dispose();
        Execute("INSERT INTO __EFMigrationsHistory VALUES ('99991231000000_Future', '99.0.0')");
        (await Should.ThrowAsync<KmsException>(KmsStore.OpenAsync(KmsDatabase.Sqlite(File), TimeProvider.System, Token))).Error
            .ShouldBe(KmsError.StoreTooNew);
    }

    private async Task<AuditRecord[]> MakeFirstVersionAsync()
    {
        await using (SqliteKmsDbContext context = new(SqliteKmsDbContext.OptionsFor(File)))
        {
            await context.GetService<IMigrator>().MigrateAsync("20261123212150_Initial", Token);
        }

        DateTimeOffset time = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
        AuditEntry entry = new() { Kind = AuditKind.Custody, KmsUri = "kms.old.example", Generation = 1, CorrelationId = "c" };
        AuditRecord first = FirstFormat(1, AuditHead.Empty, time, entry, 
            "D13C5B993F285CB29FBD055C76CFAF8E6965A2DE3A37722730B67952B2E33AA9");
        AuditRecord second = FirstFormat(2, first.ToHead(), time, entry, 
            "621F478897BD5CC30E11ED14F35F6DEB3E02AAF55DC7590B3512C31A8FA08FEA");
        foreach (AuditRecord record in (AuditRecord[])[first, second])
        {
            Execute(string.Create(CultureInfo.InvariantCulture, $"""
                INSERT INTO Audit (Sequence, PreviousHash, Time, Kind, KmsUri, Generation, CorrelationId, UserId, PublicTokenHash, Result, Hash)
                VALUES ({record.Sequence}, x'{Convert.ToHexString(record.PreviousHash.Span)}', {time.ToUnixTimeMilliseconds()}, 0,
                  'kms.old.example', 1, 'c', x'', x'', 0, x'{Convert.ToHexString(record.Hash.Span)}')
                """));
        }

        Execute("""
            INSERT INTO Domain (KmsUri, Generation, PeriodSeconds, OffsetSeconds, PublicAuthenticationKey, PublicEncryptionKey, Domains, IsLabData, CreatedAt)
            VALUES ('kms.old.example', 1, 3600, 60, x'01', x'02', '["x.example"]', 0, 1795000000000);
            INSERT INTO Issuance (Generation, PeriodNumber, UserUri, Issuer, Subject, UserId, PublicTokenHash, FirstOutcome, LastOutcome)
            VALUES (1, 7, 'sip:a@x', 'i', 's', zeroblob(32), zeroblob(32), 2, 2);
            """);
        return [first, second];
    }

    /// <summary>A record as the first version wrote it; its hash was computed by that version.</summary>
    private static AuditRecord FirstFormat(long sequence, AuditHead head, DateTimeOffset time, AuditEntry entry, string hash) =>
        AuditRecord.Restore(1, sequence, head.Hash, time, entry, Convert.FromHexString(hash));

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
