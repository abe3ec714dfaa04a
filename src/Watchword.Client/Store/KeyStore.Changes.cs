using System.Security.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>What the other parts of this library change in a store.</summary>
public sealed partial class KeyStore
{
    /// <summary>Room between the end of an access token and its last use, for the way and for clocks.</summary>
    private static readonly TimeSpan TokenMargin = TimeSpan.FromSeconds(30);

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.ProfileMismatch"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    internal void KeepLogIn(TokenSet tokens)
    {
        RequireSameAccount(tokens.Identity);
        _content.AccessTokens.Clear();
        _content.Identity = tokens.Identity;
        _content.Tokens = tokens;
        Save();
    }

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.ProfileMismatch"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    internal void KeepEntity(ClientIdentity identity)
    {
        RequireSameAccount(identity);
        _content.Identity = identity;
        Save();
    }

    /// <summary>Keeps the rotated refresh token before anything is done with the access token.</summary>
    internal void KeepRefreshed(TokenSet tokens)
    {
        _content.Identity = tokens.Identity;
        _content.Tokens = tokens;
        Save();
    }

    internal void KeepAccessToken(AccessTokenTarget target, AccessToken token)
    {
        _ = _content.AccessTokens.RemoveAll(t => t.Target == target.Name || t.Token.ExpiresAt <= _time.GetUtcNow());
        _content.AccessTokens.Add(new CachedAccessToken(target.Name, token));
        Save();
    }

    internal AccessToken? FindAccessToken(AccessTokenTarget target) =>
        _content.AccessTokens.Find(t => t.Target == target.Name && t.Token.ExpiresAt - TokenMargin > _time.GetUtcNow())?.Token;

    internal void DropAccessToken(AccessTokenTarget target)
    {
        if (_content.AccessTokens.RemoveAll(t => t.Target == target.Name) > 0)
        {
            Save();
        }
    }

    /// <summary>Keeps a Root certificate; true if it has other keys than the newest one before.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.KmsUriMismatch"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    internal bool KeepRootCertificate(KmsCertificate certificate)
    {
        if (_content.KmsUri is not null && !string.Equals(_content.KmsUri, certificate.KmsUri, StringComparison.Ordinal))
        {
            throw new WatchwordClientException(ClientFault.KmsUriMismatch, $"bound to {_content.KmsUri}");
        }

        StoredCertificate stored = new(certificate, _time.GetUtcNow());
        StoredCertificate? before = _content.Root;
        // A key set's fingerprint covers the keys only: a renewed certificate with the same keys replaces the older one.
        _ = _content.Certificates.RemoveAll(c => c.Fingerprint.AsSpan().SequenceEqual(stored.Fingerprint));
        _content.Certificates.Add(stored);
        _content.KmsUri = certificate.KmsUri;
        Save();
        return before is not null && !before.Fingerprint.AsSpan().SequenceEqual(stored.Fingerprint);
    }

    /// <summary>The newest Root certificate with its fingerprint.</summary>
    internal StoredCertificate? Root => _content.Root;

    /// <summary>The certificates of a security domain, newest first.</summary>
    internal IReadOnlyList<StoredCertificate> CertificatesOf(string kmsUri) =>
        [.. _content.Certificates.Where(c => string.Equals(c.Certificate.KmsUri, kmsUri, StringComparison.Ordinal)).Reverse()];

    /// <summary>Takes over validated key sets, replacing those of the same identity, period and certificate, and wipes what has ended.</summary>
    internal void KeepKeySets(IReadOnlyList<StoredKeySet> keySets)
    {
        List<StoredKeySet> replaced = [];
        foreach (StoredKeySet keySet in keySets)
        {
            replaced.AddRange(_content.KeySets.Where(k => k.Info.Equals(keySet.Info)));
            _ = _content.KeySets.RemoveAll(replaced.Contains);
            _content.KeySets.Add(keySet);
        }

        List<StoredKeySet> ended = FindEnded();
        _ = _content.KeySets.RemoveAll(ended.Contains);
        Save();
        replaced.ForEach(k => k.Dispose());
        ended.ForEach(k => k.Dispose());
    }

    /// <summary>Imports the keys for an identity and period; null if there are none of this certificate, or they do not hold.</summary>
    internal UnlockedKeySet? Unlock(string userUri, long periodNumber, StoredCertificate certificate)
    {
        StoredKeySet? stored = _content.KeySets.Find(k =>
            k.Info.Period.Number == periodNumber
            && string.Equals(k.Info.UserUri, userUri, StringComparison.Ordinal)
            && k.Info.Certificate.SequenceEqual(certificate.Fingerprint));
        return stored is not null && stored.TryUnlock(certificate.Certificate, out UnlockedKeySet? keys, out _) ? keys : null;
    }

    /// <summary>Notes a message as opened; false if it was already. Other processes open messages too, so the note is on disk.</summary>
    internal bool TryNoteOpened(ReadOnlySpan<byte> digest, DateTimeOffset forgetAfter)
    {
        foreach (OpenedMessage message in _content.OpenedMessages)
        {
            if (CryptographicOperations.FixedTimeEquals(message.Digest, digest))
            {
                return false;
            }
        }

        _ = _content.OpenedMessages.RemoveAll(m => m.ForgetAfter < _time.GetUtcNow());
        _content.OpenedMessages.Add(new OpenedMessage(digest.ToArray(), forgetAfter));
        Save();
        return true;
    }

    private void RequireSameAccount(ClientIdentity identity)
    {
        if (_content.Identity is { } bound && !bound.IsSameAccount(identity))
        {
            throw new WatchwordClientException(ClientFault.ProfileMismatch);
        }
    }
}
