using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Watchword.Testing;

/// <summary>A field that the dissector shows, its value written as <c>mikey decode</c> writes it.</summary>
internal sealed record TsharkField(string Id, int Offset, int Length, string Value);

/// <summary>A real tshark with the dissector of tools/wireshark.</summary>
internal static partial class Tshark
{
    /// <summary>The dissector.</summary>
    public static readonly string Script = RepositoryRoot.PathOf("tools", "wireshark", "watchword-mikey.lua");

    private const string Prefix = "mikeysakke.";

    /// <summary>The fields of each packet that has any, offsets from the first octet of the message.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<TsharkField>>> SeeAsync(byte[] capture, CancellationToken cancellation)
    {
        string path = Path.Combine(Path.GetTempPath(), $"watchword-{Guid.NewGuid():N}.pcap");
        await File.WriteAllBytesAsync(path, capture, cancellation);
        try
        {
            using JsonDocument document = JsonDocument.Parse(await RunAsync(path, cancellation));
            return [.. document.RootElement.EnumerateArray().Select(Fields).Where(fields => fields.Count > 0)];
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<string> RunAsync(string path, CancellationToken cancellation)
    {
        ProcessStartInfo start = new("tshark") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-X", "lua_script:" + Script, "-r", path, "-T", "json", "-x"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        string said = await error;
        return process.ExitCode == 0 && !said.Contains("Lua", StringComparison.OrdinalIgnoreCase)
            ? output
            : throw new InvalidOperationException("tshark: " + said);
    }

    private static List<TsharkField> Fields(JsonElement packet)
    {
        List<(string Name, JsonElement Value)> leaves = [];
        Collect(packet, leaves);
        List<TsharkField> fields = [];
        for (int i = 0; i + 1 < leaves.Count; i++)
        {
            // Each value follows its raw form: hexadecimal, offset, length, mask, type.
            if (leaves[i].Name.EndsWith("_raw", StringComparison.Ordinal) && leaves[i].Value.GetArrayLength() == 5
                && leaves[i + 1].Name == leaves[i].Name[..^4])
            {
                string shown = leaves[i + 1].Value.GetString()!;
                fields.Add(
                    new TsharkField(
                        leaves[i].Name[Prefix.Length..^4],
                        leaves[i].Value[1].GetInt32(),
                        leaves[i].Value[2].GetInt32(),
                        Plain(leaves[i].Name[Prefix.Length..^4], shown)));
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
                if (ours && (
                    member.Value.ValueKind == JsonValueKind.String || member.Name.EndsWith("_raw", StringComparison.Ordinal)))
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
            bool isLong = id == "t.value" && !shown.StartsWith("0x00000000", StringComparison.Ordinal);
            int octets = id is "pp.message_type" or "pp.element" ? 1 : isLong ? 8 : 4;
            ulong value = ulong.Parse(shown.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return value.ToString("x" + (2 * octets).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        return Colons().IsMatch(shown) ? shown.Replace(":", string.Empty, StringComparison.Ordinal) : shown;
    }

    [GeneratedRegex("^[0-9a-f]{2}(:[0-9a-f]{2})+$")]
    private static partial Regex Colons();
}
