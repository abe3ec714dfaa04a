using System.Diagnostics;
using System.Globalization;
using System.Text;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Commands;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The custody verbs as an operator runs them, on a data directory in which a server has issued keys.</summary>
public sealed class CustodyVerbTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-custody-verbs-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => File("data");

    private string Kek => File("kek");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(File("shares"));
        await DoneAsync("init-domain", "--data", Data, "--kms-uri", KmsHost.KmsUri, "--kek-file", Kek, "--create-kek", "true");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Re_wrapping_goes_plan_run_finish_and_is_audited()
    {
        string[] both = ["--data", Data, "--kek-file", NewKey("new"), "--old-kek-file", Kek];
        (await DoneAsync(["custody", "rewrap", .. both, "--dry-run"])).ShouldContain("4 of 4 documents would be re-wrapped");
        (await FailedAsync(["custody", "rewrap", .. both, "--finish"])).ShouldBe(KmsError.RewrapIncomplete);
        (await DoneAsync(["custody", "status", "--data", Data, "--kek-file", Kek])).ShouldContain("current");
        await DoneAsync(["custody", "rewrap", .. both]);
        await DoneAsync(["custody", "rewrap", .. both, "--finish"]);
        (await DoneAsync("custody", "status", "--data", Data, "--kek-file", File("new"))).ShouldContain("current");
        (await FailedAsync(
            "custody", "create-recovery-key", "--data", Data, "--kek-file", Kek, "--threshold", "2", "--shares", "3", "--out", File("shares"))).ShouldBe(KmsError.KeyEncryptionKeyNotConfigured);
        (await AuditAsync()).ShouldBe(
        [
            ("init-domain", 0), ("custody-rewrap-finish", 0), ("custody-rewrap-finish", (int)KmsError.RewrapIncomplete),
            ("custody-rewrap", 0), ("custody-rewrap-finish", 0), ("custody-create-recovery-key", 0),
            ("custody-create-recovery-key", (int)KmsError.KeyEncryptionKeyNotConfigured),
        ]);
    }

    [Fact]
    public async Task The_log_says_who_acted_at_the_machine()
    {
        await DoneAsync("custody", "rewrap", "--data", Data, "--kek-file", Kek);
        await DoneAsync("custody", "rewrap", "--data", Data, "--kek-file", Kek, "--operator", "olga.k");
        (await FailedAsync("custody", "rewrap", "--data", Data, "--kek-file", Kek, "--operator", "olga\n")).ShouldBe(
            KmsError.ConfigurationInvalid);
        using KmsStore store = await KmsStore.OpenAsync(
            KmsDatabase.Sqlite(Path.Combine(Data, "kms.db")), TimeProvider.System, Token);
        List<AuditRecord> records = await store.ReadAuditAsync(0, Token).ToListAsync(Token);
        records.Select(record => (record.Entry.Issuer, record.Entry.Subject, record.Entry.Role)).ShouldBe(
        [
            ("local", Environment.UserName, "operator"),
            ("local", Environment.UserName, "operator"),
            ($"local:{Environment.UserName}", "olga.k", "operator"),
        ]);
    }

    [Fact]
    public async Task Nodes_with_copies_of_the_custody_files_open_what_the_others_sealed()
    {
        string[] copies = ["one", "two"];
        foreach (string copy in copies)
        {
            Directory.CreateDirectory(File(copy));
            foreach (string document in Directory.GetFiles(Data, "custody-*.json"))
            {
                System.IO.File.Copy(document, Path.Combine(File(copy), Path.GetFileName(document)));
            }
        }

        using EnvelopeCustody one = new(new DirectoryDocuments(File("one")), KeyEncryptionKeySource.FromKeyFile(Kek));
        using EnvelopeCustody two = new(new DirectoryDocuments(File("two")), KeyEncryptionKeySource.FromKeyFile(Kek));
        using SecretSealer here = await one.OpenSealerAsync(KmsHost.KmsUri, TransportKeyVault.Purpose, Token);
        using SecretSealer there = await two.OpenSealerAsync(KmsHost.KmsUri, TransportKeyVault.Purpose, Token);
        byte[] opened = new byte[3];
        there.Open(here.Seal([1, 2, 3], []), [], opened);
        opened.ShouldBe([1, 2, 3]);
        using (SecretSealer aheadHere = await one.OpenSealerAsync(KmsHost.KmsUri, PreparedKeyVault.Purpose, Token))
        using (SecretSealer aheadThere = await two.OpenSealerAsync(KmsHost.KmsUri, PreparedKeyVault.Purpose, Token))
        {
            aheadThere.Open(aheadHere.Seal([3, 2, 1], []), [], opened);
            opened.ShouldBe([3, 2, 1]);
        }

        using AuditSigningKey signsHere = await one.OpenAuditSigningKeyAsync(Token);
        using AuditSigningKey signsThere = await two.OpenAuditSigningKeyAsync(Token);
        signsHere.PublicKey.KeyId.ShouldBe(signsThere.PublicKey.KeyId);
    }

    [Fact]
    public async Task A_backup_is_verified_and_restored_under_another_key_from_shares()
    {
        string backup = File("backup");
        string[] target = ["--data", Data, "--kek-file", Kek, "--to", backup];
        (await FailedAsync(["backup", .. target])).ShouldBe(KmsError.NoRecoveryKey);
        await DoneAsync("custody", "create-recovery-key", "--data", Data, "--kek-file", Kek, "--threshold", "2", "--shares", "3",
            "--out", File("shares"));
        string[] shares = [.. Directory.GetFiles(File("shares")).Order(StringComparer.Ordinal)];
        await DoneAsync(["backup", .. target]);
        System.IO.File.GetUnixFileMode(backup).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await FailedAsync(["backup", .. target])).ShouldBe(KmsError.ConfigurationInvalid);
        (await FailedAsync("backup", "--data", Data, "--kek-file", Kek, "--to", File("another"),
            "--Kms:Store:Provider=PostgreSql", "--Kms:Store:ConnectionString=Host=localhost;Database=none"))
            .ShouldBe(KmsError.ConfigurationInvalid);
        Directory.GetFiles(Data, ".*").ShouldBeEmpty();

        string[] from = ["--from", backup, "--share-files", $"{shares[0]},{shares[2]}"];
        (await DoneAsync(["restore", .. from, "--verify"])).ShouldContain("2 test identities with the same public tokens");
        (await DoneAsync(["restore", .. from, "--dry-run"])).ShouldContain($"would restore {KmsHost.KmsUri}, generation 1");
        (await FailedAsync("restore", "--from", backup, "--share-files", shares[0], "--verify")).ShouldBe(KmsError.SharesMissing);
        string[] into = ["--data", File("restored"), "--kek-file", NewKey("other")];
        await DoneAsync(["restore", .. from, .. into]);
        (await DoneAsync("verify-audit", "--data", File("restored"))).ShouldContain("records verified");
        (await FailedAsync(["restore", .. from, .. into])).ShouldBe(KmsError.CustodyNotEmpty);
        using KmsStore store = await KmsStore.OpenAsync(
            KmsDatabase.Sqlite(Path.Combine(File("restored"), "kms.db")), TimeProvider.System, Token);
        using EnvelopeCustody custody = new(
            new DirectoryDocuments(File("restored")), KeyEncryptionKeySource.FromKeyFile(File("other")));
        (await SecurityDomain.OpenAsync(store, custody, cancellationToken: Token)).Dispose();

        // A changed octet anywhere is refused before anything is written.
        byte[] octets = System.IO.File.ReadAllBytes(backup);
        octets[^100] ^= 1;
        System.IO.File.WriteAllBytes(backup, octets);
        (await FailedAsync(["restore", .. from, "--data", File("third"), "--kek-file", NewKey("third-kek")]))
            .ShouldBe(KmsError.BackupNotOpened);
        Directory.GetFiles(File("third")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_split_key_opens_from_share_files_and_from_the_standard_input()
    {
        await DoneAsync("custody", "split-kek", "--data", Data, "--kek-file", Kek, "--threshold", "2", "--shares", "3",
            "--out", File("shares"));
        System.IO.File.Delete(Kek);
        string[] shares = [.. Directory.GetFiles(File("shares")).Order(StringComparer.Ordinal)];
        (await DoneAsync("custody", "status", "--data", Data, $"--Kms:Custody:ShareFiles:0={shares[1]}",
            $"--Kms:Custody:ShareFiles:1={shares[2]}")).ShouldContain("4 documents, 0 to be re-wrapped");
        (await FailedAsync("custody", "status", "--data", Data, $"--Kms:Custody:ShareFiles:0={shares[1]}"))
            .ShouldBe(KmsError.SharesMissing);

        // A slip in the first share, which is then typed again.
        string first = System.IO.File.ReadAllText(shares[0]);
        string slip = first.Replace("1: 0", "1: 2", StringComparison.Ordinal);
        byte[] typed = Encoding.ASCII.GetBytes(slip + first + "\n" + System.IO.File.ReadAllText(shares[2]));
        using StringWriter prompt = new(CultureInfo.InvariantCulture);
        using CustodySecret key = await new StandardInputShares(ShareKind.KeyEncryptionKey)
            .ReadAsync(new MemoryStream(typed), prompt, Token);
        key.Length.ShouldBe(32);
        string[] told = prompt.ToString().Split('\n');
        told[1].ShouldContain("60025");
        told[1].ShouldContain("line 1");
        told[2].ShouldStartWith("1 of 2 shares");
        told[3].ShouldStartWith("unsealed");
        (await Should.ThrowAsync<KmsException>(() => new StandardInputShares(ShareKind.KeyEncryptionKey)
            .ReadAsync(new MemoryStream(Encoding.ASCII.GetBytes(first)), prompt, Token))).Error.ShouldBe(KmsError.SharesMissing);
    }

    [Fact]
    public async Task A_server_starts_from_share_files()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        using CustodySecret key = KeyEncryptionKeySource.ReadKeyFile(host.KeyFile);
        IReadOnlyList<string> shares = ShareText.WriteFiles(
            KeyShare.Split(ShareKind.KeyEncryptionKey, key, 2, 3), File("shares"));
        System.IO.File.Delete(host.KeyFile);
        host.Change("Kms:Custody:KeyEncryptionKeyFile", null);
        host.Change("Kms:Custody:ShareFiles:0", shares[2]);
        (await Should.ThrowAsync<KmsException>(host.StartAgainAsync)).Error.ShouldBe(KmsError.SharesMissing);
        host.Change("Kms:Custody:ShareFiles:1", shares[0]);
        await host.StartAgainAsync();
        host.Log.ShouldContain(line => line.Contains("kind shares", StringComparison.Ordinal));
        using Answer answer = await host.KeyProvAsync(host.Token());
        answer.Status.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_domain_is_created_under_a_token_and_the_key_stays_there()
    {
        // A process of its own: SoftHSM reads its configuration from the environment of the process.
        string configuration = File("softhsm2.conf");
        Directory.CreateDirectory(File("tokens"));
        await System.IO.File.WriteAllTextAsync(
            configuration, $"directories.tokendir = {File("tokens")}\nlog.level = ERROR\n", Token);
        await RunAsync(
            configuration, "softhsm2-util", "--init-token", "--free", "--label", "kms", "--so-pin", "31415926",
            "--pin", "271828");
        string pin = NewFile("pin", "271828"u8);
        string[] token =
        [
            $"--Kms:Custody:Pkcs11:Library={SoftHsmLibrary}", "--Kms:Custody:Pkcs11:TokenLabel=kms",
            $"--Kms:Custody:Pkcs11:PinFile={pin}",
        ];
        string server = Path.Combine(AppContext.BaseDirectory, "Watchword.Kms.Server.dll");
        (await RunAsync(configuration, "dotnet", [server, "custody", "create-token-key", .. token])).ShouldContain("CKM_AES_GCM");
        await RunAsync(configuration, "dotnet",
            [server, "init-domain", "--data", File("token-data"), "--kms-uri", KmsHost.KmsUri, .. token]);
        (await RunAsync(configuration, "dotnet", [server, "custody", "status", "--data", File("token-data"), .. token]))
            .ShouldContain("under pkcs11 ");

        // From the key file of the first domain into the token, by one command.
        (await RunAsync(configuration, "dotnet",
            [server, "custody", "rewrap", "--data", Data, .. token, $"--old-kek-file={Kek}"]))
            .ShouldContain("4 of 4 documents re-wrapped");
        System.IO.File.Delete(Kek);
        (await RunAsync(configuration, "dotnet", [server, "custody", "status", "--data", Data, .. token]))
            .ShouldContain("current");
    }

    [Theory]
    [InlineData("custody", "nonsense")]
    [InlineData("custdy", "status")]
    public async Task Unknown_verbs_are_told(params string[] args) => (await RunAsync(args)).Code.ShouldBe(2);

    private static string SoftHsmLibrary => new[]
    {
        "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so",
    }.First(System.IO.File.Exists);

    private static async Task<string> RunAsync(string softHsm, string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            Environment = { ["SOFTHSM2_CONF"] = softHsm },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        process.ExitCode.ShouldBe(0, await errors);
        return output;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using StringWriter errors = new(CultureInfo.InvariantCulture);
        int code = await KmsCommands.RunAsync(args, output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    private static async Task<string> DoneAsync(params string[] args)
    {
        (int code, string output, string errors) = await RunAsync(args);
        code.ShouldBe(0, errors);
        return output;
    }

    private static async Task<KmsError> FailedAsync(params string[] args)
    {
        (int code, _, string errors) = await RunAsync(args);
        code.ShouldBe(1);
        return (KmsError)int.Parse(errors.AsSpan("KMS ".Length, 5), CultureInfo.InvariantCulture);
    }

    private string File(string name) => Path.Combine(_directory, name);

    private string NewKey(string name)
    {
        KeyEncryptionKeySource.CreateKeyFile(File(name));
        return File(name);
    }

    private string NewFile(string name, ReadOnlySpan<byte> content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        System.IO.File.SetUnixFileMode(File(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return File(name);
    }

    private async Task<List<(string, int)>> AuditAsync()
    {
        using KmsStore store = await KmsStore.OpenAsync(
            KmsDatabase.Sqlite(Path.Combine(Data, "kms.db")), TimeProvider.System, Token);
        List<(string, int)> found = [];
        await foreach (AuditRecord record in store.ReadAuditAsync(Token))
        {
            record.Entry.Kind.ShouldBe(AuditKind.Custody);
            found.Add((record.Entry.CorrelationId, record.Entry.Result));
        }

        return found;
    }
}
