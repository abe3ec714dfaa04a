using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>What a preparation would make, as the generations of the domain stand.</summary>
/// <param name="Generation">The generation that will issue.</param>
/// <param name="Period">The key period.</param>
/// <param name="Source">Where its identities come from.</param>
/// <param name="Identities">How many they are, those that are done already included.</param>
/// <param name="Existing">What there is of it; null for nothing.</param>
public sealed record PreparationPlan(
    DomainGeneration Generation, KeyPeriod Period, PreparationSource Source, long Identities, Preparation? Existing)
{
    internal int SourceGeneration { get; init; }

    internal long SourcePeriod { get; init; }

    internal long First { get; init; }

    /// <summary>The generation and key period that follow the current one, or those of a generation that was named: a prepared
    /// one is taken to take over where the current period ends.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.NothingIssuing"/>, <see cref="KmsError.UnknownGeneration"/>,
    /// <see cref="KmsError.GenerationStateConflict"/>.</exception>
    internal static (KeySlot Current, DomainGeneration Generation, KeyPeriod Period) Choose(
        DomainGenerations generations, int? number, DateTimeOffset now)
    {
        KeyTimeline timeline = generations.Timeline;
        KeySlot current = timeline.At(now) ?? throw new KmsException(KmsError.NothingIssuing);
        KeySlot? next = timeline.At(current.End);
        if (number is null)
        {
            return next is { Generation.State: GenerationState.Active }
                ? (current, next.Generation, next.Period)
                : throw new KmsException(KmsError.GenerationStateConflict, "nothing will issue after the current key period");
        }

        DomainGeneration chosen = generations.All.FirstOrDefault(one => one.Number == number)
            ?? throw new KmsException(KmsError.UnknownGeneration);
        DateTimeOffset begin = chosen.Record.ValidFrom is { } from && from > current.End ? from : current.End;
        bool serves = chosen.State == GenerationState.Prepared
            || (chosen.State == GenerationState.Active && timeline.At(begin)?.Generation.Number == number);
        return serves
            ? (current, chosen, chosen.Record.Schedule.At(begin))
            : throw new KmsException(KmsError.GenerationStateConflict, $"generation {number} is {chosen.State}");
    }
}
