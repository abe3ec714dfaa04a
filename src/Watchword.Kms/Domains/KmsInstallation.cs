using System.Collections.Frozen;

namespace Watchword.Kms;

/// <summary>
/// The security domains that this node serves, each with an issuer. Follows what other nodes and officers do to them: at most
/// once a second the store is asked, and a new or changed generation counts from then on, without a restart.
/// </summary>
public sealed class KmsInstallation : IDisposable
{
    /// <summary>How old the node's picture of the domains may be when it answers.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long secrets that did not open are left alone: a passphrase costs time to try.</summary>
    private static readonly TimeSpan FaultRetryInterval = TimeSpan.FromMinutes(1);

    private readonly IKmsStore _store;
    private readonly IMasterSecretCustody _custody;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private FrozenDictionary<string, KeyIssuer> _issuers = FrozenDictionary<string, KeyIssuer>.Empty;
    private long _refreshedAt;
    private long _triedAt;

    private KmsInstallation(IKmsStore store, IMasterSecretCustody custody, TimeProvider time)
    {
        _store = store;
        _custody = custody;
        _time = time;
    }

    /// <summary>The issuers, one for each domain served.</summary>
    public IReadOnlyCollection<KeyIssuer> Issuers => _issuers.Values;

    /// <summary>Opens domains of a store.</summary>
    /// <param name="store">The store; stays with the caller.</param>
    /// <param name="custody">Where the master secrets are; stays with the caller, and is asked again for later
    /// generations.</param>
    /// <param name="policies">The domains to be served with their rules.</param>
    /// <param name="time">The clock.</param>
    /// <param name="instruments">What issuing measures; null for nothing.</param>
    /// <param name="ahead">What was made ahead; null if nothing ever is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NoDomain"/> if the store has not all of them; or the secrets of an
    /// active generation do not open, or are not those of its public keys.</exception>
    public static async Task<KmsInstallation> OpenAsync(
        IKmsStore store, IMasterSecretCustody custody, IReadOnlyDictionary<string, DomainPolicy> policies, TimeProvider time,
        IssuanceInstruments? instruments = null, PreparedKeySource? ahead = null, CancellationToken cancellationToken = default)
    {
        KmsInstallation installation = new(store, custody, time)
        {
            _refreshedAt = time.GetTimestamp(),
            _triedAt = time.GetTimestamp(),
        };
        ILookup<string, DomainRecord> records = (await store.FindGenerationsAsync(cancellationToken).ConfigureAwait(false))
            .ToLookup(record => record.KmsUri, StringComparer.Ordinal);
        KeyBatcher batcher = new(Environment.ProcessorCount);
        Dictionary<string, KeyIssuer> issuers = new(StringComparer.Ordinal);
        try
        {
            foreach ((string kmsUri, DomainPolicy policy) in policies)
            {
                DomainRecord[] generations = [.. records[kmsUri]];
                SecurityDomain domain = generations.Length == 0
                    ? throw new KmsException(KmsError.NoDomain, kmsUri)
                    : await SecurityDomain.OpenAsync(generations, custody, cancellationToken).ConfigureAwait(false);
                issuers.Add(kmsUri, new KeyIssuer(domain, store, policy, batcher, time, instruments, ahead));
            }

            installation._issuers = issuers.ToFrozenDictionary(StringComparer.Ordinal);
            return installation;
        }
        catch
        {
            foreach (KeyIssuer issuer in issuers.Values)
            {
                issuer.Domain.Dispose();
            }

            throw;
        }
    }

    /// <summary>The issuer of a domain; null if it is not served here.</summary>
    public KeyIssuer? Find(string kmsUri) => _issuers.GetValueOrDefault(kmsUri);

    /// <summary>Asks the store what has become of the domains, unless that was less than <see cref="RefreshInterval"/>
    /// ago.</summary>
    /// <returns>The domains of which something has changed.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>.</exception>
    public async ValueTask<IReadOnlyList<SecurityDomain>> RefreshAsync(CancellationToken cancellationToken = default)
    {
        if (IsFresh())
        {
            return [];
        }

        // Who comes while somebody asks waits for the answer: his own must not be older than the interval either.
        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return IsFresh() ? [] : await AskAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    /// <summary>Zeroes the master secrets.</summary>
    public void Dispose()
    {
        foreach (KeyIssuer issuer in _issuers.Values)
        {
            issuer.Domain.Dispose();
        }

        _refreshing.Dispose();
    }

    private bool IsFresh() => _time.GetElapsedTime(Interlocked.Read(ref _refreshedAt)) < RefreshInterval;

    private async Task<IReadOnlyList<SecurityDomain>> AskAsync(CancellationToken cancellationToken)
    {
        // The clock before the question: what changes in between is asked for again.
        long now = _time.GetTimestamp();
        List<SecurityDomain> changed = [];
        ILookup<string, DomainRecord> records = (await _store.FindGenerationsAsync(cancellationToken).ConfigureAwait(false))
            .ToLookup(record => record.KmsUri, StringComparer.Ordinal);
        bool tryAgain = _time.GetElapsedTime(_triedAt, now) >= FaultRetryInterval;
        foreach (KeyIssuer issuer in _issuers.Values)
        {
            DomainRecord[] generations = [.. records[issuer.Domain.KmsUri]];
            DomainGenerations known = issuer.Domain.Generations;
            if (!known.AreOf(generations) || (tryAgain && known.HasFault))
            {
                _triedAt = now;
                await issuer.Domain.UpdateAsync(generations, _custody, cancellationToken).ConfigureAwait(false);
                changed.Add(issuer.Domain);
            }
        }

        Interlocked.Exchange(ref _refreshedAt, now);
        return changed;
    }
}
