namespace Watchword.Client;

/// <summary>Reading files that hold secrets.</summary>
internal static class SecretFiles
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Owner may read and write, nobody else anything.</summary>
    public const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Owner may do all, nobody else anything.</summary>
    public const UnixFileMode OwnerOnlyDirectory = OwnerOnlyFile | UnixFileMode.UserExecute;

    /// <summary>Refuses a file that group or others may touch. Windows has no such bits: there the user's profile protects it.</summary>
    public static void RequireOwnerOnly(string path, ClientFault fault)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new WatchwordClientException(fault, $"{path} is open to group or others");
        }
    }

    /// <summary>The whole file in a pinned array that the caller zeroes.</summary>
    /// <exception cref="IOException">It cannot be read, or is longer than <paramref name="maxOctets"/>.</exception>
    public static byte[] ReadPinned(string path, int maxOctets)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.Length > maxOctets)
        {
            throw new IOException($"{path} is longer than {maxOctets} octets.");
        }

        byte[] content = GC.AllocateArray<byte>((int)file.Length, pinned: true);
        file.ReadExactly(content);
        return content;
    }
}
