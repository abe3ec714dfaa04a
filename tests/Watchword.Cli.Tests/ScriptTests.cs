using System.Runtime.Versioning;
[assembly: UnsupportedOSPlatform("windows")]

namespace Watchword.Cli.Tests;

public sealed class ScriptTests
{
    public static TheoryData<string> Scripts =>
    [
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "scripts"), "*.txt")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task The_command_behaves_as_the_script_says(string script)
    {
        DirectoryInfo work = Directory.CreateTempSubdirectory("watchword-cli-");
        try
        {
            string text = await File.ReadAllTextAsync(
                Path.Combine(AppContext.BaseDirectory, "scripts", script + ".txt"), TestContext.Current.CancellationToken);
            await new Script(text, work.FullName).RunAsync();
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }
}
