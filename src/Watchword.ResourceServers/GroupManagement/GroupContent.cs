using System.Security.Cryptography;
using Watchword.Identity;
using Watchword.McServices.Groups;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Xcap;

namespace Watchword.ResourceServers.GroupManagement;

/// <summary>What a group document must hold beyond its schema (TS 24.481 6.3.2.3, 7.2).</summary>
internal static class GroupContent
{
    private const string UriSelector = "group/list-service/@uri";
    private const int SuffixDigits = 8;

    /// <summary>Checks the parts that stand by themselves; null if they are right.</summary>
    public static XcapError? Check(GroupDocument group)
    {
        if (!McServiceId.IsValid(group.Uri) || group.Uri.Contains('/', StringComparison.Ordinal))
        {
            return Constraint("uri of list-service is no identity of a group");
        }

        IEnumerable<string> people = (group.Members ?? []).SelectMany(member => member.Identities)
            .Concat(group.Administrators).Concat(group.Owner is { } owner ? [owner] : []);
        if (!people.All(McServiceId.IsValid))
        {
            return Constraint("a member, the owner or an administrator is no MC service ID");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        return (group.Members ?? []).SelectMany(member => member.Identities).All(seen.Add)
            ? null
            : Constraint("two members have one MC service ID");
    }

    /// <summary>Whether the policy takes the identity for a new group.</summary>
    public static bool IsOfPolicy(GroupManagementSettings settings, string uri) =>
        settings.GroupIdDomains.Count == 0 || settings.GroupIdDomains.Contains(DomainOf(uri), StringComparer.OrdinalIgnoreCase);

    /// <summary>An identity that may not be chosen, with one that may (TS 24.481 6.3.2.3).</summary>
    /// <param name="settings">The policy.</param>
    /// <param name="uri">What was chosen.</param>
    public static XcapError Refuse(GroupManagementSettings settings, string uri) =>
        XcapConflicts.Of(XcapErrorKind.UniquenessFailure) with
        {
            Fields = [new XcapUniquenessField(UriSelector, Alternative(settings, uri))],
        };

    /// <summary>A constraint that is not held.</summary>
    public static XcapError Constraint(string detail) => XcapConflicts.Of(XcapErrorKind.ConstraintFailure, detail);

    /// <summary>Nobody is asked whether it is free: of so many, it is.</summary>
    private static string Alternative(GroupManagementSettings settings, string uri)
    {
        string domain = settings.GroupIdDomains is [var first, ..] && !IsOfPolicy(settings, uri) ? first : DomainOf(uri);
        int colon = uri.IndexOf(':', StringComparison.Ordinal), at = uri.IndexOf('@', StringComparison.Ordinal);
        string user = at > colon && colon > 0 ? uri[(colon + 1)..at] : "group";
        return $"sip:{user}-{RandomNumberGenerator.GetHexString(SuffixDigits, lowercase: true)}@{domain}";
    }

    private static string DomainOf(string uri)
    {
        string rest = uri[(uri.IndexOf('@', StringComparison.Ordinal) + 1)..];
        int end = rest.AsSpan().IndexOfAny(':', ';', '?');
        return end < 0 ? rest : rest[..end];
    }
}
