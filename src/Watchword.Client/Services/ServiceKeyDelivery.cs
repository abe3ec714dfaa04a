using Watchword.Sip;

namespace Watchword.Client;

/// <summary>What became of a MESSAGE with which an MCX server hands out a key (TS 33.180 5.8).</summary>
/// <param name="Response">
/// The answer that the server waits for: 200 once the key is in the store; what it may try again is 480, the rest 400 or 403.
/// </param>
public sealed record ServiceKeyDelivery(SipResponse Response)
{
    /// <summary>The key as the store has it; null if it was not taken.</summary>
    public ServiceKeyInfo? Key { get; init; }

    /// <summary>Why not; null if it was taken, or is no key that was asked for.</summary>
    public ClientFault? Fault { get; init; }

    /// <summary>Whether it was taken.</summary>
    public bool IsTaken => Key is not null;
}
