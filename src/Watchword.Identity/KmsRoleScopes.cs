namespace Watchword.Identity;

/// <summary>The scopes of the admin API of a KMS, one for each role; ours, not 3GPP's.</summary>
public static class KmsRoleScopes
{
    /// <summary>Generations, partners, custody and backups.</summary>
    public const string CryptoOfficer = "watchword:kms:crypto-officer";

    /// <summary>Clients and their transport keys.</summary>
    public const string UserAdministrator = "watchword:kms:user-administrator";

    /// <summary>The audit log.</summary>
    public const string Auditor = "watchword:kms:auditor";

    private const string Prefix = "watchword:kms:";
    private static readonly string[] Table = [CryptoOfficer, UserAdministrator, Auditor];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All => Table;

    /// <summary>The names of the roles, as accounts have them: the scopes without what is before the last colon.</summary>
    public static IReadOnlyList<string> Roles { get; } = [.. Table.Select(RoleOf)];

    /// <summary>The role that a scope of <see cref="All"/> stands for.</summary>
    public static string RoleOf(string scope) => scope[Prefix.Length..];

    /// <summary>The scope of a role of <see cref="Roles"/>.</summary>
    public static string ScopeOf(string role) => Prefix + role;
}
