using Watchword.McServices.Groups;
using Watchword.McServices.Info;

namespace Watchword.ResourceServers.GroupManagement;

/// <summary>Under which identities the members of a group take part in its services.</summary>
internal static class GroupMembers
{
    /// <summary>The MC service IDs of the members in a service.</summary>
    public static IEnumerable<string> Of(GroupDocument group, McServiceNames service) =>
        (group.Members ?? []).Select(member => service.Kind switch
        {
            McServiceKind.McVideo => member.McVideoId ?? member.Uri,
            McServiceKind.McData => member.McDataId ?? member.Uri,
            _ => member.Uri,
        });

    /// <summary>
    /// The MC service IDs that a GMK is made for: those of the services in which something is protected (TS 24.481 7.2.8), each keyed
    /// by itself. Empty for a group that needs none.
    /// </summary>
    public static IReadOnlySet<string> ToKey(GroupDocument group) => McServiceNames.All
        .Where(service => group.Supports(service) && group.Protection.NeedsGmk(service))
        .SelectMany(service => Of(group, service))
        .ToHashSet(StringComparer.Ordinal);
}
