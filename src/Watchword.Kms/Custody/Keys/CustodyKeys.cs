namespace Watchword.Kms;

/// <summary>
/// The key-encryption keys that the configuration names: the current one, which wraps whatever is new, and while re-wrapping the
/// previous one, which only opens. Keys stay open until this is disposed: shares and PINs are asked for once.
/// </summary>
internal sealed class CustodyKeys : IDisposable
{
    private readonly IKeyEncryptionKeySource _current;
    private readonly IKeyEncryptionKeySource? _previous;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<(IKeyEncryptionKeySource Source, IKeyEncryptionKey Key)> _open = [];

    /// <summary>Names the keys; nothing is opened yet.</summary>
    public CustodyKeys(IKeyEncryptionKeySource current, IKeyEncryptionKeySource? previous = null)
    {
        _current = current;
        _previous = previous;
    }

    /// <summary>The key that wraps what is new. It stays with this object.</summary>
    public async ValueTask<IKeyEncryptionKey> OpenCurrentAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _open.Find(entry => ReferenceEquals(entry.Source, _current)).Key
                ?? await AddAsync(_current, stored: null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The keys that may open what is stored under <paramref name="stored"/>: exactly one, or with a document of the
    /// first format, which names no key, all of its kind. They stay with this object.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.KeyEncryptionKeyNotConfigured"/>.</exception>
    public async ValueTask<IReadOnlyList<IKeyEncryptionKey>> OpenForAsync(
        KeyEncryptionKeyParameters stored, string document, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            List<IKeyEncryptionKey> candidates = [];
            List<string> configured = [];
            foreach (IKeyEncryptionKeySource source in _previous is null ? [_current] : new[] { _current, _previous })
            {
                if (source.Kind != stored.Kind)
                {
                    configured.Add(source.Kind);
                    continue;
                }

                IKeyEncryptionKey key = Opened(source, stored)
                    ?? await AddAsync(source, stored, cancellationToken).ConfigureAwait(false);
                if (stored.KeyId is null)
                {
                    candidates.Add(key);
                }
                else if (key.Parameters.KeyId == stored.KeyId)
                {
                    return [key];
                }

                configured.Add(key.Parameters.ToString());
            }

            return candidates.Count > 0
                ? candidates
                : throw new KmsException(
                    KmsError.KeyEncryptionKeyNotConfigured,
                    $"{document} is under {stored}; configured: {string.Join(", ", configured)}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>True if <paramref name="stored"/> names the current key.</summary>
    public async ValueTask<bool> IsCurrentAsync(KeyEncryptionKeyParameters stored, CancellationToken cancellationToken)
    {
        if (stored.Kind != _current.Kind || stored.KeyId is null)
        {
            return false;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            IKeyEncryptionKey key = Opened(_current, stored)
                ?? await AddAsync(_current, stored, cancellationToken).ConfigureAwait(false);
            return key.Parameters.KeyId == stored.KeyId;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the keys.</summary>
    public void Dispose()
    {
        foreach ((_, IKeyEncryptionKey key) in _open)
        {
            key.Dispose();
        }

        _open.Clear();
        _gate.Dispose();
    }

    // A source gives one key, but a passphrase another one for each salt.
    private static bool Reaches(IKeyEncryptionKey key, KeyEncryptionKeyParameters stored) =>
        key.Parameters.Iterations == stored.Iterations
        && (key.Parameters.Salt ?? []).AsSpan().SequenceEqual(stored.Salt ?? []);

    private IKeyEncryptionKey? Opened(IKeyEncryptionKeySource source, KeyEncryptionKeyParameters stored) =>
        _open.Find(entry => ReferenceEquals(entry.Source, source) && Reaches(entry.Key, stored)).Key;

    private async ValueTask<IKeyEncryptionKey> AddAsync(
        IKeyEncryptionKeySource source, KeyEncryptionKeyParameters? stored, CancellationToken cancellationToken)
    {
        IKeyEncryptionKey key = await source.OpenAsync(stored, cancellationToken).ConfigureAwait(false);
        _open.Add((source, key));
        return key;
    }
}
