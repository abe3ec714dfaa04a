using System.Text.Json;
using Watchword.Cli;
using Watchword.Lab;

namespace Watchword.SystemTests;

/// <summary>The lab as a person starts it: the whole main job through the real HTTP interfaces.</summary>
public sealed class LabWalkTests : IDisposable
{
    private readonly string _directory = TemporaryDirectory.Create();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_step_of_the_walk_holds_and_a_second_start_finds_the_same_domain()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        JsonElement first = await WalkAsync(cancellation);
        StepsOf(first).ShouldAllBe(step => step.GetProperty("held").GetBoolean(), FaultsOf(first));
        StepsOf(first).Count().ShouldBe(61);
        SeeGuests(first);
        string before = await File.ReadAllTextAsync(Path.Combine(_directory, "lab.json"), cancellation);

        await SeeCaptureAsync(cancellation);

        JsonElement second = await WalkAsync(cancellation);
        second.GetProperty("held").GetBoolean().ShouldBeTrue(FaultsOf(second));
        string after = await File.ReadAllTextAsync(Path.Combine(_directory, "lab.json"), cancellation);
        Without(after, "idm", "kms", "partner_kms").ShouldBe(Without(before, "idm", "kms", "partner_kms"));
        UidLines(second).ShouldBe(UidLines(first));
        Directory.EnumerateDirectories(_directory, "walk-*").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lab_keeps_its_ports_because_its_issuer_is_named_by_them()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        LabDirectories directories = new(_directory);
        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(directories.Root, TimeProvider.System);
        LabPorts ports = LabPorts.FindFree();
        await new LabSetup(directories, ca, TimeProvider.System).PrepareAsync(ports, before: null, cancellation);
        LabOptions other = new(_directory, ports.Idm - 1, Once: true, Json: true);
        LabException refusal = await Should.ThrowAsync<LabException>(new LabProgram(other, TextWriter.Null).RunAsync(cancellation));
        refusal.Message.ShouldContain($"--port {ports.Idm}");
    }

    [Fact]
    public async Task A_lab_of_an_earlier_version_is_left_alone()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        LabDirectories directories = new(_directory);
        LabCertificateAuthority ca = LabCertificateAuthority.OpenOrCreate(directories.Root, TimeProvider.System);
        LabSetup setup = new(directories, ca, TimeProvider.System);
        LabDescription before = new()
        {
            Idm = "https://localhost:1", Kms = "https://localhost:2", Ca = ca.CaFile, KmsUri = "kms.lab.example", ClientId = "c",
            RedirectUris = [], Users = new Dictionary<string, LabUser>(), Entities = new Dictionary<string, LabEntity>(),
        };
        await Should.ThrowAsync<LabException>(setup.PrepareAsync(new LabPorts(1), before, cancellation));
        Directory.Exists(directories.Kms).ShouldBeFalse();
    }

    /// <summary>What the two domains had to do with each other is among the steps, with what was seen.</summary>
    private static void SeeGuests(JsonElement report)
    {
        Dictionary<string, string> seen = StepsOf(report).ToDictionary(
            step => step.GetProperty("title").GetString()!,
            step => string.Join('\n', step.GetProperty("facts").EnumerateArray().Select(fact => fact.GetString())));
        foreach ((string title, string fact) in ((string, string)[])
        [
            ("the user profile says which group is of another domain, and how to get there", "knows as https://idm.allied.example"),
            ("his home IdM server gives dispatcher a security token for the other one", "aud of two"),
            ("refused: the security token anywhere but at the partner's IdM server", "at another IdM server: 400"),
            ("the partner's IdM server gives an access token of its own for it, once", "once more: 400 invalid_grant"),
            ("refused: the other domain's KMS keys nobody whom no officer has let in", "403 with KmsError 40331"),
            ("dispatcher is migrated: the other domain's KMS keys him, from proxy to proxy", "by its Request-URI"),
            ("the guests read it with tokens of its domain, through their own proxy", "with one of his home domain: 401"),
            ("its group management server keys all three: by its own KMS, by its own as migration KMS, by an external one",
                "opened with the key set of kms.lab.example"),
            ("dispatcher speaks to the group, and ranger and medic hear him", "the same SRTP master key and salt"),
            ("dispatcher is authorised at the MCX server of the other domain, beside ranger", "from the key set of kms.allied.example"),
            ("the other domain blocks dispatcher: no further token, and those that he has are void", "refused there"),
            ("ranger takes the guests out of the group: medic hears that his key is revoked", "is revoked"),
            ("the state of the services of lab.example", "kms.lab.example: "),
            ("the state of the services of allied.example", "for sip:ranger@allied.example"),
        ])
        {
            seen.ShouldContainKey(title);
            seen[title].ShouldContain(fact);
        }
    }

    private string CaptureFile => Path.Combine(_directory, "walk.pcap");

    /// <summary>tshark with the dissector and <c>mikey decode</c> show the walk's messages alike, field by field.</summary>
    private async Task SeeCaptureAsync(CancellationToken cancellation)
    {
        using TestConsole console = new(_directory, CaptureFile);
        int exitCode = await WatchwordCommand.RunAsync(["mikey", "decode", "-", "--json"], console, cancellation);
        exitCode.ShouldBe(0, console.StandardError.ToString());
        using JsonDocument decoded = JsonDocument.Parse(console.StandardOutput.ToString()!);
        List<List<TsharkField>> said =
        [
            .. decoded.RootElement.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("payloads").EnumerateArray()
                .SelectMany(payload => payload.GetProperty("fields").EnumerateArray())
                .Select(field => new TsharkField(
                    field.GetProperty("id").GetString()!,
                    field.GetProperty("offset").GetInt32(),
                    field.GetProperty("length").GetInt32(),
                    field.GetProperty("value").GetString()!))
                .Where(field => field.Length > 0)
                .ToList()),
        ];

        IReadOnlyList<IReadOnlyList<TsharkField>> seen = await Tshark.SeeAsync(await File.ReadAllBytesAsync(CaptureFile, cancellation), cancellation);

        seen.ShouldBe(said);
        // The tag of a key's purpose begins its identifier (TS 33.180 5.2.2): a GMK for three, revoked and sent once more, two PCKs, a
        // CSK, a MuSiK.
        IEnumerable<char> purposes = seen.Select(message => message.Single(field => field.Id == "hdr.csb_id").Value[0]);
        string.Concat(purposes.Order()).ShouldBe("0000000001126");
    }

    private async Task<JsonElement> WalkAsync(CancellationToken cancellation)
    {
        using StringWriter output = new();
        LabOptions options = new(_directory, Port: 0, Once: true, Json: true, Capture: CaptureFile);
        int exitCode = await new LabProgram(options, output).RunAsync(cancellation);
        using JsonDocument report = JsonDocument.Parse(output.ToString());
        report.RootElement.GetProperty("lab").GetBoolean().ShouldBeTrue();
        exitCode.ShouldBe(report.RootElement.GetProperty("held").GetBoolean() ? 0 : 1);
        return report.RootElement.Clone();
    }

    private static JsonElement.ArrayEnumerator StepsOf(JsonElement report) => report.GetProperty("steps").EnumerateArray();

    private static string FaultsOf(JsonElement report) => string.Join(
        "\n", StepsOf(report).Select(step => $"{step.GetProperty("title")}: {(step.TryGetProperty("fault", out JsonElement fault) ? fault.ToString() : "held")}"));

    private static List<string> UidLines(JsonElement report) => [.. StepsOf(report).SelectMany(step => step.GetProperty("facts").EnumerateArray())
        .Select(fact => fact.GetString()!).Where(fact => fact.Contains("UID", StringComparison.Ordinal) && fact.Contains("until", StringComparison.Ordinal))];

    private static string Without(string json, params string[] names)
    {
        Dictionary<string, JsonElement> members = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
        foreach (string name in names)
        {
            members.Remove(name).ShouldBeTrue();
        }

        return JsonSerializer.Serialize(members);
    }
}
