using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>
/// The acts of crypto officers on the partners of a domain (TS 33.180 5.3.1): import, approval after the fingerprint was compared,
/// replacement, revocation. Every act is in the audit log, in the transaction that makes it. The steps are those of
/// <c>docs/flows/partner-domains.md</c>.
/// </summary>
public sealed class PartnerDirectory
{
    /// <summary>Longest reason, in characters.</summary>
    public const int MaxReasonLength = 500;

    /// <summary>True to check everything and to change nothing, not even the audit log: the answers say what would be.</summary>
    public bool IsDryRun { get; init; }

    private readonly IKmsStore _store;
    private readonly PartnerPolicy _policy;
    private readonly TimeProvider _time;

    /// <summary>A directory over a store, for all its domains.</summary>
    public PartnerDirectory(IKmsStore store, PartnerPolicy policy, TimeProvider time)
    {
        _store = store;
        _policy = policy;
        _time = time;
    }

    /// <summary>Imports the KMS certificate of another domain. Nobody is given it before it is approved.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="domain">The domain of this installation whose partner it becomes.</param>
    /// <param name="import">The certificate and what it is for.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The pending record, with the fingerprint to compare.</returns>
    /// <exception cref="KmsException">It is no KMS certificate, or of this domain itself, claims identities of the domain's own
    /// users, or there is an approved one of that KMS: see <see cref="ReplaceAsync"/>.</exception>
    public async Task<PartnerRecord> ImportAsync(
        Authority by, string domain, PartnerImport import, string correlationId, CancellationToken cancellationToken = default)
    {
        KmsCertificate certificate = PartnerCertificate.Parse(import.Certificate);
        IReadOnlyList<PartnerRecord> known = await _store.FindPartnersAsync(domain, cancellationToken).ConfigureAwait(false);
        return known.Any(record => record.KmsUri == certificate.KmsUri && record.State == PartnerState.Approved)
            ? throw new KmsException(KmsError.PartnerExists, certificate.KmsUri)
            : await ImportAsync(by, domain, import, certificate, null, correlationId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Imports another certificate of a partner. Approving it ends the use of the one before, which is kept.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="partnerId">The approved record whose place the new one takes.</param>
    /// <param name="certificate">The <c>KmsCertificate</c> document.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <inheritdoc cref="ImportAsync(Authority, string, PartnerImport, string, CancellationToken)"/>
    public async Task<PartnerRecord> ReplaceAsync(
        Authority by, string domain, long partnerId, ReadOnlyMemory<byte> certificate, string correlationId,
        CancellationToken cancellationToken = default)
    {
        PartnerRecord old = await FindAsync(domain, partnerId, cancellationToken).ConfigureAwait(false);
        RequireState(old, PartnerState.Approved);
        KmsCertificate parsed = PartnerCertificate.Parse(certificate);
        if (old.IsLinked || parsed.KmsUri != old.KmsUri)
        {
            throw new KmsException(KmsError.ReplacementDiffers, old.KmsUri);
        }

        if (PartnerCertificate.FingerprintOf(parsed).AsSpan().SequenceEqual(old.Fingerprint.Span))
        {
            throw new KmsException(KmsError.PartnerExists, old.KmsUri);
        }

        // What the officers once added to the certificate's own list holds for the new one as well.
        PartnerImport import = new(certificate, old.Kind) { Address = old.Address, IdentityDomains = old.IdentityDomains };
        return await ImportAsync(by, domain, import, parsed, old.Id, correlationId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Approves a pending certificate: from now on clients get it.</summary>
    /// <param name="by">Who orders it; by default not who imported it.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="partnerId">The pending record.</param>
    /// <param name="fingerprint">The whole fingerprint as the officer has it from the partner: hexadecimal digits or words, in
    /// whatever groups.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.FingerprintMismatch"/> and
    /// <see cref="KmsError.SecondOfficerNeeded"/>, which are in the audit log; <see cref="KmsError.PartnerRecordUnknown"/>;
    /// <see cref="KmsError.PartnerChanged"/>; <see cref="KmsError.PartnerExists"/>.</exception>
    public async Task ApproveAsync(
        Authority by, string domain, long partnerId, string fingerprint, string correlationId,
        CancellationToken cancellationToken = default)
    {
        PartnerRecord record = await FindAsync(domain, partnerId, cancellationToken).ConfigureAwait(false);
        RequireState(record, PartnerState.Pending);
        if (Judge(by, record, fingerprint) is { } refusal)
        {
            AuditEntry denied = PartnerAudit.Entry(by, record, PartnerAudit.Approve, correlationId, refusal);
            await CommitAsync(() => _store.AppendAuditAsync([denied], cancellationToken)).ConfigureAwait(false);
            throw new KmsException(refusal, record.KmsUri);
        }

        DateTimeOffset now = _time.GetStoreTime();
        List<PartnerChange> changes = [new(record.Id, PartnerState.Pending, PartnerState.Approved)];
        List<PartnerAct> acts = [new(record.Id, PartnerActKind.Approved, now, by)];
        List<AuditEntry> entries = [PartnerAudit.Entry(by, record, PartnerAudit.Approve, correlationId)];
        // A predecessor that was revoked meanwhile has nothing left to hand over.
        if (record.Replaces is { } id
            && await FindAsync(domain, id, cancellationToken).ConfigureAwait(false) is { State: PartnerState.Approved } old)
        {
            DateTimeOffset end = record.ValidFrom is { } begin && begin > now ? begin : now;
            changes.Insert(0, new PartnerChange(old.Id, PartnerState.Approved, PartnerState.Replaced, end));
            acts.Insert(0, new PartnerAct(old.Id, PartnerActKind.Replaced, now, by));
            entries.Insert(0, PartnerAudit.Entry(by, old, PartnerAudit.Replace, correlationId));
        }

        await CommitAsync(() => _store.ChangePartnersAsync(domain, changes, acts, entries, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Revokes an approved certificate, or one that still serves until its replacement begins; withdraws a pending one;
    /// ends a link.</summary>
    /// <param name="by">Who orders it; one person is enough.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="partnerId">The record.</param>
    /// <param name="reason">Why, for the history.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.PartnerRecordUnknown"/>; <see cref="KmsError.PartnerChanged"/> if it is
    /// neither.</exception>
    public async Task RevokeAsync(
        Authority by, string domain, long partnerId, string? reason, string correlationId,
        CancellationToken cancellationToken = default)
    {
        RequireReason(reason);
        PartnerRecord record = await FindAsync(domain, partnerId, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = _time.GetStoreTime();
        (PartnerChange change, PartnerActKind kind, string act) = record.State switch
        {
            PartnerState.Pending => (
                new PartnerChange(record.Id, PartnerState.Pending, PartnerState.Rejected), PartnerActKind.Rejected,
                PartnerAudit.Reject),
            PartnerState.Approved or PartnerState.Replaced => (
                new PartnerChange(record.Id, record.State, PartnerState.Revoked, now), PartnerActKind.Revoked,
                PartnerAudit.Revoke),
            _ => throw new KmsException(KmsError.PartnerChanged, $"record {record.Id} is {record.State}"),
        };
        await CommitAsync(() => _store.ChangePartnersAsync(
            domain, [change], [new PartnerAct(record.Id, kind, now, by, reason)],
            [PartnerAudit.Entry(by, record, act, correlationId)], cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Makes another domain of this installation a partner: its certificates are those of its generations, and follow
    /// them. There is no fingerprint to compare, because the store itself holds both.</summary>
    /// <param name="by">Who orders it.</param>
    /// <param name="domain">The domain whose partner it becomes.</param>
    /// <param name="linked">KMS URI of the other domain.</param>
    /// <param name="kind">What it is to the domain's users.</param>
    /// <param name="address">https URL of a migration KMS, without path; null if it is not known.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KmsException"><see cref="KmsError.NoDomain"/>; <see cref="KmsError.PartnerIsOwnDomain"/>;
    /// <see cref="KmsError.PartnerExists"/>; <see cref="KmsError.IdentityDomainConflict"/>.</exception>
    public async Task<PartnerRecord> LinkAsync(
        Authority by, string domain, string linked, PartnerKind kind, string? address, string correlationId,
        CancellationToken cancellationToken = default)
    {
        IReadOnlyList<DomainRecord> other =
            await _store.FindGenerationsAsync(linked, cancellationToken).ConfigureAwait(false);
        string[] domains = [.. other.SelectMany(generation => generation.Domains).Distinct(StringComparer.Ordinal)];
        PartnerRecord record = other.Count == 0
            ? throw new KmsException(KmsError.NoDomain, linked)
            : NewRecord(by, domain, linked, kind, address) with { State = PartnerState.Approved, IsLinked = true };
        await RequireForeignAsync(domain, linked, domains, cancellationToken).ConfigureAwait(false);
        return await AddAsync(record, PartnerActKind.Linked, null, PartnerAudit.Link, correlationId, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>All partner records of a domain, those of the past included, in the order of their import.</summary>
    public Task<IReadOnlyList<PartnerRecord>> ListAsync(string domain, CancellationToken cancellationToken = default) =>
        _store.FindPartnersAsync(domain, cancellationToken);

    /// <summary>What was done, in order.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="kmsUri">Only to this partner; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<PartnerAct>> HistoryAsync(
        string domain, string? kmsUri = null, CancellationToken cancellationToken = default) =>
        _store.FindPartnerHistoryAsync(domain, kmsUri, cancellationToken);

    private async Task<PartnerRecord> ImportAsync(
        Authority by, string domain, PartnerImport import, KmsCertificate certificate, long? replaces, string correlationId,
        CancellationToken cancellationToken)
    {
        RequireReason(import.Reason);
        string[] given = [.. import.IdentityDomains.Select(text => IdentityDomainPattern.TryParse(text)?.ToString()
            ?? throw new KmsException(KmsError.IdentityDomainMalformed))];
        string[] named = [.. certificate.Domains.Select(text => IdentityDomainPattern.TryParse(text)?.ToString()).OfType<string>()];
        string[] domains = [.. named.Concat(given).Distinct(StringComparer.Ordinal)];
        await RequireForeignAsync(domain, certificate.KmsUri, domains, cancellationToken).ConfigureAwait(false);
        PartnerRecord record = NewRecord(by, domain, certificate.KmsUri, import.Kind, import.Address) with
        {
            Certificate = import.Certificate.ToArray(),
            Fingerprint = PartnerCertificate.FingerprintOf(certificate),
            IdentityDomains = domains,
            ValidFrom = certificate.ValidFrom,
            ValidTo = certificate.ValidTo,
            Replaces = replaces,
        };
        return await AddAsync(
            record, PartnerActKind.Imported, import.Reason, PartnerAudit.Import, correlationId, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<PartnerRecord> AddAsync(
        PartnerRecord record, PartnerActKind kind, string? reason, string act, string correlationId,
        CancellationToken cancellationToken)
    {
        long id = 0;
        await CommitAsync(async () => id = await _store.AddPartnerAsync(
            record, new PartnerAct(0, kind, record.ImportedAt, record.ImportedBy, reason),
            PartnerAudit.Entry(record.ImportedBy, record, act, correlationId), cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);
        return record with { Id = id };
    }

    private async Task CommitAsync(Func<Task> act)
    {
        if (!IsDryRun)
        {
            await act().ConfigureAwait(false);
        }
    }

    private PartnerRecord NewRecord(Authority by, string domain, string kmsUri, PartnerKind kind, string? address) => new()
    {
        Domain = domain,
        KmsUri = kmsUri,
        Kind = kind,
        State = PartnerState.Pending,
        Address = address is null ? null : RequireAddress(address),
        ImportedBy = by,
        ImportedAt = _time.GetStoreTime(),
    };

    private async Task RequireForeignAsync(
        string domain, string kmsUri, IReadOnlyList<string> domains, CancellationToken cancellationToken)
    {
        IReadOnlyList<DomainRecord> own = await _store.FindGenerationsAsync(domain, cancellationToken).ConfigureAwait(false);
        if (own.Count == 0)
        {
            throw new KmsException(KmsError.NoDomain, domain);
        }

        if (kmsUri == domain)
        {
            throw new KmsException(KmsError.PartnerIsOwnDomain, domain);
        }

        IdentityDomainPattern[] claimed = [.. domains.Select(IdentityDomainPattern.TryParse).OfType<IdentityDomainPattern>()];
        if (OwnIdentityDomains.Of(own).Any(mine => claimed.Any(mine.Contains)))
        {
            throw new KmsException(KmsError.IdentityDomainConflict, kmsUri);
        }
    }

    private async Task<PartnerRecord> FindAsync(string domain, long id, CancellationToken cancellationToken)
    {
        IReadOnlyList<PartnerRecord> records = await _store.FindPartnersAsync(domain, cancellationToken).ConfigureAwait(false);
        return records.SingleOrDefault(record => record.Id == id)
            ?? throw new KmsException(KmsError.PartnerRecordUnknown, $"record {id}");
    }

    private KmsError? Judge(Authority by, PartnerRecord record, string fingerprint) =>
        !_policy.SameOfficerMayApprove && IsSamePerson(by, record.ImportedBy) ? KmsError.SecondOfficerNeeded
            : PartnerFingerprint.Of(record)?.IsTyped(fingerprint) != true ? KmsError.FingerprintMismatch
            : null;

    /// <summary>The same person in another role is still the same.</summary>
    private static bool IsSamePerson(Authority one, Authority other) =>
        one.Issuer == other.Issuer && one.Subject == other.Subject;

    private static void RequireState(PartnerRecord record, PartnerState state)
    {
        if (record.State != state)
        {
            throw new KmsException(KmsError.PartnerChanged, $"record {record.Id} is {record.State}");
        }
    }

    private static void RequireReason(string? reason)
    {
        if (reason?.Length > MaxReasonLength)
        {
            throw new ArgumentException($"A reason has at most {MaxReasonLength} characters.", nameof(reason));
        }
    }

    private static string RequireAddress(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.PathAndQuery == "/"
            && url.UserInfo.Length == 0 && url.Fragment.Length == 0
            ? url.GetLeftPart(UriPartial.Authority)
            : throw new KmsException(KmsError.PartnerAddressMalformed);
}
