using System.Collections.Concurrent;
using Watchword.Client;

namespace Watchword.ResourceServers.Keys;

/// <summary>
/// The keys of one identity of a server: proves itself to the IdM server, fetches KMS certificate and key sets over the same HTTP
/// interface as every KM client, and renews them (TS 33.180 5.3; docs/flows/entity-keys.md).
/// </summary>
internal sealed class EntityKeys : IDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(1);

    /// <summary>How long what the KMS said of a user of another domain is believed: one may migrate meanwhile, or go home.</summary>
    private static readonly TimeSpan DomainMaxAge = TimeSpan.FromMinutes(10);

    /// <summary>How long the KMS is left alone after a question that it could not answer.</summary>
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(30);

    private const int MaxUnknown = 10_000;

    private readonly EntityKeySettings _settings;
    private readonly ServiceKeyExchangeOptions _exchange;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Func<HttpMessageHandler>? _connect;
    private readonly Lock _lock = new();
    private KeyStore? _store;
    private ServiceKeyExchange? _keys;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _unknown = new(StringComparer.Ordinal);
    private long _quietUntil;
    private bool _failing;

    /// <param name="settings">Who and where.</param>
    /// <param name="exchange">Whom keys are taken from, and which.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Is told what renewal did, without identities.</param>
    /// <param name="connect">Makes connections to both servers; null for those that trust the configured CA.</param>
    public EntityKeys(
        EntityKeySettings settings, ServiceKeyExchangeOptions exchange, TimeProvider time, ILogger<EntityKeys> log,
        Func<HttpMessageHandler>? connect = null)
    {
        _settings = settings;
        _exchange = exchange;
        _time = time;
        _log = log;
        _connect = connect;
    }

    /// <summary>The URI that the server is keyed as.</summary>
    public string Uri => _settings.Uri;

    /// <summary>How far it is.</summary>
    public EntityKeyState State => !IsKeyed ? EntityKeyState.Waiting
        : Volatile.Read(ref _failing) ? EntityKeyState.Failing : EntityKeyState.Keyed;

    /// <summary>
    /// Makes and takes service keys with this identity; null while there is no key set of the present key period.
    /// </summary>
    public ServiceKeyExchange? Exchange => IsKeyed ? _keys : null;

    /// <summary>The key store; null before <see cref="OpenAsync"/>.</summary>
    public KeyStore? Store
    {
        get
        {
            lock (_lock)
            {
                return _store;
            }
        }
    }

    private bool IsKeyed => Store is { } store && store.RootCertificate is { } root && root.IsUsableAt(_time.GetUtcNow())
        && store.KeySets.Any(set => set.Period.Contains(_time.GetUtcNow()) && set.UserUri == Uri);

    /// <summary>Opens the key store; makes it, and the file of its key, where there is none.</summary>
    /// <exception cref="WatchwordClientException">Faults of block 53xx.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (!KeyStore.Exists(_settings.StoreDirectory) && !File.Exists(_settings.StoreKeyFile))
        {
            KeyStoreUnlock.CreateKeyFile(_settings.StoreKeyFile);
        }

        using KeyStoreUnlock unlock = KeyStoreUnlock.FromKeyFile(_settings.StoreKeyFile);
        KeyStore store = await KeyStore.OpenOrCreateAsync(
            _settings.StoreDirectory, unlock, _time, cancellationToken: cancellationToken);
        lock (_lock)
        {
            _store = store;
            _keys = new ServiceKeyExchange(store, _time, _exchange);
        }
    }

    /// <summary>Fetches and renews until it is cancelled. What fails is tried again, after a wait that grows.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan delay = FirstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RenewAsync(() => delay = FirstDelay, cancellationToken);
            }
            catch (WatchwordClientException e)
            {
                Volatile.Write(ref _failing, true);
                _log.EntityKeysFailed(e.Fault, e.Number);
            }

            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay;
        }
    }

    /// <summary>
    /// Asks the KMS who keys these users (TS 33.180 D.2.7), where its own certificate does not say so and it was not asked lately:
    /// a guest may be keyed by this domain's KMS for a time, or by that of his home domain, whose certificate is fetched then.
    /// </summary>
    /// <param name="users">MC service IDs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>What cannot be learnt stays as it was known: nobody else's key waits for it.</remarks>
    public async Task LearnDomainsAsync(IReadOnlyCollection<string> users, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (!IsKeyed || Store is not { } store || now.UtcTicks < Interlocked.Read(ref _quietUntil))
        {
            return;
        }

        string[] due = [.. users.Where(user => store.FindDomainOf(user, DomainMaxAge) is null
            && !(_unknown.TryGetValue(user, out DateTimeOffset asked) && now - asked < DomainMaxAge))];
        if (due.Length == 0)
        {
            return;
        }

        try
        {
            await UseAsync(store, (client, _) => AskAsync(client, due, cancellationToken));
        }
        catch (WatchwordClientException e)
        {
            Interlocked.Exchange(ref _quietUntil, (now + QuietTime).UtcTicks);
            _log.EntityDomainsUnknown(e.Fault, e.Number);
        }
    }

    /// <summary>Closes the key store and erases what it holds in memory.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _keys = null;
            _store?.Dispose();
            _store = null;
        }
    }

    /// <summary>The type's name, no identity.</summary>
    public override string ToString() => nameof(EntityKeys);

    private async Task RenewAsync(Action isReached, CancellationToken cancellationToken)
    {
        KeyStore store = Store ?? throw new InvalidOperationException("The store is opened first.");
        await UseAsync(store, async (client, tokens) =>
        {
            if (store.Identity?.EntityUri != Uri)
            {
                await tokens.LogInEntityAsync(Uri, cancellationToken);
            }

            KeyRenewalOptions options = new() { FirstDelay = TimeSpan.FromSeconds(5), FirstFailureDelay = TimeSpan.FromSeconds(30) };
            await new KeyRenewal(client, _time, options, new RenewalLog(this, isReached)).RunAsync(cancellationToken);
        });
    }

    /// <summary>Over connections of its own, each request once: renewal and questions have their own way to try again.</summary>
    private async Task UseAsync(KeyStore store, Func<KmClient, TokenCache, Task> act)
    {
        using TlsTrust trust = _settings.CaFile is { } ca ? TlsTrust.FromCaFile(ca) : TlsTrust.OfOperatingSystem();
        using EntityCredential credential = EntityCredential.FromFile(_settings.ClientId, _settings.CredentialFile);
        using HttpMessageHandler connections = _connect?.Invoke() ?? trust.CreateHandler();
        using IdmClient idm = new(
            new IdmClientOptions { Issuer = _settings.Idm, ClientId = _settings.ClientId }, connections, _time);
        TokenCache tokens = new(idm, store, credential);
        using KmClient client = new(
            new KmClientOptions
            {
                KmsUrl = _settings.Kms, KmsUri = _settings.KmsUri, Lenient = _settings.Lenient, MaxAttempts = 1,
            },
            connections, tokens, _time);
        await act(client, tokens);
    }

    private async Task AskAsync(KmClient client, IReadOnlyList<string> users, CancellationToken cancellationToken)
    {
        foreach (string user in users)
        {
            try
            {
                _ = await client.LookUpAsync(user, cancellationToken);
                // Known now: this fetches the certificate of that KMS where it is not held.
                _ = await client.FindDomainAsync(user, cancellationToken);
                _ = _unknown.TryRemove(user, out _);
            }
            catch (WatchwordClientException e) when (e.Fault is ClientFault.DomainNotFound or ClientFault.PartnerUnknown)
            {
                if (_unknown.Count >= MaxUnknown)
                {
                    _unknown.Clear();
                }

                _unknown[user] = _time.GetUtcNow();
            }
        }
    }

    /// <summary>What renewal does, said at once.</summary>
    private sealed class RenewalLog(EntityKeys keys, Action isReached) : IProgress<KeyRenewalEvent>
    {
        public void Report(KeyRenewalEvent value)
        {
            bool isFault = value.Kind is KeyRenewalEventKind.Refused or KeyRenewalEventKind.Postponed
                or KeyRenewalEventKind.Rejected or KeyRenewalEventKind.LogInNeeded;
            Volatile.Write(ref keys._failing, isFault);
            if (isFault)
            {
                keys._log.EntityKeyRenewalFailed(
                    value.Kind, value.Fault?.Fault ?? ClientFault.KmsFailed, value.Fault?.Number ?? 0);
            }
            else
            {
                isReached();
                keys._log.EntityKeyRenewal(value.Kind);
            }
        }
    }
}
