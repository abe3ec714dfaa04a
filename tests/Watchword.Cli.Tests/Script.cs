using System.Globalization;
using System.Text;

namespace Watchword.Cli.Tests;

/// <summary>
/// One behaviour of the command as a text that reads like a terminal session. A line is one of:
/// <code>
/// # remark
/// clock 2026-01-01T00:00:00Z      the clock of everything that follows
/// env NAME VALUE                  an environment variable
/// tty TEXT                        what a person will answer to the next prompt
/// stdin TEXT                      standard input of the next command (\n for a line end)
/// file NAME MODE TEXT             a file in the script's directory
/// mode NAME MODE                  changes its mode
/// vector PATH MEMBER NAME         a file whose content is a member of a vector file
/// copy NAME TARGET                a data file that lies beside the scripts
/// keys PROFILE URI                a profile with a real key set of the domain kms.example.org (see Domain)
/// nokeys PROFILE URI              the same before its first key set
/// enrolment NAME FORM URI         a document with transport keys for a user of that domain: file, text or sheet
/// pipe                            the output of the last command becomes the input of the next
/// remember NAME PATH              keeps a member of the JSON result; later lines have it as $NAME
/// > watchword ...                 runs the command; $WORK is the script's directory
/// exit N                          its exit code; without this line it must be 0
/// stdout TEXT, stderr TEXT        contains; `empty` for nothing at all
/// never TEXT                      neither output contains it
/// json PATH VALUE                 a member of the JSON result
/// exists NAME MODE, gone NAME     a file of the script's directory
/// </code>
/// </summary>
internal sealed class Script(string text, string work)
{
    private readonly ScriptConsole console = new();
    private readonly Dictionary<string, string> remembered = new(StringComparer.Ordinal);
    private Run? last;

    /// <summary>Runs every line; throws at the first that does not hold, naming it.</summary>
    public async Task RunAsync()
    {
        string[] lines = text.Split('\n');
        for (int index = 0; index < lines.Length; index++)
        {
            string line = remembered.Aggregate(
                lines[index].TrimEnd().Replace("$WORK", work, StringComparison.Ordinal),
                (text, pair) => text.Replace("$" + pair.Key, pair.Value, StringComparison.Ordinal));
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            try
            {
                await StepAsync(line);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    $"line {index + 1}: {line}\n{exception.Message}\n--- stdout\n{console.Output}--- stderr\n{console.Error}",
                    exception);
            }
        }

        Settle();
    }

    private async Task StepAsync(string line)
    {
        (string verb, string rest) = Split(line);
        switch (verb)
        {
            case ">": await CommandAsync(rest); break;
            case "clock": console.Time.SetUtcNow(DateTimeOffset.Parse(rest, CultureInfo.InvariantCulture)); break;
            case "tty": console.Answer(rest); break;
            case "stdin": console.Input(Encoding.UTF8.GetBytes(Unescape(rest))); break;
            case "pipe": console.Input(Encoding.UTF8.GetBytes(console.Output)); break;
            case "remember": remembered[Split(rest).First] = Last.Json(Split(rest).More); break;
            case "env": console.SetVariable(Split(rest).First, Split(rest).More); break;
            case "exit": Last.ExpectExit(int.Parse(rest, CultureInfo.InvariantCulture)); break;
            case "stdout": Last.ExpectOutput(rest); break;
            case "stderr": Last.ExpectError(rest); break;
            case "never": Last.ExpectNever(rest); break;
            case "json": Last.ExpectJson(Split(rest).First, Split(rest).More); break;
            default: await ScriptFiles.StepAsync(verb, rest, work, console); break;
        }
    }

    private Run Last => last ?? throw new InvalidOperationException("no command ran yet");

    private async Task CommandAsync(string commandLine)
    {
        Settle();
        console.Restart();
        string[] words = [.. Words(commandLine)];
        words[0].ShouldBe("watchword");
        int code = await WatchwordCommand.RunAsync(words[1..], console, TestContext.Current.CancellationToken);
        last = new Run(words[1..], code, console.Output, console.Error);
    }

    // The command before is only done with when its exit code was seen.
    private void Settle() => last?.Settle();

    internal static (string First, string More) Split(string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (line, string.Empty) : (line[..space], line[(space + 1)..]);
    }

    internal static string Unescape(string value) => value.Replace("\\n", "\n", StringComparison.Ordinal);

    private static IEnumerable<string> Words(string line)
    {
        StringBuilder word = new();
        bool quoted = false;
        bool any = false;
        foreach (char c in line)
        {
            if (c == '\'')
            {
                quoted = !quoted;
                any = true;
            }
            else if (c == ' ' && !quoted)
            {
                if (word.Length > 0 || any)
                {
                    yield return word.ToString();
                }

                word.Clear();
                any = false;
            }
            else
            {
                word.Append(c);
            }
        }

        if (word.Length > 0 || any)
        {
            yield return word.ToString();
        }
    }
}
