namespace Watchword.Kms;

/// <summary>That a client holds the KMS certificate of a generation: it was given it, or said so.</summary>
/// <param name="KmsUri">The security domain.</param>
/// <param name="Issuer">Who vouched for the requester.</param>
/// <param name="Subject">The requester.</param>
/// <param name="ClientId">Which of his clients; empty if it does not say.</param>
/// <param name="Generation">The newest generation whose KMS certificate it holds.</param>
public sealed record CertificateDelivery(string KmsUri, string Issuer, string Subject, string ClientId, int Generation);

/// <summary>How far the KMS certificate of a generation has come.</summary>
/// <param name="Requesters">Requesters who were keyed lately.</param>
/// <param name="Holding">Those of them of whom every client seen lately holds it.</param>
public sealed record GenerationShare(long Requesters, long Holding);

/// <summary>Which clients hold which KMS certificates.</summary>
public interface ICertificateDeliveryStore
{
    /// <summary>Records that a client was seen, and what it holds. A client never holds less than before: one that comes with an
    /// old certificate may be a copy of it.</summary>
    Task RecordDeliveryAsync(CertificateDelivery delivery, CancellationToken cancellationToken = default);

    /// <summary>
    /// How many of the requesters who were keyed since period <paramref name="sincePeriod"/> of generation
    /// <paramref name="current"/>
    /// hold the KMS certificate of <paramref name="generation"/> or a later one.
    /// </summary>
    Task<GenerationShare> MeasureShareAsync(
        string kmsUri, int generation, int current, long sincePeriod, DateTimeOffset seenSince,
        CancellationToken cancellationToken = default);

    /// <summary>How many identities have keys of a generation, of period <paramref name="sincePeriod"/> or later.</summary>
    Task<long> CountKeyedIdentitiesAsync(
        string kmsUri, int generation, long sincePeriod, CancellationToken cancellationToken = default);
}
