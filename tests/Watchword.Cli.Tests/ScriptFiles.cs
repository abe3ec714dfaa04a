using System.Text.Json.Nodes;

namespace Watchword.Cli.Tests;

/// <summary>The lines of a script that make and look at files.</summary>
internal static class ScriptFiles
{
    public static async Task StepAsync(string verb, string rest, string work, ScriptConsole console)
    {
        (string name, string more) = Script.Split(rest);
        string path = Path.Combine(work, name);
        switch (verb)
        {
            case "file": Make(path, more); break;
            case "mode": File.SetUnixFileMode(path, Mode(more)); break;
            case "vector": Vector(name, Script.Split(more).First, Path.Combine(work, Script.Split(more).More)); break;
            case "exists":
                Path.Exists(path).ShouldBeTrue();
                File.GetUnixFileMode(path).ShouldBe(Mode(more));
                break;
            case "keys":
                console.SetVariable("WATCHWORD_HOME", work);
                await Domain.MakeProfileAsync(work, name, more, console.Time, withKeys: true);
                break;
            case "nokeys":
                console.SetVariable("WATCHWORD_HOME", work);
                await Domain.MakeProfileAsync(work, name, more, console.Time, withKeys: false);
                break;
            case "enrolment": await TransportKeyDocument.WriteAsync(path, Script.Split(more).First, Script.Split(more).More); break;
            case "copy": File.Copy(Path.Combine(AppContext.BaseDirectory, "scripts", name), Path.Combine(work, more)); break;
            case "gone": Path.Exists(path).ShouldBeFalse(); break;
            default: throw new InvalidOperationException($"the script does not know `{verb}`");
        }
    }

    private static void Make(string path, string modeAndText)
    {
        (string mode, string text) = Script.Split(modeAndText);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, Script.Unescape(text));
        File.SetUnixFileMode(path, Mode(mode));
    }

    private static void Vector(string source, string member, string target)
    {
        JsonNode? node = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", source)));
        foreach (string step in member.Split('.'))
        {
            node = int.TryParse(step, out int index) ? node![index] : node![step];
        }

        File.WriteAllText(target, node!.GetValue<string>());
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
