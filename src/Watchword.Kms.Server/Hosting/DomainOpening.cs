using System.Diagnostics.CodeAnalysis;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The way from a configuration to open domains: the same for a start and for a check that a start would work.</summary>
internal static class DomainOpening
{
    /// <summary>Opens store, custody and domains; it never creates one. The caller disposes the result.</summary>
    /// <exception cref="KmsException">Why the KMS does not start on this data.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The result owns what was opened; a fault disposes it.")]
    public static async Task<OpenedDomains> OpenAsync(
        KmsSettings settings, TimeProvider time, IssuanceInstruments? instruments, CancellationToken cancellationToken,
        PreparationInstruments? preparing = null)
    {
        settings.Data.RequireOwnerOnly();
        KmsStore store = await KmsStore.OpenAsync(settings.Store.Database(), time, cancellationToken);
        EnvelopeCustody? custody = null;
        PreparedKeyVault? prepared = null;
        try
        {
            IReadOnlyList<DomainRecord> records = await store.FindGenerationsAsync(cancellationToken);
            Dictionary<string, DomainSettings> wanted = Match(settings, records);
            custody = await CustodySetup.OpenAsync(settings.Custody, settings.Data, settings.Store, store, cancellationToken);
            await RequireHeadAsync(settings, store, custody, cancellationToken);
            prepared = settings.Preparation is null ? null : new PreparedKeyVault(custody);
            KmsInstallation installation = await KmsInstallation.OpenAsync(
                store,
                custody,
                wanted.ToDictionary(domain => domain.Key, domain => domain.Value.Policy),
                time,
                instruments,
                prepared is null ? null : new PreparedKeySource(store, prepared, time, preparing),
                cancellationToken);
            return new OpenedDomains(store, custody, installation, wanted)
            {
                Prepared = prepared,
                Unserved = [.. records.Select(record => record.KmsUri).Except(wanted.Keys, StringComparer.Ordinal)],
            };
        }
        catch
        {
            prepared?.Dispose();
            custody?.Dispose();
            store.Dispose();
            throw;
        }
    }

    /// <summary>A log that was rewritten while no server ran is found before anything is added to it.</summary>
    private static async Task RequireHeadAsync(
        KmsSettings settings, KmsStore store, EnvelopeCustody custody, CancellationToken cancellationToken)
    {
        if (File.Exists(settings.Audit.HeadPath))
        {
            using AuditSigningKey key = await custody.OpenAuditSigningKeyAsync(cancellationToken);
            await new AuditHeadFile(settings.Audit.HeadPath).CheckAsync(store, [key.PublicKey], cancellationToken);
        }
    }

    /// <summary>The configuration of each domain of the store that is to be served, by KMS URI.</summary>
    private static Dictionary<string, DomainSettings> Match(KmsSettings settings, IReadOnlyList<DomainRecord> records)
    {
        if (records.Count == 0)
        {
            throw new KmsException(KmsError.NoDomain, settings.Store.Name);
        }

        // Both ways: a lab that took over a real domain would treat its secrets as toys.
        if (records.FirstOrDefault(record => record.IsLabData != settings.IsLab) is { } other)
        {
            throw new KmsException(KmsError.LabData, other.KmsUri);
        }

        if (settings.OnlyDomain is not { } only)
        {
            return settings.Domains.ToDictionary(domain => domain.KmsUri!);
        }

        return records.All(record => record.KmsUri == records[0].KmsUri)
            ? new Dictionary<string, DomainSettings> { [records[0].KmsUri] = only }
            : throw new KmsException(KmsError.DomainNotChosen, "Kms:Domains");
    }
}

/// <summary>What a KMS works with.</summary>
/// <param name="Store">The store.</param>
/// <param name="Custody">Custody of everything secret.</param>
/// <param name="Installation">The open domains.</param>
/// <param name="Settings">Their configuration, by KMS URI.</param>
internal sealed record OpenedDomains(
    KmsStore Store, EnvelopeCustody Custody, KmsInstallation Installation, IReadOnlyDictionary<string, DomainSettings> Settings)
    : IDisposable
{
    /// <summary>Seals what is made ahead; null if nothing is.</summary>
    public PreparedKeyVault? Prepared { get; init; }

    /// <summary>KMS URIs of domains of the store that the configuration does not name.</summary>
    public IReadOnlyList<string> Unserved { get; init; } = [];

    /// <summary>Wipes the secrets and closes the store.</summary>
    public void Dispose()
    {
        Installation.Dispose();
        Prepared?.Dispose();
        Custody.Dispose();
        Store.Dispose();
    }
}
