namespace Watchword.Sip;

/// <summary>The timers from which all others follow (RFC 3261 §17.1.1.1, Appendix A).</summary>
public sealed record SipTimers
{
    private const int TransactionFactor = 64;

    /// <summary>The values of RFC 3261.</summary>
    public static SipTimers Default { get; } = new();

    /// <summary>T1: an estimate of the round trip.</summary>
    public TimeSpan T1 { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>T2: the longest interval between retransmissions.</summary>
    public TimeSpan T2 { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>T4: how long a message may stay in the network.</summary>
    public TimeSpan T4 { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// 64 T1: timer F of a client, timer J of a server on UDP, and how long a handler has for its response (RFC 4320 §4.2).
    /// </summary>
    public TimeSpan Transaction => TransactionFactor * T1;

    /// <summary>How long timer E takes to reach T2: before that no 100 is sent (RFC 4320 §4.1).</summary>
    internal TimeSpan Provisional
    {
        get
        {
            TimeSpan sum = TimeSpan.Zero;
            for (TimeSpan interval = T1; interval < T2; interval *= 2)
            {
                sum += interval;
            }

            return sum;
        }
    }
}
