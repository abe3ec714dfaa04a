using System.Security.Cryptography;

namespace Watchword.Client;

/// <summary>What the other parts of this library change in a store.</summary>
public sealed partial class KeyStore
{
    /// <summary>Room between the end of an access token and its last use, for the way and for clocks.</summary>
    private static readonly TimeSpan TokenMargin = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _tokenGate = new(1, 1);
    private readonly SemaphoreSlim _exchangeGate = new(1, 1);

    /// <summary>One refreshing at a time: a refresh token is spent once.</summary>
    internal Task<IDisposable> EnterTokensAsync(CancellationToken cancellation) => EnterAsync(_tokenGate, cancellation);

    /// <summary>One exchange with the KMS at a time: its answer may change the keys that the next one is signed with.</summary>
    internal Task<IDisposable> EnterExchangeAsync(CancellationToken cancellation) => EnterAsync(_exchangeGate, cancellation);

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.ProfileMismatch"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    internal void KeepLogIn(TokenSet tokens) => Change(content =>
    {
        RequireSameAccount(tokens.Identity);
        content.AccessTokens.Clear();
        content.Identity = tokens.Identity;
        content.Tokens = tokens;
        // Who was refused may be entitled by now: a log-in is the moment to ask again.
        _ = content.Plans.RemoveAll(p => p.IsRefused);
    });

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.ProfileMismatch"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    internal void KeepEntity(ClientIdentity identity) => Change(content =>
    {
        RequireSameAccount(identity);
        content.Identity = identity;
        _ = content.Plans.RemoveAll(p => p.IsRefused);
    });

    /// <summary>Keeps the rotated refresh token before anything is done with the access token.</summary>
    internal void KeepRefreshed(TokenSet tokens) => Change(content =>
    {
        content.Identity = tokens.Identity;
        content.Tokens = tokens;
    });

    internal void KeepAccessToken(AccessTokenTarget target, AccessToken token) => Change(content =>
    {
        _ = content.AccessTokens.RemoveAll(t => t.Target == target.Name || t.Token.ExpiresAt <= _time.GetUtcNow());
        content.AccessTokens.Add(new CachedAccessToken(target.Name, token));
    });

    internal AccessToken? FindAccessToken(AccessTokenTarget target) => Locked(content =>
        content.AccessTokens.Find(t => t.Target == target.Name && t.Token.ExpiresAt - TokenMargin > _time.GetUtcNow())?.Token);

    internal void DropAccessToken(AccessTokenTarget target)
    {
        lock (_gate)
        {
            if (_content.AccessTokens.RemoveAll(t => t.Target == target.Name) > 0)
            {
                Save();
            }
        }
    }

    /// <summary>
    /// Takes over validated key sets, replacing those of the same identity, period and certificate, and wipes what has ended.
    /// </summary>
    /// <param name="keySets">The key sets; owned by the store from now on, also when it throws.</param>
    /// <param name="hints">When the KMS wants the next ones to be fetched.</param>
    internal void KeepKeySets(IReadOnlyList<StoredKeySet> keySets, IReadOnlyList<PickUpHint>? hints = null)
    {
        lock (_gate)
        {
            List<StoredKeySet> replaced = [];
            foreach (StoredKeySet keySet in keySets)
            {
                replaced.AddRange(_content.KeySets.Where(k => k.Info.Equals(keySet.Info)));
                _ = _content.KeySets.RemoveAll(replaced.Contains);
                _content.KeySets.Add(keySet);
            }

            KeepHints(hints ?? []);
            List<StoredKeySet> ended = FindEnded();
            _ = _content.KeySets.RemoveAll(ended.Contains);
            Save();
            replaced.ForEach(k => k.Dispose());
            ended.ForEach(k => k.Dispose());
        }
    }

    /// <summary>
    /// Imports the keys for an identity and period; null if there are none of this certificate, or they do not hold.
    /// </summary>
    internal UnlockedKeySet? Unlock(string userUri, long periodNumber, StoredCertificate certificate)
    {
        if (certificate.Certificate.Revoked)
        {
            return null;
        }

        lock (_gate)
        {
            StoredKeySet? stored = _content.KeySets.Find(k =>
                k.Info.Period.Number == periodNumber
                && string.Equals(k.Info.UserUri, userUri, StringComparison.Ordinal)
                && k.Info.Certificate.SequenceEqual(certificate.Fingerprint));
            return stored is not null && stored.TryUnlock(certificate.Certificate, out UnlockedKeySet? keys, out _) ? keys : null;
        }
    }

    /// <summary>
    /// Notes a message as opened; false if it was already. Other processes open messages too, so the note is on disk.
    /// </summary>
    internal bool TryNoteOpened(OpenedMessage opened)
    {
        lock (_gate)
        {
            if (!TryAddOpened(opened))
            {
                return false;
            }

            Save();
            return true;
        }
    }

    private bool TryAddOpened(OpenedMessage opened)
    {
        if (_content.OpenedMessages.Exists(message => CryptographicOperations.FixedTimeEquals(message.Digest, opened.Digest)))
        {
            return false;
        }

        _ = _content.OpenedMessages.RemoveAll(m => m.ForgetAfter < _time.GetUtcNow());
        _content.OpenedMessages.Add(opened);
        return true;
    }

    private static async Task<IDisposable> EnterAsync(SemaphoreSlim gate, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        return new Leaving(gate);
    }

    private sealed class Leaving(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }

    private void RequireSameAccount(ClientIdentity identity)
    {
        if (_content.Identity is { } bound && !bound.IsSameAccount(identity))
        {
            throw new WatchwordClientException(ClientFault.ProfileMismatch);
        }
    }
}
