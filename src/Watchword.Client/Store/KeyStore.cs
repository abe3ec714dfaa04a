using System.Globalization;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>Whether a stored key set still holds: the outcome of recomputing its UID and importing its keys.</summary>
/// <param name="KeySet">The key set.</param>
/// <param name="Fault">The first fault, or <see cref="KeySetFault.None"/>.</param>
public sealed record KeySetCheck(KeySetInfo KeySet, KeySetFault Fault);

/// <summary>
/// One profile on disk (TS 33.180 5.11): identity, tokens, KMS certificates and key sets, encrypted at rest. Open, it holds a
/// lock
/// against other processes; every change is written whole before the call returns.
/// </summary>
/// <remarks>
/// Several threads may use one store: each call is whole before the next begins. By itself it cannot tell an older copy of itself
/// from the newest one: who can replace the file can bring back an older state, but not read or change one. A caller with a
/// place that does not go back notes <see cref="Generation"/> there and gives it as <see cref="KeyStoreOptions.MinimumGeneration"/>.
/// </remarks>
public sealed partial class KeyStore : IDisposable
{
    private readonly StoreFile _file;
    private readonly StoreContainer _container;
    private readonly StoreContent _content;
    private readonly KeyStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    private KeyStore(StoreFile file, StoreContainer container, StoreContent content, KeyStoreOptions options, TimeProvider time)
    {
        _file = file;
        _container = container;
        _content = content;
        _options = options;
        _time = time;
    }

    /// <summary>The directory of the profile.</summary>
    public string Directory => _file.Directory;

    /// <summary>Whose profile this is; null before the first log-in.</summary>
    public ClientIdentity? Identity => Locked(c => c.Identity);

    /// <summary>True if there is a refresh token.</summary>
    public bool IsLoggedIn => Tokens is not null;

    /// <summary>The tokens of the last log-in; null if not logged in.</summary>
    public TokenSet? Tokens => Locked(c => c.Tokens);

    /// <summary>The home KMS that this profile is bound to; null before the first initialisation.</summary>
    public string? KmsUri => Locked(c => c.KmsUri);

    /// <summary>
    /// The certificate of the home KMS that counts now; where none is valid now the newest; null before the first initialisation.
    /// </summary>
    public KmsCertificate? RootCertificate => (RootAt(_time.GetUtcNow()) ?? Root)?.Certificate;

    /// <summary>Every KMS certificate held, oldest first: key sets of an older generation need theirs.</summary>
    public IReadOnlyList<KmsCertificate> Certificates => Locked(c => (IReadOnlyList<KmsCertificate>)[.. c.Certificates.Select(s => s.Certificate)]);

    /// <summary>Every key set held, by identity and then by period.</summary>
    public IReadOnlyList<KeySetInfo> KeySets => Locked(c => (IReadOnlyList<KeySetInfo>)
    [
        .. c.KeySets.Select(k => k.Info)
            .OrderBy(k => k.UserUri, StringComparer.Ordinal).ThenBy(k => k.Period.Start).ThenBy(k => k.Period.Number).ThenBy(k => k.ReceivedAt),
    ]);

    /// <summary>True if there is a store in the directory.</summary>
    public static bool Exists(string directory) => StoreFile.IsIn(directory);

    /// <summary>Makes a new, empty store; the directory is made with mode 0700 if it is not there.</summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.StoreExists"/>, <see cref="ClientFault.StoreInUse"/>, <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    public static Task<KeyStore> CreateAsync(
        string directory, KeyStoreUnlock unlock, TimeProvider time, KeyStoreOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync(directory, unlock, time, options, mayOpen: false, mayCreate: true, cancellationToken);

    /// <summary>Opens a store.</summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.StoreNotFound"/>, <see cref="ClientFault.StoreInUse"/>, <see cref="ClientFault.StoreLocked"/>,
    /// <see cref="ClientFault.StoreCorrupt"/>, <see cref="ClientFault.StoreVersionUnknown"/>.
    /// </exception>
    public static Task<KeyStore> OpenAsync(
        string directory, KeyStoreUnlock unlock, TimeProvider time, KeyStoreOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync(directory, unlock, time, options, mayOpen: true, mayCreate: false, cancellationToken);

    /// <summary>Opens a store, or makes one where there is none.</summary>
    /// <exception cref="WatchwordClientException">As <see cref="OpenAsync"/> and <see cref="CreateAsync"/>.</exception>
    public static Task<KeyStore> OpenOrCreateAsync(
        string directory, KeyStoreUnlock unlock, TimeProvider time, KeyStoreOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync(directory, unlock, time, options, mayOpen: true, mayCreate: true, cancellationToken);

    /// <summary>
    /// Checks every key set as when it came: UID recomputed, both keys validated (RFC 6507 §5.1.2, RFC 6508 §6.1.2).
    /// </summary>
    public IReadOnlyList<KeySetCheck> Verify() => [.. KeySets.Select(Verify)];

    /// <summary>Checks one key set; costs a pairing.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.KeySetNotFound"/>.</exception>
    public KeySetCheck Verify(KeySetInfo keySet)
    {
        lock (_gate)
        {
            StoredKeySet stored = Find(keySet);
            KmsCertificate certificate = _content.CertificateOf(stored.Info)!.Certificate;
            if (certificate.Revoked)
            {
                return new KeySetCheck(stored.Info, KeySetFault.CertificateRevoked);
            }

            _ = stored.TryUnlock(certificate, out UnlockedKeySet? keys, out KeySetFault fault);
            keys?.Dispose();
            return new KeySetCheck(stored.Info, fault);
        }
    }

    /// <summary>Copies out the keys of a key set, for a person who asked to see them.</summary>
    /// <param name="keySet">Which.</param>
    /// <param name="signingSecret">SSK, 32 octets.</param>
    /// <param name="publicToken">PVT, 65 octets.</param>
    /// <param name="receiverKey">RSK, 257 octets.</param>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.KeySetNotFound"/>.</exception>
    /// <exception cref="ArgumentException">A destination has another length.</exception>
    public void ExportKeys(KeySetInfo keySet, Span<byte> signingSecret, Span<byte> publicToken, Span<byte> receiverKey)
    {
        if (signingSecret.Length != EccsiSigningKey.SecretSizeInBytes || publicToken.Length != EccsiSigningKey.PublicTokenSizeInBytes
            || receiverKey.Length != SakkeReceiverKey.SizeInBytes)
        {
            throw new ArgumentException("The destinations have 32, 65 and 257 octets.");
        }

        lock (_gate)
        {
            StoredKeySet stored = Find(keySet);
            stored.SigningSecret.CopyTo(signingSecret);
            stored.PublicToken.CopyTo(publicToken);
            stored.ReceiverKey.CopyTo(receiverKey);
        }
    }

    /// <summary>
    /// Wipes the key sets whose history has ended (<see cref="KeyStoreOptions.HistoryPeriods"/>) and says how many. For each
    /// identity the
    /// newest key set that has begun stays, however old: it is the last usable one. Opening a store and keeping new key sets do
    /// it as well.
    /// </summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreNotWritten"/>.</exception>
    public int WipeEnded()
    {
        lock (_gate)
        {
            List<StoredKeySet> ended = FindEnded();
            if (ended.Count == 0)
            {
                return 0;
            }

            _ = _content.KeySets.RemoveAll(ended.Contains);
            Save();
            // Only now: had writing failed, the disk would still say that they are there.
            ended.ForEach(k => k.Dispose());
            return ended.Count;
        }
    }

    /// <summary>Drops every token; key sets and the binding to the account stay.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreNotWritten"/>.</exception>
    public void ForgetTokens()
    {
        Change(c =>
        {
            c.Tokens = null;
            c.AccessTokens.Clear();
        });
    }

    /// <summary>Locks the store again: zeroes what is in memory and lets other processes in.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _content.Dispose();
            _container.Dispose();
            _file.Dispose();
        }

        _tokenGate.Dispose();
        _exchangeGate.Dispose();
    }

    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(KeyStore);

    private static async Task<KeyStore> StartAsync(
        string directory, KeyStoreUnlock unlock, TimeProvider time, KeyStoreOptions? options, bool mayOpen, bool mayCreate,
        CancellationToken cancellation)
    {
        options ??= KeyStoreOptions.Default;
        if (!mayCreate && !StoreFile.IsIn(directory))
        {
            throw new WatchwordClientException(ClientFault.StoreNotFound, directory);
        }

#pragma warning disable CA2000 // The store returned owns it; on every other path the catch disposes it.
        StoreFile file = await StoreFile.LockAsync(directory, options.LockTimeout, time, cancellation);
#pragma warning restore CA2000
        try
        {
            return file.Exists
                ? mayOpen ? LoadAndWipeEnded(file, unlock, options, time) : throw new WatchwordClientException(ClientFault.StoreExists, directory)
                : mayCreate ? New(file, unlock, options, time) : throw new WatchwordClientException(ClientFault.StoreNotFound, directory);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opening is the one thing that happens to every store: here nobody can forget that a period's history has ended.
    /// </summary>
    private static KeyStore LoadAndWipeEnded(StoreFile file, KeyStoreUnlock unlock, KeyStoreOptions options, TimeProvider time)
    {
        KeyStore store = Load(file, unlock, options, time);
        try
        {
            if (store.Generation < options.MinimumGeneration)
            {
                throw new WatchwordClientException(
                    ClientFault.StoreRolledBack, string.Create(CultureInfo.InvariantCulture, $"generation {store.Generation}"));
            }

            _ = store.WipeEnded();
            _ = store.WipeEndedServiceKeys();
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private static KeyStore New(StoreFile file, KeyStoreUnlock unlock, KeyStoreOptions options, TimeProvider time)
    {
        KeyStore store = new(file, StoreContainer.Create(unlock, options.PassphraseIterations), new StoreContent(), options, time);
        store.Save();
        return store;
    }

    private static KeyStore Load(StoreFile file, KeyStoreUnlock unlock, KeyStoreOptions options, TimeProvider time)
    {
        (StoreContainer container, PinnedSecret octets) = StoreContainer.Open(file.Read(), unlock);
        using (octets)
        {
            try
            {
                return new KeyStore(file, container, StoreContent.Read(new StoreReader(octets)), options, time);
            }
            catch (FormatException e)
            {
                container.Dispose();
                throw new WatchwordClientException(ClientFault.StoreCorrupt, "its content has another form", inner: e);
            }
        }
    }

    private T Locked<T>(Func<StoreContent, T> read)
    {
        lock (_gate)
        {
            return read(_content);
        }
    }

    private void Change(Action<StoreContent> change)
    {
        lock (_gate)
        {
            change(_content);
            Save();
        }
    }

    private StoredKeySet Find(KeySetInfo keySet) =>
        _content.KeySets.FirstOrDefault(k => k.Info.Equals(keySet)) ?? throw new WatchwordClientException(ClientFault.KeySetNotFound);

    private List<StoredKeySet> FindEnded()
    {
        DateTimeOffset now = _time.GetUtcNow();
        List<StoredKeySet> ended = [];
        foreach (IGrouping<(string, string), StoredKeySet> identity in _content.KeySets.GroupBy(k => (k.Info.UserUri, k.Info.KmsUri)))
        {
            DateTimeOffset lastBegun = identity.Where(k => k.Info.Period.Start <= now).Select(k => k.Info.Period.Start).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
            ended.AddRange(identity.Where(k => k.Info.Period.Start < lastBegun && HistoryEnded(k, now)));
        }

        return ended;
    }

    private bool HistoryEnded(StoredKeySet keySet, DateTimeOffset now)
    {
        long current = _content.CertificateOf(keySet.Info)!.Certificate.PeriodAt(now).Number;
        return keySet.Info.Period.Number < current - _options.HistoryPeriods;
    }

    private void Save()
    {
        _content.Generation++;
        using StoreWriter writer = new();
        _content.WriteTo(writer);
        _file.Replace(_container.Seal(writer.Written));
    }
}
