using Watchword.ResourceServers.Keys;

namespace Watchword.ResourceServers.Configuration;

/// <summary>The section <c>Services:Groups</c>.</summary>
public sealed class GroupManagementOptions : XcapServiceOptions
{
    /// <summary>
    /// The users in whose directories any user of the service may make groups: the <c>group-creation-XUI</c> of initial configurations
    /// (TS 24.484 7.2). His own directory needs no entry.
    /// </summary>
    public List<string> GroupCreationXuis { get; set; } = [];

    /// <summary>Whether users make groups; without it administrators do.</summary>
    public bool UsersMayCreate { get; set; } = true;

    /// <summary>The domains that identities of new groups are of, as after the at sign; empty for any.</summary>
    public List<string> GroupIdDomains { get; set; } = [];

    /// <summary>The server as the KMS knows it, under its GMS URI; null for a server that gives out no group keys.</summary>
    public EntityKeyOptions? Identity { get; set; }

    /// <summary>How long a GMK is used before another takes its place, 1 hour to 366 days; zero for as long as nobody leaves.</summary>
    public TimeSpan KeyMaximumAge { get; set; } = TimeSpan.FromDays(28);

    /// <summary>How long a GMK that was superseded by age still receives, up to 7 days.</summary>
    public TimeSpan KeyOverlap { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long the news that a GMK is revoked can be fetched, 1 to 366 days.</summary>
    public TimeSpan RevocationRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Whether members fetch group keys under <c>group-keys</c> of the XCAP root.</summary>
    public bool KeysByHttp { get; set; } = true;

    /// <summary>Whether group keys are sent in SIP MESSAGEs to members whose public user identity is known here.</summary>
    public bool KeysBySip { get; set; } = true;
}
