namespace Watchword.KeyManagement.Administration;

/// <summary>
/// Paths of the admin API of the KMS, relative to its base URL. A KMS URI is one segment; identities are in bodies only, because
/// paths end up in logs on the way.
/// </summary>
public static class KmsAdminPaths
{
    /// <summary>Where all of it begins.</summary>
    public const string Root = "/admin/v1";

    /// <summary>The OpenAPI description; open.</summary>
    public const string Description = "/admin/openapi.json";

    /// <summary>Query of an act: say what it would do, and change nothing.</summary>
    public const string DryRunParameter = "dryRun";

    /// <summary>The KMS in a few words.</summary>
    public const string Status = Root + "/status";

    /// <summary>The security domains.</summary>
    public const string Domains = Root + "/domains";

    /// <summary>Requesters and how far the events of their issuers are known.</summary>
    public const string Subjects = Root + "/subjects";

    /// <summary>The audit log.</summary>
    public const string Audit = Root + "/audit";

    /// <summary>Custody of everything secret.</summary>
    public const string Custody = Root + "/custody";

    /// <summary>Backups.</summary>
    public const string Backups = Root + "/backups";

    /// <summary>One security domain.</summary>
    public static string Domain(string kmsUri) => $"{Domains}/{Uri.EscapeDataString(kmsUri)}";

    /// <summary>The generations of a domain.</summary>
    public static string Generations(string kmsUri) => Domain(kmsUri) + "/generations";

    /// <summary>One generation of a domain, or an act on it.</summary>
    public static string Generation(string kmsUri, int generation, string? act = null) =>
        FormattableString.Invariant($"{Generations(kmsUri)}/{generation}") + (act is null ? string.Empty : "/" + act);

    /// <summary>What is prepared ahead in a domain, or an act on one of it.</summary>
    public static string Preparations(string kmsUri, long? id = null, string? act = null) =>
        Domain(kmsUri) + "/preparations"
        + (id is null ? string.Empty : FormattableString.Invariant($"/{id}")) + (act is null ? string.Empty : "/" + act);

    /// <summary>The clients of a domain that have transport keys, or an act on them.</summary>
    public static string Clients(string kmsUri, string? act = null) =>
        Domain(kmsUri) + "/clients" + (act is null ? string.Empty : "/" + act);

    /// <summary>The partners of a domain.</summary>
    public static string Partners(string kmsUri) => Domain(kmsUri) + "/partners";

    /// <summary>One partner record, or an act on it.</summary>
    public static string Partner(string kmsUri, long id, string? act = null) =>
        FormattableString.Invariant($"{Partners(kmsUri)}/{id}") + (act is null ? string.Empty : "/" + act);

    /// <summary>What was done to the partners of a domain.</summary>
    public static string PartnerHistory(string kmsUri) => Domain(kmsUri) + "/partner-history";

    /// <summary>The migration grants of a domain.</summary>
    public static string Grants(string kmsUri) => Domain(kmsUri) + "/grants";
}
