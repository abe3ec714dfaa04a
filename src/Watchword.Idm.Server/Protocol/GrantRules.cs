using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Protocol;

/// <summary>
/// What is granted: the scopes that were requested, are supported, are open to the client, and whose service the user has
/// (TS 33.180 B.4.2.2); and which audiences they lead to.
/// </summary>
internal sealed class GrantRules(
    IOptions<IdmOptions> options, IdmIssuer issuer, TimeProvider time, IMeterFactory meters, ILogger<GrantRules> logger)
{
    /// <summary>The scopes of TS 33.179 (R13) and what they are read as, while the option allows it.</summary>
    private static readonly Dictionary<string, McResource> Release13 = new(StringComparer.Ordinal)
    {
        ["3gpp:mcptt:ptt_server"] = McResource.Service,
        ["3gpp:mcptt:key_management_server"] = McResource.KeyManagement,
        ["3gpp:mcptt:config_management_server"] = McResource.ConfigurationManagement,
        ["3gpp:mcptt:group_management_server"] = McResource.GroupManagement,
    };

    private readonly CompatibilityOptions compatibility = options.Value.Compatibility;
    private readonly Counter<long> compatibilityUses = meters.Create(IdmSettings.Names.Source).CreateCounter<long>(
        "watchword.idm.compatibility", "{request}", "Requests that needed a compatibility option.");

    /// <summary>Every scope that this server knows.</summary>
    public static ImmutableArray<string> Supported { get; } =
    [
        McScopes.OpenId, McScopes.OfflineAccess, .. McScopes.All, McScopes.IdmAdministration, McScopes.ServicesAdministration,
        .. KmsRoleScopes.All,
    ];

    /// <summary>The scopes of a request, after the compatibility options.</summary>
    public ImmutableHashSet<string> Read(string? scope, string? clientId)
    {
        ImmutableHashSet<string> requested = McScopes.Split(scope).ToImmutableHashSet(StringComparer.Ordinal);
        if (!requested.Contains(McScopes.OpenId) && Allowed(compatibility.AcceptMissingOpenIdUntil))
        {
            Count(clientId, nameof(CompatibilityOptions.AcceptMissingOpenIdUntil));
            requested = requested.Add(McScopes.OpenId);
        }

        if (requested.Overlaps(Release13.Keys) && Allowed(compatibility.AcceptRelease13ScopesUntil))
        {
            Count(clientId, nameof(CompatibilityOptions.AcceptRelease13ScopesUntil));
            requested = requested.Union(requested.Where(Release13.ContainsKey).Select(old => McScopes.For(McService.Mcptt, Release13[old])));
        }

        return requested;
    }

    /// <summary>What an account may have of <paramref name="requested"/> at a client with
    /// <paramref name="clientScopes"/>.</summary>
    public static ImmutableArray<string> ForAccount(
        ImmutableHashSet<string> requested, ImmutableHashSet<string> clientScopes, Account account) =>
        [.. Supported.Where(scope => requested.Contains(scope) && scope switch
        {
            McScopes.OpenId or McScopes.OfflineAccess => true,
            McScopes.IdmAdministration or McScopes.ServicesAdministration => account.IsAdministrator && clientScopes.Contains(scope),
            _ when KmsRoleScopes.All.Contains(scope, StringComparer.Ordinal) =>
                clientScopes.Contains(scope) && account.HasKmsRole(KmsRoleScopes.RoleOf(scope)),
            _ => McScopes.TryParse(scope, out McService service, out _)
                && clientScopes.Contains(scope) && account.ServiceIdFor(service) is not null,
        })];

    /// <summary>What an entity may have; without a request, all that is open to it.</summary>
    public static ImmutableArray<string> ForEntity(ImmutableHashSet<string> requested, ImmutableHashSet<string> clientScopes) =>
        [.. McScopes.All.Where(scope => clientScopes.Contains(scope) && (requested.Count == 0 || requested.Contains(scope)))];

    /// <summary>The resource servers that at least one of the scopes opens; this server itself for administration.</summary>
    public ImmutableArray<string> AudiencesOf(IReadOnlyCollection<string> scopes)
    {
        IEnumerable<string> servers = options.Value.ResourceServers
            .Where(server => server.Scopes.Any(scope => scopes.Contains(scope, StringComparer.Ordinal)))
            .Select(server => server.Audience);
        return [.. scopes.Contains(McScopes.IdmAdministration, StringComparer.Ordinal) ? servers.Append(issuer.Value) : servers];
    }

    private bool Allowed(DateTimeOffset? until) => time.GetUtcNow() < until;

    private void Count(string? clientId, string option)
    {
        compatibilityUses.Add(1, new KeyValuePair<string, object?>("option", option));
        Log.CompatibilityUsed(logger, clientId, option);
    }
}
