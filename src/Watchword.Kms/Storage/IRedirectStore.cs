using Watchword.KeyManagement.Audit;

namespace Watchword.Kms;

/// <summary>A KMS redirect response that a requester handed in (TS 33.180 D.2.8).</summary>
/// <param name="Domain">KMS URI of the domain it was handed to.</param>
/// <param name="Issuer">Who vouches for the requester.</param>
/// <param name="Subject">The requester.</param>
/// <param name="Time">When, in whole milliseconds.</param>
/// <param name="Content">The element as it came, nothing of it believed.</param>
public sealed record RedirectReport(
    string Domain, string Issuer, string Subject, DateTimeOffset Time, ReadOnlyMemory<byte> Content);

/// <summary>A KMS that redirect responses propose and that is no partner: for the crypto officer to look at.</summary>
/// <param name="KmsUri">What they propose.</param>
/// <param name="FirstSeen">When first.</param>
/// <param name="LastSeen">When last.</param>
/// <param name="Count">In how many reports.</param>
public sealed record ProposedKms(string KmsUri, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Count);

/// <summary>How much of redirect responses is kept. What is oldest gives way.</summary>
/// <param name="PerRequester">Reports of one requester.</param>
/// <param name="PerDomain">Reports of a domain.</param>
/// <param name="ProposedPerDomain">Proposed KMSs of a domain.</param>
public sealed record RedirectLimits(int PerRequester, int PerDomain, int ProposedPerDomain);

/// <summary>What clients reported of calls that were redirected to another KMS.</summary>
public interface IRedirectStore
{
    /// <summary>Keeps reports and the KMSs that they propose, within the limits.</summary>
    Task RecordRedirectsAsync(
        IReadOnlyList<RedirectReport> reports, IReadOnlyList<string> proposed, RedirectLimits limits, AuditEntry entry,
        CancellationToken cancellationToken = default);

    /// <summary>The reports that are kept of a domain, the oldest first.</summary>
    Task<IReadOnlyList<RedirectReport>> FindRedirectsAsync(string domain, CancellationToken cancellationToken = default);

    /// <summary>The KMSs that were proposed to a domain, the one seen last first.</summary>
    Task<IReadOnlyList<ProposedKms>> FindProposedAsync(string domain, CancellationToken cancellationToken = default);

    /// <summary>Strikes a KMS off the list: an officer has looked at it.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.PartnerUnknown"/> if it is not on the list.</exception>
    Task DismissProposedAsync(
        string domain, string kmsUri, AuditEntry entry, CancellationToken cancellationToken = default);
}
