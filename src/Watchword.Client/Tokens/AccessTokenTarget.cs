using Watchword.Identity;

namespace Watchword.Client;

/// <summary>
/// Where an access token is going. A token holds the scopes of its target and no other, so that a resource server never holds a
/// token that another one, least of all the KMS, would accept (TS 33.180 B.5: <c>scope</c> equal to or narrower than granted).
/// </summary>
public sealed class AccessTokenTarget : IEquatable<AccessTokenTarget>
{
    private readonly string[] _candidates;

    private AccessTokenTarget(string name, params string[] candidates)
    {
        Name = name;
        _candidates = candidates;
    }

    /// <summary>The admin API of the IdM server.</summary>
    public static AccessTokenTarget IdmAdministration { get; } = new("idm-administration", McScopes.IdmAdministration);

    /// <summary>The admin API of a KMS, in the role that was granted.</summary>
    public static AccessTokenTarget KmsAdministration { get; } = new("kms-administration", [.. KmsRoleScopes.All]);

    /// <summary>A stable name, for lists and messages.</summary>
    public string Name { get; }

    /// <summary>A resource for every service that was granted.</summary>
    public static AccessTokenTarget For(McResource resource) =>
        new(resource.ToString(), [.. AnnexB.Services.Select(s => McScopes.For(s, resource))]);

    /// <summary>A resource for one service.</summary>
    public static AccessTokenTarget For(McService service, McResource resource) =>
        new($"{resource}/{service}", McScopes.For(service, resource));

    /// <summary>The scopes for this target out of those granted, in the order of the services; empty if none was.</summary>
    public IReadOnlyList<string> Select(IReadOnlySet<string> granted) => [.. _candidates.Where(granted.Contains)];

    /// <summary>The same at another domain, by the issuer there: what is kept under its name is kept beside the home domain's.</summary>
    internal AccessTokenTarget At(string issuer) => new($"{Name} at {issuer}", _candidates);

    /// <inheritdoc/>
    public bool Equals(AccessTokenTarget? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessTokenTarget);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
