namespace Watchword.Kms;

/// <summary>
/// Custody documents as files of mode 0600 in a directory, named <c>NAME.json</c>. A file is written whole or not at all; a lock
/// file keeps two processes from replacing at once.
/// </summary>
public sealed class DirectoryDocuments : ICustodyDocuments
{
    private const string Prefix = "custody-";
    private const string Extension = ".json";
    private const string LockName = ".custody.lock";

    private readonly string _directory;

    /// <summary>Keeps files in <paramref name="directory"/>, which must exist.</summary>
    public DirectoryDocuments(string directory) => _directory = directory;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.FromResult<IReadOnlyList<string>>([.. Directory.EnumerateFiles(_directory, Prefix + "*" + Extension)
                .Select(path => Path.GetFileNameWithoutExtension(path)!)
                .Order(StringComparer.Ordinal)]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KmsException(KmsError.SecretFileUnreadable, _directory, fault);
        }
    }

    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name);
        return Task.FromResult(File.Exists(path) ? GuardedFile.Read(path, ICustodyDocuments.MaxOctets) : null);
    }

    /// <inheritdoc/>
    public Task<bool> TryCreateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name);
        if (File.Exists(path))
        {
            return Task.FromResult(false);
        }

        try
        {
            GuardedFile.WriteNew(path, content.Span);
            return Task.FromResult(true);
        }
        catch (IOException) when (File.Exists(path))
        {
            return Task.FromResult(false);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryReplaceAsync(
        string name, ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        using FileStream held = Lock();
        byte[]? current = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        if (current is null || !current.AsSpan().SequenceEqual(expected.Span))
        {
            return false;
        }

        GuardedFile.Replace(PathOf(name), content.Span);
        return true;
    }

    /// <summary>The file of a document.</summary>
    public string PathOf(string name)
    {
        if (name.Length is 0 or > ICustodyDocuments.MaxNameLength || !name.StartsWith(Prefix, StringComparison.Ordinal)
            || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not '-' and not '.'))
        {
            throw new ArgumentException("Not the name of a custody document.", nameof(name));
        }

        return Path.Combine(_directory, name + Extension);
    }

    private FileStream Lock()
    {
        try
        {
            return GuardedFile.OpenLock(Path.Combine(_directory, LockName));
        }
        catch (IOException fault)
        {
            throw new KmsException(KmsError.CustodyChanged, "another process holds the lock of the custody documents", fault);
        }
    }
}
