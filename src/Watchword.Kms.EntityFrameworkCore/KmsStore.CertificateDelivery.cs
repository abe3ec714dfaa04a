using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

public sealed partial class KmsStore
{
    /// <summary>Of how many clients of a requester it is kept what they hold: their names are whatever he sends.</summary>
    private const int MostClients = 32;

    /// <inheritdoc/>
    public Task RecordDeliveryAsync(CertificateDelivery delivery, CancellationToken cancellationToken = default) =>
        ActAsync(
            async context =>
            {
                long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
                List<CertificateDeliveryRow> known = await context.CertificateDeliveries.Where(
                    row => row.KmsUri == delivery.KmsUri && row.Issuer == delivery.Issuer && row.Subject == delivery.Subject)
                    .OrderByDescending(row => row.SeenAt).ThenBy(row => row.ClientId).ToListAsync(CancellationToken.None);
                CertificateDeliveryRow? row = known.Find(row => row.ClientId == delivery.ClientId);
                if (row is null)
                {
                    context.CertificateDeliveries.RemoveRange(known.Skip(MostClients - 1));
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
