namespace Watchword.HttpProxy.Forwarding;

/// <summary>One place that a server can be reached at, and how that went lately.</summary>
internal sealed class Destination(Uri url, int number)
{
    private long _restsUntil;

    /// <summary>Scheme, host and port.</summary>
    public string Base { get; } = url.GetLeftPart(UriPartial.Authority);

    /// <summary>Its place in the configuration, from 0: what the log calls it.</summary>
    public int Number => number;

    /// <summary>True while it is left alone after a failure.</summary>
    public bool Rests(DateTimeOffset now) => Volatile.Read(ref _restsUntil) > now.UtcTicks;

    /// <summary>It could not be reached, or did not answer.</summary>
    public void Rest(DateTimeOffset until) => Volatile.Write(ref _restsUntil, until.UtcTicks);

    /// <summary>It answered.</summary>
    /// <returns>True if that is news.</returns>
    public bool Answered() => Interlocked.Exchange(ref _restsUntil, 0) != 0;
}
