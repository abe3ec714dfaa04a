namespace Watchword.Sip;

/// <summary>Why a request got no response.</summary>
public enum SipSendFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>Nothing came within 64 T1; to be treated as 408 (RFC 3261 §8.1.3.1).</summary>
    Timeout = 1,

    /// <summary>It could not be sent, or the connection broke; to be treated as 503.</summary>
    Transport = 2,

    /// <summary>Too many requests wait already, or too many connections are open.</summary>
    Overload = 3,
}

/// <summary>A request got no response.</summary>
public sealed class SipSendException : Exception
{
    internal SipSendException(SipSendFault fault, Exception? cause = null)
        : base($"A SIP request got no response: {fault}.", cause) => Fault = fault;

    /// <summary>Whether no connection could be opened, so that nothing can have arrived.</summary>
    internal bool NothingWasSent { get; init; }

    /// <summary>Why.</summary>
    public SipSendFault Fault { get; }
}
