using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>A key from an authentic message, which the caller keeps or disposes.</summary>
public sealed class TakenServiceKey : IDisposable
{
    internal TakenServiceKey(
        ServiceKeyInfo info, MikeyKey key, ReadOnlyMemory<byte> messageDigest, DateTimeOffset forgetAfter, MikeyTolerances tolerances)
    {
        Info = info;
        Key = key;
        MessageDigest = messageDigest;
        ForgetAfter = forgetAfter;
        TolerancesUsed = tolerances;
    }

    /// <summary>What is known of the key: who made it, for whom, when.</summary>
    public ServiceKeyInfo Info { get; }

    /// <summary>The key with RAND; disposed with this.</summary>
    public MikeyKey Key { get; }

    /// <summary>What tells the message from any other: SHA-256, 32 octets (RFC 3830 §5.4).</summary>
    public ReadOnlyMemory<byte> MessageDigest { get; }

    /// <summary>Until when the digest has to be remembered; after that the message is refused as stale.</summary>
    public DateTimeOffset ForgetAfter { get; }

    /// <summary>Departures of the peer that were needed to accept it, to be counted.</summary>
    public MikeyTolerances TolerancesUsed { get; }

    /// <summary>Erases the key.</summary>
    public void Dispose() => Key.Dispose();

    /// <summary>The type's name, never the key.</summary>
    public override string ToString() => nameof(TakenServiceKey);
}
