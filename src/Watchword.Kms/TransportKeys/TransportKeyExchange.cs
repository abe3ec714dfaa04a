using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// The keys of one exchange with an enrolled client: what signs the answer and what wraps the key material in it. They are
/// those that
/// the request was made with, so that the client reads the answer whatever becomes of its keys meanwhile.
/// </summary>
public sealed class TransportKeyExchange : IDisposable
{
    private readonly TransportKeyClient _client;
    private readonly KeyWrapProfile _profile;
    private readonly List<IDisposable> _open = [];

    internal TransportKeyExchange(
        SecretSealer sealer, TransportKeyClient client, TransportKeyPair pair, KeyWrapProfile domainProfile)
    {
        _client = client;
        _profile = client.WrapProfile ?? domainProfile;
        Pair = pair;
        (TransportKey transportKey, IntegrityKey? integrityKey) = TransportKeyVault.Open(sealer, client, pair);
        _open.Add(transportKey);
        if (integrityKey is not null)
        {
            _open.Add(integrityKey);
        }

        TransportKey = transportKey;
        IntegrityKey = integrityKey;
    }

    /// <summary>The identity that the client was enrolled for.</summary>
    public string UserUri => _client.UserUri;

    /// <summary>The client.</summary>
    public string ClientId => _client.ClientId;

    /// <summary>How it wraps.</summary>
    public KeyWrapProfile WrapProfile => _profile;

    /// <summary>The transport key that wraps: the one that the request declares, else the one beside the key that signed
    /// it.</summary>
    public TransportKey TransportKey { get; private set; }

    /// <summary>The key that signed the request, and signs the answer; null if the request was not signed.</summary>
    public SecurityExtensionKey? SigningKey { get; private set; }

    /// <summary>New transport keys for the client, wrapped (<c>NewTransportKey</c>).</summary>
    public IReadOnlyList<WrappedKey> NewTransportKeys { get; private set; } = [];

    /// <summary>New integrity keys for the client, wrapped (<c>NewIntegrityKey</c>).</summary>
    public IReadOnlyList<WrappedKey> NewIntegrityKeys { get; private set; } = [];

    internal TransportKeyClient Client => _client;

    /// <summary>The pair of the transport key.</summary>
    internal TransportKeyPair Pair { get; private set; }

    private IntegrityKey? IntegrityKey { get; }

    /// <summary>Wraps the keys of a key set; the plain one stays with the caller.</summary>
    public KmsKeySet Wrap(KmsKeySet keySet)
    {
        ArgumentNullException.ThrowIfNull(keySet);
        return keySet.Wrap(TransportKey, _profile);
    }

    /// <summary>Zeroes the keys.</summary>
    public void Dispose() => _open.ForEach(key => key.Dispose());

    /// <summary>The type name.</summary>
    public override string ToString() => nameof(TransportKeyExchange);

    /// <summary>Verifies a request with the key of the pair that its signature names; null if it does not hold.</summary>
    internal KmsRequest? Verify(SignedKmsRequest signed)
    {
        SecurityExtensionKey key = IntegrityKey is not null && IntegrityKey.Id == signed.SignatureKeyName
            ? IntegrityKey
            : TransportKey;
        if (!signed.TryVerify(key, out KmsRequest? request, out _))
        {
            return null;
        }

        SigningKey = key;
        return request;
    }

    /// <summary>Wraps with the transport key of another pair of the client.</summary>
    internal void WrapWith(SecretSealer sealer, TransportKeyPair pair)
    {
        (TransportKey transportKey, IntegrityKey? integrityKey) = TransportKeyVault.Open(sealer, _client, pair);
        _open.Add(transportKey);
        integrityKey?.Dispose();
        TransportKey = transportKey;
        Pair = pair;
    }

    /// <summary>Puts a pair into the answer.</summary>
    internal void Deliver(SecretSealer sealer, TransportKeyPair pair)
    {
        (TransportKey transportKey, IntegrityKey? integrityKey) = TransportKeyVault.Open(sealer, _client, pair);
        using (transportKey)
        using (integrityKey)
        {
            NewTransportKeys = [WrappedKey.Wrap(transportKey, TransportKey, _profile)];
            NewIntegrityKeys = integrityKey is null ? [] : [WrappedKey.Wrap(integrityKey, TransportKey, _profile)];
        }
    }
}
