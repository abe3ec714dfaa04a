using System.Text.Json.Nodes;
using Watchword.Cli;
using Watchword.Kms;
using Watchword.Kms.Server;
using Watchword.Lab;

namespace Watchword.SystemTests.KmsAdministration;

/// <summary>
/// Every verb over the admin API, against a KMS that listens: two crypto officers, a user administrator and an auditor, each with
/// a log-in of his own at the IdM server.
/// </summary>
public sealed partial class KmsAdministrationTests
{
    private const string Home = LabDomain.KmsUri;
    private const string Other = LabDomain.PartnerKmsUri;

    [Fact]
    public async Task Every_verb_does_what_it_says_and_its_dry_run_changes_nothing()
    {
        await using AdministeredLab lab = await AdministeredLab.StartAsync();
        string[] officials =
            [LabDomain.Officer, LabDomain.SecondOfficer, LabDomain.UserAdministrator, LabDomain.Auditor];
        foreach (string official in officials)
        {
            JsonObject logIn = await lab.LogInOfficialAsync(official);
            logIn["scopes"]!.AsArray().Select(scope => (string)scope!)
                .ShouldContain($"watchword:kms:{lab.Description.Users[official].KmsRole}");
        }

        await WrongRoleAsync(lab);
        await ClientsAsync(lab);
        await PreparationAsync(lab);
        await PartnersAsync(lab);
        await EndOfGenerationAsync(lab);
        await AuditAsync(lab);
        await CustodyAndBackupAsync(lab);

        IEnumerable<string> all = AdministeredLab.Commands.Select(UsageError.FullName);
        lab.Done.ShouldBeSubsetOf([.. all, .. lab.Done]);
        all.Except(lab.Done).ShouldBeEmpty("these were never seen to go well");
        AdministeredLab.Commands.Where(command => command.Options.Any(option => option.Name == "--dry-run"))
            .Select(UsageError.FullName).Except(lab.Tried)
            .ShouldBeEmpty("the dry runs of these were never seen to change nothing");
    }

    [Fact]
    public async Task One_person_is_never_in_two_roles()
    {
        await using AdministeredLab lab = await AdministeredLab.StartAsync();
        await lab.LogInAsync(LabDomain.Administrator, "--admin");
        await lab.LogInOfficialAsync(LabDomain.Officer);
        await lab.RunAsync(LabDomain.Officer, ["domain", "prepare", "--domain", Home, "--new-secrets"]);

        // At the IdM server: not two at a time.
        string[] asAuditor = ["admin", "role", "grant", LabDomain.Officer, "auditor"];
        await lab.FailAsync(LabDomain.Administrator, ExitCode.Refused, asAuditor);

        // At the KMS: not one after the other in the same domain, whatever the IdM server says.
        JsonObject revoked = await lab.RunAsync(
            LabDomain.Administrator, ["admin", "role", "revoke", LabDomain.Officer, "crypto-officer"]);
        revoked["kmsRoles"]!.AsArray().ShouldBeEmpty();
        await lab.WaitForEventsAsync();
        await lab.FailAsync(LabDomain.Officer, ExitCode.NotLoggedIn, ["domain", "list"]);
        await lab.FailAsync(
            LabDomain.Officer, ExitCode.NotLoggedIn, ["domain", "prepare", "--domain", Home]);

        JsonObject granted = await lab.RunAsync(LabDomain.Administrator, asAuditor);
        granted["kmsRoles"]!.AsArray().Select(role => (string)role!).ShouldBe(["auditor"]);
        await NextSecondAsync();
        await lab.LogInIntoAsync(
            LabDomain.Officer, "former-officer", "--kms-role", "auditor", "--kms-admin", lab.Description.KmsAdmin);
        JsonObject refused = await lab.FailAsync("former-officer", ExitCode.Refused, ["audit", "checkpoint"]);
        ((int)refused["number"]!).ShouldBe((int)KmsError.RoleConflict);

        // Who acted in no other role is taken.
        await lab.RunAsync(LabDomain.Administrator, ["admin", "role", "revoke", LabDomain.SecondOfficer, "crypto-officer"]);
        await lab.RunAsync(LabDomain.Administrator, ["admin", "role", "grant", LabDomain.SecondOfficer, "auditor"]);
        await NextSecondAsync();
        await lab.LogInAsync(
            LabDomain.SecondOfficer, "--kms-role", "auditor", "--kms-admin", lab.Description.KmsAdmin);
        await lab.RunAsync(LabDomain.SecondOfficer, ["audit", "checkpoint"]);
    }

    /// <summary>A token says in whole seconds when it was issued; one of the second in which all log-ins were ended is ended
    /// too.</summary>
    private static Task NextSecondAsync() => Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);

    /// <summary>Each command by somebody whose role may not, with arguments that would do.</summary>
    private static async Task WrongRoleAsync(AdministeredLab lab)
    {
        string file = lab.PathOf("never");
        await File.WriteAllTextAsync(file + ".xml", "<x/>", TestContext.Current.CancellationToken);
        string[] client = ["--domain", Home, "--user-uri", "sip:a@lab.example", "--client", "c"];
        (string By, string[] Command)[] table =
        [
            (LabDomain.Auditor, ["domain", "prepare", "--domain", Home]),
            (LabDomain.Auditor, ["domain", "activate", "1", "--domain", Home]),
            (LabDomain.UserAdministrator, ["domain", "taint", "1", "--domain", Home, "--reason", "r"]),
            (LabDomain.UserAdministrator, ["domain", "revoke", "1", "--domain", Home, "--reason", "r"]),
            (LabDomain.Auditor, ["domain", "prepare-keys", "--domain", Home, "--no-wait"]),
            (LabDomain.UserAdministrator, ["domain", "preparations", "--domain", Home]),
            (LabDomain.Auditor, ["domain", "stop-preparing", "1", "--domain", Home]),
            (LabDomain.Officer, ["client", "enrol", .. client]),
            (LabDomain.Officer, ["client", "export", .. client, "--out", file]),
            (LabDomain.Officer, ["client", "list", "--domain", Home]),
            (LabDomain.Auditor, ["client", "rotate", "--domain", Home, "--all"]),
            (LabDomain.Auditor, ["client", "revoke", .. client, "--reason", "r"]),
            (LabDomain.UserAdministrator, ["partner", "list", "--domain", Home]),
            (LabDomain.UserAdministrator, ["partner", "history", "--domain", Home]),
            (LabDomain.Auditor, ["partner", "import", file + ".xml", "--domain", Home]),
            (LabDomain.Auditor, ["partner", "approve", "1", "--domain", Home, "--fingerprint", "00"]),
            (LabDomain.Auditor, ["partner", "revoke", "1", "--domain", Home, "--reason", "r"]),
            (LabDomain.Officer, ["audit", "export", "--out", file]),
            (LabDomain.Officer, ["audit", "query", "--subject", "s"]),
            (LabDomain.UserAdministrator, ["audit", "checkpoint"]),
            (LabDomain.Auditor, ["backup", "create", "--out", file]),
            (LabDomain.UserAdministrator, ["backup", "verify", file + ".xml"]),
            (LabDomain.UserAdministrator, ["custody", "status"]),
            (LabDomain.Auditor, ["custody", "rewrap"]),
        ];
        foreach ((string by, string[] command) in table)
        {
            JsonObject error = await lab.FailAsync(by, ExitCode.Refused, command);
            ((int)error["number"]!).ShouldBe((int)KmsError.RoleMissing, string.Join(' ', command));
        }

        File.Exists(file).ShouldBeFalse();

        // Open to all roles, or without the KMS.
        string[] open = ["watchword domain list", "watchword domain show", "watchword audit verify"];
        table.Select(row => AdministeredLab.NameOf(row.Command)).Concat(open).ShouldBe(
            AdministeredLab.Commands.Select(UsageError.FullName), ignoreOrder: true);
    }

    /// <summary>A generation with secrets of its own that takes over at once.</summary>
    private static async Task NewGenerationAsync(AdministeredLab lab)
    {
        string officer = LabDomain.Officer;
        await lab.TryThenRunAsync(officer, "generation.generation", "domain", "prepare", "--domain", Other, "--new-secrets");
        JsonObject shown = await lab.RunAsync(LabDomain.Auditor, ["domain", "show", "2", "--domain", Other]);
        ((string)shown["state"]!).ShouldBe("prepared");
        JsonObject active = await lab.TryThenRunAsync(
            officer, "reach.requesters", "domain", "activate", "2", "--domain", Other, "--at", "2020-01-01T00:00:00Z");
        ((string)active["generation"]!["state"]!).ShouldBe("active");
    }

    /// <summary>Keys made ahead, of more identities than are done before somebody stops it.</summary>
    private static async Task PreparationAsync(AdministeredLab lab)
    {
        const int Identities = 20_000;
        string officer = LabDomain.Officer;
        string list = lab.PathOf("identities");
        await File.WriteAllLinesAsync(
            list,
            Enumerable.Range(0, Identities).Select(i => $"{lab.Description.Idm}\tsubject{i}\tsip:ahead{i}@{LabDomain.IdentityDomain}"),
            TestContext.Current.CancellationToken);
        JsonObject begun = await lab.TryThenRunAsync(
            officer, "affected", "domain", "prepare-keys", "--domain", Home, "--list", list, "--no-wait");
        ((int)begun["preparation"]!["total"]!).ShouldBe(Identities);
        string number = begun["preparation"]!["id"]!.ToString();
        await lab.TryThenRunAsync(officer, "affected", "domain", "stop-preparing", number, "--domain", Home);
        JsonObject seen = await lab.RunAsync(LabDomain.Auditor, ["domain", "preparations", "--domain", Home]);
        ((string)seen["preparations"]!.AsArray().Single()!["state"]!).ShouldBe("stopped");
    }

    private static async Task EndOfGenerationAsync(AdministeredLab lab)
    {
        string officer = LabDomain.Officer;
        JsonObject early = await lab.FailAsync(
            officer, ExitCode.Refused, ["domain", "revoke", "2", "--domain", Other, "--reason", "test"]);
        ((int)early["number"]!).ShouldBe((int)KmsError.GenerationStateConflict);
        await lab.TryThenRunAsync(
            officer, "reach.keyedIdentities", "domain", "taint", "2", "--domain", Other, "--reason", "lost a share");
        await lab.TryThenRunAsync(
            officer, "reach.keyedIdentities", "domain", "revoke", "2", "--domain", Other, "--reason", "lost a share");
        JsonObject domains = await lab.RunAsync(LabDomain.UserAdministrator, ["domain", "list"]);
        domains["domains"]!.AsArray().Single(domain => (string)domain!["kmsUri"]! == Other)!["generations"]!.AsArray()
            .Select(generation => (string)generation!["state"]!).ShouldBe(["active", "revoked"]);
    }

    private static async Task AuditAsync(AdministeredLab lab)
    {
        string auditor = LabDomain.Auditor;
        JsonObject checkpoint = await lab.RunAsync(auditor, ["audit", "checkpoint"]);
        string key = lab.PathOf("audit.pub");
        await File.WriteAllTextAsync(key, (string)checkpoint["publicKey"]!, TestContext.Current.CancellationToken);
        JsonObject query = await lab.RunAsync(auditor, ["audit", "query", "--user-uri", PilotUri(lab), "--domain", Home]);
        query["records"]!.AsArray().ShouldContain(hit => (string)hit!["kind"]! == "outcome" && (int)hit["result"]! == 0);

        string file = lab.PathOf("audit.jsonl");
        JsonObject exported = await lab.RunAsync(auditor, ["audit", "export", "--out", file]);
        ((long)exported["octets"]!).ShouldBe(new FileInfo(file).Length);
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string[] verify = ["audit", "verify", file, "--audit-keys", key];
        JsonObject held = await lab.RunAsync(auditor, verify);
        ((long)held["records"]!).ShouldBeGreaterThanOrEqualTo((long)checkpoint["sequence"]!);

        // A word of a record changed is found, without the KMS.
        string text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        text.ShouldContain("lost a share");
        await File.WriteAllTextAsync(
            file, text.Replace("lost a share", "lost a chair", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        JsonObject broken = await lab.FailAsync(auditor, ExitCode.CheckFailed, verify);
        ((bool)broken["isValid"]!).ShouldBeFalse();
        broken["fault"].ShouldNotBeNull();
    }

    private static async Task CustodyAndBackupAsync(AdministeredLab lab)
    {
        string officer = LabDomain.Officer;
        JsonObject before = await lab.RunAsync(LabDomain.Auditor, ["custody", "status"]);
        before["recoveryKeyId"].ShouldBeNull();
        JsonObject plan = await lab.TryThenRunAsync(officer, "documents", "custody", "rewrap");
        ((int)plan["documents"]!).ShouldBe(before["documents"]!.AsArray().Count);
        ((bool)(await lab.RunAsync(officer, ["custody", "rewrap", "--finish"]))["isFinished"]!).ShouldBeTrue();

        string file = lab.PathOf("kms.backup");
        JsonObject none = await lab.FailAsync(officer, ExitCode.Refused, ["backup", "create", "--out", file]);
        ((int)none["number"]!).ShouldBe((int)KmsError.NoRecoveryKey);
        string shares = LabFiles.CreateDirectory(lab.PathOf("shares"));
        string[] data = ["--data", lab.Directories.Kms, "--kek-file", lab.Directories.KmsKeyEncryptionKey];
        await VerbAsync(["custody", "create-recovery-key", .. data, "--threshold", "2", "--shares", "3", "--out", shares]);
        JsonObject made = await lab.RunAsync(officer, ["backup", "create", "--out", file, "--with-store"]);
        JsonObject status = await lab.RunAsync(officer, ["custody", "status"]);
        made["recoveryKeyId"]!.ToString().ShouldBe(status["recoveryKeyId"]!.ToString());
        JsonObject verified = await lab.RunAsync(LabDomain.Auditor, ["backup", "verify", file]);
        ((bool)verified["hasStore"]!).ShouldBeTrue();

        // The holders of the shares prove that it derives the same keys, and one octet changed is found by both.
        string two = string.Join(',', Directory.GetFiles(shares).Order(StringComparer.Ordinal).Take(2));
        string restored = await VerbAsync(["restore", "--from", file, "--share-files", two, "--verify", .. data]);
        restored.ShouldContain("identities with the same public tokens");
        byte[] octets = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        octets[octets.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, octets, TestContext.Current.CancellationToken);
        await lab.FailAsync(LabDomain.Auditor, ExitCode.CheckFailed, ["backup", "verify", file]);
    }

    /// <summary>A verb of the KMS itself, as its operator runs it beside the running server.</summary>
    private static async Task<string> VerbAsync(string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        (await KmsCommands.RunAsync(arguments, output, errors)).ShouldBe(0, errors.ToString());
        return output.ToString();
    }

    private static string PilotUri(AdministeredLab lab) => lab.Description.Users[LabDomain.Pilot].McpttId!;
}
