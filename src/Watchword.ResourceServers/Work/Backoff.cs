namespace Watchword.ResourceServers.Work;

/// <summary>How long to wait for another attempt at something of another server or a client: 5 s, then twice as long each time, up to 10 minutes.</summary>
internal static class Backoff
{
    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private const int MostDoublings = 16;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);

    /// <summary>The wait after so many failures in a row, one or more.</summary>
    public static TimeSpan After(int failures)
    {
        TimeSpan wait = First * Math.Pow(2, Math.Min(failures - 1, MostDoublings));
        return wait < Longest ? wait : Longest;
    }
}
