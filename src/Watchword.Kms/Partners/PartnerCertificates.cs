using System.Collections.Concurrent;

namespace Watchword.Kms;

/// <summary>
/// The partner certificates of domains as clients get them (TS 33.180 D.2.5, D.2.6), under a number that changes with every
/// change of the list: an approval, a replacement, a revocation, and the passing of time, which is written to the store when it
/// is first noticed, so that every node gives the same list under the same number and the number never goes back.
/// </summary>
public sealed class PartnerCertificates
{
    private readonly IKmsStore _store;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, PartnerList> _lists = new(StringComparer.Ordinal);

    /// <summary>The certificates of a store, for all its domains.</summary>
    public PartnerCertificates(IKmsStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>The list of a domain now.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreUnavailable"/>;
    /// <see cref="KmsError.ClockBehindAudit"/>.</exception>
    public async Task<PartnerList> GetAsync(string domain, CancellationToken cancellationToken = default)
    {
        PartnerCacheVersion version = await CurrentAsync(domain, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            if (_lists.TryGetValue(domain, out PartnerList? known) && known.Version == version)
            {
                return known;
            }

            IReadOnlyList<PartnerRecord> records =
                await _store.FindPartnersAsync(domain, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<DomainRecord> generations = records.Any(record => record.IsLinked)
                ? await _store.FindGenerationsAsync(cancellationToken).ConfigureAwait(false)
                : [];
            PartnerCacheVersion after = await CurrentAsync(domain, cancellationToken).ConfigureAwait(false);
            if (after == version)
            {
                // Every change of these rows changes the version in its own transaction, so what was read in between is of this
                // one.
                return _lists[domain] = PartnerList.Make(version, records, generations);
            }

            version = after;
        }
    }

    /// <summary>The certificates to answer a client that holds a version of the list.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="held">The number that the client holds; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The whole list; no certificate if the client holds its number.</returns>
    public async Task<PartnerAnswer> SinceAsync(string domain, long? held, CancellationToken cancellationToken = default)
    {
        PartnerList list = await GetAsync(domain, cancellationToken).ConfigureAwait(false);
        return list.Answer(_ => held != list.Version.Number);
    }

    /// <summary>The certificates of one partner, a revoked one marked as such.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.PartnerUnknown"/>; <see cref="KmsError.PartnerExpired"/>.</exception>
    public async Task<PartnerAnswer> OfAsync(string domain, string kmsUri, CancellationToken cancellationToken = default)
    {
        PartnerList list = await GetAsync(domain, cancellationToken).ConfigureAwait(false);
        PartnerAnswer found = list.Answer(listed => listed.Record.KmsUri == kmsUri);
        if (found.Current.Count + found.Next.Count > 0)
        {
            return found;
        }

        bool wasGiven = list.Partners.Any(record =>
            record.KmsUri == kmsUri && record.State is not (PartnerState.Pending or PartnerState.Rejected));
        throw new KmsException(wasGiven ? KmsError.PartnerExpired : KmsError.PartnerUnknown);
    }

    /// <summary>The migration KMSs of a domain's users that may be used now (TS 33.180 5.3.1.2).</summary>
    public async Task<IReadOnlyList<PartnerRecord>> MigrationAsync(string domain, CancellationToken cancellationToken = default)
    {
        PartnerList list = await GetAsync(domain, cancellationToken).ConfigureAwait(false);
        return [.. list.Usable.Select(listed => listed.Record).Where(record => record.Kind == PartnerKind.Migration)];
    }

    private async Task<PartnerCacheVersion> CurrentAsync(string domain, CancellationToken cancellationToken)
    {
        PartnerCacheVersion version = await _store.GetPartnerCacheAsync(domain, cancellationToken).ConfigureAwait(false);
        while (version.NextChange is { } next && next <= _time.GetUtcNow())
        {
            version = await _store.AdvancePartnerCacheAsync(
                domain, version, PartnerAudit.OfTime(domain), cancellationToken).ConfigureAwait(false);
        }

        return version;
    }
}
