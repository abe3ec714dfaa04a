using System.Diagnostics.CodeAnalysis;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>A key set in the store: its description and its three keys in one piece of pinned memory, SSK, PVT, RSK.</summary>
internal sealed class StoredKeySet : IDisposable
{
    public const int KeysLength = EccsiSigningKey.SecretSizeInBytes + EccsiSigningKey.PublicTokenSizeInBytes + SakkeReceiverKey.SizeInBytes;

    private readonly PinnedSecret _keys;

    public StoredKeySet(KeySetInfo info, PinnedSecret keys)
    {
        Info = info;
        _keys = keys;
    }

    public KeySetInfo Info { get; private set; }

    public ReadOnlySpan<byte> Keys => _keys.Span;

    public ReadOnlySpan<byte> SigningSecret => _keys.Span[..EccsiSigningKey.SecretSizeInBytes];

    public ReadOnlySpan<byte> PublicToken => _keys.Span.Slice(EccsiSigningKey.SecretSizeInBytes, EccsiSigningKey.PublicTokenSizeInBytes);

    public ReadOnlySpan<byte> ReceiverKey => _keys.Span[^SakkeReceiverKey.SizeInBytes..];

    /// <summary>Notes how the keys were wrapped: a store has that in another place.</summary>
    public void NoteWrapping(KeyWrapProfile wrapping) =>
        Info = new KeySetInfo(Info.UserUri, Info.KmsUri, Info.Period, Info.UserId, Info.ReceivedAt, Info.Certificate.ToArray(), wrapping);

    /// <summary>Copies the octets of a key set that was validated.</summary>
    public static StoredKeySet From(KmsKeySet keySet, KeyPeriod period, StoredCertificate certificate, DateTimeOffset receivedAt)
    {
        PinnedSecret keys = new(KeysLength);
        keySet.ExportSigningSecret(keys.Span[..EccsiSigningKey.SecretSizeInBytes]);
        keySet.ExportPublicToken(keys.Span.Slice(EccsiSigningKey.SecretSizeInBytes, EccsiSigningKey.PublicTokenSizeInBytes));
        keySet.ExportReceiverKey(keys.Span[^SakkeReceiverKey.SizeInBytes..]);
        KeySetInfo info = new(keySet.UserUri, keySet.KmsUri, period, keySet.UserId, receivedAt, certificate.Fingerprint, keySet.UnwrappedFrom);
        return new StoredKeySet(info, keys);
    }

    /// <summary>
    /// Recomputes the UID and imports both keys, which is their validation (RFC 6507 §5.1.2, RFC 6508 §6.1.2). Costs one pairing.
    /// </summary>
    public bool TryUnlock(KmsCertificate certificate, [NotNullWhen(true)] out UnlockedKeySet? keys, out KeySetFault fault)
    {
        keys = null;
        UserId expected = certificate.UserIdFor(Info.UserUri, Info.Period.Number);
        if (!expected.Equals(Info.UserId))
        {
            fault = KeySetFault.UserIdMismatch;
            return false;
        }

        if (!EccsiSigningKey.TryImport(
            certificate.PublicAuthenticationKey, expected.Octets, SigningSecret, PublicToken, out EccsiSigningKey? signing))
        {
            fault = KeySetFault.BadSigningKey;
            return false;
        }

        if (!SakkeReceiverKey.TryImport(certificate.PublicEncryptionKey, expected.Octets, ReceiverKey, out SakkeReceiverKey? receiver))
        {
            signing.Dispose();
            fault = KeySetFault.BadDecryptionKey;
            return false;
        }

        fault = KeySetFault.None;
        keys = new UnlockedKeySet(Info, signing, receiver);
        return true;
    }

    public void Dispose() => _keys.Dispose();
}

/// <summary>A key set whose keys were imported, and so validated.</summary>
internal sealed class UnlockedKeySet : IDisposable
{
    public UnlockedKeySet(KeySetInfo info, EccsiSigningKey signingKey, SakkeReceiverKey receiverKey)
    {
        Info = info;
        SigningKey = signingKey;
        ReceiverKey = receiverKey;
    }

    public KeySetInfo Info { get; }

    public EccsiSigningKey SigningKey { get; }

    public SakkeReceiverKey ReceiverKey { get; }

    public void Dispose()
    {
        SigningKey.Dispose();
        ReceiverKey.Dispose();
    }
}
