using System.Text.RegularExpressions;
using Watchword.Cli.Commands;

namespace Watchword.Cli.Profiles;

/// <summary>
/// Where a profile lives: <c>HOME/profiles/NAME/</c>, mode 0700, with <c>profile.json</c> (servers and how the store is unlocked;
/// no
/// secret) beside the encrypted key store. A directory that others may write to is refused: they could swap the CA.
/// </summary>
internal sealed partial record ProfileLocation(string Name, string Directory)
{
    /// <summary>Mode of a profile directory.</summary>
    public const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Mode of every file in it.</summary>
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>The file with the settings.</summary>
    public string SettingsFile => Path.Combine(Directory, "profile.json");

    /// <summary>The file with what <c>ue up</c> keeps.</summary>
    public string UeFile => Path.Combine(Directory, "ue.json");

    /// <summary>Finds the place by option, then environment, then the XDG base directories.</summary>
    public static ProfileLocation Find(Invocation invocation)
    {
        string name = invocation.Get(invocation.Options.Profile)
            ?? NotEmpty(invocation.Io.GetVariable(GlobalOptions.ProfileVariable))
            ?? "default";
        if (!NamePattern().IsMatch(name))
        {
            throw new CliException(ExitCode.Usage, $"`{name}` cannot be the name of a profile")
            {
                Cause = "a name has at most 64 letters, digits, '.', '_' and '-', and begins with a letter or digit",
            };
        }

        string home = invocation.Get(invocation.Options.Home)
            ?? NotEmpty(invocation.Io.GetVariable(GlobalOptions.HomeVariable))
            ?? DefaultHome(invocation.Io);
        return new ProfileLocation(name, Path.GetFullPath(Path.Combine(home, "profiles", name)));
    }

    /// <summary>Makes the directories that are missing, each for the user alone.</summary>
    public void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            System.IO.Directory.CreateDirectory(Directory);
            return;
        }

        System.IO.Directory.CreateDirectory(Directory, DirectoryMode);
        RefuseIfExposed();
    }

    /// <summary>Fails if another user could have changed what is in the directory.</summary>
    public void RefuseIfExposed()
    {
        foreach (string path in (string[])[Directory, SettingsFile, UeFile])
        {
            if (!OperatingSystem.IsWindows() && Path.Exists(path) && (File.GetUnixFileMode(path) & OthersMayWrite) != 0)
            {
                throw new CliException(ExitCode.Locked, $"other users may change {path}")
                {
                    Cause = "whoever can write there can name another CA or key file",
                    Hint = $"chmod go-rwx {path}, and look at what is in it",
                };
            }
        }
    }

    /// <summary>Writes one of the files: a new one, mode 0600, put in place of the old one in one step.</summary>
    public void Write(string path, Action<Stream> content)
    {
        Create();
        string temporary = path + ".new";
        FileStreamOptions options = new() { Mode = System.IO.FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode;
        }

        using (FileStream file = new(temporary, options))
        {
            content(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static string DefaultHome(IConsoleIo io)
    {
        string? data = NotEmpty(io.GetVariable("XDG_DATA_HOME"));
        string root = data is not null && Path.IsPathRooted(data)
            ? data
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        return Path.Combine(root, "watchword");
    }

    private static string? NotEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();
}
