using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Watchword.Sip;

/// <summary>How a <see cref="SipStack"/> is set up. Everything but the peers has a value that works.</summary>
public sealed class SipStackOptions
{
    /// <summary>Where to listen; none for a stack that only sends.</summary>
    public IReadOnlyList<SipListener> Listeners { get; init; } = [];

    /// <summary>Who may send requests. Everybody else gets 403.</summary>
    public SipPeers Peers { get; init; } = SipPeers.None;

    /// <summary>Whether requests of strangers on UDP, whose address may be forged, get no answer at all.</summary>
    public bool DropStrangersOnUdp { get; init; }

    /// <summary>How many refusals strangers are sent each second; beyond that they get no answer.</summary>
    public int StrangerAnswersPerSecond { get; init; } = 50;

    /// <summary>The largest number of server transactions of all peers together.</summary>
    public int MaxTransactions { get; init; } = 65_536;

    /// <summary>The largest number of requests that wait for a response.</summary>
    public int MaxClientTransactions { get; init; } = 32_768;

    /// <summary>Bounds of messages.</summary>
    public SipLimits Limits { get; init; } = SipLimits.Default;

    /// <summary>Bounds of transports.</summary>
    public SipTransportLimits TransportLimits { get; init; } = new();

    /// <summary>Timers of transactions.</summary>
    public SipTimers Timers { get; init; } = SipTimers.Default;

    /// <summary>TLS; null if it is used neither way.</summary>
    public SipTlsOptions? Tls { get; init; }

    /// <summary>The host that Via of requests names; null for the address that a request leaves from.</summary>
    public string? SentByHost { get; init; }

    /// <summary>Option tags that Require may name (RFC 3261 §8.2.2.3).</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>Event packages that OPTIONS is told of.</summary>
    public IReadOnlyList<string> EventPackages { get; init; } = [];

    /// <summary>Media types that OPTIONS is told of.</summary>
    public IReadOnlyList<string> MediaTypes { get; init; } = [];

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Takes faults of listeners and handlers; nothing of a message is logged.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
