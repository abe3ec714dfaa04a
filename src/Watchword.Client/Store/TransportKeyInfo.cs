using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>What is known of a pair of transport keys without its keys (TS 33.180 D.1).</summary>
public sealed record TransportKeyInfo
{
    internal TransportKeyInfo(StoredTransportKeys keys)
    {
        UserUri = keys.Holder.UserUri;
        ClientId = keys.Holder.ClientId;
        KmsUri = keys.Holder.KmsUri;
        TransportKeyId = keys.TransportKeyId;
        IntegrityKeyId = keys.IntegrityKeyId;
        State = keys.State;
        ReceivedAt = keys.ReceivedAt;
        using TransportKeyPair pair = keys.CheckOut();
        FingerprintWords = pair.IntegrityKey is null ? [] : KeyFingerprint.Words(pair.TransportKey, pair.IntegrityKey);
    }

    /// <summary>The identity that the keys were made for: it speaks in signed requests.</summary>
    public string UserUri { get; }

    /// <summary>The <c>ClientId</c> that the keys were made for.</summary>
    public string ClientId { get; }

    /// <summary>The KMS that holds the other copy.</summary>
    public string KmsUri { get; }

    /// <summary>The id of the transport key, <c>TrK-ID</c> of requests.</summary>
    public string TransportKeyId { get; }

    /// <summary>The id of the integrity key, <c>Signature-ID</c> of requests; null if the transport key signs.</summary>
    public string? IntegrityKeyId { get; }

    /// <summary>Proven, or new and not yet proven.</summary>
    public TransportKeyState State { get; }

    /// <summary>When they were imported or came from the KMS.</summary>
    public DateTimeOffset ReceivedAt { get; }

    /// <summary>The fingerprint of the pair, for client and KMS to compare; empty where there is no integrity key.</summary>
    public IReadOnlyList<string> FingerprintWords { get; }
}
