using System.Diagnostics.CodeAnalysis;

namespace Watchword.Authorization.Keys;

/// <summary>How long keys are believed and how often they may be fetched.</summary>
internal sealed record KeyCachePolicy(TimeSpan Refresh, TimeSpan MaximumAge, TimeSpan UnknownKeyRefetch, TimeSpan RetryDelay);

/// <summary>The answer to a search for a key: the key, or none, or none because the set cannot be had for now.</summary>
internal readonly record struct KeyLookup(VerificationKey? Key, TimeSpan? RetryAfter)
{
    public static KeyLookup Unknown => default;

    public static KeyLookup Found(VerificationKey key) => new(key, null);

    public static KeyLookup Unavailable(TimeSpan retryAfter) => new(null, retryAfter);
}

/// <summary>
/// The keys of one issuer. Fetched when first needed, again when due, and once for an unknown <c>kid</c> (roll-over), never
/// more often than the policy says: whoever sends made-up tokens cannot make this server a hammer on the IdM server.
/// </summary>
internal sealed class IssuerKeys(IKeySetSource source, KeyCachePolicy policy, TimeProvider time, Action<bool> onFetched) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile Loaded? _loaded;

    // Under the gate.
    private long? _failedAt;
    private long? _refetchedAt;

    /// <summary>Finds the key that a token names.</summary>
    public async ValueTask<KeyLookup> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (TryFind(keyId, policy.Refresh, out VerificationKey? fresh))
        {
            return KeyLookup.Found(fresh);
        }

        // While another request fetches, a key that is due but still believed serves.
        if (TryFind(keyId, policy.MaximumAge, out VerificationKey? believed) && _gate.CurrentCount == 0)
        {
            return KeyLookup.Found(believed);
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await FindUnderGateAsync(keyId);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _gate.Dispose();
        source.Dispose();
    }

    private async ValueTask<KeyLookup> FindUnderGateAsync(string keyId)
    {
        bool fetched = !IsYoungerThan(policy.Refresh) && RetryWait() is null && await TryFetchAsync();
        if (TryFind(keyId, policy.MaximumAge, out VerificationKey? key))
        {
            return KeyLookup.Found(key);
        }

        if (fetched)
        {
            return KeyLookup.Unknown;
        }

        if (RetryWait() is TimeSpan wait)
        {
            return KeyLookup.Unavailable(wait);
        }

        if (_refetchedAt is long last && time.GetElapsedTime(last) < policy.UnknownKeyRefetch)
        {
            return KeyLookup.Unknown;
        }

        _refetchedAt = time.GetTimestamp();
        if (!await TryFetchAsync())
        {
            return KeyLookup.Unavailable(policy.RetryDelay);
        }

        return TryFind(keyId, policy.MaximumAge, out key) ? KeyLookup.Found(key) : KeyLookup.Unknown;
    }

    private bool TryFind(string keyId, TimeSpan age, [NotNullWhen(true)] out VerificationKey? key)
    {
        key = null;
        return _loaded is { } loaded && time.GetElapsedTime(loaded.At) < age && loaded.Keys.TryGet(keyId, out key);
    }

    private bool IsYoungerThan(TimeSpan age) => _loaded is { } loaded && time.GetElapsedTime(loaded.At) < age;

    /// <summary>What is left of the pause after a failed fetch.</summary>
    private TimeSpan? RetryWait()
    {
        TimeSpan? left = _failedAt is long failed ? policy.RetryDelay - time.GetElapsedTime(failed) : null;
        return left > TimeSpan.Zero ? left : null;
    }

    /// <summary>Fetches under the source's own time limit: a caller who hangs up must not fail the fetch for the others.</summary>
    private async Task<bool> TryFetchAsync()
    {
        VerificationKeySet? keys = await source.TryFetchAsync(CancellationToken.None);
        long now = time.GetTimestamp();
        _loaded = keys is null ? _loaded : new Loaded(keys, now);
        _failedAt = keys is null ? now : null;
        onFetched(keys is not null);
        return keys is not null;
    }

    private sealed record Loaded(VerificationKeySet Keys, long At);
}
