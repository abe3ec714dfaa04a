using System.Security.Cryptography;
using System.Text;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// Issues key sets: prepare, audit the intent, issue, check, audit the outcome with the record of the issuance, hand out. The
/// steps are those of <c>docs/flows/key-provisioning.md</c>, with the same numbers.
/// </summary>
public sealed class KeyIssuer
{
    private readonly IKmsStore _store;
    private readonly KeyMaker _maker;
    private readonly TimeProvider _time;
    private readonly MigrationGrants _migrations;
    private readonly IssuanceInstruments? _instruments;

    /// <summary>An issuer of one domain.</summary>
    /// <param name="domain">The open domain; stays with the caller.</param>
    /// <param name="store">The store that knows it.</param>
    /// <param name="policy">The rules of the domain.</param>
    /// <param name="time">The clock.</param>
    /// <param name="instruments">What is measured; null for nothing.</param>
    public KeyIssuer(
        SecurityDomain domain, IKmsStore store, DomainPolicy policy, TimeProvider time, IssuanceInstruments? instruments = null)
        : this(domain, store, policy, new KeyBatcher(Environment.ProcessorCount), time, instruments)
    {
    }

    /// <param name="domain">The open domain; stays with the caller.</param>
    /// <param name="store">The store that knows it.</param>
    /// <param name="policy">The rules of the domain.</param>
    /// <param name="batcher">Shared by all issuers of the node.</param>
    /// <param name="time">The clock.</param>
    /// <param name="instruments">What is measured; null for nothing.</param>
    /// <param name="ahead">What was made ahead; null if nothing ever is.</param>
    internal KeyIssuer(
        SecurityDomain domain, IKmsStore store, DomainPolicy policy, KeyBatcher batcher, TimeProvider time,
        IssuanceInstruments? instruments, PreparedKeySource? ahead = null)
    {
        Domain = domain;
        Policy = policy;
        _store = store;
        _maker = new KeyMaker(batcher, policy.FullCheckRate, ahead);
        _time = time;
        _migrations = new MigrationGrants(store, time);
        _instruments = instruments;
    }

    /// <summary>The domain.</summary>
    public SecurityDomain Domain { get; }

    /// <summary>Its rules.</summary>
    public DomainPolicy Policy { get; }

    /// <summary>The KMS certificate that init gives out now.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.NothingIssuing"/>.</exception>
    public KmsCertificate GetCertificate() => GetGeneration().Certificate;

    /// <summary>The generation whose time it is, tainted and revoked ones included.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.NothingIssuing"/>.</exception>
    public DomainGeneration GetGeneration() => Domain.Generations.At(_time.GetUtcNow())
        ?? throw new KmsException(KmsError.NothingIssuing, Domain.KmsUri);

    /// <summary>The KMS certificate that clients get ahead, because its generation takes over next or may; null if there is
    /// none.</summary>
    public DomainGeneration? Next => Domain.Generations.NextAfter(_time.GetUtcNow());

    /// <summary>When a client should fetch the key set after one that it got; null if the policy has no window, or nobody issues
    /// then.</summary>
    /// <param name="keySet">The key set that it got.</param>
    /// <param name="generation">The generation that issued it.</param>
    public PickUp? NextPickUp(KmsKeySet keySet, DomainGeneration generation)
    {
        KeyTimeline timeline = Domain.Generations.Timeline;
        DateTimeOffset begins = generation.Record.Schedule.FromNumber(keySet.KeyPeriodNumber).Start;
        KeySlot? slot = timeline.At(generation.Record.ValidFrom is { } from && from > begins ? from : begins);
        KeySlot? next = slot is null ? null : timeline.At(slot.End);
        if (next is not { Generation.State: GenerationState.Active })
        {
            return null;
        }

        DateTimeOffset opens = Policy.KeyPeriods.OpeningOf(timeline, next);
        return opens < next.Start
            ? PickUpSchedule.For(
                Domain.KmsUri, next.Generation.Number, next.Period.Number, keySet.UserUri, opens, next.Start)
            : null;
    }

    /// <summary>Records that a client has got the KMS certificates up to a generation, or says that it holds them.</summary>
    /// <param name="requester">The requester.</param>
    /// <param name="clientId">Which of his clients; null if it does not say.</param>
    /// <param name="generation">The newest generation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RecordDeliveryAsync(
        Requester requester, string? clientId, int generation, CancellationToken cancellationToken = default)
    {
        // Only told apart, never read again: a name of any length becomes a short one.
        string client = clientId is null
            ? string.Empty
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(clientId)).AsSpan(0, 16));
        return _store.RecordDeliveryAsync(
            new CertificateDelivery(Domain.KmsUri, requester.Issuer, requester.Subject, client, generation), cancellationToken);
    }

    /// <summary>Allows an identity that moved to be keyed for its new holder in a key period in which it was keyed for another:
    /// the receiver key is the same, so both can read what is sent to it until the period ends.</summary>
    /// <param name="by">The crypto officer.</param>
    /// <param name="userUri">The identity.</param>
    /// <param name="time">A time within the key period.</param>
    /// <param name="issuer">Who vouches for the new holder.</param>
    /// <param name="subject">The new holder.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.GenerationNotIssuing"/> if no generation issues for that
    /// time.</exception>
    public Task AllowMovedIdentityAsync(
        Authority by, string userUri, DateTimeOffset time, string issuer, string subject, string reason, string correlationId,
        CancellationToken cancellationToken = default)
    {
        if (Domain.Generations.Timeline.At(time) is not { Generation.State: GenerationState.Active } slot)
        {
            throw new KmsException(KmsError.GenerationNotIssuing);
        }

        long period = slot.Period.Number;
        ReadOnlyMemory<byte> userId = slot.Generation.Certificate.UserIdFor(userUri, period).Octets.ToArray();
        AuditEntry entry = new()
        {
            Kind = AuditKind.Override,
            KmsUri = Domain.KmsUri,
            Generation = slot.Generation.Number,
            CorrelationId = correlationId,
            Issuer = by.Issuer,
            Subject = by.Subject,
            Role = by.Role,
            UserUri = userUri,
            KeyPeriodNumber = period,
            UserId = userId,
            Detail = $"for {issuer} {subject}: {reason}",
        };
        return _store.AddOverrideAsync(
            new IdentityOverride(Domain.KmsUri, userUri, period, userId, issuer, subject, by), entry, cancellationToken);
    }

    /// <summary>Whether a requester may ask this domain at all. A refusal is recorded in the audit log.</summary>
    /// <exception cref="KmsException">Why not.</exception>
    public Task AdmitAsync(Requester requester, string correlationId, CancellationToken cancellationToken = default) =>
        AuditRefusalAsync(
            new IssuanceRequest(requester, UserUri: null, Time: null, correlationId),
            () =>
            {
                Admit(requester);
                return Task.FromResult(true);
            },
            cancellationToken);

    /// <summary>Checks a request against domain, requester and policy. A refusal of the requester is recorded in the audit
    /// log.</summary>
    /// <exception cref="KmsException">Why not.</exception>
    public Task<PreparedIssuance> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken = default) =>
        AuditRefusalAsync(request, () => PrepareCoreAsync(request, cancellationToken), cancellationToken);

    /// <summary>Issues what was prepared. When this returns, intent and outcome are on the disk.</summary>
    /// <exception cref="KmsException">Nothing was issued, and every key was destroyed.</exception>
    public async Task<IssuedKeySets> IssueAsync(PreparedIssuance prepared, CancellationToken cancellationToken = default)
    {
        prepared.Use();

        // 6. The intent is on the disk before any key exists, and the requester's standing was looked at.
        AuditRecord intent = await AuditRefusalAsync(
            prepared.Request, () => BeginAsync(prepared, cancellationToken), cancellationToken).ConfigureAwait(false);

        KmsKeySet[] keySets = [];
        try
        {
            // 7. Issue and check.
            using (_instruments?.Issuing())
            {
                keySets = await _maker.MakeAsync(prepared).ConfigureAwait(false);
            }

            // 8. The outcome, in the transaction that records the issuance. No cancellation from here on: the record must be
            // true.
            byte[][] hashes = [.. keySets.Select(KeyMaker.HashPublicToken)];
            using (_instruments?.Appending())
            {
                await _store.RecordIssuanceAsync(
                    prepared.ToIssued(hashes),
                    prepared.ToOutcome(intent, hashes),
                    prepared.Request.Conditions,
                    CancellationToken.None).ConfigureAwait(false);
            }

            _instruments?.Issued(keySets.Length);
            return new IssuedKeySets(prepared.Generation, keySets);
        }
        catch (Exception fault)
        {
            Array.ForEach(keySets, keySet => keySet.Dispose());
            if (fault is KmsException failure
                && (failure.Error is KmsError.SelfCheckFailed or KmsError.RepeatDiffers || IsRefusal(failure.Error)))
            {
                await AppendAsync(
                    prepared.ToOutcome(intent, tokenHashes: null, failure.Error),
                    CancellationToken.None).ConfigureAwait(false);
                failure.MarkRecorded();
            }

            throw;
        }
    }

    private async Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        using (_instruments?.Appending())
        {
            await _store.AppendAuditAsync([entry], cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<AuditRecord> BeginAsync(PreparedIssuance prepared, CancellationToken cancellationToken)
    {
        using (_instruments?.Appending())
        {
            return await _store.BeginIssuanceAsync(
                prepared.ToIntended(), prepared.ToIntent(), prepared.Request.Conditions, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<T> AuditRefusalAsync<T>(
        IssuanceRequest request, Func<Task<T>> check, CancellationToken cancellationToken)
    {
        try
        {
            return await check().ConfigureAwait(false);
        }
        catch (KmsException refusal) when (IsRefusal(refusal.Error))
        {
            await AppendAsync(Denied(request, refusal.Error), cancellationToken).ConfigureAwait(false);
            refusal.MarkRecorded();
            throw;
        }
    }

    private async Task<PreparedIssuance> PrepareCoreAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        // 4. The domain takes this requester; the identities to be keyed.
        Admit(request.Requester);
        RequesterIdentity[] identities = Select(request);

        // 5. The clock, then the key period. The head is read before the clock: the other way round, a record that another
        // request wrote in between would look like a clock that has gone back. Records of other nodes count when the intent is
        // written.
        AuditHead head = await _store.GetKnownAuditHeadAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = _time.GetUtcNow();
        if (now.ToUnixTimeMilliseconds() < (head.Time - _store.ClockTolerance).ToUnixTimeMilliseconds())
        {
            throw new KmsException(KmsError.ClockBehindAudit);
        }

        KeySlot slot = await JudgePeriodAsync(request, identities, now, cancellationToken).ConfigureAwait(false);
        PreparedKey[] keys = await RequireHomeOrGrantAsync(request, identities, slot, cancellationToken).ConfigureAwait(false);
        return new PreparedIssuance(request, slot.Generation, slot.Period.Number, keys);
    }

    private void Admit(Requester requester)
    {
        if (!Policy.Accepts(requester.Issuer))
        {
            throw new KmsException(KmsError.IssuerNotAccepted);
        }
    }

    private static RequesterIdentity[] Select(IssuanceRequest request)
    {
        if (request.UserUri is null)
        {
            return [.. request.Requester.Identities];
        }

        RequesterIdentity? match = request.Requester.Identities
            .FirstOrDefault(identity => string.Equals(identity.Uri, request.UserUri, StringComparison.Ordinal));
        return match is null ? throw new KmsException(KmsError.IdentityNotRequesters) : [match];
    }

    /// <summary>Identities of other domains are keyed under a grant only. Of all identities of a requester those without one are
    /// left out. The grant is looked at again in the transaction that records the issuance.</summary>
    private async Task<PreparedKey[]> RequireHomeOrGrantAsync(
        IssuanceRequest request, RequesterIdentity[] identities, KeySlot slot, CancellationToken cancellationToken)
    {
        List<PreparedKey> allowed = [];
        foreach (RequesterIdentity identity in identities)
        {
            bool isOwn = OwnIdentityDomains.IsOwn(slot.Generation.Record, identity.Uri);
            MigrationGrant? grant = isOwn ? null : await _migrations.FindStandingAsync(
                slot.Generation.Record, request.Requester, identity.Uri, slot.Period, cancellationToken).ConfigureAwait(false);
            if (isOwn || grant is not null)
            {
                allowed.Add(new PreparedKey(
                    identity, slot.Generation.Certificate.UserIdFor(identity.Uri, slot.Period.Number), grant?.Id));
            }
        }

        return allowed.Count > 0 ? [.. allowed] : throw new KmsException(KmsError.MigrationNotGranted);
    }

    private async Task<KeySlot> JudgePeriodAsync(
        IssuanceRequest request, RequesterIdentity[] identities, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KeyTimeline timeline = Domain.Generations.Timeline;
        DateTimeOffset wanted = request.Time ?? now;
        KeyPeriodVerdict verdict = Policy.KeyPeriods.Judge(timeline, now, wanted);
        switch (verdict)
        {
            case KeyPeriodVerdict.NotOpen when request.Time is null:
                throw new KmsException(KmsError.NothingIssuing, Domain.KmsUri);
            case KeyPeriodVerdict.NotOpen:
                throw new KmsException(KmsError.PeriodNotOpen);
            case KeyPeriodVerdict.Closed:
                throw new KmsException(KmsError.PeriodClosed);
            default:
                break;
        }

        KeySlot slot = timeline.At(wanted)!;
        if (slot.Generation.State != GenerationState.Active)
        {
            throw new KmsException(KmsError.GenerationNotIssuing, $"generation {slot.Generation.Number}");
        }

        if (verdict == KeyPeriodVerdict.OnlyIfIssuedBefore)
        {
            await RequireIssuedBeforeAsync(request.Requester, identities, slot, cancellationToken).ConfigureAwait(false);
        }

        return slot;
    }

    private async Task RequireIssuedBeforeAsync(
        Requester requester, RequesterIdentity[] identities, KeySlot slot, CancellationToken cancellationToken)
    {
        foreach (RequesterIdentity identity in identities)
        {
            if (!await _store.WasIssuedAsync(
                Domain.KmsUri, slot.Generation.Number, slot.Period.Number, identity.Uri, requester.Issuer, requester.Subject,
                cancellationToken).ConfigureAwait(false))
            {
                throw new KmsException(KmsError.PeriodNotIssuedBefore);
            }
        }
    }

    private static bool IsRefusal(KmsError error) =>
        error is KmsError.IdentityNotRequesters or KmsError.IssuerNotAccepted or KmsError.GenerationNotIssuing
            or KmsError.PeriodNotOpen or KmsError.PeriodClosed or KmsError.PeriodNotIssuedBefore
            or KmsError.RequesterDisabled or KmsError.IdentityMoved or KmsError.IssuerSilent or KmsError.MigrationNotGranted;

    private AuditEntry Denied(IssuanceRequest request, KmsError error)
    {
        DateTimeOffset now = _time.GetUtcNow();
        KeySlot? slot = Domain.Generations.Timeline.At(request.Time ?? now);
        return new AuditEntry
        {
            Kind = AuditKind.Denied,
            KmsUri = Domain.KmsUri,
            Generation = slot?.Generation.Number ?? 0,
            CorrelationId = request.CorrelationId,
            Issuer = request.Requester.Issuer,
            Subject = request.Requester.Subject,
            UserUri = request.UserUri,
            KeyPeriodNumber = request.Time is null ? null : slot?.Period.Number,
            Result = (int)error,
        };
    }
}
