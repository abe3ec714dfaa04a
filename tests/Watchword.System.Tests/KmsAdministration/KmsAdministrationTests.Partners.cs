using System.Globalization;
using System.Text.Json.Nodes;
using Watchword.Cli;
using Watchword.Kms;
using Watchword.Lab;

namespace Watchword.SystemTests.KmsAdministration;

/// <summary>Partners: one officer imports, another compares and approves, and there is a way out.</summary>
public sealed partial class KmsAdministrationTests
{
    private static async Task PartnersAsync(AdministeredLab lab)
    {
        (string officer, string second) = (LabDomain.Officer, LabDomain.SecondOfficer);
        string file = lab.PathOf("partner.xml");
        await lab.LogInAsync(LabDomain.Courier, "--kms", lab.Description.PartnerKms);
        JsonObject own = await lab.RunAsync(LabDomain.Courier, ["kms", "init", "--out", file]);

        JsonObject imported = await lab.TryThenRunAsync(
            officer, "affectedRequesters", "partner", "import", file, "--domain", Home, "--reason", "treaty");
        ((string)imported["partner"]!["state"]!).ShouldBe("pending");
        string record = Number(imported);
        string words = (string)imported["partner"]!["fingerprintWords"]!;
        imported["partner"]!["fingerprint"]!.ToString().ShouldBe(own["fingerprint"]!.ToString());
        string[] approve = ["partner", "approve", record, "--domain", Home, "--fingerprint"];

        JsonObject alone = await lab.FailAsync(officer, ExitCode.Refused, [.. approve, words]);
        ((int)alone["number"]!).ShouldBe((int)KmsError.SecondOfficerNeeded);
        JsonObject wrong = await lab.FailAsync(second, ExitCode.Usage, [.. approve, Words(words.Split(' ').Reverse())]);
        ((int)wrong["number"]!).ShouldBe((int)KmsError.FingerprintMismatch);
        JsonObject approved = await lab.TryThenRunAsync(second, "affectedRequesters", [.. approve, words]);
        ((string)approved["partner"]!["state"]!).ShouldBe("approved");

        // The pilot gets it from then on.
        JsonObject cached = await lab.RunAsync(LabDomain.Pilot, ["kms", "certcache"]);
        cached.ToJsonString().ShouldContain(Other);

        // The same certificate replaces nothing; that of the partner's next generation does.
        string[] replace = ["--domain", Home, "--replaces", record, "--reason", "new keys"];
        JsonObject same = await lab.FailAsync(second, ExitCode.Refused, ["partner", "import", file, .. replace]);
        ((int)same["number"]!).ShouldBe((int)KmsError.PartnerExists);
        await NewGenerationAsync(lab);
        await NextSecondAsync();
        string newFile = lab.PathOf("partner-2.xml");
        await lab.RunAsync(LabDomain.Courier, ["kms", "init", "--out", newFile]);
        JsonObject next = await lab.RunAsync(
            second, ["partner", "import", newFile, .. replace]);
        await lab.RunAsync(
            officer, ["partner", "approve", Number(next), "--domain", Home, "--fingerprint",
                (string)next["partner"]!["fingerprint"]!]);
        JsonObject ended = await lab.TryThenRunAsync(
            second, "affectedRequesters", "partner", "revoke", Number(next), "--domain", Home, "--reason", "treaty ended");
        ((string)ended["partner"]!["state"]!).ShouldBe("revoked");
        JsonObject told = await lab.RunAsync(LabDomain.Pilot, ["kms", "certcache"]);
        ((string)told["certificates"]!.AsArray().Single()!["state"]!).ShouldBe("revoked");

        JsonObject all = await lab.RunAsync(LabDomain.Auditor, ["partner", "list", "--domain", Home]);
        all["partners"]!.AsArray().Select(partner => (string)partner!["state"]!).ShouldBe(["replaced", "revoked"]);
        JsonObject history = await lab.RunAsync(LabDomain.Auditor, ["partner", "history", "--domain", Home]);
        history["acts"]!.AsArray().Select(act => (string)act!["kind"]!).ShouldBe(
            ["imported", "approved", "imported", "replaced", "approved", "revoked"], ignoreOrder: true);
    }

    private static string Number(JsonObject act) => ((long)act["partner"]!["id"]!).ToString(CultureInfo.InvariantCulture);

    private static string Words(IEnumerable<string> words) => string.Join(' ', words);
}
