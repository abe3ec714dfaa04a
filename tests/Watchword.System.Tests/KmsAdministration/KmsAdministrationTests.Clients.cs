using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Cli;
using Watchword.Kms;
using Watchword.Lab;

namespace Watchword.SystemTests.KmsAdministration;

/// <summary>Transport keys in each of their forms, from the KMS to a client that is keyed under them.</summary>
public sealed partial class KmsAdministrationTests
{
    private const string Radio = "radio-1";
    private const int PixelsPerModule = 6;

    private static async Task ClientsAsync(AdministeredLab lab)
    {
        string administrator = LabDomain.UserAdministrator;
        string[] client = ["--domain", Home, "--user-uri", PilotUri(lab), "--client", Radio];
        await lab.LogInAsync(LabDomain.Pilot, "--kms", lab.Description.Kms);
        JsonObject enrolled = await lab.TryThenRunAsync(administrator, "affectedClients", ["client", "enrol", .. client]);
        ((bool)enrolled["client"]!["isExportable"]!).ShouldBeTrue();

        // From now on the identity is one whose requests are signed.
        JsonObject unsigned = await lab.FailAsync(LabDomain.Pilot, ExitCode.Refused, ["keys", "get"]);
        unsigned.ToJsonString().ShouldContain(((int)KmsError.SignatureRequired).ToString(CultureInfo.InvariantCulture));
        string file = lab.PathOf("radio.keys");
        JsonObject exported = await lab.RunAsync(administrator, ["client", "export", .. client, "--out", file]);
        await KeyedAsync(lab, exported, ["client", "import", file]);
        JsonObject again = await lab.FailAsync(
            administrator, ExitCode.Refused, ["client", "export", .. client, "--out", lab.PathOf("again.keys")]);
        ((int)again["number"]!).ShouldBe((int)KmsError.TransportKeysExported);

        await CodesAsync(lab, client);
        await LifeAsync(lab, client);
    }

    /// <summary>Each time with new keys: a picture, a code on the terminal, a sheet that is typed in.</summary>
    private static async Task CodesAsync(AdministeredLab lab, string[] client)
    {
        string administrator = LabDomain.UserAdministrator;
        string[] enrol = ["client", "enrol", .. client, "--replace"];
        await lab.RunAsync(administrator, enrol);
        string picture = lab.PathOf("radio.png");
        JsonObject drawn = await lab.RunAsync(administrator, ["client", "export", .. client, "--png", picture]);
        await KeyedAsync(lab, drawn, ["client", "import", "--text"], await DecodedAsync(lab, picture));

        await lab.RunAsync(administrator, enrol);
        string screen = await lab.ShowAsync(administrator, ["client", "export", .. client, "--qr"]);
        JsonObject listed = await lab.RunAsync(administrator, ["client", "list", "--domain", Home]);
        string words = (string)listed["clients"]![0]!["keys"]![0]!["fingerprint"]!;
        screen.ShouldContain(words);
        JsonObject shown = new() { ["fingerprintWords"] = new JsonArray([.. words.Split(' ').Select(word => (JsonNode)word)]) };
        await KeyedAsync(lab, shown, ["client", "import", "--text"], await DecodedAsync(lab, Photograph(lab, screen)));

        await lab.RunAsync(administrator, enrol);
        string sheet = lab.PathOf("radio.sheet");
        JsonObject printed = await lab.RunAsync(administrator, ["client", "export", .. client, "--sheet", sheet]);
        string text = await File.ReadAllTextAsync(sheet, TestContext.Current.CancellationToken);
        text.ShouldContain(Words(printed));
        await KeyedAsync(lab, printed, ["client", "import", "--typed"], sheet);
    }

    /// <summary>Rotated under use, by one and by all, revoked and released.</summary>
    private static async Task LifeAsync(AdministeredLab lab, string[] client)
    {
        string administrator = LabDomain.UserAdministrator;
        string before = await KeyIdAsync(lab);
        await lab.TryThenRunAsync(administrator, "affectedClients", ["client", "rotate", .. client]);
        string after = await RenewedKeyIdAsync(lab);
        after.ShouldNotBe(before);

        JsonObject all = await lab.TryThenRunAsync(
            administrator, "affectedClients", "client", "rotate", "--domain", Home, "--all");
        ((int)all["affectedClients"]!).ShouldBe(1);
        (await RenewedKeyIdAsync(lab)).ShouldNotBe(after);

        await lab.TryThenRunAsync(administrator, "affectedClients", ["client", "revoke", .. client, "--reason", "stolen"]);
        await lab.FailAsync(LabDomain.Pilot, ExitCode.Refused, ["keys", "get"]);
        await lab.RunAsync(administrator, ["client", "revoke", .. client, "--reason", "found", "--release"]);
        JsonObject listed = await lab.RunAsync(LabDomain.Auditor, ["client", "list", "--domain", Home]);
        ((string)listed["clients"]![0]!["state"]!).ShouldBe("released");
        await lab.RunAsync(LabDomain.Pilot, ["client", "remove"]);
        await lab.RunAsync(LabDomain.Pilot, ["keys", "get"]);
    }

    /// <summary>The client takes the document over only with the words that were read to it, and is keyed under it.</summary>
    private static async Task KeyedAsync(AdministeredLab lab, JsonObject exported, string[] import, string? input = null)
    {
        await lab.FailAsync(
            LabDomain.Pilot, ExitCode.Usage, [.. import, "--words", "other words than those"], input);
        await lab.RunAsync(LabDomain.Pilot, [.. import, "--words", Words(exported)], input);
        await lab.RunAsync(LabDomain.Pilot, ["kms", "init"]);
        JsonObject keys = await lab.RunAsync(LabDomain.Pilot, ["keys", "get"]);
        keys["keySets"]!.AsArray().Count.ShouldBe(1);
        JsonObject held = await lab.RunAsync(LabDomain.UserAdministrator, ["client", "list", "--domain", Home]);
        held["clients"]![0]!["lastSeenAt"].ShouldNotBeNull();
    }

    private static string Words(JsonObject exported) =>
        string.Join(' ', exported["fingerprintWords"]!.AsArray().Select(word => (string)word!));

    private static async Task<string> KeyIdAsync(AdministeredLab lab)
    {
        JsonObject shown = await lab.RunAsync(LabDomain.Pilot, ["client", "show"]);
        return (string)shown["transportKeys"]![0]!["transportKeyId"]!;
    }

    /// <summary>The first answer brings the new keys, the next request is under them and ends the old ones.</summary>
    private static async Task<string> RenewedKeyIdAsync(AdministeredLab lab)
    {
        await lab.RunAsync(LabDomain.Pilot, ["keys", "get"]);
        await lab.RunAsync(LabDomain.Pilot, ["keys", "get"]);
        return await KeyIdAsync(lab);
    }

    /// <summary>A file with the text that a reader of QR codes finds in a picture.</summary>
    private static async Task<string> DecodedAsync(AdministeredLab lab, string picture)
    {
        byte[] text = await AdministeredLab.ExecuteAsync("zbarimg", "--raw", "--quiet", "--oneshot", picture);
        string decoded = lab.PathOf("decoded");
        await File.WriteAllBytesAsync(decoded, text, TestContext.Current.CancellationToken);
        return decoded;
    }

    /// <summary>A picture of the code on the terminal: each character is two modules, one above the other.</summary>
    private static string Photograph(AdministeredLab lab, string screen)
    {
        string[] lines = [.. screen.Split('\n').Where(line => line.IndexOfAny(['█', '▀', '▄']) >= 0)];
        int width = lines.Max(line => line.Length);
        StringBuilder picture = new();
        picture.Append(
            FormattableString.Invariant($"P2 {width * PixelsPerModule} {2 * lines.Length * PixelsPerModule} 1\n"));
        foreach (string line in lines)
        {
            // A terminal shows bright characters on a dark ground.
            foreach (string lit in (string[])["█▀", "█▄"])
            {
                string row = string.Concat(Enumerable.Range(0, width).Select(
                    column => string.Concat(Enumerable.Repeat(
                        column < line.Length && lit.Contains(line[column], StringComparison.Ordinal) ? "1 " : "0 ",
                        PixelsPerModule))));
                picture.Append(string.Concat(Enumerable.Repeat(row + "\n", PixelsPerModule)));
            }
        }

        string path = lab.PathOf("screen.pgm");
        File.WriteAllText(path, picture.ToString());
        return path;
    }
}
