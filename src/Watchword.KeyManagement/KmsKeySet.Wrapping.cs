using System.Diagnostics.CodeAnalysis;
using Watchword.KeyManagement.Wrapping;

namespace Watchword.KeyManagement;

public sealed partial class KmsKeySet
{
    private WrappedKeys? _wrapped;

    /// <summary>
    /// True if a key is wrapped for a transport key (<c>EncKeyContentType</c>): this key set then holds no keys, and exporting
    /// or validating it is refused. <see cref="TryUnwrap"/> gives the key set that holds them.
    /// </summary>
    public bool HasEncryptedKeys => _wrapped is not null;

    /// <summary>The id of the transport key that the keys are wrapped for; null if they are plain, or name none.</summary>
    public string? TransportKeyId => _wrapped?.Any.TransportKeyId;

    /// <summary>How the keys had been wrapped, for a key set from <see cref="TryUnwrap"/>; null for every other.</summary>
    public KeyWrapProfile? UnwrappedFrom { get; private init; }

    /// <summary>Wraps the three keys for a transport key.</summary>
    /// <param name="transportKey">The transport key that the client holds; stays with the caller.</param>
    /// <param name="profile">How to wrap.</param>
    /// <returns>The same key set with wrapped keys. It holds no secret; this one stays with the caller.</returns>
    /// <exception cref="InvalidOperationException"><see cref="HasEncryptedKeys"/>.</exception>
    /// <exception cref="ObjectDisposedException">The key set or the transport key has been disposed.</exception>
    public KmsKeySet Wrap(TransportKey transportKey, KeyWrapProfile profile = KeyWrapProfile.KwStrip04)
    {
        ArgumentNullException.ThrowIfNull(transportKey);
        ObjectDisposedException.ThrowIf(_keys.IsDisposed, this);
        if (HasEncryptedKeys)
        {
            throw new InvalidOperationException("The keys of this key set are wrapped already.");
        }

        using AesKeyWrap wrap = new(transportKey);
        WrappedKeys wrapped = new(
            WrappedKey.Wrap(wrap, _keys.ReceiverKey, transportKey.Id, profile),
            WrappedKey.Wrap(wrap, _keys.SigningSecret, transportKey.Id, profile),
            WrappedKey.Wrap(wrap, _keys.PublicToken, transportKey.Id, profile));
        KeyOctets none = new(holds: false);
        return CopyWith(none, wrapped);
    }

    /// <summary>Opens the three keys with the transport key that they are wrapped for, whatever the profile.</summary>
    /// <param name="transportKey">The transport key; stays with the caller.</param>
    /// <param name="plain">The same key set with its keys, owned by the caller; null if there is a fault.</param>
    /// <param name="fault">The first fault found, or <see cref="KeyUnwrapFault.None"/>.</param>
    /// <exception cref="InvalidOperationException">The keys are not wrapped.</exception>
    public bool TryUnwrap(TransportKey transportKey, [NotNullWhen(true)] out KmsKeySet? plain, out KeyUnwrapFault fault)
    {
        ArgumentNullException.ThrowIfNull(transportKey);
        ObjectDisposedException.ThrowIf(_keys.IsDisposed, this);
        plain = null;
        if (_wrapped is null)
        {
            throw new InvalidOperationException("The keys of this key set are not wrapped.");
        }

        KeyOctets keys = new();
        fault = _wrapped.Unwrap(transportKey, keys, out KeyWrapProfile profile);
        if (fault != KeyUnwrapFault.None)
        {
            keys.Dispose();
            return false;
        }

        plain = CopyWith(keys, wrapped: null, profile);
        return true;
    }

    private KmsKeySet CopyWith(KeyOctets keys, WrappedKeys? wrapped, KeyWrapProfile? unwrappedFrom = null) =>
        new(KmsUri, UserUri, UserId, KeyPeriodNumber, keys)
        {
            CertUri = CertUri,
            Issuer = Issuer,
            ValidFrom = ValidFrom,
            ValidTo = ValidTo,
            Revoked = Revoked,
            _wrapped = wrapped,
            UnwrappedFrom = unwrappedFrom,
        };

    /// <summary>The three keys as they stand in the document; null where one is plain.</summary>
    private sealed record WrappedKeys(WrappedKey? ReceiverKey, WrappedKey? SigningSecret, WrappedKey? PublicToken)
    {
        public bool IsWhole => ReceiverKey is not null && SigningSecret is not null && PublicToken is not null;

        public WrappedKey Any => (ReceiverKey ?? SigningSecret ?? PublicToken)!;

        public static WrappedKeys? Of(WrappedKey? receiverKey, WrappedKey? signingSecret, WrappedKey? publicToken) =>
            receiverKey is null && signingSecret is null && publicToken is null
                ? null
                : new WrappedKeys(receiverKey, signingSecret, publicToken);

        /// <summary>Opens all three or none: a plain key among wrapped ones may be anybody's.</summary>
        public KeyUnwrapFault Unwrap(TransportKey transportKey, KeyOctets keys, out KeyWrapProfile profile)
        {
            profile = default;
            if (!IsWhole)
            {
                return KeyUnwrapFault.PartlyWrapped;
            }

            using AesKeyWrap wrap = new(transportKey);
            KeyUnwrapFault fault = SigningSecret!.Unwrap(wrap, transportKey.Id, keys.SigningSecret, out _);
            fault = fault != KeyUnwrapFault.None ? fault : PublicToken!.Unwrap(wrap, transportKey.Id, keys.PublicToken, out _);
            return fault != KeyUnwrapFault.None
                ? fault
                : ReceiverKey!.Unwrap(wrap, transportKey.Id, keys.ReceiverKey, out profile);
        }
    }
}
