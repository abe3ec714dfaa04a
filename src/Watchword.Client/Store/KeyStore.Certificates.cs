using Watchword.KeyManagement;

namespace Watchword.Client;

/// <content>Generations of the home domain's certificate, and certificates of partner domains (TS 33.180 5.3.1, D.3.2).</content>
public sealed partial class KeyStore
{
    private const int MaxKnownDomains = 1000;
    private const int MaxHeldCertificates = 8;

    /// <summary>The certificates of partner domains that the home KMS gave, also those that are revoked or have ended.</summary>
    public IReadOnlyList<KmsCertificate> PartnerCertificates =>
        Locked(c => (IReadOnlyList<KmsCertificate>)[.. c.PartnerCertificates.Select(s => s.Certificate)]);

    /// <summary>The number of the certificate cache that was last taken over (D.2.5); null before the first.</summary>
    public long? PartnerCacheNumber => Locked(c => c.PartnerCacheNumber);

    /// <summary>
    /// The certificate that the home KMS announced as its next one (<c>w:NextKmsCertificate</c>); null if there is none.
    /// </summary>
    public KmsCertificate? NextCertificate => Locked(c => c.Certificates.LastOrDefault(s => s.IsAnnounced)?.Certificate);

    /// <summary>
    /// The KMS that keys a user, as far as it is known without a question: the home KMS where its certificate names the host of
    /// the URI, else what a lookup said (TS 33.180 D.2.7).
    /// </summary>
    /// <param name="uri">The user.</param>
    /// <param name="maxAge">How old the answer to a lookup may be.</param>
    /// <returns>Its KMS URI; null where the home KMS is to be asked, with <see cref="KmClient.LookUpAsync"/>.</returns>
    public string? FindDomainOf(string uri, TimeSpan maxAge)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        return RootCertificate is { } home && ReceiverDomain.IsOf(home, uri) ? home.KmsUri : FindKnownDomain(uri, maxAge);
    }

    /// <summary>The newest certificate that the home KMS gave as its own.</summary>
    internal StoredCertificate? Root => Locked(c => c.Root);

    /// <summary>
    /// The generation of the home domain that counts at a time: the one that the KMS gave last, unless an announced one has begun
    /// since; for an earlier time the newest that was valid then. Null if none is valid.
    /// </summary>
    internal StoredCertificate? RootAt(DateTimeOffset at)
    {
        lock (_gate)
        {
            StoredCertificate? current = _content.Root;
            DateTimeOffset currentFrom = current?.Certificate.ValidFrom ?? DateTimeOffset.MinValue;
            StoredCertificate? begun = _content.Certificates
                .Where(c => c.IsAnnounced && c.Certificate.ValidFrom > currentFrom && c.Certificate.IsUsableAt(at))
                .MaxBy(c => c.Certificate.ValidFrom);
            return begun
                ?? (current?.Certificate.IsUsableAt(at) == true
                    ? current
                    : _content.Certificates.LastOrDefault(c => IsHome(c) && !c.IsAnnounced && c.Certificate.IsUsableAt(at)));
        }
    }

    /// <summary>When the announced generation begins to count, if that is after a time.</summary>
    internal DateTimeOffset? NextGenerationAfter(DateTimeOffset at) => Locked(c => c.Certificates
        .Where(s => s.IsAnnounced && !s.Certificate.Revoked && s.Certificate.ValidFrom > at)
        .Min(s => s.Certificate.ValidFrom));

    /// <summary>The generations of the home domain, newest first.</summary>
    internal IReadOnlyList<StoredCertificate> Roots => Locked(c => (IReadOnlyList<StoredCertificate>)[.. c.Certificates.Where(IsHome).Reverse()]);

    /// <summary>The certificates of a security domain, home or partner, newest first.</summary>
    internal IReadOnlyList<StoredCertificate> CertificatesOf(string kmsUri) => Locked(c => (IReadOnlyList<StoredCertificate>)
    [
        .. c.Certificates.Concat(IsBoundTo(c, kmsUri) ? [] : c.PartnerCertificates)
            .Where(s => string.Equals(s.Certificate.KmsUri, kmsUri, StringComparison.Ordinal)).Reverse(),
    ]);

    /// <summary>Keeps a Root certificate; true if it has other keys than the newest one before.</summary>
    /// <param name="certificate">What a KmsInit gave as the KMS's own.</param>
    /// <param name="announced">The certificates to come that were in the same KmsInit; those announced before and not again are
    /// forgotten.</param>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.KmsUriMismatch"/>, <see cref="ClientFault.StoreNotWritten"/>.</exception>
    internal bool KeepRootCertificate(KmsCertificate certificate, IReadOnlyList<KmsCertificate>? announced = null)
    {
        lock (_gate)
        {
            if (_content.KmsUri is not null && !string.Equals(_content.KmsUri, certificate.KmsUri, StringComparison.Ordinal))
            {
                throw new WatchwordClientException(ClientFault.KmsUriMismatch, $"bound to {_content.KmsUri}");
            }

            StoredCertificate stored = new(certificate, _time.GetUtcNow());
            StoredCertificate? before = _content.Root;
            // A key set's fingerprint covers the keys only: a renewed certificate with the same keys replaces the older one.
            _ = _content.Certificates.RemoveAll(c => c.HasKeysOf(stored) || (c.IsAnnounced && !IsInUse(c)));
            _content.Certificates.Add(stored);
            _content.KmsUri = certificate.KmsUri;
            foreach (KmsCertificate next in announced ?? [])
            {
                KeepAnnounced(new StoredCertificate(next, _time.GetUtcNow()) { IsAnnounced = true });
            }

            Save();
            return before is not null && !before.HasKeysOf(stored);
        }
    }

    /// <summary>
    /// Marks a generation of the home domain that the KMS calls revoked: its keys are not used any more. False if it is not held.
    /// </summary>
    internal bool TryRevokeRoot(KmsCertificate revoked)
    {
        lock (_gate)
        {
            StoredCertificate stored = new(revoked, _time.GetUtcNow());
            int index = _content.Certificates.FindIndex(c => c.HasKeysOf(stored));
            if (index < 0 || !IsBoundTo(_content, revoked.KmsUri))
            {
                return false;
            }

            if (!_content.Certificates[index].Certificate.Revoked)
            {
                stored.IsAnnounced = _content.Certificates[index].IsAnnounced;
                _content.Certificates[index] = stored;
                Save();
            }

            return true;
        }
    }

    /// <summary>The certificates to tell the home KMS of: its own generations that are held.</summary>
    internal IReadOnlyList<HeldCertificate> HeldCertificates() =>
        [.. Roots.Take(MaxHeldCertificates).Select(c => new HeldCertificate(c.Certificate.KmsUri, c.Certificate.ComputeFingerprint()))];

    /// <summary>
    /// Takes over certificates of partner domains; the newest of each domain replaces those with the same keys.
    /// </summary>
    /// <param name="certificates">What the home KMS gave.</param>
    /// <param name="cacheNumber">The number of the cache; null if they are single ones.</param>
    /// <param name="isComplete">True if partners that are not among them are partners no more.</param>
    internal void KeepPartnerCertificates(IReadOnlyList<KmsCertificate> certificates, long? cacheNumber, bool isComplete) => Change(content =>
    {
        if (isComplete)
        {
            content.PartnerCertificates.Clear();
        }

        foreach (KmsCertificate certificate in certificates)
        {
            StoredCertificate stored = new(certificate, _time.GetUtcNow());
            _ = content.PartnerCertificates.RemoveAll(c => c.HasKeysOf(stored));
            content.PartnerCertificates.Add(stored);
        }

        content.PartnerCacheNumber = cacheNumber ?? content.PartnerCacheNumber;
    });

    /// <summary>Notes which domain the KMS said that a URI belongs to.</summary>
    internal void KeepKnownDomain(string uri, string kmsUri) => Change(content =>
    {
        _ = content.KnownDomains.RemoveAll(d => string.Equals(d.Uri, uri, StringComparison.Ordinal));
        content.KnownDomains.Add(new KnownDomain(uri, kmsUri, _time.GetUtcNow()));
        if (content.KnownDomains.Count > MaxKnownDomains)
        {
            content.KnownDomains.RemoveRange(0, content.KnownDomains.Count - MaxKnownDomains);
        }
    });

    /// <summary>What the KMS said of a URI, if it is no older than <paramref name="maxAge"/>.</summary>
    internal string? FindKnownDomain(string uri, TimeSpan maxAge)
    {
        DateTimeOffset oldest = _time.GetUtcNow() - maxAge;
        return Locked(c => c.KnownDomains.Find(d => string.Equals(d.Uri, uri, StringComparison.Ordinal) && d.At >= oldest)?.KmsUri);
    }

    private void KeepAnnounced(StoredCertificate announced)
    {
        if (!_content.Certificates.Exists(c => c.HasKeysOf(announced) && !c.IsAnnounced))
        {
            _ = _content.Certificates.RemoveAll(c => c.HasKeysOf(announced));
            _content.Certificates.Add(announced);
        }
    }

    private bool IsInUse(StoredCertificate certificate) => _content.KeySets.Exists(k => k.Info.Certificate.SequenceEqual(certificate.Fingerprint));

    private static bool IsHome(StoredCertificate certificate) => certificate.Certificate.Role == KmsCertificateRole.Root;

    private static bool IsBoundTo(StoreContent content, string kmsUri) => string.Equals(content.KmsUri, kmsUri, StringComparison.Ordinal);
}
