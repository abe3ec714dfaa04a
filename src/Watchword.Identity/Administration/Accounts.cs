using System.Text.Json.Serialization;

namespace Watchword.Identity.Administration;

/// <summary>The MC service IDs of one account; null where the account has none for that service.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class ServiceIds
{
    /// <summary>MCPTT ID.</summary>
    public string? McpttId { get; init; }

    /// <summary>MCVideo ID.</summary>
    public string? McvideoId { get; init; }

    /// <summary>MCData ID.</summary>
    public string? McdataId { get; init; }
}

/// <summary>Makes the first administrator: <c>POST /admin/v1/bootstrap</c>. A class, not a record: it carries secrets.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class BootstrapRequest
{
    /// <summary>The one-time code that initialisation printed.</summary>
    public required string Code { get; init; }

    /// <summary>Log-in name of the administrator.</summary>
    public required string UserName { get; init; }

    /// <summary>His password.</summary>
    public required string Password { get; init; }
}

/// <summary>A new account: <c>POST /admin/v1/accounts</c>, and one row of an import. A class, not a record: it carries a
/// secret.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed class NewAccount
{
    /// <summary>Log-in name (the MC ID of TS 23.280): 1 to 255 characters; case does not distinguish names.</summary>
    public required string UserName { get; init; }

    /// <summary>The password in clear; only its hash is kept.</summary>
    public required string Password { get; init; }

    /// <summary>MCPTT ID, if the user has the service.</summary>
    public string? McpttId { get; init; }

    /// <summary>MCVideo ID, if the user has the service.</summary>
    public string? McvideoId { get; init; }

    /// <summary>MCData ID, if the user has the service.</summary>
    public string? McdataId { get; init; }

    /// <summary>True if the account may be given the scope <see cref="McScopes.IdmAdministration"/>.</summary>
    public bool Administrator { get; init; }
}

/// <summary>An account as the admin API shows it.</summary>
public sealed class AccountView
{
    /// <summary>Log-in name.</summary>
    public required string UserName { get; init; }

    /// <summary>The <c>sub</c> of this account in every token; never given to another account.</summary>
    public required string Subject { get; init; }

    /// <summary>MCPTT ID.</summary>
    public string? McpttId { get; init; }

    /// <summary>MCVideo ID.</summary>
    public string? McvideoId { get; init; }

    /// <summary>MCData ID.</summary>
    public string? McdataId { get; init; }

    /// <summary>True if the account is an administrator.</summary>
    public bool Administrator { get; init; }

    /// <summary>The roles at the admin API of the KMS: names of <see cref="KmsRoleScopes.Roles"/>.</summary>
    public IReadOnlyList<string> KmsRoles { get; init; } = [];

    /// <summary>False once the account has been disabled.</summary>
    public bool Enabled { get; init; }

    /// <summary>Only where the request asked to wait: which resource servers have acknowledged the change.</summary>
    public IReadOnlyList<ReceiverView>? Receivers { get; set; }
}

/// <summary>A resource server that is told of changes to accounts.</summary>
public sealed class ReceiverView
{
    /// <summary>Its name in <c>aud</c>.</summary>
    public required string Audience { get; init; }

    /// <summary>True if it has acknowledged the change.</summary>
    public bool Acknowledged { get; init; }
}

/// <summary>What an import did: all rows, because it is all or nothing.</summary>
public sealed class ImportResult
{
    /// <summary>The number of accounts made.</summary>
    public int Created { get; init; }
}

/// <summary>One refused row of an import, in the member <c>errors</c> of the problem.</summary>
public sealed class ImportRowError
{
    /// <summary>Index of the row in the array, from 0.</summary>
    public int Row { get; init; }

    /// <summary>The code of the fault, as in a problem.</summary>
    public required string Code { get; init; }

    /// <summary>What is wrong, without the value.</summary>
    public required string Detail { get; init; }
}
