namespace Watchword.Mikey;

/// <summary>Who and when a message says it is, and what for: unverified until the message is opened.</summary>
public sealed record KeyClaims
{
    internal KeyClaims(KeyDistribution distribution, MikeyMessage message, DateTimeOffset time)
    {
        Distribution = distribution;
        CsbId = message.Header.CsbId;
        InitiatorUri = message.FindIdentity(MikeyIdentityRole.Initiator)?.Text;
        InitiatorUid = message.FindIdentity(MikeyIdentityRole.InitiatorUid)?.Octets;
        InitiatorKmsUri = message.FindIdentity(MikeyIdentityRole.InitiatorKms)!.Text!;
        ReceiverUri = message.FindIdentity(MikeyIdentityRole.Responder)?.Text;
        ReceiverUid = message.FindIdentity(MikeyIdentityRole.ResponderUid)?.Octets;
        ReceiverKmsUri = message.FindIdentity(MikeyIdentityRole.ResponderKms)!.Text!;
        Time = time;
    }

    /// <summary>That member of <see cref="KeyReceiver.Expects"/> which has the purpose of the message's tag.</summary>
    public KeyDistribution Distribution { get; }

    /// <summary>The CSB ID: K-ID, or UK-ID where there is diversity.</summary>
    public uint CsbId { get; }

    /// <summary>IDRi; null if a UID stands for it.</summary>
    public string? InitiatorUri { get; }

    /// <summary>IDRuidi, 32 octets; null if the URI is there.</summary>
    public ReadOnlyMemory<byte>? InitiatorUid { get; }

    /// <summary>IDRkmsi.</summary>
    public string InitiatorKmsUri { get; }

    /// <summary>IDRr; null if a UID stands for it.</summary>
    public string? ReceiverUri { get; }

    /// <summary>IDRuidr, 32 octets; null if the URI is there.</summary>
    public ReadOnlyMemory<byte>? ReceiverUid { get; }

    /// <summary>IDRkmsr.</summary>
    public string ReceiverKmsUri { get; }

    /// <summary>T, within the freshness window; it selects the key periods.</summary>
    public DateTimeOffset Time { get; }
}
