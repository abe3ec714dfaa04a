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
    private readonly SecurityDomain _domain;
    private readonly IKmsStore _store;
    private readonly KeyPeriodPolicy _policy;
    private readonly SelfCheck _selfCheck;
    private readonly TimeProvider _time;
    private readonly IssuanceInstruments? _instruments;

    /// <summary>An issuer of one domain.</summary>
    /// <param name="domain">The open domain; stays with the caller.</param>
    /// <param name="store">The store that knows it.</param>
    /// <param name="policy">Which key periods may be asked for.</param>
    /// <param name="fullCheckRate">Share of key sets that are validated as the client does it, 0 to 1; the first always
    /// is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="instruments">What is measured; null for nothing.</param>
    public KeyIssuer(
        SecurityDomain domain, IKmsStore store, KeyPeriodPolicy policy, double fullCheckRate, TimeProvider time,
        IssuanceInstruments? instruments = null)
    {
        _domain = domain;
        _store = store;
        _policy = policy;
        _selfCheck = new SelfCheck(domain.Certificate, fullCheckRate);
        _time = time;
        _instruments = instruments;
    }

    /// <summary>The KMS certificate for the domain's own users (init).</summary>
    public KmsCertificate Certificate => _domain.Certificate;

    /// <summary>Checks a request against domain, requester and policy. A refusal of the requester is recorded in the audit
    /// log.</summary>
    /// <exception cref="KmsException">Why not.</exception>
    public async Task<PreparedIssuance> PrepareAsync(IssuanceRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            // 4. The identities to be keyed.
            RequesterIdentity[] identities = Select(request);

            // 5. The clock, then the key period. The head is read before the clock: the other way round, a record that another request
            // wrote in between would look like a clock that has gone back.
            AuditHead head = await _store.GetAuditHeadAsync(cancellationToken).ConfigureAwait(false);
            DateTimeOffset now = _time.GetUtcNow();
            if (now.ToUnixTimeMilliseconds() < head.Time.ToUnixTimeMilliseconds())
            {
                throw new KmsException(KmsError.ClockBehindAudit);
            }

            long period = await JudgePeriodAsync(request, identities, now, cancellationToken).ConfigureAwait(false);
            PreparedKey[] keys = [.. identities.Select(
                identity => new PreparedKey(identity, Certificate.UserIdFor(identity.Uri, period)))];
            return new PreparedIssuance(request, period, keys);
        }
        catch (KmsException refusal) when (IsRefusal(refusal.Error))
        {
            await AppendAsync([Denied(request, refusal.Error)], cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Issues what was prepared. When this returns, intent and outcome are on the disk.</summary>
    /// <exception cref="KmsException">Nothing was issued, and every key was destroyed.</exception>
    public async Task<IssuedKeySets> IssueAsync(PreparedIssuance prepared, CancellationToken cancellationToken = default)
    {
        prepared.Use();

        // 6. The intent is on the disk before any key exists.
        IReadOnlyList<AuditRecord> intents = await AppendAsync(
            [.. prepared.Keys.Select(key => prepared.ToEntry(key, _domain.Record))], cancellationToken).ConfigureAwait(false);

        List<KmsKeySet> keySets = [];
        try
        {
            // 7. Issue and check.
            using (_instruments?.Issuing())
            {
                keySets.AddRange(prepared.Keys.Select(key => IssueOne(key, prepared.PeriodNumber)));
            }

            // 8. The outcome, in the transaction that records the issuance. No cancellation from here on: the record must be
            // true.
            byte[][] hashes = [.. keySets.Select(HashPublicToken)];
            using (_instruments?.Appending())
            {
                await _store.RecordIssuanceAsync(
                    [.. prepared.Keys.Select((key, i) => ToIssuance(prepared, key, hashes[i]))],
                    [.. prepared.Keys.Select((key, i) => prepared.ToEntry(key, _domain.Record, intents[i], hashes[i]))],
                    CancellationToken.None).ConfigureAwait(false);
            }

            _instruments?.Issued(keySets.Count);
            return new IssuedKeySets(keySets);
        }
        catch (Exception fault)
        {
            keySets.ForEach(keySet => keySet.Dispose());
            if (fault is KmsException { Error: KmsError.SelfCheckFailed or KmsError.RepeatDiffers } failure)
            {
                await AppendAsync(
                    [.. prepared.Keys.Select(
                        (key, i) => prepared.ToEntry(key, _domain.Record, intents[i], result: failure.Error))],
                    CancellationToken.None).ConfigureAwait(false);
            }

            throw;
        }
    }

    private async Task<IReadOnlyList<AuditRecord>> AppendAsync(
        IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        using (_instruments?.Appending())
        {
            return await _store.AppendAuditAsync(entries, cancellationToken).ConfigureAwait(false);
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

    private async Task<long> JudgePeriodAsync(
        IssuanceRequest request, RequesterIdentity[] identities, DateTimeOffset now, CancellationToken cancellationToken)
    {
        KeyPeriodSchedule schedule = _domain.Record.Schedule;
        KeyPeriod current = schedule.At(now);
        long requested = request.Time is { } time ? NumberAt(time) : current.Number;
        switch (_policy.Judge(current.Number, current.Start, current.End, now, requested))
        {
            case KeyPeriodVerdict.Open:
                return requested;
            case KeyPeriodVerdict.NotOpen:
                throw new KmsException(KmsError.PeriodNotOpen);
            case KeyPeriodVerdict.Closed:
                throw new KmsException(KmsError.PeriodClosed);
            default:
                break;
        }

        foreach (RequesterIdentity identity in identities)
        {
            if (!await _store.WasIssuedAsync(
                _domain.Record.Generation, requested, identity.Uri, request.Requester.Issuer, request.Requester.Subject,
                cancellationToken).ConfigureAwait(false))
            {
                throw new KmsException(KmsError.PeriodNotIssuedBefore);
            }
        }

        return requested;
    }

    private KmsKeySet IssueOne(PreparedKey key, long periodNumber)
    {
        ReadOnlySpan<byte> uid = key.UserId.Octets;
        using EccsiSigningKey signing = _domain.Secrets.Eccsi.IssueSigningKey(uid, _domain.Secrets.Derivation);
        using SakkeReceiverKey receiver = _domain.Secrets.Sakke.IssueReceiverKey(uid);
        KmsKeySet keySet = Combine(key, periodNumber, signing, receiver);
        if (_selfCheck.Passes(signing, receiver, keySet))
        {
            return keySet;
        }

        keySet.Dispose();
        throw new KmsException(KmsError.SelfCheckFailed);
    }

    private KmsKeySet Combine(PreparedKey key, long periodNumber, EccsiSigningKey signing, SakkeReceiverKey receiver)
    {
        try
        {
            return KmsKeySet.Create(Certificate, key.Identity.Uri, periodNumber, signing, receiver);
        }
        catch (ArgumentException fault)
        {
            // Keys that do not even belong to the certificate: custody and store are not of one domain.
            throw new KmsException(KmsError.SelfCheckFailed, innerException: fault);
        }
    }

    private IssuanceRecord ToIssuance(PreparedIssuance prepared, PreparedKey key, byte[] tokenHash) => new(
        _domain.Record.Generation,
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

    /// <summary>A time before the first period lies in none: -1, which the policy refuses like any period of long ago.</summary>
    private long NumberAt(DateTimeOffset time)
    {
        KeyPeriodSchedule schedule = _domain.Record.Schedule;
        return time < NtpTimestamp.Epoch.AddSeconds(schedule.OffsetSeconds) ? -1 : schedule.At(time).Number;
    }

    private static bool IsRefusal(KmsError error) =>
        error is KmsError.IdentityNotRequesters
            or KmsError.PeriodNotOpen or KmsError.PeriodClosed or KmsError.PeriodNotIssuedBefore;

    private AuditEntry Denied(IssuanceRequest request, KmsError error) => new()
    {
        Kind = AuditKind.Denied,
        KmsUri = _domain.Record.KmsUri,
        Generation = _domain.Record.Generation,
        CorrelationId = request.CorrelationId,
        Issuer = request.Requester.Issuer,
        Subject = request.Requester.Subject,
        UserUri = request.UserUri,
        KeyPeriodNumber = request.Time is { } time ? NumberAt(time) : null,
        Result = (int)error,
    };
}
