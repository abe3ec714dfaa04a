namespace Watchword.Sip;

/// <summary>Bounds of connections and datagrams.</summary>
public sealed record SipTransportLimits
{
    /// <summary>The largest number of connections that others opened.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>The largest number of connections of those who are no peers.</summary>
    public int MaxStrangerConnections { get; init; } = 32;

    /// <summary>The largest number of TLS handshakes at a time.</summary>
    public int MaxHandshakes { get; init; } = 64;

    /// <summary>The largest number of connections that the stack opened.</summary>
    public int MaxClientConnections { get; init; } = 256;

    /// <summary>How many requests of one connection are with handlers before no more is read from it.</summary>
    public int MaxOutstanding { get; init; } = 256;

    /// <summary>How many requests that came by UDP are with handlers before datagrams are dropped.</summary>
    public int MaxOutstandingUdp { get; init; } = 4096;

    /// <summary>How many messages may wait for a connection to take them before it is closed.</summary>
    public int MaxPendingWrites { get; init; } = 1024;

    /// <summary>The largest request that is sent as one datagram, in octets (RFC 3261 §18.1.1).</summary>
    public int MaxDatagramRequest { get; init; } = 1300;

    /// <summary>How long opening a connection, its TLS handshake included, may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one message may take to arrive, from its first octet to its last.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the other side may take to accept one message.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection may be silent.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
