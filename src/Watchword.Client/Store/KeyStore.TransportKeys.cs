using System.Security.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <content>Transport and integrity keys (TS 33.180 D.1): the pair in use, and a new one until the KMS is seen to take
/// it.</content>
public sealed partial class KeyStore
{
    private DateTimeOffset _lastRequestTime;

    /// <summary>The pairs of transport keys held: none, one, or a proven and a new one.</summary>
    public IReadOnlyList<TransportKeyInfo> TransportKeys => Locked(c => (IReadOnlyList<TransportKeyInfo>)[.. c.TransportKeys.Select(k => new TransportKeyInfo(k))]);

    /// <summary>
    /// Takes over the keys of an out-of-band document, in place of all before: from the next request on they sign, and key
    /// material must be
    /// wrapped. The words of the document are to be compared before. The document stays with the caller.
    /// </summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.KmsUriMismatch"/>, <see cref="ClientFault.TransportKeysOfAnother"/>, <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    public void ImportTransportKeys(TransportKeyFile document)
    {
        ArgumentNullException.ThrowIfNull(document);
        KeepEnrolled(
            new TransportKeyHolder(document.UserUri, document.ClientId, document.KmsUri), document.TransportKey, document.IntegrityKey);
    }

    /// <summary>
    /// Wipes all transport keys; false if there were none. From then on requests are not signed, and wrapped key material cannot
    /// be read.
    /// </summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreNotWritten"/>.</exception>
    public bool RemoveTransportKeys()
    {
        lock (_gate)
        {
            StoredTransportKeys[] removed = [.. _content.TransportKeys];
            ReplaceTransportKeys(_ => true, added: null);
            return removed.Length > 0;
        }
    }

    /// <summary>
    /// Takes over a pair that was handed over out of band, in place of all before. The keys stay with the caller.
    /// </summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.KmsUriMismatch"/>, <see cref="ClientFault.TransportKeysOfAnother"/>, <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    internal void KeepEnrolled(TransportKeyHolder holder, TransportKey transportKey, IntegrityKey? integrityKey)
    {
        lock (_gate)
        {
            if (_content.KmsUri is { } bound && !string.Equals(bound, holder.KmsUri, StringComparison.Ordinal))
            {
                throw new WatchwordClientException(ClientFault.KmsUriMismatch, $"bound to {bound}");
            }

            if (_content.Identity is { } identity && !identity.Owns(holder.UserUri))
            {
                throw new WatchwordClientException(ClientFault.TransportKeysOfAnother, holder.UserUri);
            }

            ReplaceTransportKeys(_ => true, Stored(holder, transportKey, integrityKey, TransportKeyState.Current));
        }
    }

    /// <summary>Copies of the transport keys for one exchange, which the caller disposes; null if there are none.</summary>
    internal TransportKeyRing? CheckOutTransportKeys()
    {
        lock (_gate)
        {
            return _content.TransportKeys.Count == 0
                ? null
                : new TransportKeyRing(
                    _content.TransportKeys[0].Holder, [.. _content.TransportKeys.OrderBy(k => k.State).Select(k => k.CheckOut())]);
        }
    }

    /// <summary>
    /// Keeps what the KMS delivered as the new pair, on disk before anybody uses it; a key that did not change stays beside the
    /// new one.
    /// False if the client has exactly these keys.
    /// </summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.NewTransportKeyRefused"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    internal bool KeepNewTransportKeys(TransportKey? transportKey, IntegrityKey? integrityKey)
    {
        lock (_gate)
        {
            StoredTransportKeys newest = _content.TransportKeys.MaxBy(k => k.State) ?? throw new WatchwordClientException(ClientFault.NewTransportKeyRefused);
            using TransportKeyPair before = newest.CheckOut();
            if (IsSame(transportKey, before.TransportKey) && IsSame(integrityKey, before.IntegrityKey))
            {
                return false;
            }

#pragma warning disable CA2000 // The content owns it from here on, and ReplaceTransportKeys disposes it where that fails.
            StoredTransportKeys added = Stored(
                newest.Holder, transportKey ?? before.TransportKey, integrityKey ?? before.IntegrityKey, TransportKeyState.New);
#pragma warning restore CA2000
            // A new pair that was never proven gives way; the proven one stays.
            ReplaceTransportKeys(k => k.State == TransportKeyState.New, added);
            return true;
        }
    }

    /// <summary>An answer under the new pair came: the pair before it is wiped.</summary>
    internal void ProveTransportKeys()
    {
        lock (_gate)
        {
            if (_content.TransportKeys.Find(k => k.State == TransportKeyState.New) is { } proven)
            {
                proven.State = TransportKeyState.Current;
                try
                {
                    ReplaceTransportKeys(k => k != proven, added: null);
                }
                catch
                {
                    proven.State = TransportKeyState.New;
                    throw;
                }
            }
        }
    }

    /// <summary>The KMS does not know the new pair, but took the one before it: the new one is wiped.</summary>
    internal void DropNewTransportKeys()
    {
        lock (_gate)
        {
            ReplaceTransportKeys(k => k.State == TransportKeyState.New, added: null);
        }
    }

    /// <summary>
    /// A time for a request that no request before it had: two equal signed requests would be one and its replay.
    /// </summary>
    internal DateTimeOffset TakeRequestTime()
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            TimeSpan behind = _lastRequestTime - now;
            // A clock that was set back by more than a request or two starts anew.
            _lastRequestTime = behind >= TimeSpan.Zero && behind < TimeSpan.FromSeconds(1) ? _lastRequestTime.AddTicks(1) : now;
            return _lastRequestTime;
        }
    }

    private void ReplaceTransportKeys(Predicate<StoredTransportKeys> removes, StoredTransportKeys? added)
    {
        List<StoredTransportKeys> removed = _content.TransportKeys.FindAll(removes);
        if (removed.Count == 0 && added is null)
        {
            return;
        }

        StoredTransportKeys[] before = [.. _content.TransportKeys];
        _ = _content.TransportKeys.RemoveAll(removed.Contains);
        if (added is not null)
        {
            _content.TransportKeys.Add(added);
        }

        try
        {
            Save();
        }
        catch
        {
            // What is not on disk is not used: the next exchange goes on with the keys that are.
            _content.TransportKeys.Clear();
            _content.TransportKeys.AddRange(before);
            added?.Dispose();
            throw;
        }

        removed.ForEach(k => k.Dispose());
    }

    private StoredTransportKeys Stored(TransportKeyHolder holder, TransportKey transportKey, IntegrityKey? integrityKey, TransportKeyState state)
    {
        PinnedSecret keys = new(integrityKey is null ? StoredTransportKeys.KeyLength : 2 * StoredTransportKeys.KeyLength);
        transportKey.Export(keys.Span[..StoredTransportKeys.KeyLength]);
        integrityKey?.Export(keys.Span[StoredTransportKeys.KeyLength..]);
        return new StoredTransportKeys(holder, transportKey.Id, integrityKey?.Id, keys) { State = state, ReceivedAt = _time.GetUtcNow() };
    }

    /// <summary>
    /// True if nothing was delivered, or what is held already. The same id with another key is somebody's fault or malice.
    /// </summary>
    private static bool IsSame(SecurityExtensionKey? delivered, SecurityExtensionKey? held)
    {
        if (delivered is null || !string.Equals(delivered.Id, held?.Id, StringComparison.Ordinal))
        {
            return delivered is null;
        }

        using PinnedSecret a = new(SecurityExtensionKey.SizeInBytes);
        using PinnedSecret b = new(SecurityExtensionKey.SizeInBytes);
        delivered.Export(a.Span);
        held!.Export(b.Span);
        return CryptographicOperations.FixedTimeEquals(a.Span, b.Span)
            ? true
            : throw new WatchwordClientException(ClientFault.NewTransportKeyRefused, $"{delivered.Id} is another key already");
    }
}
