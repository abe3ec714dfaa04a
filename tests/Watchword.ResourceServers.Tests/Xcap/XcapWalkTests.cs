using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Watchword.Identity;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.ResourceServers.Tests.Support;

namespace Watchword.ResourceServers.Tests.Xcap;

/// <summary><c>docs/xcap.md</c> is true: its commands run as they stand there, and print what stands there.</summary>
public sealed partial class XcapWalkTests
{
    private const string Mark = "=== end of block ===";

    [Fact]
    public async Task The_walk_with_curl_prints_what_the_page_says()
    {
        string page = await File.ReadAllTextAsync(
            RepositoryRoot.PathOf("docs", "xcap.md"), TestContext.Current.CancellationToken);
        (string Kind, string Text)[] blocks =
            [.. Block().Matches(page).Select(match => (match.Groups["kind"].Value, match.Groups["text"].Value))];
        string[] commands = [.. blocks.Where(block => block.Kind == "sh").Select(block => block.Text)];

        // What stands right behind a block of commands is what they print; nothing where no output stands there.
        string[] outputs =
        [
            .. Enumerable.Range(0, blocks.Length).Where(i => blocks[i].Kind == "sh")
                .Select(i => i + 1 < blocks.Length && blocks[i + 1].Kind == "output" ? blocks[i + 1].Text : string.Empty),
        ];
        commands.Length.ShouldBeGreaterThan(7);

        await using ServicesHost host = await ServicesHost.StartAsync(null);
        string[] printed = await RunAsync(host, string.Join('\n', commands.Select(command => $"{command}\necho '{Mark}'")));
        printed.Length.ShouldBe(commands.Length);
        for (int i = 0; i < commands.Length; i++)
        {
            printed[i].ShouldBe(outputs[i], commands[i]);
        }
    }

    private static async Task<string[]> RunAsync(ServicesHost host, string script)
    {
        string directory = System.IO.Directory.CreateDirectory(Path.Combine(host.Directory, "walk")).FullName;
        ProcessStartInfo start = new("bash", ["-c", script])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["XCAP_ROOT"] = host.Address.GetLeftPart(UriPartial.Authority) + ServicesHost.CmsPath;
        start.Environment["CA_FILE"] = Path.Combine(host.Directory, "ca.pem");
        start.Environment["MCPTT_ID"] = UserIds.Of("alice", McService.Mcptt);
        start.Environment["TOKEN"] = host.Token();
        start.Environment["ADMIN_TOKEN"] = host.Administrator();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        (await errors).ShouldBeEmpty();
        System.IO.Directory.GetFiles(directory).ShouldBeEmpty();
        return [.. (await output).Split(Mark + "\n", StringSplitOptions.None)[..^1]];
    }

    [GeneratedRegex("^```(?<kind>[a-z]+)\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
