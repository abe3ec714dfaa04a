using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>A key period, or the part of one in which its generation is valid: nobody needs two key sets of one slot.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Period">The key period, by the generation's schedule.</param>
/// <param name="Start">Begin of the slot.</param>
/// <param name="End">End of the slot, exclusive.</param>
internal sealed record KeySlot(DomainGeneration Generation, KeyPeriod Period, DateTimeOffset Start, DateTimeOffset End)
{
    public TimeSpan PeriodLength => TimeSpan.FromSeconds(Generation.Record.Schedule.PeriodSeconds);

    public bool IsSameAs(KeySlot other) => Generation.Number == other.Generation.Number && Period.Number == other.Period.Number;
}

/// <summary>
/// The key periods of a domain over all its generations. Where one generation ends and the next begins, a period of either may be
/// cut: a key set is of the generation that is valid at the time asked for.
/// </summary>
internal sealed class KeyTimeline(IReadOnlyList<DomainGeneration> generations)
{
    /// <summary>The slot of an instant; null where no generation is valid, or before its first period. Where several are valid
    /// the newest counts.</summary>
    public KeySlot? At(DateTimeOffset time)
    {
        DomainGeneration? generation = generations.LastOrDefault(candidate => candidate.Record.Covers(time));
        if (generation is null
            || time < NtpTimestamp.Epoch.AddSeconds(generation.Record.Schedule.OffsetSeconds))
        {
            return null;
        }

        KeyPeriod period = generation.Record.Schedule.At(time);
        DateTimeOffset start = generation.Record.ValidFrom is { } from && from > period.Start ? from : period.Start;
        DateTimeOffset end = generation.Record.ValidTo is { } to && to < period.End ? to : period.End;
        return new KeySlot(generation, period, start, end);
    }

    /// <summary>The slot that ends where this one begins; null if there is none.</summary>
    public KeySlot? Before(KeySlot slot) => slot.Start > DateTimeOffset.MinValue ? At(slot.Start.AddTicks(-1)) : null;
}
