using Microsoft.AspNetCore.Identity;
using Watchword.Identity;

namespace Watchword.Idm.Server.Storage;

/// <summary>One person who can log in. Of a removed account the <see cref="SubjectRecord"/> stays: its subject is never given out
/// again.</summary>
public sealed class Account : IdentityUser<Guid>
{
    /// <summary>MCPTT ID, exactly as it is signed into tokens and hashed into the UID.</summary>
    public string? McpttId { get; set; }

    /// <summary>MCVideo ID.</summary>
    public string? McVideoId { get; set; }

    /// <summary>MCData ID.</summary>
    public string? McDataId { get; set; }

    /// <summary>True if the account may manage accounts and clients.</summary>
    public bool IsAdministrator { get; set; }

    /// <summary>The roles at the admin API of the KMS, names of <see cref="KmsRoleScopes.Roles"/> with a space between; empty for
    /// none.</summary>
    public string KmsRoles { get; set; } = string.Empty;

    /// <summary>False once the account has been disabled.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>The <c>sub</c> of this account.</summary>
    public string Subject => SubjectOf(Id);

    /// <summary>The <c>sub</c> of the account with this key: 32 hexadecimal digits.</summary>
    public static string SubjectOf(Guid id) => id.ToString("N");

    /// <summary>True if the account holds a role at the admin API of the KMS.</summary>
    public bool HasKmsRole(string role) => KmsRoles.Split(' ').Contains(role, StringComparer.Ordinal);

    /// <summary>The MC service ID for <paramref name="service"/>, or null.</summary>
    public string? ServiceIdFor(McService service) => service switch
    {
        McService.Mcptt => McpttId,
        McService.McVideo => McVideoId,
        McService.McData => McDataId,
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };
}

/// <summary>
/// The owner of one MC service ID or entity URI. The value is the key of the table, and SQLite compares it octet by octet: two
/// owners with the same identity cannot be stored, whatever the program above does.
/// </summary>
public sealed class OwnedIdentity
{
    /// <summary>The identity.</summary>
    public required string Value { get; init; }

    /// <summary>The account that owns it; null if an entity does.</summary>
    public Guid? AccountId { get; init; }

    /// <summary>The <c>client_id</c> of the entity that owns it; null if an account does.</summary>
    public string? ClientId { get; init; }
}

/// <summary>A client assertion that was presented: it is refused the second time (RFC 7523 §3, item 7).</summary>
public sealed class UsedAssertion
{
    /// <summary>The client that presented it.</summary>
    public required string ClientId { get; init; }

    /// <summary>Its <c>jti</c>.</summary>
    public required string Jti { get; init; }

    /// <summary>When the assertion has expired and the row may go.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>What initialisation wrote: one row.</summary>
public sealed class ServerState
{
    /// <summary>The only key.</summary>
    public const int OnlyId = 1;

    /// <summary>Always <see cref="OnlyId"/>.</summary>
    public int Id { get; init; } = OnlyId;

    /// <summary>When the data directory was made.</summary>
    public required DateTimeOffset InitializedAt { get; init; }

    /// <summary>True for the data of a lab, which a production start refuses.</summary>
    public required bool IsLab { get; init; }

    /// <summary>SHA-256 of the one-time code of the first administrator; null once it was used.</summary>
    public string? BootstrapCodeHash { get; set; }

    /// <summary>When that code expires.</summary>
    public DateTimeOffset? BootstrapExpiresAt { get; set; }
}
