using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>All generations of a security domain at one moment. Immutable: what changes in the store makes another one.</summary>
public sealed class DomainGenerations
{
    internal DomainGenerations(IReadOnlyList<DomainGeneration> all)
    {
        All = all;
        Timeline = new KeyTimeline([.. all.Where(generation => generation.State != GenerationState.Prepared)]);
    }

    /// <summary>All of them, by number.</summary>
    public IReadOnlyList<DomainGeneration> All { get; }

    internal KeyTimeline Timeline { get; }

    /// <summary>The generation whose time <paramref name="time"/> is, tainted and revoked ones included; null if there is
    /// none.</summary>
    public DomainGeneration? At(DateTimeOffset time) => Timeline.At(time)?.Generation;

    /// <summary>
    /// The generation whose KMS certificate clients get ahead: the one that takes over next, or else the newest that is prepared.
    /// Null if there is none.
    /// </summary>
    public DomainGeneration? NextAfter(DateTimeOffset now)
    {
        DomainGeneration? next = null;
        foreach (DomainGeneration generation in All)
        {
            bool takesOver = generation.State == GenerationState.Active && generation.Record.ValidFrom > now;
            if (takesOver && (next is null || generation.Record.ValidFrom < next.Record.ValidFrom))
            {
                next = generation;
            }
        }

        return next ?? All.LastOrDefault(generation => generation.State == GenerationState.Prepared);
    }

    /// <summary>The newest generation whose KMS certificate a client names; 0 if it names none of this domain.</summary>
    /// <param name="held">The certificates that the client says it holds.</param>
    public int NewestHeld(IReadOnlyList<HeldCertificate> held) => All
        .Where(generation => held.Any(
            certificate => certificate.KmsUri == generation.Record.KmsUri && generation.IsNamedBy(certificate.Fingerprint)))
        .Select(generation => generation.Number).DefaultIfEmpty().Max();

    /// <summary>True if the secrets of one of them could not be opened.</summary>
    internal bool HasFault => All.Any(generation => generation.Fault is not null);

    /// <summary>True if this is what the records say.</summary>
    internal bool AreOf(IReadOnlyList<DomainRecord> records) =>
        records.Count == All.Count
        && All.Zip(records).All(pair => pair.First.State == pair.Second.State
            && pair.First.Number == pair.Second.Generation
            && pair.First.Record.ValidFrom == pair.Second.ValidFrom
            && pair.First.Record.ValidTo == pair.Second.ValidTo
            && pair.First.Record.StateChangedAt == pair.Second.StateChangedAt);
}
