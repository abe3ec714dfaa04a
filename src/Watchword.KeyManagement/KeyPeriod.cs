namespace Watchword.KeyManagement;

/// <summary>
/// One key period of a security domain (TS 33.180 F.2.1): keys are bound to its number through the UID, so that nobody who
/// drops out keeps a usable key for longer than one period.
/// </summary>
/// <param name="Number">The key period number, P5 of the UID; never negative.</param>
/// <param name="Start">First instant of the period, UTC.</param>
/// <param name="End">First instant after the period, UTC (exclusive); <see cref="DateTimeOffset.MaxValue"/> if it lies beyond
/// year 9999.</param>
public readonly record struct KeyPeriod(long Number, DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>
    /// True if <paramref name="time"/> lies in the period: at or after <see cref="Start"/> and before <see cref="End"/>.
    /// </summary>
    public bool Contains(DateTimeOffset time) => Start <= time && time < End;
}
