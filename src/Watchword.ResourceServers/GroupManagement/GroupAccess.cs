using Watchword.Identity;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Mcx;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement;

/// <summary>
/// Who may do what with a group document (TS 24.481 6.2, 6.3): one decision in two steps, first on what the request says, then on the
/// group as it is. That the sender is known, and his token good, is settled before.
/// </summary>
internal static class GroupAccess
{
    /// <summary>Decides on what the request says alone.</summary>
    public static ServicesError Judge(
        GroupManagementSettings settings, Sender? sender, XcapOperation operation, XcapTarget target) => sender switch
    {
        null => ServicesError.SenderUnknown,
        { IsAsserted: true, EntityUri: { } uri } => EntityAccess.Judge(settings, uri, operation),
        { Token: { } token } when token.Scopes.Contains(McScopes.ServicesAdministration) => ServicesError.None,
        { EntityUri: { } uri } => AnnexB.Services.Any(service => sender.Token!.HasScope(service, McResource.GroupManagement))
            ? EntityAccess.Judge(settings, uri, operation)
            : ServicesError.InsufficientScope,
        _ => JudgeUser(settings, sender, operation, target),
    };

    /// <summary>Decides on the group, for one whom the first step let pass.</summary>
    /// <param name="settings">The lists of those who may do more.</param>
    /// <param name="sender">Who asks.</param>
    /// <param name="operation">What he wants to do.</param>
    /// <param name="target">With which document.</param>
    /// <param name="group">The group; null if there is none.</param>
    public static ServicesError Judge(
        GroupManagementSettings settings, Sender sender, XcapOperation operation, XcapTarget target, GroupDocument? group)
    {
        if (IsTrusted(settings, sender) || (group is null && operation != XcapOperation.Write))
        {
            return ServicesError.None;
        }

        if (group is null)
        {
            // A user makes groups in a directory; by its identity only an administrator makes one.
            return settings.UsersMayCreate && target.Document.Xui is not null ? ServicesError.None : ServicesError.WriteNotAllowed;
        }

        (McServiceNames Service, string Id)[] identities = [.. IdentitiesOf(sender, group)];
        if (identities.Length == 0)
        {
            return ServicesError.InsufficientScope;
        }

        if (identities.Any(identity => group.MayAdminister(identity.Id)))
        {
            return ServicesError.None;
        }

        bool isMember = identities.Any(identity => GroupMembers.Of(group, identity.Service).Contains(identity.Id));
        return !isMember ? ServicesError.NotOfTheGroup
            : operation == XcapOperation.Read ? ServicesError.None
            : ServicesError.WriteNotAllowed;
    }

    /// <summary>Whether somebody who may read the document may also read who is in the group (TS 24.481 7.2.12.1).</summary>
    public static bool MayReadMembers(GroupManagementSettings settings, Sender sender, GroupDocument group) =>
        IsTrusted(settings, sender) || IdentitiesOf(sender, group).Any(identity => group.MayReadMembers(identity.Id));

    /// <summary>The network's own: an MC server or an administrator, whom the first step has judged.</summary>
    public static bool IsTrusted(GroupManagementSettings settings, Sender sender) =>
        (sender.EntityUri is { } uri && (settings.AuthorisedServers.Contains(uri) || settings.Administrators.Contains(uri)))
        || sender.Token?.Scopes.Contains(McScopes.ServicesAdministration) == true;

    /// <summary>The identities that a user has with the scope of this server, for every service.</summary>
    public static IEnumerable<(McServiceNames Service, string Id)> IdentitiesOf(Sender sender) => sender.Token is not { } token ? []
        : McServiceNames.All
            .Where(service => token.HasScope(ServiceKinds.ToIdentity(service.Kind), McResource.GroupManagement))
            .Select(service => (service, token.GetMcServiceId(ServiceKinds.ToIdentity(service.Kind))))
            .Where(identity => identity.Item2 is not null)
            .Select(identity => (identity.service, identity.Item2!));

    /// <summary>The same, for the services of a group.</summary>
    private static IEnumerable<(McServiceNames Service, string Id)> IdentitiesOf(Sender sender, GroupDocument group) =>
        IdentitiesOf(sender).Where(identity => group.Supports(identity.Service));

    private static ServicesError JudgeUser(
        GroupManagementSettings settings, Sender sender, XcapOperation operation, XcapTarget target)
    {
        (McServiceNames Service, string Id)[] identities = [.. IdentitiesOf(sender)];
        if (identities.Length == 0)
        {
            return ServicesError.InsufficientScope;
        }

        bool isHis = target.Document.Xui is not { } xui || identities.Any(identity => identity.Id == xui)
            || settings.GroupCreationXuis.Contains(xui);
        return isHis || operation == XcapOperation.Read ? ServicesError.None : ServicesError.OtherUser;
    }
}
