namespace Watchword.Client;

/// <summary>One key store directory: the file, its lock, and replacing the file whole or not at all.</summary>
internal sealed class StoreFile : IDisposable
{
    private const string FileName = "keystore.wwks";
    private const string LockName = "keystore.lock";
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _lock;

    private StoreFile(string directory, FileStream @lock)
    {
        Directory = directory;
        _lock = @lock;
    }

    public string Directory { get; }

    private string FilePath => Path.Combine(Directory, FileName);

    public bool Exists => File.Exists(FilePath);

    public static bool IsIn(string directory) => File.Exists(Path.Combine(directory, FileName));

    /// <summary>Takes the lock of a directory, which is made with mode 0700 if it is not there.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreInUse"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    public static async Task<StoreFile> LockAsync(string directory, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        CreateDirectory(directory);
        while (true)
        {
            try
            {
                FileStream @lock = new(Path.Combine(directory, LockName), LockOptions);
                StoreFile file = new(directory, @lock);
                file.DeleteLeftovers();
                return file;
            }
            catch (IOException e) when (e is not DirectoryNotFoundException)
            {
                if (time.GetElapsedTime(start) >= patience)
                {
                    throw new WatchwordClientException(ClientFault.StoreInUse, directory, inner: e);
                }
            }
            catch (UnauthorizedAccessException e)
            {
                throw new WatchwordClientException(ClientFault.StoreNotWritten, directory, inner: e);
            }

            await Task.Delay(LockPoll, time, cancellation);
        }
    }

    /// <summary>A new file that only its owner can touch.</summary>
    public static FileStream CreateOwnerOnly(string path) => new(path, OwnerOnly(FileMode.CreateNew));

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreCorrupt"/>, <see cref="ClientFault.StoreNotFound"/>.</exception>
    public byte[] Read()
    {
        try
        {
            FileInfo info = new(FilePath);
            return info.Length <= StoreContainer.MaxFileOctets
                ? File.ReadAllBytes(FilePath)
                : throw new WatchwordClientException(ClientFault.StoreCorrupt, "longer than any key store");
        }
        catch (FileNotFoundException e)
        {
            throw new WatchwordClientException(ClientFault.StoreNotFound, Directory, inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WatchwordClientException(ClientFault.StoreCorrupt, Directory, inner: e);
        }
    }

    /// <summary>Writes beside, flushes to the disk, then renames over: a crash leaves the old file or the new one.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreNotWritten"/>.</exception>
    public void Replace(ReadOnlySpan<byte> content)
    {
        string temporary = $"{FilePath}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = CreateOwnerOnly(temporary))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, FilePath, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new WatchwordClientException(ClientFault.StoreNotWritten, Directory, inner: e);
        }
    }

    public void Delete() => File.Delete(FilePath);

    public void Dispose() => _lock.Dispose();

    // FileShare.None is an advisory lock of the whole file between .NET processes on Unix, a mandatory one on Windows.
    private static FileStreamOptions LockOptions
    {
        get
        {
            FileStreamOptions options = OwnerOnly(FileMode.OpenOrCreate);
            options.Access = FileAccess.ReadWrite;
            return options;
        }
    }

    private static FileStreamOptions OwnerOnly(FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = SecretFiles.OwnerOnlyFile;
        }

        return options;
    }

    private static void CreateDirectory(string directory)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                System.IO.Directory.CreateDirectory(directory);
            }
            else
            {
                System.IO.Directory.CreateDirectory(directory, SecretFiles.OwnerOnlyDirectory);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WatchwordClientException(ClientFault.StoreNotWritten, directory, inner: e);
        }
    }

    private void DeleteLeftovers()
    {
        foreach (string leftover in System.IO.Directory.EnumerateFiles(Directory, FileName + ".*.tmp"))
        {
            TryDelete(leftover);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is encrypted and has another name than the store: the next process that takes the lock tries again.
        }
    }
}
