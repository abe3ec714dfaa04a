namespace Watchword.Lab;

/// <summary>The lab's own files: secrets get mode 0600 from the first octet on, directories 0700.</summary>
internal static class LabFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a directory that only its owner can enter.</summary>
    public static string CreateDirectory(params string[] parts)
    {
        string path = Path.Combine(parts);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerFile | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>Writes a secret under a temporary name and moves it into place, so that a reader sees all of it or nothing.</summary>
    public static void WriteSecret(string path, string content)
    {
        string temporary = path + ".new";
        File.Delete(temporary);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        using (StreamWriter writer = new(temporary, options))
        {
            writer.Write(content);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Copies a directory with its file modes (File.Copy keeps them).</summary>
    public static void CopyDirectory(string source, string target)
    {
        CreateDirectory(target);
        foreach (string directory in Directory.EnumerateDirectories(source))
        {
            CopyDirectory(directory, Path.Combine(target, Path.GetFileName(directory)));
        }

        foreach (string file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }
}
