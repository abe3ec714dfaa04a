using Watchword.Cryptography;

namespace Watchword.KeyManagement;

/// <summary>A key set whose UID and keys have been checked against the certificate of its KMS; owns its keys.</summary>
public sealed class ValidatedKeySet : IDisposable
{
    internal ValidatedKeySet(
        string userUri, string kmsUri, UserId userId, KeyPeriod keyPeriod, EccsiSigningKey signingKey, SakkeReceiverKey receiverKey)
    {
        UserUri = userUri;
        KmsUri = kmsUri;
        UserId = userId;
        KeyPeriod = keyPeriod;
        SigningKey = signingKey;
        ReceiverKey = receiverKey;
    }

    /// <summary>The identity keyed.</summary>
    public string UserUri { get; }

    /// <summary>The KMS that issued the keys.</summary>
    public string KmsUri { get; }

    /// <summary>The UID of the identity in the period.</summary>
    public UserId UserId { get; }

    /// <summary>The period that the keys are for.</summary>
    public KeyPeriod KeyPeriod { get; }

    /// <summary>Signs as the user; do not dispose it apart from the key set.</summary>
    public EccsiSigningKey SigningKey { get; }

    /// <summary>Decapsulates for the user; do not dispose it apart from the key set.</summary>
    public SakkeReceiverKey ReceiverKey { get; }

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        SigningKey.Dispose();
        ReceiverKey.Dispose();
    }

    /// <summary>The type name: a key set never prints its content.</summary>
    public override string ToString() => nameof(ValidatedKeySet);
}
