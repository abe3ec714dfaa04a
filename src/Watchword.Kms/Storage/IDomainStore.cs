using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>A change of state of one generation, made only if it still is in <paramref name="From"/>.</summary>
/// <param name="KmsUri">The domain.</param>
/// <param name="Generation">The generation.</param>
/// <param name="From">The state that it must be in.</param>
/// <param name="To">The state that it gets.</param>
public sealed record GenerationChange(string KmsUri, int Generation, GenerationState From, GenerationState To)
{
    /// <summary>The generation as it was when the change was decided; null if its state says enough. If its validity is another
    /// by now, the change is refused like one of another state.</summary>
    public DomainRecord? Seen { get; init; }

    /// <summary>Begin of the validity of its KMS certificate from now on; null leaves it as it is.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>End of the validity of its KMS certificate from now on; null leaves it as it is.</summary>
    public DateTimeOffset? ValidTo { get; init; }
}

/// <summary>The security domains of the installation, with all their generations. A domain is all records of one KMS
/// URI.</summary>
public interface IDomainStore
{
    /// <summary>All generations of all domains, by KMS URI and generation.</summary>
    Task<IReadOnlyList<DomainRecord>> FindGenerationsAsync(CancellationToken cancellationToken = default);

    /// <summary>All generations of one domain in order; empty if there is no such domain.</summary>
    Task<IReadOnlyList<DomainRecord>> FindGenerationsAsync(string kmsUri, CancellationToken cancellationToken = default);

    /// <summary>Records a domain with its first generation and its audit record.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.DomainExists"/>.</exception>
    Task CreateDomainAsync(DomainRecord first, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Records one more generation of a domain: the number after the highest.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.NoDomain"/>; <see cref="KmsError.GenerationChanged"/> if the number is
    /// taken or leaves a gap: somebody else was faster.</exception>
    Task AddGenerationAsync(DomainRecord generation, AuditEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Changes the state of generations, all of them or none. Compare and set: two officers at two nodes cannot both
    /// succeed.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.GenerationChanged"/> if one of them is not in the state that was
    /// expected.</exception>
    Task ChangeGenerationsAsync(
        IReadOnlyList<GenerationChange> changes, IReadOnlyList<AuditEntry> entries,
        CancellationToken cancellationToken = default);
}

/// <summary>What is asked of domains everywhere.</summary>
public static class DomainStoreExtensions
{
    /// <summary>The generation of a domain that issues: the latest that is active. Null if there is none.</summary>
    /// <param name="store">The store.</param>
    /// <param name="kmsUri">The domain; null for the only one of the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.DomainNotChosen"/> if no domain was named and there are
    /// several.</exception>
    public static async Task<DomainRecord?> FindActiveAsync(
        this IDomainStore store, string? kmsUri = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DomainRecord> found = kmsUri is null
            ? await store.FindGenerationsAsync(cancellationToken).ConfigureAwait(false)
            : await store.FindGenerationsAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        if (found.Any(generation => generation.KmsUri != found[0].KmsUri))
        {
            throw new KmsException(KmsError.DomainNotChosen);
        }

        return found.LastOrDefault(generation => generation.State == GenerationState.Active);
    }
}
