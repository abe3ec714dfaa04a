using System.Security.Cryptography;

namespace Watchword.Kms;

/// <summary>Encrypts what is written, chunk by chunk. Without <see cref="CompleteAsync"/> the backup lacks its end and will not
/// open.</summary>
internal sealed class BackupSealer : IDisposable
{
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> _write;
    private readonly BackupCipher _cipher;
    private readonly byte[] _chunk = GC.AllocateArray<byte>(BackupCipher.ChunkOctets, pinned: true);
    private readonly byte[] _sealed = new byte[BackupCipher.ChunkOctets + BackupCipher.TagOctets];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _filled;

    private BackupSealer(Stream destination, BackupCipher cipher)
    {
        _write = destination.WriteAsync;
        _cipher = cipher;
    }

    public static async Task<BackupSealer> BeginAsync(
        Stream destination, RecoveryPublicKey recovery, CancellationToken cancellationToken)
    {
        (BackupCipher cipher, byte[] header) = BackupCipher.Create(recovery);
        await destination.WriteAsync(header, cancellationToken).ConfigureAwait(false);
        return new BackupSealer(destination, cipher);
    }

    /// <summary>SHA-256 over all that was written so far, in clear.</summary>
    public byte[] Digest() => _hash.GetCurrentHash();

    public async Task WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        _hash.AppendData(content.Span);
        while (!content.IsEmpty)
        {
            // A full chunk waits until more comes: only then is it known not to be the last.
            if (_filled == _chunk.Length)
            {
                await WriteChunkAsync(isLast: false, cancellationToken).ConfigureAwait(false);
            }

            int taken = Math.Min(content.Length, _chunk.Length - _filled);
            content.Span[..taken].CopyTo(_chunk.AsSpan(_filled));
            _filled += taken;
            content = content[taken..];
        }
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => WriteChunkAsync(isLast: true, cancellationToken);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chunk);
        _cipher.Dispose();
        _hash.Dispose();
    }

    private async Task WriteChunkAsync(bool isLast, CancellationToken cancellationToken)
    {
        _cipher.Seal(_chunk.AsSpan(0, _filled), isLast, _sealed);
        await _write(_sealed.AsMemory(0, _filled + BackupCipher.TagOctets), cancellationToken).ConfigureAwait(false);
        _filled = 0;
    }
}

/// <summary>Decrypts a backup, chunk by chunk; gives nothing of a chunk that did not open.</summary>
internal sealed class BackupOpener : IDisposable
{
    private const int SealedChunkOctets = BackupCipher.ChunkOctets + BackupCipher.TagOctets;

    private readonly Func<Memory<byte>, CancellationToken, ValueTask<int>> _read;
    private readonly BackupCipher _cipher;
    private readonly byte[] _chunk = GC.AllocateArray<byte>(BackupCipher.ChunkOctets, pinned: true);

    // One octet more than a chunk: whether there is one says whether the chunk is the last.
    private readonly byte[] _ahead = new byte[SealedChunkOctets + 1];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _aheadCount;
    private int _position;
    private int _filled;
    private bool _ended;

    private BackupOpener(Stream source, BackupCipher cipher)
    {
        _read = (destination, cancellationToken) =>
            source.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellationToken);
        _cipher = cipher;
    }

    public static async Task<BackupOpener> BeginAsync(
        Stream source, RecoveryPrivateKey recovery, CancellationToken cancellationToken)
    {
        byte[] header = new byte[BackupCipher.HeaderOctets];
        if (await source.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false) < header.Length)
        {
            throw new KmsException(KmsError.BackupMalformed);
        }

        return new BackupOpener(source, BackupCipher.Open(header, recovery));
    }

    /// <summary>SHA-256 over all that was read so far, in clear.</summary>
    public byte[] Digest() => _hash.GetCurrentHash();

    /// <summary>Fills <paramref name="destination"/>.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.BackupNotOpened"/>, also if the backup ends before.</exception>
    public async Task ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            if (_position == _filled && !await ReadChunkAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new KmsException(KmsError.BackupNotOpened, "it ends too early");
            }

            int taken = Math.Min(destination.Length, _filled - _position);
            _chunk.AsSpan(_position, taken).CopyTo(destination.Span);
            _hash.AppendData(_chunk, _position, taken);
            _position += taken;
            destination = destination[taken..];
        }
    }

    /// <summary>True if nothing follows.</summary>
    public async Task<bool> IsAtEndAsync(CancellationToken cancellationToken) =>
        _position == _filled && !await ReadChunkAsync(cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chunk);
        _cipher.Dispose();
        _hash.Dispose();
    }

    private async Task<bool> ReadChunkAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return false;
        }

        _aheadCount += await _read(_ahead.AsMemory(_aheadCount), cancellationToken).ConfigureAwait(false);
        _ended = _aheadCount <= SealedChunkOctets;
        int size = Math.Min(_aheadCount, SealedChunkOctets);
        if (size < BackupCipher.TagOctets)
        {
            throw new KmsException(KmsError.BackupNotOpened, "it ends too early");
        }

        _cipher.Open(_ahead.AsSpan(0, size), _ended, _chunk);
        _filled = size - BackupCipher.TagOctets;
        _position = 0;
        _ahead[SealedChunkOctets..].CopyTo(_ahead, 0);
        _aheadCount -= size;
        return _filled > 0;
    }
}
