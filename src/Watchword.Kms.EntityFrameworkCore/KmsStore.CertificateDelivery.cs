using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <inheritdoc/>
    public Task RecordDeliveryAsync(CertificateDelivery delivery, CancellationToken cancellationToken = default) =>
        ActAsync(
            async context =>
            {
                long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
                CertificateDeliveryRow? row = await context.CertificateDeliveries.SingleOrDefaultAsync(
                    row => row.KmsUri == delivery.KmsUri && row.Issuer == delivery.Issuer && row.Subject == delivery.Subject
                        && row.ClientId == delivery.ClientId,
                    CancellationToken.None);
                if (row is null)
                {
                    context.CertificateDeliveries.Add(new CertificateDeliveryRow
                    {
                        KmsUri = delivery.KmsUri,
                        Issuer = delivery.Issuer,
                        Subject = delivery.Subject,
                        ClientId = delivery.ClientId,
                        Generation = delivery.Generation,
                        SeenAt = now,
                    });
                    return;
                }

                row.Generation = Math.Max(row.Generation, delivery.Generation);
                row.SeenAt = Math.Max(row.SeenAt, now);
            },
            [],
            cancellationToken);

    /// <inheritdoc/>
    public Task<GenerationShare> MeasureShareAsync(
        string kmsUri, int generation, int current, long sincePeriod, DateTimeOffset seenSince,
        CancellationToken cancellationToken = default) =>
        ReadAsync(async context =>
        {
            long since = seenSince.ToUnixTimeMilliseconds();
            var requesters = context.Issuances
                .Where(row => row.KmsUri == kmsUri && row.Generation == current && row.PeriodNumber >= sincePeriod)
                .Select(row => new { row.Issuer, row.Subject }).Distinct();
            IQueryable<CertificateDeliveryRow> seen = context.CertificateDeliveries
                .Where(row => row.KmsUri == kmsUri && row.SeenAt >= since);
            long all = await requesters.LongCountAsync(cancellationToken);
            long holding = await requesters.LongCountAsync(
                requester => seen.Any(row =>
                        row.Issuer == requester.Issuer && row.Subject == requester.Subject && row.Generation >= generation)
                    && !seen.Any(row =>
                        row.Issuer == requester.Issuer && row.Subject == requester.Subject && row.Generation < generation),
                cancellationToken);
            return new GenerationShare(all, holding);
        });

    /// <inheritdoc/>
    public Task<long> CountKeyedIdentitiesAsync(
        string kmsUri, int generation, long sincePeriod, CancellationToken cancellationToken = default) =>
        ReadAsync(context => context.Issuances
            .Where(row => row.KmsUri == kmsUri && row.Generation == generation && row.PeriodNumber >= sincePeriod)
            .Select(row => row.UserUri).Distinct().LongCountAsync(cancellationToken));
}
