using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Commands;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The running KMS signs its log, and an auditor verifies what he was handed without the KMS.</summary>
public sealed class AuditVerbTests : IAsyncLifetime
{
    private KmsHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Export => Path.Combine(_host.Directory, "export.jsonl");

    private string KeyFile => Path.Combine(_host.Directory, "audit.pem");

    public async ValueTask InitializeAsync() =>
        _host = await KmsHost.StartAsync(("Kms:Audit:CheckpointMinutes", "1"), ("Kms:Audit:CheckpointRecords", "1000"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_running_server_signs_checkpoints_that_its_public_key_verifies()
    {
        AuditCheckpoint made = await IssueUntilCheckpointAsync();
        await WriteKeyAsync();
        await _host.StopAsync();
        IReadOnlyList<AuditPublicKey> keys = AuditKeyFile.Read(KeyFile);
        made.IsSignedBy(keys).ShouldBeTrue();
        string[] args = ["--data", _host.DataDirectory];
        (AuditVerification own, _) = await KmsInitialization.VerifyAuditAsync(args);
        (AuditVerification found, _) = await KmsInitialization.VerifyAuditAsync([.. args, "--key", KeyFile]);
        own.SignedUpTo.ShouldBe(found.SignedUpTo);
        found.SignedUpTo.ShouldBeGreaterThanOrEqualTo(made.Sequence);

        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(KeyFile, other.ExportSubjectPublicKeyInfoPem(), Token);
        (await Should.ThrowAsync<KmsException>(KmsInitialization.VerifyAuditAsync([.. args, "--key", KeyFile])))
            .Error.ShouldBe(KmsError.AuditBroken);
    }

    [Fact]
    public async Task An_export_verifies_with_the_key_alone_and_no_change_to_it_does()
    {
        await IssueUntilCheckpointAsync();
        await WriteKeyAsync();
        await _host.StopAsync();
        (await RunAsync("export", null, "--to", Export)).ShouldContain("records exported");
        File.GetUnixFileMode(Export).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await _host.AuditAsync())[^1].Entry.CorrelationId.ShouldBe("audit-export");
        (await ErrorOf(RunAsync("export", null, "--to", Export))).ShouldBe(KmsError.ConfigurationInvalid);

        (await RunAsync("verify", Export, "--key", KeyFile)).ShouldNotContain("not proven");
        (await RunAsync("verify", Export)).ShouldContain("not proven");
        string text = await File.ReadAllTextAsync(Export, Token);
        await File.WriteAllTextAsync(Export, text.Replace("\"alice\"", "\"alicf\"", StringComparison.Ordinal), Token);
        (await ErrorOf(RunAsync("verify", Export, "--key", KeyFile))).ShouldBe(KmsError.AuditBroken);
        await File.WriteAllTextAsync(Export, text[..(text.TrimEnd('\n').LastIndexOf('\n') + 1)], Token);
        (await ErrorOf(RunAsync("verify", Export, "--key", KeyFile))).ShouldBe(KmsError.AuditBroken);
        (await ErrorOf(RunAsync("verify", Export + ".none"))).ShouldBe(KmsError.ConfigurationInvalid);
        (await ErrorOf(RunAsync("verify", Export, "--key", Export))).ShouldBe(KmsError.ConfigurationInvalid);
    }

    [Fact]
    public async Task A_log_that_was_cut_before_its_last_checkpoint_is_found()
    {
        await IssueUntilCheckpointAsync();
        await _host.StopAsync();
        await TamperAsync("DELETE FROM \"Audit\" WHERE \"Sequence\" >= (SELECT MAX(\"Sequence\") FROM \"AuditCheckpoint\")");
        (await Should.ThrowAsync<KmsException>(KmsInitialization.VerifyAuditAsync(["--data", _host.DataDirectory])))
            .Error.ShouldBe(KmsError.AuditBroken);
    }

    [Fact]
    public async Task The_running_server_does_not_sign_a_log_in_which_what_it_signed_was_rewritten()
    {
        AuditCheckpoint made = await IssueUntilCheckpointAsync();
        (await _host.KeyProvAsync(_host.Token())).Dispose();

        // A checkpoint that was on its way may come after the first time: then what it signed is rewritten too.
        while (!_host.LogText.Contains(" 2153 ", StringComparison.Ordinal))
        {
            await TamperAsync(
                $"UPDATE \"Audit\" SET \"Hash\" = randomblob(32) WHERE \"Sequence\" >= {made.Sequence}; DELETE FROM \"AuditCheckpoint\"");
            _host.Time.Advance(TimeSpan.FromSeconds(6));
            await Task.Yield();
        }

        (await _host.Services.GetRequiredService<KmsState>().Store.FindLastCheckpointAsync(Token)).ShouldBeNull();
    }

    private async Task TamperAsync(string sql)
    {
        using (SqliteConnection database = new($"Data Source={Path.Combine(_host.DataDirectory, "kms.db")};Pooling=false"))
        {
            await database.OpenAsync(Token);
            await using SqliteCommand cut = database.CreateCommand();
            cut.CommandText = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'Audit'";
            List<string> triggers = [];
            await using (SqliteDataReader reader = await cut.ExecuteReaderAsync(Token))
            {
                while (await reader.ReadAsync(Token))
                {
                    triggers.Add(reader.GetString(0));
                }
            }

            cut.CommandText = string.Concat(triggers.Select(trigger => $"DROP TRIGGER \"{trigger}\";")) + sql;
            await cut.ExecuteNonQueryAsync(Token);
        }
    }

    [Fact]
    public async Task The_verbs_are_those_of_the_executable()
    {
        await _host.StopAsync();
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using StringWriter errors = new(CultureInfo.InvariantCulture);
        (await KmsCommands.RunAsync(["audit", "public-key", .. Data], output, errors)).ShouldBe(0);
        output.ToString().ShouldStartWith("-----BEGIN PUBLIC KEY-----");
        (await KmsCommands.RunAsync(["audit", "verify"], output, errors)).ShouldBe(2);
        (await KmsCommands.RunAsync(["audit", "sign"], output, errors)).ShouldBe(2);
        (await KmsCommands.RunAsync(["audit", "verify", Export], output, errors)).ShouldBe(1);
    }

    private string[] Data => ["--data", _host.DataDirectory, "--kek-file", _host.KeyFile];

    private async Task<AuditCheckpoint> IssueUntilCheckpointAsync()
    {
        using Answer answer = await _host.KeyProvAsync(_host.Token());
        answer.Status.ShouldBe(HttpStatusCode.OK);
        IKmsStore store = _host.Services.GetRequiredService<KmsState>().Store;
        while (true)
        {
            if (await store.FindLastCheckpointAsync(Token) is { } made)
            {
                return made;
            }

            // The timer may be made only after this clock has moved: then it moves again.
            _host.Time.Advance(TimeSpan.FromSeconds(6));
        }
    }

    private async Task WriteKeyAsync() => await File.WriteAllTextAsync(KeyFile, await RunAsync("public-key", null), Token);

    private async Task<string> RunAsync(string verb, string? file, params string[] args)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        (await new AuditCommands(new CommandLine([.. Data, .. args]), output, _host.Time).RunAsync(verb, file)).ShouldBeTrue();
        return output.ToString();
    }

    private static async Task<KmsError> ErrorOf(Task task) => (await Should.ThrowAsync<KmsException>(task)).Error;
}
