using System.Globalization;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>What a crypto officer orders about preparing ahead: each act in one transaction with its audit record.</summary>
/// <param name="store">The store.</param>
/// <param name="vault">Names the sealing key.</param>
/// <param name="time">The clock.</param>
public sealed class PreparationActs(IKmsStore store, PreparedKeyVault vault, TimeProvider time)
{
    /// <summary>Most identities in one list; a longer one is handed in in parts.</summary>
    public const int MaxListed = 100_000;

    /// <summary>Longest identity, issuer or subject in a list, in characters.</summary>
    public const int MaxTextLength = 2048;

    /// <summary>What a preparation would make. Changes nothing.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="generation">The generation; null for the one that issues next.</param>
    /// <param name="listed">The list that would be handed in; null to go by what was issued in the current key period.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException">As <see cref="StartAsync"/>.</exception>
    public async Task<PreparationPlan> PlanAsync(
        SecurityDomain domain, int? generation, IReadOnlyList<KeyHolder>? listed, CancellationToken cancellationToken = default)
    {
        Check(listed);
        (KeySlot current, DomainGeneration chosen, KeyPeriod period) =
            PreparationPlan.Choose(domain.Generations, generation, time.GetUtcNow());
        if (chosen.Fault is { } fault)
        {
            throw fault;
        }

        Preparation? existing = (await store.FindPreparationsAsync(domain.KmsUri, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(one => one.Generation == chosen.Number && one.PeriodNumber == period.Number);
        if (listed is not null)
        {
            long before = existing is { Source: PreparationSource.Listed } && Continues(existing) ? existing.Total : 0;
            return new PreparationPlan(chosen, period, PreparationSource.Listed, before + listed.Count, existing);
        }

        (long count, long first, _) = await store.MeasureHoldersAsync(
            domain.KmsUri, current.Generation.Number, current.Period.Number, cancellationToken).ConfigureAwait(false);
        return new PreparationPlan(chosen, period, PreparationSource.Issued, count, existing)
        {
            SourceGeneration = current.Generation.Number, SourcePeriod = current.Period.Number, First = first,
        };
    }

    /// <summary>Begins a preparation or continues one that was stopped, failed, or has finished with fewer identities than there
    /// are now. One that runs is left alone.</summary>
    /// <param name="by">The crypto officer.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="plan">What <see cref="PlanAsync"/> said.</param>
    /// <param name="listed">The same list as then.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up before it has begun.</param>
    /// <exception cref="KmsException"><see cref="KmsError.PreparationRunning"/> if a list is handed in while it runs;
    /// <see cref="KmsError.GenerationStateConflict"/>, <see cref="KmsError.NothingIssuing"/>,
    /// <see cref="KmsError.UnknownGeneration"/> or why the master secrets do not open;
    /// <see cref="KmsError.PreparationListRefused"/>.</exception>
    public async Task<Preparation> StartAsync(
        Authority by, SecurityDomain domain, PreparationPlan plan, IReadOnlyList<KeyHolder>? listed, string correlationId,
        CancellationToken cancellationToken = default)
    {
        Check(listed);
        SecretSealer sealer = await vault.OpenAsync(domain.KmsUri, cancellationToken).ConfigureAwait(false);
        return await store.BeginPreparationAsync(
            domain.KmsUri, plan.Generation.Number, plan.Period.Number,
            existing => Begin(by, domain.KmsUri, plan, existing, listed, sealer.KeyId, correlationId),
            listed ?? [], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops a preparation. What it has made stays, and it can be continued.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.PreparationNotRunning"/>.</exception>
    public async Task<Preparation> StopAsync(
        Authority by, string kmsUri, long id, string correlationId, CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = time.GetStoreTime();
        return await store.ChangePreparationAsync(
            id,
            one => one.KmsUri == kmsUri && one.State == PreparationState.Running
                ? new PreparationStep(
                    one with { State = PreparationState.Stopped, Owner = null, LeaseUntil = now },
                    [Entry(by, one, correlationId, $"stopped preparing after {one.Done} of {one.Total} identities")])
                : null,
            cancellationToken).ConfigureAwait(false) ?? throw new KmsException(KmsError.PreparationNotRunning);
    }

    /// <summary>Its audit record.</summary>
    internal static AuditEntry Entry(
        Authority by, Preparation one, string correlationId, FormattableString detail, long? intent = null) => new()
    {
        Kind = AuditKind.Preparation,
        KmsUri = one.KmsUri,
        Generation = one.Generation,
        CorrelationId = correlationId,
        Issuer = by.Issuer,
        Subject = by.Subject,
        Role = by.Role,
        KeyPeriodNumber = one.PeriodNumber,
        IntentSequence = intent,
        Result = one.Fault,
        Detail = detail.ToString(CultureInfo.InvariantCulture),
    };

    private PreparationStep? Begin(
        Authority by, string kmsUri, PreparationPlan plan, Preparation? existing, IReadOnlyList<KeyHolder>? listed,
        string sealerId, string correlationId)
    {
        if (existing is { State: PreparationState.Running })
        {
            return listed is null ? null : throw new KmsException(KmsError.PreparationRunning);
        }

        DateTimeOffset now = time.GetStoreTime();
        bool continues = existing is not null && Continues(existing) && existing.Source == plan.Source
            && existing.SourcePeriod == plan.SourcePeriod && existing.SourceGeneration == plan.SourceGeneration
            && existing.SealerId == sealerId;
        Preparation before = continues ? existing! : new Preparation
        {
            KmsUri = kmsUri,
            Generation = plan.Generation.Number,
            PeriodNumber = plan.Period.Number,
            Source = plan.Source,
            SourceGeneration = plan.SourceGeneration,
            SourcePeriod = plan.SourcePeriod,
            State = PreparationState.Running,
            Cursor = plan.Source == PreparationSource.Issued ? plan.First - 1 : 0,
            StartedAt = now,
            UpdatedAt = now,
            RunSince = now,
            SealerId = sealerId,
            OrderedBy = by,
            CorrelationId = correlationId,
        };
        Preparation after = before with
        {
            State = PreparationState.Running,
            Total = listed is null ? plan.Identities : (continues ? before.Total : 0) + listed.Count,
            UpdatedAt = now,
            RunSince = now,
            RunFrom = before.Done,
            Owner = null,
            LeaseUntil = now,
            Fault = 0,
            OrderedBy = by,
            CorrelationId = correlationId,
        };
        string act = continues ? "continues" : "begins";
        string source = listed is null ? $"keyed in period {plan.SourcePeriod}" : $"of a list of {listed.Count}";
        return new PreparationStep(
            after,
            [Entry(by, after, correlationId, $"{act} preparing for identities {source}, {after.Done} of {after.Total} done")]);
    }

    private static bool Continues(Preparation existing) => existing.State != PreparationState.Erased;

    private static void Check(IReadOnlyList<KeyHolder>? listed)
    {
        if (listed is null)
        {
            return;
        }

        static bool IsText(string text) => text.Length is > 0 and <= MaxTextLength && !text.Any(char.IsControl);
        if (listed.Count is 0 or > MaxListed
            || listed.Any(one => !IsText(one.Issuer) || !IsText(one.Subject) || !IsText(one.UserUri)))
        {
            throw new KmsException(KmsError.PreparationListRefused);
        }
    }
}
