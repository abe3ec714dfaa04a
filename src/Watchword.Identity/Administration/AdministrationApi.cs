using System.Text.Json.Serialization;

namespace Watchword.Identity.Administration;

/// <summary>Paths of the admin API of the IdM server, relative to the issuer.</summary>
public static class AdministrationPaths
{
    /// <summary>Makes the first administrator; open, guarded by the one-time code.</summary>
    public const string Bootstrap = "/admin/v1/bootstrap";

    /// <summary>Query of a change to an account: seconds to wait for resource servers to acknowledge it.</summary>
    public const string WaitParameter = "wait";

    /// <summary>The longest such wait, in seconds.</summary>
    public const int LongestWait = 10;

    /// <summary>Lists and makes accounts.</summary>
    public const string Accounts = "/admin/v1/accounts";

    /// <summary>Makes many accounts, or none.</summary>
    public const string AccountImport = "/admin/v1/accounts/import";

    /// <summary>Lists and makes clients.</summary>
    public const string Clients = "/admin/v1/clients";

    /// <summary>Lists users of primary IdM servers (TS 33.180 B.7).</summary>
    public const string ForeignSubjects = "/admin/v1/foreign-subjects";

    /// <summary>Lists primary IdM servers.</summary>
    public const string PrimaryServers = "/admin/v1/primary-servers";

    /// <summary>Blocks a primary IdM server, or lets it in again.</summary>
    public static string BlockPrimary(bool block) => $"{PrimaryServers}/{(block ? "block" : "unblock")}";

    /// <summary>Blocks a user of a primary IdM server, or lets him in again.</summary>
    public static string BlockForeign(string subject, bool block) =>
        $"{ForeignSubjects}/{Uri.EscapeDataString(subject)}/{(block ? "block" : "unblock")}";

    /// <summary>One account; removed by DELETE.</summary>
    public static string Account(string userName) => $"{Accounts}/{Uri.EscapeDataString(userName)}";

    /// <summary>Ends every log-in of an account, which stays enabled.</summary>
    public static string LogOff(string userName) => $"{Accounts}/{Uri.EscapeDataString(userName)}/log-off";

    /// <summary>Disables an account and revokes its refresh tokens.</summary>
    public static string Disable(string userName) => $"{Accounts}/{Uri.EscapeDataString(userName)}/disable";

    /// <summary>Enables an account again.</summary>
    public static string Enable(string userName) => $"{Accounts}/{Uri.EscapeDataString(userName)}/enable";

    /// <summary>Sets the MC service IDs of an account.</summary>
    public static string Ids(string userName) => $"{Accounts}/{Uri.EscapeDataString(userName)}/ids";

    /// <summary>A role of an account at the admin API of the KMS: PUT grants, DELETE revokes.</summary>
    public static string KmsRole(string userName, string role) =>
        $"{Accounts}/{Uri.EscapeDataString(userName)}/kms-roles/{Uri.EscapeDataString(role)}";

    /// <summary>One client.</summary>
    public static string Client(string clientId) => $"{Clients}/{Uri.EscapeDataString(clientId)}";
}

/// <summary>A fault as the IdM server answers it: RFC 9457 with two members of ours.</summary>
public sealed class ProblemBody
{
    /// <summary>Where the fault is explained.</summary>
    public string? Type { get; init; }

    /// <summary>What kind of fault it is, for people.</summary>
    public string? Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>What is wrong this time, without any secret.</summary>
    public string? Detail { get; init; }

    /// <summary>The stable code of the fault: docs/errors/idm.md.</summary>
    public string? Code { get; init; }

    /// <summary>Finds the server's log lines of this request.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The refused rows of an import.</summary>
    public IReadOnlyList<ImportRowError>? Errors { get; init; }
}

/// <summary>How the wire types of the admin API are written and read: camel case, nulls left out; a request with an unknown
/// member is refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BootstrapRequest))]
[JsonSerializable(typeof(NewAccount))]
[JsonSerializable(typeof(IReadOnlyList<NewAccount>))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(IReadOnlyList<AccountView>))]
[JsonSerializable(typeof(ServiceIds))]
[JsonSerializable(typeof(ImportResult))]
[JsonSerializable(typeof(NewClient))]
[JsonSerializable(typeof(ClientView))]
[JsonSerializable(typeof(IReadOnlyList<ClientView>))]
[JsonSerializable(typeof(ForeignSubjectView))]
[JsonSerializable(typeof(IReadOnlyList<ForeignSubjectView>))]
[JsonSerializable(typeof(PrimaryServerView))]
[JsonSerializable(typeof(IReadOnlyList<PrimaryServerView>))]
[JsonSerializable(typeof(PrimaryServerName))]
[JsonSerializable(typeof(ProblemBody))]
public sealed partial class AdministrationJson : JsonSerializerContext;
