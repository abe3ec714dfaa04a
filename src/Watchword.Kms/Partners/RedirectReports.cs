using System.Text;
using Watchword.KeyManagement;

namespace Watchword.Kms;

/// <summary>
/// KMS redirect responses that clients hand to their home KMS (TS 33.180 5.2.8, D.2.8). Nothing in one is believed: the answer
/// holds certificates of approved partners only, and a KMS that is none is put on a list for the crypto officer.
/// </summary>
public sealed class RedirectReports
{
    /// <summary>Most redirect responses of one request, embedded ones included.</summary>
    public const int MaxResponses = 16;

    /// <summary>Most KMSs that the responses of one request may propose.</summary>
    public const int MaxProposed = 32;

    /// <summary>Most octets of the responses of one request.</summary>
    public const int MaxOctets = 48 * 1024;

    private readonly IKmsStore _store;
    private readonly PartnerCertificates _certificates;
    private readonly RedirectLimits _limits;
    private readonly TimeProvider _time;

    /// <summary>Reports into a store, for all its domains.</summary>
    public RedirectReports(IKmsStore store, PartnerCertificates certificates, RedirectLimits limits, TimeProvider time)
    {
        _store = store;
        _certificates = certificates;
        _limits = limits;
        _time = time;
    }

    /// <summary>Keeps what a requester reports.</summary>
    /// <param name="domain">The domain it is handed to.</param>
    /// <param name="requester">Who hands it in.</param>
    /// <param name="responses">The redirect responses.</param>
    /// <param name="correlationId">Ties audit, log and answer together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The certificates of those proposed KMSs that are approved partners.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.MalformedRedirectResponse"/> if there is none, or more than is taken;
    /// <see cref="KmsError.StoreUnavailable"/>.</exception>
    public async Task<PartnerAnswer> ReportAsync(
        string domain, Requester requester, IReadOnlyList<KmsRedirectResponse> responses, string correlationId,
        CancellationToken cancellationToken = default)
    {
        string[] proposed = ProposedBy(responses);
        PartnerList list = await _certificates.GetAsync(domain, cancellationToken).ConfigureAwait(false);
        HashSet<string> known = [.. list.Usable.Select(listed => listed.Record.KmsUri), domain];
        DateTimeOffset now = _time.GetStoreTime();
        RedirectReport[] reports = [.. responses.Select(
            response => new RedirectReport(domain, requester.Issuer, requester.Subject, now, response.Octets))];
        Authority by = new(requester.Issuer, requester.Subject, "client");
        await _store.RecordRedirectsAsync(
            reports, [.. proposed.Where(kmsUri => !known.Contains(kmsUri))], _limits,
            PartnerAudit.Entry(by, domain, userUri: null, PartnerAudit.Redirect, correlationId), cancellationToken)
            .ConfigureAwait(false);
        return list.Answer(listed => proposed.Contains(listed.Record.KmsUri));
    }

    /// <summary>The reports that are kept of a domain, the oldest first.</summary>
    public Task<IReadOnlyList<RedirectReport>> ListAsync(string domain, CancellationToken cancellationToken = default) =>
        _store.FindRedirectsAsync(domain, cancellationToken);

    /// <summary>The KMSs that were proposed to a domain and are no partners, the one seen last first.</summary>
    public Task<IReadOnlyList<ProposedKms>> ListProposedAsync(string domain, CancellationToken cancellationToken = default) =>
        _store.FindProposedAsync(domain, cancellationToken);

    /// <summary>Strikes a KMS off the list of the proposed.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.PartnerUnknown"/> if it is not on the list.</exception>
    public Task DismissAsync(
        Authority by, string domain, string kmsUri, string correlationId, CancellationToken cancellationToken = default) =>
        _store.DismissProposedAsync(
            domain, kmsUri, PartnerAudit.Entry(by, domain, userUri: null, $"{PartnerAudit.Dismiss} {kmsUri}", correlationId),
            cancellationToken);

    /// <summary>What the responses propose, each once. A response that proposes nothing is a report all the same.</summary>
    private static string[] ProposedBy(IReadOnlyList<KmsRedirectResponse> responses)
    {
        KmsRedirectResponse[] all = [.. responses.SelectMany(Unfold).Take(MaxResponses + 1)];
        string[] proposed = [.. responses.SelectMany(response => response.ProposedKmsUris).Distinct(StringComparer.Ordinal)];
        return all.Length is > 0 and <= MaxResponses && proposed.Length <= MaxProposed
            && proposed.All(kmsUri => Encoding.UTF8.GetByteCount(kmsUri) <= DomainDescription.MaxKmsUriOctets)
            && responses.Sum(response => response.Octets.Length) <= MaxOctets
            ? proposed
            : throw new KmsException(KmsError.MalformedRedirectResponse);
    }

    /// <summary>A response and those that it narrows down. Only the outermost proposes: it says what is left of the
    /// others.</summary>
    private static IEnumerable<KmsRedirectResponse> Unfold(KmsRedirectResponse response)
    {
        for (KmsRedirectResponse? one = response; one is not null; one = one.Embedded)
        {
            yield return one;
        }
    }
}
