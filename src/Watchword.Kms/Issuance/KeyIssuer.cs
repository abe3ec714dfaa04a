using System.Collections.Concurrent;
using System.Security.Cryptography;
using Watchword.Cryptography;
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
    private readonly KeyBatcher _batcher;
    private readonly ConcurrentDictionary<int, SelfCheck> _selfChecks = new();
    private readonly TimeProvider _time;
    private readonly MigrationGrants _migrations;

    /// <summary>An issuer of one domain.</summary>
    /// <param name="domain">The open domain; stays with the caller.</param>
    /// <param name="store">The store that knows it.</param>
    /// <param name="policy">The rules of the domain.</param>
    /// <param name="time">The clock.</param>
    public KeyIssuer(SecurityDomain domain, IKmsStore store, DomainPolicy policy, TimeProvider time)
        : this(domain, store, policy, new KeyBatcher(Environment.ProcessorCount), time)
    {
    }

    /// <param name="domain">The open domain; stays with the caller.</param>
    /// <param name="store">The store that knows it.</param>
    /// <param name="policy">The rules of the domain.</param>
    /// <param name="batcher">Shared by all issuers of the node.</param>
    /// <param name="time">The clock.</param>
    internal KeyIssuer(SecurityDomain domain, IKmsStore store, DomainPolicy policy, KeyBatcher batcher, TimeProvider time)
    {
        Domain = domain;
        Policy = policy;
        _store = store;
        _batcher = batcher;
        _time = time;
        _migrations = new MigrationGrants(store, time);
    }

    /// <summary>The domain.</summary>
    public SecurityDomain Domain { get; }

    /// <summary>Its rules.</summary>
    public DomainPolicy Policy { get; }

    /// <summary>The KMS certificate that init gives out now.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.NothingIssuing"/>.</exception>
    public KmsCertificate GetCertificate() => (Domain.Generations.At(_time.GetUtcNow())
        ?? throw new KmsException(KmsError.NothingIssuing, Domain.KmsUri)).Certificate;

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

        // 6. The intent is on the disk before any key exists.
        IReadOnlyList<AuditRecord> intents = await _store.AppendAuditAsync(
            [.. prepared.Keys.Select(key => prepared.ToEntry(key))], cancellationToken).ConfigureAwait(false);

        KmsKeySet[] keySets = [];
        try
        {
            // 7. Issue and check.
            keySets = await IssueKeysAsync(prepared).ConfigureAwait(false);

            // 8. The outcome, in the transaction that records the issuance. No cancellation from here on: the record must be
            // true.
            byte[][] hashes = [.. keySets.Select(HashPublicToken)];
            await _store.RecordIssuanceAsync(
                [.. prepared.Keys.Select((key, i) => ToIssuance(prepared, key, hashes[i]))],
                [.. prepared.Keys.Select((key, i) => prepared.ToEntry(key, intents[i], hashes[i]))],
                CancellationToken.None).ConfigureAwait(false);
            return new IssuedKeySets(keySets);
        }
        catch (Exception fault)
        {
            Array.ForEach(keySets, keySet => keySet.Dispose());
            if (fault is KmsException { Error: KmsError.SelfCheckFailed or KmsError.RepeatDiffers } failure)
            {
                await _store.AppendAuditAsync(
                    [.. prepared.Keys.Select((key, i) => prepared.ToEntry(key, intents[i], result: failure.Error))],
                    CancellationToken.None).ConfigureAwait(false);
            }

            throw;
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
            await _store.AppendAuditAsync([Denied(request, refusal.Error)], cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<PreparedIssuance> PrepareCoreAsync(IssuanceRequest request, CancellationToken cancellationToken)
    {
        // 4. The domain takes this requester; the identities to be keyed.
        Admit(request.Requester);
        RequesterIdentity[] identities = Select(request);

        // 5. The clock, then the key period. The head is read before the clock: the other way round, a record that another request
        // wrote in between would look like a clock that has gone back.
        AuditHead head = await _store.GetAuditHeadAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = _time.GetUtcNow();
        if (now.ToUnixTimeMilliseconds() < (head.Time - _store.ClockTolerance).ToUnixTimeMilliseconds())
        {
            throw new KmsException(KmsError.ClockBehindAudit);
        }

        KeySlot slot = await JudgePeriodAsync(request, identities, now, cancellationToken).ConfigureAwait(false);
        identities = await RequireHomeOrGrantAsync(request, identities, slot, cancellationToken).ConfigureAwait(false);
        long period = slot.Period.Number;
        PreparedKey[] keys = [.. identities.Select(
            identity => new PreparedKey(identity, slot.Generation.Certificate.UserIdFor(identity.Uri, period)))];
        return new PreparedIssuance(request, slot.Generation, period, keys);
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

    /// <summary>Identities of other domains are keyed under a grant only. Of all identities of a requester those without one are left
    /// out.</summary>
    private async Task<RequesterIdentity[]> RequireHomeOrGrantAsync(
        IssuanceRequest request, RequesterIdentity[] identities, KeySlot slot, CancellationToken cancellationToken)
    {
        List<RequesterIdentity> allowed = [];
        foreach (RequesterIdentity identity in identities)
        {
            if (await _migrations.IsMigrationAllowedAsync(
                slot.Generation.Record, request.Requester, identity.Uri, slot.Period, cancellationToken).ConfigureAwait(false))
            {
                allowed.Add(identity);
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

    /// <summary>The key sets of what was prepared, each checked. All of them or none.</summary>
    private async Task<KmsKeySet[]> IssueKeysAsync(PreparedIssuance prepared)
    {
        DomainGeneration generation = prepared.Generation;
        using SecretsLease lease = generation.Secrets?.TryLease()
            ?? throw generation.Fault ?? new KmsException(KmsError.GenerationNotIssuing, $"generation {generation.Number}");
        FreshKey[] fresh = await _batcher.IssueAsync(
            lease.Secrets, [.. prepared.Keys.Select(key => (ReadOnlyMemory<byte>)key.UserId.Octets.ToArray())])
            .ConfigureAwait(false);
        List<KmsKeySet> keySets = [];
        try
        {
            for (int i = 0; i < fresh.Length; i++)
            {
                keySets.Add(Combine(generation, prepared.Keys[i], prepared.PeriodNumber, fresh[i]));
                if (!SelfCheckOf(generation).Passes(fresh[i].IsSound, keySets[i]))
                {
                    throw new KmsException(KmsError.SelfCheckFailed);
                }
            }

            return [.. keySets];
        }
        catch
        {
            keySets.ForEach(keySet => keySet.Dispose());
            throw;
        }
        finally
        {
            Array.ForEach(fresh, key => key.Dispose());
        }
    }

    private static KmsKeySet Combine(DomainGeneration generation, PreparedKey key, long periodNumber, FreshKey fresh)
    {
        try
        {
            return KmsKeySet.Create(generation.Certificate, key.Identity.Uri, periodNumber, fresh.Signing, fresh.Receiver);
        }
        catch (ArgumentException fault)
        {
            // Keys that do not even belong to the certificate: custody and store are not of one domain.
            throw new KmsException(KmsError.SelfCheckFailed, innerException: fault);
        }
    }

    private SelfCheck SelfCheckOf(DomainGeneration generation) => _selfChecks.GetOrAdd(
        generation.Number,
        static (_, context) => new SelfCheck(context.generation.Certificate, context.Policy.FullCheckRate),
        (generation, Policy));

    private static IssuanceRecord ToIssuance(PreparedIssuance prepared, PreparedKey key, byte[] tokenHash) => new(
        prepared.Generation.Record.KmsUri,
        prepared.Generation.Number,
        prepared.Generation.Record.SecretsGeneration,
        prepared.PeriodNumber,
        key.Identity.Uri,
        prepared.Request.Requester.Issuer,
        prepared.Request.Requester.Subject,
        key.UserId.Octets.ToArray(),
        tokenHash);

    private static byte[] HashPublicToken(KmsKeySet keySet)
    {
        Span<byte> token = stackalloc byte[EccsiSigningKey.PublicTokenSizeInBytes];
        keySet.ExportPublicToken(token);
        return SHA256.HashData(token);
    }

    private static bool IsRefusal(KmsError error) =>
        error is KmsError.IdentityNotRequesters or KmsError.IssuerNotAccepted or KmsError.GenerationNotIssuing
            or KmsError.MigrationNotGranted
            or KmsError.PeriodNotOpen or KmsError.PeriodClosed or KmsError.PeriodNotIssuedBefore;

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
