using System.Collections.Frozen;
using Watchword.Hosting;
using Watchword.Identity;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.Keys;

namespace Watchword.ResourceServers.Configuration;

/// <summary>The group management server, checked.</summary>
public sealed class GroupManagementSettings : XcapServiceSettings
{
    private const string Section = "Services:Groups";
    private static readonly TimeSpan Year = TimeSpan.FromDays(366);

    private GroupManagementSettings(GroupManagementOptions options, ConfigurationFaults faults)
        : base(options, McResource.GroupManagement, Section, faults)
    {
        GroupCreationXuis = options.GroupCreationXuis.ToFrozenSet(StringComparer.Ordinal);
        if (options.GroupCreationXuis.Any(xui => !McServiceId.IsValid(xui)))
        {
            faults.Add($"{Section}:GroupCreationXuis", "has something that is no URI", "write the group-creation-XUI, a sip: URI");
        }

        UsersMayCreate = options.UsersMayCreate;
        GroupIdDomains = [.. options.GroupIdDomains];
        if (options.GroupIdDomains.Any(domain => Uri.CheckHostName(domain) == UriHostNameType.Unknown))
        {
            faults.Add($"{Section}:GroupIdDomains", "has something that is no host name", "write such as groups.example.org");
        }

        Identity = options.Identity is { } identity ? EntityKeySettings.Check(identity, $"{Section}:Identity", faults) : null;
        bool isAgeless = options.KeyMaximumAge == TimeSpan.Zero;
        Life = new GroupKeyLife
        {
            MaximumAge = isAgeless ? null : Within(options.KeyMaximumAge, TimeSpan.FromHours(1), Year, "KeyMaximumAge", faults),
            Overlap = Within(options.KeyOverlap, TimeSpan.Zero, TimeSpan.FromDays(7), "KeyOverlap", faults),
            RevocationRetention = Within(options.RevocationRetention, TimeSpan.FromDays(1), Year, "RevocationRetention", faults),
        };
        KeysByHttp = options.KeysByHttp;
        KeysBySip = options.KeysBySip;
        if (Identity is not null && !KeysByHttp && !KeysBySip)
        {
            faults.Add($"{Section}:KeysByHttp", "is off, and KeysBySip too", "switch one on: members get their keys no other way");
        }
    }

    /// <summary>Whether users make groups.</summary>
    public bool UsersMayCreate { get; }

    /// <summary>The domains of new groups; empty for any.</summary>
    public IReadOnlyList<string> GroupIdDomains { get; }

    /// <summary>Whether members fetch keys over HTTP.</summary>
    public bool KeysByHttp { get; }

    /// <summary>Whether keys are sent by SIP MESSAGE.</summary>
    public bool KeysBySip { get; }

    /// <summary>The users in whose directories every user makes groups.</summary>
    internal FrozenSet<string> GroupCreationXuis { get; }

    /// <summary>The server as KM client; null if it gives out no keys.</summary>
    internal EntityKeySettings? Identity { get; }

    /// <summary>How GMKs live.</summary>
    internal GroupKeyLife Life { get; }

    /// <summary>Reads the section; null if the server is off.</summary>
    internal static GroupManagementSettings? Read(GroupManagementOptions options, ConfigurationFaults faults) =>
        options.Enabled ? new GroupManagementSettings(options, faults) : null;

    private static TimeSpan Within(TimeSpan value, TimeSpan least, TimeSpan most, string name, ConfigurationFaults faults)
    {
        if (value < least || value > most)
        {
            faults.Add($"{Section}:{name}", $"is not between {least:c} and {most:c}", "write a time within");
        }

        return value;
    }
}
