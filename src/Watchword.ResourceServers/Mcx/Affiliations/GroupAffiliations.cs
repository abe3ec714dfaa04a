using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>
/// Who is affiliated to what (TS 24.379 9): of clients whose binding stands, and only of those. What sends to a group asks here.
/// </summary>
internal static class GroupAffiliations
{
    /// <summary>The clients that are affiliated to a group.</summary>
    public static Task<List<AffiliationRow>> OfGroupAsync(
        DbContext context, McServiceKind service, string groupId, DateTimeOffset now, CancellationToken ct) =>
        Standing(context, service, now).Where(row => row.GroupId == groupId)
            .OrderBy(row => row.ServiceId).ThenBy(row => row.ClientId).ToListAsync(ct);

    /// <summary>All affiliations of a user, those of each of his clients.</summary>
    public static Task<List<AffiliationRow>> OfUserAsync(
        DbContext context, McServiceKind service, string serviceId, DateTimeOffset now, CancellationToken ct) =>
        Standing(context, service, now).Where(row => row.ServiceId == serviceId).ToListAsync(ct);

    /// <summary>
    /// Notes, in the transaction that authorises a client or selects another profile for it, that its groups are to be looked up.
    /// </summary>
    public static void MarkDue(BindingRow binding, DateTimeOffset now) =>
        (binding.AffiliationDueAt, binding.AffiliationAttempts) = (now, 0);

    // A binding that has expired and is not purged yet is seen no more, and neither is what depends on it.
    private static IQueryable<AffiliationRow> Standing(DbContext context, McServiceKind service, DateTimeOffset now) =>
        context.Set<AffiliationRow>().Where(row => row.Service == service && context.Set<BindingRow>().Any(
            binding => binding.Service == service && binding.ServiceId == row.ServiceId && binding.ClientId == row.ClientId
                && binding.ExpiresAt > now));
}
