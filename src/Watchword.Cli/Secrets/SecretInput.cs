using System.Security.Cryptography;
using System.Text.Unicode;

namespace Watchword.Cli.Secrets;

/// <summary>
/// The three ways in which a secret enters: a prompt without echo, standard input, a file of mode 0600. Never an argument:
/// arguments
/// show in process lists and shell histories. Without a terminal a missing secret is an error with a hint, never a wait.
/// </summary>
internal static class SecretInput
{
    /// <summary>Longest password, passphrase or code, in octets.</summary>
    public const int MaxOctets = 4096;

    /// <summary>Asks at the terminal; fails with <paramref name="hint"/> where there is none.</summary>
    public static SecretText Prompt(IConsoleIo io, string what, string hint)
    {
        if (!io.CanPrompt)
        {
            throw new CliException(ExitCode.Usage, $"no {what} was given, and there is no terminal to ask at") { Hint = hint };
        }

        SecretText secret = io.ReadSecret($"{what}:");
        if (secret.Length > 0)
        {
            return secret;
        }

        secret.Dispose();
        throw new CliException(ExitCode.Usage, $"the {what} is empty");
    }

    /// <summary>Asks twice for a new secret and refuses two different answers.</summary>
    public static SecretText PromptNew(IConsoleIo io, string what, int minimum, string hint)
    {
        SecretText first = Prompt(io, $"new {what}", hint);
        try
        {
            if (first.Length < minimum)
            {
                throw new CliException(ExitCode.Usage, $"the {what} is too short")
                {
                    Hint = $"take at least {minimum} characters; several words are easy to keep in mind",
                };
            }

            using SecretText second = io.ReadSecret($"the same {what} again:");
            return first.Matches(second) ? first : throw new CliException(ExitCode.Usage, $"the two {what}s differ");
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The first lines of standard input, one secret each, without their line ends; the names say which is which.
    /// </summary>
    public static SecretText[] FromStandardInput(IConsoleIo io, params ReadOnlySpan<string> names)
    {
        using Stream input = io.OpenInput();
        return Lines(input, names, "standard input");
    }

    /// <summary>The first line of a file that only its owner can read.</summary>
    public static SecretText FromFile(string path, string what)
    {
        using FileStream file = OpenPrivate(path, what);
        return Lines(file, [what], path)[0];
    }

    /// <summary>
    /// Opens a file and refuses it if group or others may touch it. The check is on the open handle: no race with a rename.
    /// </summary>
    public static FileStream OpenPrivate(string path, string what)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Locked, $"cannot read the {what} file {path}", exception)
            {
                Cause = Reason(exception),
            };
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file.SafeFileHandle) & others) == 0)
        {
            return file;
        }

        file.Dispose();
        throw new CliException(ExitCode.Locked, $"the {what} file {path} is open to other users")
        {
            Cause = "its mode must be 0600 or narrower",
            Hint = $"chmod 600 {path}",
        };
    }

    private static SecretText[] Lines(Stream input, ReadOnlySpan<string> names, string source)
    {
        byte[] buffer = GC.AllocateArray<byte>((MaxOctets + 2) * names.Length, pinned: true);
        List<SecretText> secrets = [];
        try
        {
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
            foreach (string name in names)
            {
                int end = rest.IndexOf((byte)'\n');
                ReadOnlySpan<byte> line = (end >= 0 ? rest[..end] : rest).TrimEnd((byte)'\r');
                rest = end >= 0 ? rest[(end + 1)..] : [];
                if (line.Length is 0 or > MaxOctets)
                {
                    string fault = line.Length == 0 ? "is empty" : $"is longer than {MaxOctets} octets";
                    throw new CliException(ExitCode.Usage, $"the {name} from {source} {fault}");
                }

                if (!Utf8.IsValid(line))
                {
                    throw new CliException(ExitCode.Usage, $"the {name} from {source} is not UTF-8");
                }

                secrets.Add(new SecretText(line));
            }

            return [.. secrets];
        }
        catch
        {
            secrets.ForEach(secret => secret.Dispose());
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "permission denied",
        _ => "it cannot be opened",
    };
}
