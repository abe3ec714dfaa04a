using Watchword.Cli;
using Watchword.Cli.Secrets;

namespace Watchword.SystemTests;

/// <summary>A terminal without a person: output is kept, input comes from a file.</summary>
internal sealed class TestConsole(string home, string? inputFile, bool isTerminal = false) : IConsoleIo, IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public TextWriter StandardOutput => _output;

    public TextWriter StandardError => _error;

    public bool CanPrompt => false;

    public bool IsOutputTerminal => isTerminal;

    public int Width => 120;

    public TimeProvider Clock => TimeProvider.System;

    public Stream OpenInput() => inputFile is null ? Stream.Null : File.OpenRead(inputFile);

    public SecretText ReadSecret(string prompt) => throw new InvalidOperationException("nobody is there to answer");

    public string ReadLine(string prompt) => throw new InvalidOperationException("nobody is there to answer");

    public string? GetVariable(string name) => name == "WATCHWORD_HOME" ? home : null;

    public bool OpenBrowser(Uri address) => false;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }
}
