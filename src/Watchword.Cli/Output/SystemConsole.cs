using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Watchword.Cli.Secrets;

namespace Watchword.Cli;

/// <summary>The real terminal. Prompts go to standard error, so that standard output holds results only.</summary>
internal sealed class SystemConsole : IConsoleIo
{
    // A starter of browsers that finds none says so by its exit code, and soon.
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(2);

    public TextWriter StandardOutput { get; } = Utf8(Console.OpenStandardOutput());

    public TextWriter StandardError { get; } = Utf8(Console.OpenStandardError());

    public bool CanPrompt => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    public bool IsOutputTerminal => !Console.IsOutputRedirected;

    public int Width => Console.IsOutputRedirected ? 0 : Math.Max(40, Console.WindowWidth);

    public TimeProvider Clock => TimeProvider.System;

    public Stream OpenInput() => Console.OpenStandardInput();

    public string? GetVariable(string name) => Environment.GetEnvironmentVariable(name);

    public string ReadLine(string prompt)
    {
        StandardError.Write(prompt + " ");
        return Console.ReadLine() ?? string.Empty;
    }

    public SecretText ReadSecret(string prompt)
    {
        char[] typed = GC.AllocateArray<char>(SecretInput.MaxOctets / 4, pinned: true);
        int length = 0;
        StandardError.Write(prompt + " ");
        try
        {
            for (ConsoleKeyInfo key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(
                intercept: true))
            {
                if (key.Key == ConsoleKey.Backspace)
                {
                    length = Math.Max(0, length - 1);
                }
                else if (!char.IsControl(key.KeyChar) && length < typed.Length)
                {
                    typed[length++] = key.KeyChar;
                }
            }

            return new SecretText(typed.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(typed.AsSpan()));
            StandardError.WriteLine();
        }
    }

    public bool OpenBrowser(Uri address)
    {
        try
        {
            ProcessStartInfo start = OperatingSystem.IsWindows() ? new(address.AbsoluteUri) { UseShellExecute = true }
                : OperatingSystem.IsMacOS() ? new("open", [address.AbsoluteUri])
                : new("xdg-open", [address.AbsoluteUri]) { RedirectStandardError = true, RedirectStandardOutput = true };
            using Process? process = Process.Start(start);
            bool failed = process is not null && process.WaitForExit(StartTime) && process.ExitCode != 0;
            return !failed && (process is not null || OperatingSystem.IsWindows());
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or FileNotFoundException)
        {
            return false;
        }
    }

    private static StreamWriter Utf8(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
}
