using System.Text;
using Microsoft.Extensions.Time.Testing;
using Watchword.Cli.Secrets;

namespace Watchword.Cli.Tests;

/// <summary>A terminal, an input and a clock under the control of a script.</summary>
internal sealed class ScriptConsole : IConsoleIo
{
    private readonly Dictionary<string, string> variables = new(StringComparer.Ordinal);
    private readonly Queue<string> answers = new();
    private StringWriter output = new();
    private StringWriter error = new();
    private byte[] input = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public TextWriter StandardOutput => output;

    public TextWriter StandardError => error;

    public bool CanPrompt => answers.Count > 0;

    public bool IsOutputTerminal => false;

    public int Width => 0;

    public TimeProvider Clock => Time;

    public string Output => output.ToString();

    public string Error => error.ToString();

    public void Answer(string text) => answers.Enqueue(text);

    public void Input(byte[] octets) => input = octets;

    public void SetVariable(string name, string value) => variables[name] = value;

    /// <summary>Before each command: outputs are empty. Input and answers stay for the command that uses them.</summary>
    public void Restart()
    {
        output = new StringWriter { NewLine = "\n" };
        error = new StringWriter { NewLine = "\n" };
    }

    public Stream OpenInput()
    {
        MemoryStream stream = new(input);
        input = [];
        return stream;
    }

    public SecretText ReadSecret(string prompt)
    {
        error.WriteLine(prompt);
        return new SecretText(Encoding.UTF8.GetBytes(answers.Dequeue()));
    }

    public string ReadLine(string prompt)
    {
        error.WriteLine(prompt);
        return answers.Dequeue();
    }

    public string? GetVariable(string name) => variables.GetValueOrDefault(name);

    public bool OpenBrowser(Uri address) => false;
}
