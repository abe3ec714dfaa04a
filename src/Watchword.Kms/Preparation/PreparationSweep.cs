using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>Erases what was made ahead once nobody may be given it any more: when the history of its key period has ended, or its
/// generation issues no more.</summary>
/// <param name="store">The store.</param>
/// <param name="installation">The open domains.</param>
/// <param name="time">The clock.</param>
/// <param name="instruments">What is measured; null for nothing.</param>
public sealed class PreparationSweep(
    IKmsStore store, KmsInstallation installation, TimeProvider time, PreparationInstruments? instruments = null)
{
    /// <summary>Rows of one transaction: who issues meanwhile waits for no more.</summary>
    private const int RowsAtOnce = 5000;

    private static readonly Authority Clock = new("local", "clock", "policy");

    /// <summary>Erases what is due.</summary>
    /// <returns>How many sealed key sets were erased.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken = default)
    {
        long erased = 0;
        foreach (Preparation one in await store.FindPreparationsAsync(kmsUri: null, cancellationToken).ConfigureAwait(false))
        {
            if (one.State != PreparationState.Erased && installation.Find(one.KmsUri) is { } issuer
                && IsOver(issuer, one, time.GetUtcNow()))
            {
                erased += await EraseAsync(one, cancellationToken).ConfigureAwait(false);
            }
        }

        return erased;
    }

    private static bool IsOver(KeyIssuer issuer, Preparation one, DateTimeOffset now)
    {
        if (issuer.Domain.Generations.All.FirstOrDefault(generation => generation.Number == one.Generation) is not { } generation
            || generation.State is not (GenerationState.Prepared or GenerationState.Active))
        {
            return true;
        }

        KeyPeriod period = generation.Record.Schedule.FromNumber(one.PeriodNumber);
        if (generation.State == GenerationState.Prepared)
        {
            return period.End <= now;
        }

        DateTimeOffset begin = generation.Record.ValidFrom is { } from && from > period.Start ? from : period.Start;
        KeyTimeline timeline = issuer.Domain.Generations.Timeline;
        return timeline.At(begin) is not { } slot || slot.Generation.Number != one.Generation
            || slot.Period.Number != one.PeriodNumber
            || issuer.Policy.KeyPeriods.Judge(timeline, now, begin) == KeyPeriodVerdict.Closed;
    }

    private async Task<long> EraseAsync(Preparation one, CancellationToken cancellationToken)
    {
        // First nobody adds to it any more, then it is emptied, then it says so.
        await store.ChangePreparationAsync(
            one.Id,
            now => now.State == PreparationState.Running
                ? new PreparationStep(now with { State = PreparationState.Stopped, Owner = null }, [])
                : null,
            cancellationToken).ConfigureAwait(false);
        long erased = 0;
        long part;
        do
        {
            part = await store.ErasePreparedAsync(one.Id, RowsAtOnce, cancellationToken).ConfigureAwait(false);
            erased += part;
        }
        while (part >= RowsAtOnce);

        instruments?.Erased(erased);
        await store.ChangePreparationAsync(
            one.Id,
            now => now.State == PreparationState.Erased
                ? null
                : new PreparationStep(
                    now with { State = PreparationState.Erased, Owner = null },
                    [PreparationActs.Entry(
                        Clock, now, now.CorrelationId, $"erased {erased} prepared key sets: their time is over")]),
            cancellationToken).ConfigureAwait(false);
        return erased;
    }
}
