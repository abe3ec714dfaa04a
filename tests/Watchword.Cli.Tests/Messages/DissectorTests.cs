using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Watchword.Cli.Messages;

namespace Watchword.Cli.Tests.Messages;

/// <summary>The Wireshark dissector beside <c>mikey decode</c>, on the same octets, in a real tshark.</summary>
public sealed partial class DissectorTests
{
    private const string Prefix = "mikeysakke.";

    private static readonly string Script = RepositoryRoot.PathOf("tools", "wireshark", "watchword-mikey.lua");

    private sealed record Field(string Id, int Offset, int Length, string Value);

    [Fact]
    public async Task Every_field_of_every_message_is_what_decode_says()
    {
        IReadOnlyList<(string Name, byte[] Octets)> messages = SampleMessages.All();
        byte[] capture = CaptureWriter.Pcap(messages.Select(m => CaptureWriter.Ethernet(CaptureWriter.Ipv4(17, CaptureWriter.Udp(CaptureWriter.Mikey(m.Octets))))));

        List<List<Field>> seen = await SeeAsync(capture);

        seen.Count.ShouldBe(messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            Compare(seen[i], messages[i].Octets, messages[i].Name);
        }
    }

    [Fact]
    public async Task It_takes_base64_bodies_and_key_mgmt_attributes_over_udp_and_tcp()
    {
        byte[] message = SampleMessages.All()[0].Octets;
        byte[] text = System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(message, Base64FormattingOptions.InsertLineBreaks));
        byte[] sdp = CaptureWriter.Sip("application/sdp", CaptureWriter.Sdp(message));
        byte[] parts = CaptureWriter.Sip(
            "multipart/mixed;boundary=x1", CaptureWriter.Multipart(("Content-Type: text/plain", "hello"u8.ToArray()), ("Content-Type: application/mikey", message)));
        byte[] tcp = CaptureWriter.Mikey(message);
        byte[] capture = CaptureWriter.Pcap(
        [
            Udp(CaptureWriter.Sip("application/mikey", text)),
            Udp(sdp),
            Udp(parts),
            Tcp([], 99, 2),
            Tcp(tcp[..400], 100),
            Tcp(tcp[400..], 500),
        ]);

        List<List<Field>> seen = await SeeAsync(capture);

        seen.Count.ShouldBe(4);
        seen.ForEach(fields => Compare(fields, message, "carried otherwise"));
    }

    [Fact]
    public void The_dissector_has_the_fields_of_decode_and_no_others()
    {
        (string, string)[] declared = [.. Definition().Matches(File.ReadAllText(Script)).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

        declared.ShouldBe(FieldDefinitions.All.Select(field => (field.Id, field.Name)));
    }

    private static byte[] Udp(byte[] content) => CaptureWriter.Ethernet(CaptureWriter.Ipv4(17, CaptureWriter.Udp(content)));

    private static byte[] Tcp(byte[] content, uint sequence, int flags = 0x18) =>
        CaptureWriter.Ethernet(CaptureWriter.Ipv4(6, CaptureWriter.Tcp(content, sequence, flags)));

    private static void Compare(List<Field> seen, byte[] message, string name)
    {
        DecodedMessage decoded = MessageDissector.Dissect(message, KeyedDomain.T);
        // Wireshark shows no field of no octets.
        List<Field> said =
        [
            .. decoded.Payloads.SelectMany(payload => payload.Fields).Where(field => field.Length > 0)
                .Select(field => new Field(field.Definition.Id, field.Offset, field.Length, field.Value)),
        ];
        seen.Select(f => f.Id).ShouldBe(said.Select(f => f.Id), name);
        seen.ShouldBe(said, name);
    }

    private static async Task<List<List<Field>>> SeeAsync(byte[] capture)
    {
        string path = Path.Combine(Path.GetTempPath(), $"watchword-{Guid.NewGuid():N}.pcap");
        await File.WriteAllBytesAsync(path, capture, TestContext.Current.CancellationToken);
        try
        {
            using JsonDocument document = JsonDocument.Parse(await RunAsync(path));
            return [.. document.RootElement.EnumerateArray().Select(Fields).Where(fields => fields.Count > 0)];
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string> RunAsync(string path)
    {
        ProcessStartInfo start = new("tshark") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-X", "lua_script:" + Script, "-r", path, "-T", "json", "-x"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        (process.ExitCode, await error).Item1.ShouldBe(0, await error);
        (await error).ShouldNotContain("Lua", Case.Insensitive);
        return output;
    }

    private static List<Field> Fields(JsonElement packet)
    {
        List<(string Name, JsonElement Value)> leaves = [];
        Collect(packet, leaves);
        List<Field> fields = [];
        for (int i = 0; i + 1 < leaves.Count; i++)
        {
            // Each value follows its raw form: hexadecimal, offset, length, mask, type.
            if (leaves[i].Name.EndsWith("_raw", StringComparison.Ordinal) && leaves[i].Value.GetArrayLength() == 5
                && leaves[i + 1].Name == leaves[i].Name[..^4])
            {
                string shown = leaves[i + 1].Value.GetString()!;
                fields.Add(new Field(leaves[i].Name[Prefix.Length..^4], leaves[i].Value[1].GetInt32(), leaves[i].Value[2].GetInt32(), Plain(leaves[i].Name[Prefix.Length..^4], shown)));
            }
        }

        int start = fields.Count == 0 ? 0 : fields[0].Offset;
        return [.. fields.Select(field => field with { Offset = field.Offset - start })];
    }

    private static void Collect(JsonElement element, List<(string Name, JsonElement Value)> leaves)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            element.EnumerateArray().ToList().ForEach(each => Collect(each, leaves));
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in element.EnumerateObject())
            {
                bool ours = member.Name.StartsWith(Prefix, StringComparison.Ordinal);
                if (ours && (member.Value.ValueKind == JsonValueKind.String || member.Name.EndsWith("_raw", StringComparison.Ordinal)))
                {
                    leaves.Add((member.Name, member.Value));
                }
                else
                {
                    Collect(member.Value, leaves);
                }
            }
        }
    }

    // 0x0000001a and ab:cd as decode writes them.
    private static string Plain(string id, string shown)
    {
        if (shown.StartsWith("0x", StringComparison.Ordinal))
        {
            int octets = id is "pp.message_type" or "pp.element" ? 1 : id == "t.value" && !shown.StartsWith("0x00000000", StringComparison.Ordinal) ? 8 : 4;
            ulong value = ulong.Parse(shown.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return value.ToString("x" + (2 * octets).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        return Colons().IsMatch(shown) ? shown.Replace(":", string.Empty, StringComparison.Ordinal) : shown;
    }

    [GeneratedRegex("^[0-9a-f]{2}(:[0-9a-f]{2})+$")]
    private static partial Regex Colons();

    [GeneratedRegex("""^  \{ "([a-z0-9_.]+)", "([^"]+)", "[a-z0-9]+" \},$""", RegexOptions.Multiline)]
    private static partial Regex Definition();
}
