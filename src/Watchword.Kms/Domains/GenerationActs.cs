using System.Globalization;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// The acts of a crypto officer on the generations of a domain: prepare, activate, taint, revoke. Each is one transaction with its
/// audit records, made only if the domain still is what the officer saw: of two officers or nodes, one succeeds. Each may be repeated:
/// what is so already is left alone. The rules are those of <c>docs/flows/key-period.md</c>.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="custody">Where master secrets are kept.</param>
/// <param name="time">The clock.</param>
public sealed class GenerationActs(IKmsStore store, IMasterSecretCustody custody, TimeProvider time)
{
    /// <summary>How many names are tried for new master secrets in custody.</summary>
    private const int MostNames = 100;

    /// <summary>True to check everything and to change nothing, neither store nor custody nor audit log: the answers say what would
    /// be.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Adds a generation from which nothing is issued yet: its KMS certificate can be handed out ahead.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/>; <see cref="KmsError.GenerationStateConflict"/> if the
    /// plan changes nothing, or the secrets to be used again are not trusted any more, or somebody else was
    /// faster.</exception>
    public async Task<DomainRecord> PrepareAsync(
        Authority by, string kmsUri, GenerationPlan plan, string correlationId, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DomainRecord> generations = await FindAllAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        DomainRecord newest = generations[^1];
        DateTimeOffset now = time.GetStoreTime();
        DomainRecord next = newest with
        {
            Generation = newest.Generation + 1,
            Schedule = plan.Schedule ?? newest.Schedule,
            CertUri = plan.CertUri ?? newest.CertUri,
            Domains = plan.Domains ?? newest.Domains,
            ValidFrom = null,
            ValidTo = null,
            State = GenerationState.Prepared,
            CreatedAt = now,
            StateChangedAt = now,
        };
        if (next.Schedule.PeriodSeconds < DomainDescription.MinPeriodSeconds)
        {
            throw new KmsException(KmsError.GenerationStateConflict, "the key period is too short");
        }

        next = plan.NewSecrets
            ? await WithNewSecretsAsync(generations, next, cancellationToken).ConfigureAwait(false)
            : WithSecretsOf(generations, next);
        AuditEntry entry = Entry(by, next, correlationId, $"prepared with {(plan.NewSecrets ? "new" : "the same")} master secrets, number {next.SecretsGeneration}");
        await CommitAsync(() => store.AddGenerationAsync(next, entry, cancellationToken)).ConfigureAwait(false);
        return next;
    }

    /// <summary>Has a prepared generation take over.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="kmsUri">The domain.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="at">
    /// The end of a key period of the generation before; a time that is not later than now for at once, which cuts the current period;
    /// null for the end of the current period, or of the next if the window of that one is open already, so that nobody fetches a key
    /// in vain.
    /// </param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="policy">The rules of the domain, for its opening window.</param>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/>, <see cref="KmsError.UnknownGeneration"/>,
    /// <see cref="KmsError.GenerationStateConflict"/>, <see cref="KmsError.NotAtPeriodBoundary"/>,
    /// <see cref="KmsError.TakeoverPending"/>.</exception>
    public async Task<DomainRecord> ActivateAsync(
        Authority by, string kmsUri, int generation, DateTimeOffset? at, KeyPeriodPolicy policy, string correlationId,
        CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DomainRecord> all = await FindAllAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        DomainRecord chosen = Choose(all, generation);
        DateTimeOffset now = time.GetStoreTime();
        if (chosen.State == GenerationState.Active)
        {
            // Asked for again: the same order, or another one.
            return at is null || at == chosen.ValidFrom ? chosen : throw Conflict(chosen);
        }

        if (chosen.State != GenerationState.Prepared)
        {
            throw Conflict(chosen);
        }

        if (all.FirstOrDefault(other => other.State == GenerationState.Active && other.ValidFrom > now) is { } pending)
        {
            throw new KmsException(KmsError.TakeoverPending, $"generation {pending.Generation}");
        }

        DateTimeOffset from = Takeover.Of(all, now, at, policy);
        List<GenerationChange> changes =
        [
            new(kmsUri, generation, GenerationState.Prepared, GenerationState.Active) { Seen = chosen, ValidFrom = from },
            .. all.Where(other => other.State != GenerationState.Prepared)
                .Select(other => EndBy(other, from)).OfType<GenerationChange>(),
        ];
        AuditEntry entry = Entry(by, chosen, correlationId, $"activated, valid from {Text(from)}");
        await CommitAsync(() => store.ChangeGenerationsAsync(changes, [entry], cancellationToken)).ConfigureAwait(false);
        return chosen with { State = GenerationState.Active, ValidFrom = from, StateChangedAt = now };
    }

    /// <summary>Marks a generation as suspect: from now on nothing is issued from it.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="kmsUri">The domain.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/>, <see cref="KmsError.UnknownGeneration"/>,
    /// <see cref="KmsError.GenerationStateConflict"/> if it is revoked.</exception>
    public Task<DomainRecord> TaintAsync(
        Authority by, string kmsUri, int generation, string reason, string correlationId,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            by, kmsUri, generation, GenerationState.Tainted,
            record => record.State is GenerationState.Prepared or GenerationState.Active,
            reason, correlationId, cancellationToken);

    /// <summary>Ends a generation for good: its KMS certificate says that nobody may use it.</summary>
    /// <inheritdoc cref="TaintAsync" path="/param"/>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/>, <see cref="KmsError.UnknownGeneration"/>,
    /// <see cref="KmsError.GenerationStateConflict"/> if keys of it are in use, which it takes two acts to end: it must be tainted
    /// first.</exception>
    public Task<DomainRecord> RevokeAsync(
        Authority by, string kmsUri, int generation, string reason, string correlationId,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            by, kmsUri, generation, GenerationState.Revoked,
            record => record.State != GenerationState.Active || record.ValidTo <= time.GetStoreTime(),
            reason, correlationId, cancellationToken);

    /// <summary>Whom an act on a generation would concern.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/>, <see cref="KmsError.UnknownGeneration"/>.</exception>
    public async Task<GenerationReach> MeasureAsync(
        string kmsUri, int generation, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DomainRecord> all = await FindAllAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        DomainRecord chosen = Choose(all, generation);
        DateTimeOffset now = time.GetStoreTime();
        DomainRecord current = all.LastOrDefault(record => record.State != GenerationState.Prepared && record.Covers(now)) ?? chosen;
        KeyPeriod period = current.Schedule.At(now);

        // Who was keyed in the period before has had all of it to come again.
        GenerationShare share = await store.MeasureShareAsync(
            kmsUri, generation, current.Generation, period.Number - 1,
            period.Start.AddSeconds(-current.Schedule.PeriodSeconds), cancellationToken).ConfigureAwait(false);
        long keyed = await store.CountKeyedIdentitiesAsync(
            kmsUri, generation, chosen.Schedule.At(now).Number, cancellationToken).ConfigureAwait(false);
        return new GenerationReach(chosen.State, keyed, share);
    }

    private async Task<DomainRecord> ChangeAsync(
        Authority by, string kmsUri, int generation, GenerationState to, Func<DomainRecord, bool> mayChange, string reason,
        string correlationId, CancellationToken cancellationToken)
    {
        IReadOnlyList<DomainRecord> all = await FindAllAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        DomainRecord chosen = Choose(all, generation);
        if (chosen.State == to)
        {
            return chosen;
        }

        if (!mayChange(chosen))
        {
            throw Conflict(chosen);
        }

        // Suspicion is of master secrets: whatever else uses them is suspect in the same transaction.
        DomainRecord[] concerned =
        [
            chosen,
            .. all.Where(other => to == GenerationState.Tainted && other.Generation != generation
                && other.SecretsGeneration == chosen.SecretsGeneration && mayChange(other)),
        ];

        // One that never was active has no time of its own, and must not claim all of it.
        DateTimeOffset now = time.GetStoreTime();
        DateTimeOffset? Never(DomainRecord record) => record.State == GenerationState.Prepared ? now : null;
        DateTimeOffset? never = Never(chosen);
        GenerationChange[] changes = [.. concerned.Select(record => new GenerationChange(kmsUri, record.Generation, record.State, to)
        {
            Seen = record, ValidFrom = Never(record), ValidTo = Never(record),
        })];
        AuditEntry[] entries = [.. concerned.Select(
            record => Entry(by, record, correlationId, $"{to.ToString().ToLowerInvariant()}: {reason}"))];
        await CommitAsync(() => store.ChangeGenerationsAsync(changes, entries, cancellationToken)).ConfigureAwait(false);
        return chosen with
        {
            State = to,
            ValidFrom = never ?? chosen.ValidFrom,
            ValidTo = never ?? chosen.ValidTo,
            StateChangedAt = now,
        };
    }

    private async Task<DomainRecord> WithNewSecretsAsync(
        IReadOnlyList<DomainRecord> generations, DomainRecord next, CancellationToken cancellationToken)
    {
        using MasterSecrets secrets = MasterSecrets.Generate();
        int name = generations.Max(record => record.SecretsGeneration) + 1;
        for (int attempt = 1; !IsDryRun; attempt++, name++)
        {
            try
            {
                // Custody first, like for the domain itself.
                await custody.StoreAsync(next.KmsUri, name, secrets, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (KmsException fault) when (fault.Error == KmsError.CustodyWithoutDomain && attempt < MostNames)
            {
                // Left there by an officer who was slower, or by a crash: never opened, and never written over.
            }
        }

        return next with
        {
            SecretsGeneration = name,
            PublicAuthenticationKey = secrets.Eccsi.PublicKey.Export(),
            PublicEncryptionKey = secrets.Sakke.PublicKey.Export(),
        };
    }

    private static DomainRecord WithSecretsOf(IReadOnlyList<DomainRecord> generations, DomainRecord next)
    {
        if (next.Schedule == generations[^1].Schedule)
        {
            throw new KmsException(KmsError.GenerationStateConflict, "neither secrets nor schedule would change");
        }

        // One that was withdrawn before it was ever used says nothing of its secrets.
        bool IsSuspect(DomainRecord other) => other.State == GenerationState.Tainted
            || (other.State == GenerationState.Revoked && (other.ValidFrom is null || other.ValidFrom != other.ValidTo));
        return generations.Any(other => other.SecretsGeneration == next.SecretsGeneration && IsSuspect(other))
                ? throw new KmsException(KmsError.GenerationStateConflict, "the secrets are not trusted any more")
                : next;
    }

    /// <summary>What ends the validity of a generation where another takes over; null if it has ended by then.</summary>
    private static GenerationChange? EndBy(DomainRecord other, DateTimeOffset from) => other.ValidTo <= from
        ? null
        : new GenerationChange(other.KmsUri, other.Generation, other.State, other.State)
        {
            Seen = other,
            ValidTo = other.ValidFrom > from ? other.ValidFrom : from,
        };

    private async Task<IReadOnlyList<DomainRecord>> FindAllAsync(string kmsUri, CancellationToken cancellationToken)
    {
        IReadOnlyList<DomainRecord> found = await store.FindGenerationsAsync(kmsUri, cancellationToken).ConfigureAwait(false);
        return found.Count > 0 ? found : throw new KmsException(KmsError.UnknownDomain, kmsUri);
    }

    private static DomainRecord Choose(IReadOnlyList<DomainRecord> all, int generation) =>
        all.FirstOrDefault(record => record.Generation == generation)
        ?? throw new KmsException(KmsError.UnknownGeneration, generation.ToString(CultureInfo.InvariantCulture));

    private static KmsException Conflict(DomainRecord record) => new(
        KmsError.GenerationStateConflict, $"generation {record.Generation} is {record.State}");

    /// <summary>Whoever was faster has changed what the officer saw.</summary>
    private async Task CommitAsync(Func<Task> act)
    {
        if (IsDryRun)
        {
            return;
        }

        try
        {
            await act().ConfigureAwait(false);
        }
        catch (KmsException fault) when (fault.Error == KmsError.GenerationChanged)
        {
            throw new KmsException(KmsError.GenerationStateConflict, fault.Detail, fault);
        }
    }

    private static AuditEntry Entry(Authority by, DomainRecord record, string correlationId, string detail) =>
        by.ToEntry(AuditKind.Domain, record.KmsUri, record.Generation, correlationId, detail);

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);
}
