namespace Watchword.Kms;

/// <summary>A random key-encryption key that ends with the process: for tests, and for looking into a backup.</summary>
internal sealed class EphemeralKeySource : IKeyEncryptionKeySource, IDisposable
{
    private readonly CustodySecret _key = CustodySecret.Random(LocalKeyEncryptionKey.SizeInBytes);

    /// <inheritdoc/>
    public string Kind => KeyEncryptionKeyKinds.KeyFile;

    /// <inheritdoc/>
    public Task<IKeyEncryptionKey> OpenAsync(
        KeyEncryptionKeyParameters? stored, CancellationToken cancellationToken = default)
    {
        IKeyEncryptionKey key = new LocalKeyEncryptionKey(
            _key.Span, new KeyEncryptionKeyParameters(KeyEncryptionKeyKinds.KeyFile, KeyId: null));
        return Task.FromResult(key);
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
