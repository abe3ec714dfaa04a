using Watchword.Identity;
using Watchword.McServices.Configuration;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.ConfigurationManagement;

/// <summary>The documents of the configuration management server (TS 24.484 7 to 10).</summary>
internal sealed class ConfigurationRealm(ConfigurationManagementSettings settings) : XcapRealm(settings), IDisposable
{
    /// <summary>In whose directory the initial configurations are that stand in for one that is not there.</summary>
    public const string DefaultUser = "default";

    private readonly OpenReadLimit _openReads = new(settings.OpenReadsPerMinute, settings.OpenReadsPerUePerMinute);

    /// <inheritdoc/>
    public override IReadOnlyList<ApplicationUsage> Usages => ApplicationUsage.Configurations;

    /// <inheritdoc/>
    public override bool IsOpen(XcapOperation operation, XcapTarget target) => ConfigurationAccess.IsOpen(operation, target);

    /// <inheritdoc/>
    public override bool TryAdmit(XcapTarget target) => _openReads.TryTake(target.Document.Xui ?? string.Empty);

    /// <inheritdoc/>
    public override ServicesError Judge(XcapAct act) =>
        ConfigurationAccess.Judge(settings, act.Sender, act.Operation, act.Target);

    /// <inheritdoc/>
    public override string ScopesFor(ApplicationUsage usage) => string.Join(
        ' ', ConfigurationAccess.ServicesOf(usage).Select(service => McScopes.For(service, McResource.ConfigurationManagement)));

    /// <summary>
    /// A UE that nobody has prepared anything for gets the initial configuration of the host that it asked, or the one for all.
    /// </summary>
    public override IEnumerable<DocumentKey> Substitutes(XcapAct act) =>
        act is { Operation: XcapOperation.Read, Target.Usage.NeedsToken: false }
        ? [new(act.Target.Usage.Auid, DefaultUser, act.Host), new(act.Target.Usage.Auid, DefaultUser, DefaultUser)]
        : [];

    /// <inheritdoc/>
    public void Dispose() => _openReads.Dispose();
}
