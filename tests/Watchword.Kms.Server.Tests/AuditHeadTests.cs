using Microsoft.Data.Sqlite;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>A log that is rewritten while no server runs does not fit the signed end that the node kept outside it.</summary>
public sealed class AuditHeadTests : IAsyncLifetime
{
    private KmsHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string HeadFile => Path.Combine(_host.DataDirectory, "audit-head");

    private string[] Line => ["--data", _host.DataDirectory, "--kek-file", _host.KeyFile];

    public async ValueTask InitializeAsync()
    {
        _host = await KmsHost.StartAsync();
        (await _host.KeyProvAsync(_host.Token())).Dispose();
        await _host.ShutDownAsync();
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_end_is_kept_at_shutdown_and_fits_at_the_next_start()
    {
        AuditRecord last = (await _host.AuditAsync())[^1];
        SignedAuditHead.TryParse(await File.ReadAllBytesAsync(HeadFile, Token), out SignedAuditHead? kept).ShouldBeTrue();
        kept.Head.Sequence.ShouldBe(last.Sequence);
        kept.Head.Hash.ToArray().ShouldBe(last.Hash.ToArray());
        File.GetUnixFileMode(HeadFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await _host.StartAgainAsync();
        (await _host.KeyProvAsync(_host.Token())).Dispose();
        await _host.ShutDownAsync();
        SignedAuditHead.TryParse(await File.ReadAllBytesAsync(HeadFile, Token), out SignedAuditHead? next).ShouldBeTrue();
        next.Head.Sequence.ShouldBeGreaterThan(kept.Head.Sequence);
        (await KmsInitialization.VerifyAuditAsync(["--data", _host.DataDirectory])).Found.IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task A_log_whose_end_was_cut_off_is_not_served_until_that_is_accepted_and_recorded()
    {
        // The chain that is left holds in itself.
        await ExecuteAsync("DELETE FROM Audit WHERE Sequence = (SELECT max(Sequence) FROM Audit)");
        (await StartFaultAsync()).ShouldBe(KmsError.AuditHeadMismatch);
        (await Should.ThrowAsync<KmsException>(KmsInitialization.VerifyAuditAsync(["--data", _host.DataDirectory])))
            .Error.ShouldBe(KmsError.AuditBroken);

        (await VerbAsync(1, ["audit", "accept-head", .. Line])).ShouldContain("--reason");
        string accepted = await VerbAsync(
            0, ["audit", "accept-head", .. Line, "--reason", "disk was replaced", "--operator", "olga"]);
        accepted.ShouldContain("is accepted");
        AuditRecord record = (await _host.AuditAsync())[^1];
        (record.Entry.CorrelationId, record.Entry.Subject).ShouldBe(("audit-accept-head", "olga"));
        record.Entry.Detail!.ShouldContain("disk was replaced");
        await _host.StartAgainAsync();
    }

    [Fact]
    public async Task A_log_that_was_rewritten_with_hashes_that_fit_is_found()
    {
        // Everything after the first record anew, as somebody can who writes the database and has no audit key.
        IReadOnlyList<AuditRecord> before = await _host.AuditAsync();
        await ExecuteAsync("DELETE FROM Audit WHERE Sequence > 1");
        using (EntityFrameworkCore.KmsStore store = await EntityFrameworkCore.KmsStore.OpenAsync(
            EntityFrameworkCore.KmsDatabase.Sqlite(Path.Combine(_host.DataDirectory, "kms.db")), _host.Time, Token))
        {
            foreach (AuditRecord record in before.Skip(1))
            {
                await store.AppendAuditAsync(
                    [Authority.Console.ToEntry(record.Entry.Kind, record.Entry.KmsUri, 0, "forged")], Token);
            }
        }

        (await StartFaultAsync()).ShouldBe(KmsError.AuditHeadMismatch);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("watchword-audit-head-1 1 00 0 00 00\n")]
    public async Task A_file_that_is_no_signed_head_refuses_the_start(string text)
    {
        await File.WriteAllTextAsync(HeadFile, text, Token);
        (await StartFaultAsync()).ShouldBe(KmsError.AuditHeadMismatch);
    }

    [Fact]
    public async Task A_head_that_another_key_signed_refuses_the_start()
    {
        using EnvelopeCustody other = new EphemeralCustody();
        using AuditSigningKey key = await other.OpenAuditSigningKeyAsync(Token);
        AuditRecord last = (await _host.AuditAsync())[^1];
        SignedAuditHead forged = SignedAuditHead.Sign(new AuditHead(last.Sequence, last.Hash, last.Time), key);
        await File.WriteAllBytesAsync(HeadFile, forged.Export(), Token);
        (await StartFaultAsync()).ShouldBe(KmsError.AuditHeadMismatch);
    }

    private async Task<KmsError> StartFaultAsync() =>
        (await Should.ThrowAsync<KmsException>(_host.StartAgainAsync())).Error;

    private async Task ExecuteAsync(string sql)
    {
        await using SqliteConnection connection = new($"Data Source={Path.Combine(_host.DataDirectory, "kms.db")};Pooling=False");
        await connection.OpenAsync(Token);
        await using SqliteCommand drop = connection.CreateCommand();
        drop.CommandText = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
        List<string> triggers = [];
        await using (SqliteDataReader reader = await drop.ExecuteReaderAsync(Token))
        {
            while (await reader.ReadAsync(Token))
            {
                triggers.Add(reader.GetString(0));
            }
        }

        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = string.Concat(triggers.Select(trigger => $"DROP TRIGGER \"{trigger}\";")) + sql;
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<string> VerbAsync(int expected, string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        (await KmsCommands.RunAsync(arguments, output, errors)).ShouldBe(expected, errors.ToString());
        return output.ToString() + errors;
    }
}
