using System.Globalization;

namespace Watchword.Kms;

/// <summary>When one generation takes over from another.</summary>
internal static class Takeover
{
    /// <param name="generations">All generations of the domain.</param>
    /// <param name="now">The clock.</param>
    /// <param name="wanted">What the officer asked for: the end of a key period; not later than now for at once; null for the
    /// first end of a period before whose window nobody can have fetched the next key.</param>
    /// <param name="policy">For the opening window.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NotAtPeriodBoundary"/>.</exception>
    public static DateTimeOffset Of(
        IReadOnlyList<DomainRecord> generations, DateTimeOffset now, DateTimeOffset? wanted, KeyPeriodPolicy policy)
    {
        DomainRecord? current = generations.LastOrDefault(
            generation => generation.State != GenerationState.Prepared && generation.Covers(now));
        if (wanted <= now || current is null)
        {
            return now;
        }

        // A suspect generation is not waited for.
        if (wanted is null && current.State != GenerationState.Active)
        {
            return now;
        }

        DateTimeOffset end = current.Schedule.At(now).End;
        TimeSpan period = TimeSpan.FromSeconds(current.Schedule.PeriodSeconds);
        if (wanted is null)
        {
            return now < end - (period * policy.OpeningWindowFraction) ? end : end + period;
        }

        return current.Schedule.At(wanted.Value).Start == wanted
            ? wanted.Value
            : throw new KmsException(KmsError.NotAtPeriodBoundary, string.Create(
                CultureInfo.InvariantCulture, $"the next is {end:O}"));
    }
}
