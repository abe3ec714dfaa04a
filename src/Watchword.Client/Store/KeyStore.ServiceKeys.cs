using System.Globalization;
using System.Text;
using Watchword.Mikey;

namespace Watchword.Client;

/// <content>Service keys: GMK, CSK, MuSiK and the others, as messages brought them (TS 33.180 5.2.4, 5.4 to 5.8).</content>
public sealed partial class KeyStore
{
    /// <summary>
    /// How often this store was written. It only grows: whoever notes it where the file's owner cannot go back finds out when an
    /// older copy is put in place (<see cref="KeyStoreOptions.MinimumGeneration"/>).
    /// </summary>
    public long Generation => Locked(c => c.Generation);

    /// <summary>Every service key that is remembered, also those that are revoked, by activation.</summary>
    public IReadOnlyList<ServiceKeyInfo> ServiceKeys =>
        Locked(c => (IReadOnlyList<ServiceKeyInfo>)[.. c.ServiceKeys.Select(k => k.Info).OrderBy(k => k.Activation)]);

    /// <summary>
    /// The key of a scope to send under now: the one activated last. Null if there is none, or if that one is revoked or has
    /// expired; the one before it does not come back.
    /// </summary>
    /// <param name="scope">The group, or the peer.</param>
    public ServiceKeyInfo? FindSendingKey(ServiceKeyScope scope) =>
        Locked(c => ServiceKeyRules.Sending(c.ServiceKeys.Where(k => scope.Holds(k.Info)), _time.GetUtcNow())?.Info);

    /// <summary>
    /// The keys of a scope that may receive now, newest first: not revoked, activated, not expired, both with the tolerance of
    /// <see cref="KeyStoreOptions.ServiceKeyTolerance"/>.
    /// </summary>
    /// <param name="scope">The group, or the peer.</param>
    public IReadOnlyList<ServiceKeyInfo> FindReceivingKeys(ServiceKeyScope scope) => FindReceivingKeys(scope.Holds);

    /// <summary>
    /// The keys with an identifier, such as the MKI names, that may receive now; from several makers there can be several.
    /// </summary>
    /// <param name="keyId">K-ID, such as the GMK-ID.</param>
    public IReadOnlyList<ServiceKeyInfo> FindReceivingKeys(uint keyId) => FindReceivingKeys(key => key.KeyId == keyId);

    /// <summary>The key itself, with RAND, to derive from.</summary>
    /// <param name="key">Which.</param>
    /// <returns>A copy, which the caller disposes.</returns>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.ServiceKeyNotFound"/>, <see cref="ClientFault.ServiceKeyEnded"/>.
    /// </exception>
    public MikeyKey OpenServiceKey(ServiceKeyInfo key)
    {
        lock (_gate)
        {
            StoredServiceKey stored = FindServiceKey(key);
            return stored.HasKey && !ServiceKeyRules.HasEnded(stored.Info, _time.GetUtcNow(), _options.ServiceKeyTolerance)
                ? stored.ToKey()
                : throw new WatchwordClientException(ClientFault.ServiceKeyEnded, Name(stored.Info));
        }
    }

    /// <summary>Revokes a key in this store, as a message of its maker would: it is wiped and never used again.</summary>
    /// <param name="key">Which.</param>
    /// <returns>What is remembered of it.</returns>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.ServiceKeyNotFound"/>, <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    public ServiceKeyInfo RevokeServiceKey(ServiceKeyInfo key)
    {
        lock (_gate)
        {
            StoredServiceKey stored = FindServiceKey(key);
            if (stored.Info.IsRevoked)
            {
                return stored.Info;
            }

#pragma warning disable CA2000 // It holds no key, and the content owns it.
            StoredServiceKey revoked = StoredServiceKey.WithoutKey(Revoked(stored.Info));
#pragma warning restore CA2000
            ReplaceServiceKeys([.. _content.ServiceKeys.Select(k => k == stored ? revoked : k)], [stored], null);
            return revoked.Info;
        }
    }

    /// <summary>Wipes a key and all that is remembered of it: a message that brings it again is taken.</summary>
    /// <param name="key">Which.</param>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.ServiceKeyNotFound"/>, <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    public void ForgetServiceKey(ServiceKeyInfo key)
    {
        lock (_gate)
        {
            StoredServiceKey stored = FindServiceKey(key);
            ReplaceServiceKeys([.. _content.ServiceKeys.Where(k => k != stored)], [stored], null);
        }
    }

    /// <summary>
    /// Takes over a key from an authentic message, and notes the message as opened in the same writing.
    /// </summary>
    /// <param name="info">What is known of the key.</param>
    /// <param name="key">The key; it is copied.</param>
    /// <param name="isRevoked">Whether the message revokes it.</param>
    /// <param name="opened">The message; null if it may be opened again.</param>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.MessageReplayed"/>, <see cref="ClientFault.ServiceKeyConflict"/>,
    /// <see cref="ClientFault.ServiceKeysFull"/>, <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    internal (ServiceKeyInfo Key, ServiceKeyChange Change) KeepServiceKey(
        ServiceKeyInfo info, MikeyKey key, bool isRevoked, OpenedMessage? opened)
    {
        lock (_gate)
        {
#pragma warning disable CA2000 // The content owns it; on every other path the catch disposes it.
            StoredServiceKey incoming = StoredServiceKey.From(info, key);
#pragma warning restore CA2000
            try
            {
                return KeepLocked(incoming, isRevoked, opened);
            }
            catch
            {
                incoming.Dispose();
                throw;
            }
        }
    }

    /// <summary>Wipes what has ended; true if something changed.</summary>
    internal bool WipeEndedServiceKeys()
    {
        lock (_gate)
        {
            List<StoredServiceKey> dropped = [];
            List<StoredServiceKey> trimmed = Trim(_content.ServiceKeys, dropped);
            if (dropped.Count == 0 && trimmed.Count == _content.ServiceKeys.Count)
            {
                return false;
            }

            ReplaceServiceKeys(trimmed, dropped, null);
            return true;
        }
    }

    private (ServiceKeyInfo Key, ServiceKeyChange Change) KeepLocked(
        StoredServiceKey incoming, bool isRevoked, OpenedMessage? opened)
    {
        StoredServiceKey? held = _content.ServiceKeys.Find(k => k.Info.IsSameKey(incoming.Info));
        (StoredServiceKey kept, ServiceKeyChange change) = Merge(held, incoming, isRevoked);
        if (change == ServiceKeyChange.Unchanged && opened is null)
        {
            incoming.Dispose();
            return (kept.Info, change);
        }

        List<StoredServiceKey> dropped = [];
        List<StoredServiceKey> keys = Trim([.. _content.ServiceKeys.Where(k => k != held), kept], dropped);
        if (change is ServiceKeyChange.Added or ServiceKeyChange.Renewed)
        {
            RequireRoom(kept, keys);
        }

        if (held is not null && held != kept)
        {
            dropped.Add(held);
        }

        if (incoming != kept)
        {
            dropped.Add(incoming);
        }

        ReplaceServiceKeys(keys, dropped, opened);
        return (kept.Info, change);
    }

    private (StoredServiceKey Kept, ServiceKeyChange Change) Merge(
        StoredServiceKey? held, StoredServiceKey incoming, bool isRevoked)
    {
        if (held?.Info.IsRevoked == true)
        {
            return (held, ServiceKeyChange.Unchanged);
        }

        if (isRevoked)
        {
            return (StoredServiceKey.WithoutKey(Revoked(held?.Info ?? incoming.Info)), ServiceKeyChange.Revoked);
        }

        if (held is null)
        {
            return (incoming, ServiceKeyChange.Added);
        }

        if (held.HasKey && !held.HasSameKey(incoming))
        {
            throw new WatchwordClientException(ClientFault.ServiceKeyConflict, Name(held.Info));
        }

        if (incoming.Info.MessageTime <= held.Info.MessageTime)
        {
            return (held, ServiceKeyChange.Unchanged);
        }

        // A message that names no groups or no time of its own repeats the key; it does not move it.
        StoredServiceKey renewed = incoming.With(incoming.Info with
        {
            ReceivedAt = held.Info.ReceivedAt,
            PeerUri = incoming.Info.PeerUri ?? held.Info.PeerUri,
            GroupIds = incoming.Info.GroupIds.Count > 0 ? incoming.Info.GroupIds : held.Info.GroupIds,
            Activation = MovesActivation(held.Info, incoming.Info) ? incoming.Info.Activation : held.Info.Activation,
        });
        return (renewed, ServiceKeyChange.Renewed);
    }

    // Parameters tell seconds, T less: a repeat within the second says the same.
    private static bool MovesActivation(ServiceKeyInfo held, ServiceKeyInfo incoming) =>
        incoming.Activation != incoming.MessageTime
        && (incoming.Activation - held.Activation).Duration() >= TimeSpan.FromSeconds(1);

    private ServiceKeyInfo Revoked(ServiceKeyInfo key) =>
        key with { RevokedAt = _time.GetUtcNow(), Status = key.Status & ~KeyStatus.NotRevoked };

    private List<StoredServiceKey> Trim(IReadOnlyList<StoredServiceKey> keys, List<StoredServiceKey> dropped) =>
        ServiceKeyRules.Trim(keys, _time.GetUtcNow(), _options.ServiceKeyTolerance, _options.MaxServiceKeys, dropped);

    private void RequireRoom(StoredServiceKey kept, List<StoredServiceKey> keys)
    {
        if (kept.Info.GroupIds.Sum(Encoding.UTF8.GetByteCount) > StoredServiceKey.MaxGroupOctets
            || keys.Count(k => k.HasKey) > _options.MaxServiceKeys)
        {
            throw new WatchwordClientException(ClientFault.ServiceKeysFull, Name(kept.Info));
        }
    }

    /// <summary>Writes other service keys, and goes back to those before if writing fails.</summary>
    private void ReplaceServiceKeys(List<StoredServiceKey> keys, List<StoredServiceKey> dropped, OpenedMessage? opened)
    {
        StoredServiceKey[] before = [.. _content.ServiceKeys];
        if (opened is not null && !TryAddOpened(opened))
        {
            throw new WatchwordClientException(ClientFault.MessageReplayed);
        }

        try
        {
            SetServiceKeys(keys);
            Save();
        }
        catch
        {
            SetServiceKeys(before);
            keys.Except(before).ToList().ForEach(k => k.Dispose());
            _ = opened is not null && _content.OpenedMessages.Remove(opened);
            throw;
        }

        dropped.ForEach(k => k.Dispose());
    }

    private void SetServiceKeys(IReadOnlyList<StoredServiceKey> keys)
    {
        _content.ServiceKeys.Clear();
        _content.ServiceKeys.AddRange(keys);
    }

    private ServiceKeyInfo[] FindReceivingKeys(Func<ServiceKeyInfo, bool> holds) => Locked<ServiceKeyInfo[]>(c =>
    [
        .. c.ServiceKeys.Where(k => holds(k.Info) && ServiceKeyRules.Receives(k, _time.GetUtcNow(), _options.ServiceKeyTolerance))
            .Select(k => k.Info).OrderByDescending(k => k.Activation).ThenByDescending(k => k.MessageTime),
    ]);

    private StoredServiceKey FindServiceKey(ServiceKeyInfo key) =>
        _content.ServiceKeys.Find(k => k.Info.IsSameKey(key))
        ?? throw new WatchwordClientException(ClientFault.ServiceKeyNotFound, Name(key));

    private static string Name(ServiceKeyInfo key) =>
        string.Create(CultureInfo.InvariantCulture, $"{key.Purpose} {key.KeyId:X8}");
}
