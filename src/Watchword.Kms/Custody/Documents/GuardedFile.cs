using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Watchword.Kms;

/// <summary>Files that hold secrets: readable only if their owner alone can reach them, written whole or not at all.</summary>
internal static partial class GuardedFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads a whole file into pinned memory that the caller zeroes. The mode is that of the open file, not of the
    /// path.</summary>
    public static byte[] Read(string path, int maxOctets)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.SecretFileUnreadable, path, fault);
        }

        using (handle)
        {
            CheckMode(path, handle);
            long length = RandomAccess.GetLength(handle);
            if (length > maxOctets)
            {
                throw new KmsException(KmsError.SecretFileUnreadable, $"{path} is longer than {maxOctets} octets");
            }

            byte[] content = GC.AllocateArray<byte>((int)length, pinned: true);
            int read = 0;
            while (read < content.Length)
            {
                int count = RandomAccess.Read(handle, content.AsSpan(read), read);
                if (count == 0)
                {
                    CryptographicOperations.ZeroMemory(content);
                    throw new KmsException(KmsError.SecretFileUnreadable, $"{path} changed while it was read");
                }

                read += count;
            }

            return content;
        }
    }

    /// <summary>Writes a new file of mode 0600: temporary file, flush to disk, rename, flush the directory. Never
    /// overwrites.</summary>
    public static void WriteNew(string path, ReadOnlySpan<byte> content) => Write(path, content, overwrite: false);

    /// <summary>As <see cref="WriteNew"/>, over an existing file: at every moment the old or the new content is there.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content) => Write(path, content, overwrite: true);

    /// <summary>Holds a lock file, which stays empty, until the stream is disposed.</summary>
    /// <exception cref="IOException">Another process holds it.</exception>
    public static FileStream OpenLock(string path) => new(path, NewFile(FileMode.OpenOrCreate));

    /// <summary>A new file of mode 0600, for a stream too long for <see cref="WriteNew"/>.</summary>
    public static FileStream CreateStream(string path) => new(path, NewFile(FileMode.CreateNew));

    private static FileStreamOptions NewFile(FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }

    private static void Write(string path, ReadOnlySpan<byte> content, bool overwrite)
    {
        string full = Path.GetFullPath(path);
        string directory = Path.GetDirectoryName(full)!;
        string temporary = Path.Combine(
            directory, $".{Path.GetFileName(full)}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}");
        try
        {
            using (FileStream stream = CreateStream(temporary))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite);
            FlushDirectory(directory);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void CheckMode(string path, SafeFileHandle handle)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The KMS checks who can reach its secret files, and can do so on Unix only.");
        }

        // Newer systemd lets the service's user read a credential by an access control list, whose mask shows as the group's bit.
        UnixFileMode forbidden = IsCredential(path) ? Others & ~UnixFileMode.GroupRead : Others;
        if ((File.GetUnixFileMode(handle) & forbidden) != 0)
        {
            throw new KmsException(KmsError.SecretFilePermissions, path);
        }
    }

    /// <summary>True for a file that systemd put into the directory of this service's credentials, which no other user can
    /// enter.</summary>
    private static bool IsCredential(string path) =>
        Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } directory
        && Path.GetDirectoryName(Path.GetFullPath(path)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));

    // A rename is on the disk only once the directory is; .NET opens no directories.
    private static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(directory, 0);
        if (descriptor < 0)
        {
            throw new IOException($"cannot open {directory}: errno {Marshal.GetLastPInvokeError()}");
        }

        try
        {
            if (Synchronize(descriptor) != 0)
            {
                throw new IOException($"cannot flush {directory}: errno {Marshal.GetLastPInvokeError()}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
