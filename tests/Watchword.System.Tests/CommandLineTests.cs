using System.Text.Json;
using Watchword.Cli;
using Watchword.Lab;

namespace Watchword.SystemTests;

/// <summary>The commands that the lab prints and the README shows, run as they stand against real servers.</summary>
public sealed class CommandLineTests(LabFixture lab)
{
    [Fact]
    public async Task What_the_lab_prints_works_from_log_in_to_an_opened_call()
    {
        // Twice: the lab prints the same lines at its next start, and shells have a history.
        string made = string.Empty;
        string opened = string.Empty;
        foreach (string line in Lines().Concat(Lines()))
        {
            string output = await RunAsync(line);
            made = line.Contains("mikey create", StringComparison.Ordinal) ? output : made;
            opened = line.Contains("mikey open", StringComparison.Ordinal) ? output : opened;
        }

        (string? initiator, string? receiver) = CheckValues(made);
        initiator.ShouldNotBeNullOrEmpty();
        receiver.ShouldNotBe(initiator);
        CheckValues(opened).ShouldBe((initiator, receiver));
    }

    private IEnumerable<string> Lines() => LabCommands.For(lab.Description, lab.Directories.Root)
        .Where(line => line.StartsWith("watchword ", StringComparison.Ordinal));

    [Fact]
    public void The_readme_shows_the_commands_of_a_lab_on_port_7400()
    {
        string readme = Repository.RepositoryFiles.Read("README.md");
        LabDescription shown = lab.Description with { Idm = "https://localhost:7400", Kms = "https://localhost:7401", KmsAdmin = "https://localhost:7402" };
        foreach (string line in LabCommands.For(shown, ".watchword-lab"))
        {
            readme.ShouldContain(line);
        }
    }

    /// <summary>The check values of an answer: both ends print the same hash over the SRTP keys that they hold.</summary>
    private static (string? Initiator, string? Receiver) CheckValues(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement srtp = document.RootElement.GetProperty("srtp");
        return (srtp.GetProperty("sentByInitiator").GetString(), srtp.GetProperty("sentByReceiver").GetString());
    }

    private async Task<string> RunAsync(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int redirect = Array.IndexOf(words, "<");
        string? input = redirect < 0 ? null : words[redirect + 1];
        IEnumerable<string> arguments = (redirect < 0 ? words : words[..redirect]).Skip(1);
        using TestConsole console = new(lab.Directories.Profiles, input);
        int exitCode = await WatchwordCommand.RunAsync([.. arguments, "--json"], console, TestContext.Current.CancellationToken);
        exitCode.ShouldBe(0, $"{line}\n{console.StandardError}\n{console.StandardOutput}");
        return console.StandardOutput.ToString()!;
    }
}
