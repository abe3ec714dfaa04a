using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Mcx;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.ConfigurationManagement;

/// <summary>
/// Who may do what with which configuration document (TS 24.484 6.2.4, 6.3): one decision, on what the request says alone. That
/// the sender is known, and his token good, is settled before.
/// </summary>
internal static class ConfigurationAccess
{
    /// <summary>Decides.</summary>
    /// <param name="settings">The lists of those who may do more.</param>
    /// <param name="sender">Who asks; null for nobody.</param>
    /// <param name="operation">What he wants to do.</param>
    /// <param name="target">With which document.</param>
    /// <returns><see cref="ServicesError.None"/> if he may.</returns>
    public static ServicesError Judge(
        ConfigurationManagementSettings settings, Sender? sender, XcapOperation operation, XcapTarget target)
    {
        if (IsOpen(operation, target))
        {
            return ServicesError.None;
        }

        return sender switch
        {
            null => ServicesError.SenderUnknown,
            { IsAsserted: true, EntityUri: { } uri } => EntityAccess.Judge(settings, uri, operation),
            { Token: { } token } when token.Scopes.Contains(McScopes.ServicesAdministration) => ServicesError.None,
            { EntityUri: { } uri } =>
                HasScope(sender, target) ? EntityAccess.Judge(settings, uri, operation) : ServicesError.InsufficientScope,
            _ => JudgeUser(settings, sender, operation, target),
        };
    }

    /// <summary>The initial configuration is read before log-in: it says where to log in (TS 24.484 7.2).</summary>
    public static bool IsOpen(XcapOperation operation, XcapTarget target) =>
        operation == XcapOperation.Read && !target.Usage.NeedsToken;

    /// <summary>The services whose scope opens a usage.</summary>
    public static IEnumerable<McService> ServicesOf(ApplicationUsage usage) =>
        usage.Service is { } service ? [ServiceKinds.ToIdentity(service.Kind)] : AnnexB.Services;

    private static ServicesError JudgeUser(
        ConfigurationManagementSettings settings, Sender sender, XcapOperation operation, XcapTarget target)
    {
        McService[] open = [.. ServicesOf(target.Usage).Where(service =>
            sender.Token!.HasScope(service, McResource.ConfigurationManagement)
                && sender.Token.GetMcServiceId(service) is not null)];
        if (open.Length == 0)
        {
            return ServicesError.InsufficientScope;
        }

        if (target.Document.Xui is { } xui && !open.Any(service => string.Equals(
            sender.Token!.GetMcServiceId(service), xui, StringComparison.Ordinal)))
        {
            return ServicesError.OtherUser;
        }

        bool mayWrite = target.Document.Xui is not null && settings.UsersMayWrite.Contains(target.Usage.Auid);
        return operation == XcapOperation.Read || mayWrite ? ServicesError.None : ServicesError.WriteNotAllowed;
    }

    private static bool HasScope(Sender sender, XcapTarget target) =>
        ServicesOf(target.Usage).Any(service => sender.Token!.HasScope(service, McResource.ConfigurationManagement));
}
