using System.Collections.Concurrent;

namespace Watchword.Kms;

/// <summary>The sealers of one purpose, one for each domain, opened at first use and kept until this is disposed.
/// Thread-safe.</summary>
internal sealed class SealerCache(EnvelopeCustody custody, string purpose) : IDisposable
{
    private readonly ConcurrentDictionary<string, SecretSealer> _sealers = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _opening = new(1, 1);

    /// <summary>The sealer of a domain, which stays with the cache; its key is made at first use.</summary>
    public async ValueTask<SecretSealer> OpenAsync(string kmsUri, CancellationToken cancellationToken)
    {
        if (_sealers.TryGetValue(kmsUri, out SecretSealer? open))
        {
            return open;
        }

        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_sealers.TryGetValue(kmsUri, out open))
            {
                open = await custody.OpenSealerAsync(kmsUri, purpose, cancellationToken).ConfigureAwait(false);
                _sealers[kmsUri] = open;
            }

            return open;
        }
        finally
        {
            _opening.Release();
        }
    }

    public void Dispose()
    {
        foreach (SecretSealer sealer in _sealers.Values)
        {
            sealer.Dispose();
        }

        _opening.Dispose();
    }
}
