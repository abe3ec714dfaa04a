using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>The documents of the configuration management server of this process, in the same database.</summary>
internal sealed class StoredProfileSource(ServicesTransactions transactions) : IUserProfileSource
{
    /// <inheritdoc/>
    public async Task<UserProfile?> FindAsync(
        McServiceNames service, string serviceId, int? index, CancellationToken cancellationToken)
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, service.Kind);
        if (index is < 0 or > byte.MaxValue)
        {
            return null;
        }

        string? name = index is { } selected ? usage.ProfileName(selected) : null;
        List<byte[]> documents = await transactions.ReadAsync(
            (context, cancel) => context.Set<XcapDocumentRow>().AsNoTracking()
                .Where(row => row.Auid == usage.Auid && row.Xui == serviceId && (name == null || row.Name == name))
                .Select(row => row.Content).ToListAsync(cancel),
            cancellationToken);
        IEnumerable<UserProfile> profiles = documents
            .Select(document => ProfileSelection.Read(service, serviceId, document)).OfType<UserProfile>();
        return index is null ? ProfileSelection.PreSelected(profiles) : profiles.FirstOrDefault(profile => profile.IsEnabled);
    }
}
