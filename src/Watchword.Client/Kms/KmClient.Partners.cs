using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>What asking for the certificate cache gave (TS 33.180 D.2.5).</summary>
/// <param name="Changed">True if the store changed.</param>
/// <param name="CacheNumber">The number of the cache now held; null if the KMS numbers none.</param>
/// <param name="Certificates">Every certificate of a partner domain now held.</param>
public sealed record PartnerCertificates(bool Changed, long? CacheNumber, IReadOnlyList<KmsCertificate> Certificates);

/// <content>Partner domains: their KMS certificates, and who belongs to which (D.2.5 to D.2.8).</content>
public sealed partial class KmClient
{
    /// <summary>How long an answer to a lookup counts: a day.</summary>
    public static readonly TimeSpan LookUpMaxAge = TimeSpan.FromDays(1);

    /// <summary>
    /// KMS CertCache (D.2.5): fetches the certificates of partner domains if they changed since the cache that is held.
    /// </summary>
    /// <exception cref="WatchwordClientException">Faults of block 52xx, of the transport and of the tokens.</exception>
    public Task<PartnerCertificates> FetchPartnerCertificatesAsync(CancellationToken cancellationToken = default) =>
        FetchPartnerCertificatesAsync(_options.MaxAttempts, cancellationToken);

    /// <summary>KMS Cert (D.2.6): fetches the certificate of one partner domain.</summary>
    /// <returns>What the home KMS holds of that KMS; several where one is valid later. A revoked one says so.</returns>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.PartnerUnknown"/>, others of block 52xx.</exception>
    public async Task<IReadOnlyList<KmsCertificate>> FetchPartnerCertificateAsync(string kmsUri, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(kmsUri);
        KmsCertificate[] certificates = await OrUnknownAsync(ClientFault.PartnerUnknown, () => AskAsync(
            new AnnexDTarget(AnnexDOperation.Cert, kmsUri), null, _options.MaxAttempts, c => TakeSingle(c, kmsUri), cancellationToken));
        return certificates.Length > 0 ? certificates : throw new WatchwordClientException(ClientFault.PartnerUnknown, kmsUri);
    }

    /// <summary>KMS Discovery Lookup (D.2.7): which KMSs serve a user or group, the preferred one first.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.DomainNotFound"/>, others of block 52xx.</exception>
    public async Task<IReadOnlyList<KmsReference>> LookUpAsync(string uri, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        IReadOnlyList<KmsReference> services = await OrUnknownAsync(ClientFault.DomainNotFound, () => AskAsync(
            new AnnexDTarget(AnnexDOperation.Lookup, uri), null, _options.MaxAttempts, c => TakeLookUp(c, uri), cancellationToken));
        return services.Count > 0 ? services : throw new WatchwordClientException(ClientFault.DomainNotFound, uri);
    }

    /// <summary>
    /// Hands KMS redirect responses that came with a refused call to the home KMS (D.2.8), and keeps the certificates of partner
    /// domains
    /// that it answers with. Nothing in a redirect response is trusted itself.
    /// </summary>
    /// <returns>The certificates in the answer; none if the home KMS has no partner among the KMSs proposed.</returns>
    /// <exception cref="WatchwordClientException">Faults of block 52xx.</exception>
    public async Task<IReadOnlyList<KmsCertificate>> UploadRedirectResponsesAsync(
        IReadOnlyList<KmsRedirectResponse> responses, CancellationToken cancellationToken = default) =>
        await AskAsync(
            new AnnexDTarget(AnnexDOperation.Redirect), null, _options.MaxAttempts, c => TakeSingle(c, null), cancellationToken,
            redirectResponses: responses);

    /// <summary>
    /// The KMS that serves a user, for a private call to him: from the store if it knows, else by lookup at the home KMS; its
    /// certificate is
    /// in the store afterwards.
    /// </summary>
    /// <exception cref="WatchwordClientException">As <see cref="LookUpAsync"/> and <see cref="FetchPartnerCertificateAsync"/>.</exception>
    public async Task<string> FindDomainAsync(string uri, CancellationToken cancellationToken = default)
    {
        string kmsUri = _store.FindKnownDomain(uri, LookUpMaxAge) ?? (await LookUpAsync(uri, cancellationToken))[0].KmsUri;
        if (!_store.CertificatesOf(kmsUri).Any(c => c.Certificate.IsUsableAt(_time.GetUtcNow())))
        {
            _ = await FetchPartnerCertificateAsync(kmsUri, cancellationToken);
        }

        return kmsUri;
    }

    /// <summary>The certificate cache in one attempt; true if it changed.</summary>
    internal async Task<bool> RenewPartnersOnceAsync(CancellationToken cancellation) =>
        (await FetchPartnerCertificatesAsync(1, cancellation)).Changed;

    private Task<PartnerCertificates> FetchPartnerCertificatesAsync(int attempts, CancellationToken cancellation)
    {
        long? held = _store.PartnerCacheNumber;
        AnnexDTarget target = new(AnnexDOperation.CertCache, held?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return AskAsync(target, null, attempts, check => TakeCache(check, held), cancellation);
    }

    private PartnerCertificates TakeCache(KmsAnswerCheck check, long? held)
    {
        KmsCertCache cache = check.Message<KmsCertCache>();
        List<KmsCertificate> certificates = Partners(check, [.. cache.Certificates, .. cache.NextCertificates]);
        bool changed = certificates.Count > 0 || cache.CacheNumber != held;
        if (changed)
        {
            _store.KeepPartnerCertificates(certificates, cache.CacheNumber, _options.CertificateCacheIsComplete);
        }

        return new PartnerCertificates(changed, _store.PartnerCacheNumber, _store.PartnerCertificates);
    }

    private KmsCertificate[] TakeSingle(KmsAnswerCheck check, string? kmsUri)
    {
        KmsCertCache cache = check.Message<KmsCertCache>();
        KmsCertificate[] all = [.. cache.Certificates, .. cache.NextCertificates];
        if (kmsUri is not null && all.Any(c => !string.Equals(c.KmsUri, kmsUri, StringComparison.Ordinal)))
        {
            throw check.Fault(ClientFault.KmsAnswerUnexpected, "a certificate of another KMS");
        }

        // Not the whole cache: its number says nothing of what else is held.
        _store.KeepPartnerCertificates(Partners(check, all), cacheNumber: null, isComplete: false);
        return all;
    }

    private IReadOnlyList<KmsReference> TakeLookUp(KmsAnswerCheck check, string uri)
    {
        KmsLookup lookUp = check.Message<KmsLookup>();
        if (lookUp.UserUri is { } echoed && !string.Equals(echoed, uri, StringComparison.Ordinal))
        {
            throw check.Fault(ClientFault.KmsAnswerUnexpected, "another URI was looked up");
        }

        if (lookUp.Certificates.Count > 0)
        {
            _store.KeepPartnerCertificates(Partners(check, lookUp.Certificates), cacheNumber: null, isComplete: false);
        }

        if (lookUp.Services is [var preferred, ..])
        {
            _store.KeepKnownDomain(uri, preferred.KmsUri);
        }

        return lookUp.Services;
    }

    /// <summary>
    /// The certificates of other domains among some. One of the home domain is no partner's, whatever role it has: it is only
    /// heeded where it
    /// says that it is revoked.
    /// </summary>
    private List<KmsCertificate> Partners(KmsAnswerCheck check, IReadOnlyList<KmsCertificate> certificates)
    {
        List<KmsCertificate> partners = [];
        foreach (KmsCertificate certificate in certificates)
        {
            if (string.Equals(certificate.KmsUri, check.Response.KmsUri, StringComparison.Ordinal))
            {
                _ = certificate.Revoked && _store.TryRevokeRoot(certificate);
            }
            else
            {
                partners.Add(certificate.Role == KmsCertificateRole.External
                    ? certificate
                    : throw check.Fault(ClientFault.KmsCertificateUnusable, $"a Root certificate of {certificate.KmsUri}"));
            }
        }

        return partners;
    }

    private static async Task<T> OrUnknownAsync<T>(ClientFault unknown, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (WatchwordClientException e) when (e.Fault == ClientFault.KmsRefused && e.HttpStatus == 404)
        {
            throw new WatchwordClientException(unknown, e.Detail, e.CorrelationId, e) { HttpStatus = e.HttpStatus, KmsErrorCode = e.KmsErrorCode };
        }
    }
}
