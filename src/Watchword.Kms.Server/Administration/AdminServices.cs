using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>The engine's classes for administrative acts over the store of this server; usable once it has started.</summary>
internal sealed class AdminServices(KmsState state, PartnerServices partners, TimeProvider time)
{
    public IKmsStore Store => state.Store;

    public EnvelopeCustody Custody => state.Custody;

    public TimeProvider Time => time;

    public PartnerServices Partners => partners;

    public GenerationActs Generations(bool isDryRun = false) => new(state.Store, state.Custody, time) { IsDryRun = isDryRun };

    public TransportKeyDirectory Clients(bool isDryRun = false) => isDryRun ? state.TransportKeysForDryRun : state.TransportKeys;

    public PartnerDirectory Directory(bool isDryRun = false) => isDryRun ? partners.DirectoryForDryRun : partners.Directory;

    /// <summary>The domain that the path names.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.UnknownDomain"/> if this node does not serve it.</exception>
    public ServedDomain Domain(HttpContext context)
    {
        string? kmsUri = AdminGuard.KmsUriOf(context);
        return state.Domains.FirstOrDefault(domain => domain.KmsUri == kmsUri) ?? throw new KmsException(KmsError.UnknownDomain);
    }

    /// <summary>Requesters of a domain who were keyed lately.</summary>
    public async Task<long> CountRequestersAsync(ServedDomain domain, CancellationToken cancellationToken) =>
        domain.Issuer.Domain.Generations.At(time.GetUtcNow()) is { } current
            ? (await Generations().MeasureAsync(domain.KmsUri, current.Number, cancellationToken)).Share.Requesters
            : 0;
}
