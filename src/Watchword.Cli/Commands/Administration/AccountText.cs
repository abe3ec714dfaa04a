using System.Text.Json.Nodes;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary>An account in both languages.</summary>
internal static class AccountText
{
    /// <summary>Members of an account below <paramref name="prefix"/>.</summary>
    public static IReadOnlyList<JsonField> Fields(string prefix) =>
    [
        new(prefix + "userName", "string", "log-in name"),
        new(prefix + "subject", "string", "`sub` of the account in every token"),
        new(prefix + "mcpttId", "string", "MCPTT ID", Optional: true),
        new(prefix + "mcvideoId", "string", "MCVideo ID", Optional: true),
        new(prefix + "mcdataId", "string", "MCData ID", Optional: true),
        new(prefix + "administrator", "boolean", "true for an administrator"),
        new(prefix + "kmsRoles[]", "string", "role at the admin API of the KMS", Optional: true),
        new(prefix + "enabled", "boolean", "false once the account was disabled"),
    ];

    /// <summary>The account as JSON.</summary>
    public static JsonObject Json(AccountView account)
    {
        JsonObject machine = new() { ["userName"] = account.UserName, ["subject"] = account.Subject };
        (string Name, string? Value)[] ids =
            [("mcpttId", account.McpttId), ("mcvideoId", account.McvideoId), ("mcdataId", account.McdataId)];
        foreach ((string name, string? value) in ids)
        {
            if (value is not null)
            {
                machine[name] = value;
            }
        }

        machine["administrator"] = account.Administrator;
        machine["kmsRoles"] = new JsonArray([.. account.KmsRoles.Select(role => (JsonNode)JsonValue.Create(role))]);
        machine["enabled"] = account.Enabled;
        return machine;
    }

    /// <summary>The account as lines.</summary>
    public static void Human(HumanWriter human, AccountView account) => human.Fields(
    [
        ("user", account.UserName),
        ("mcptt id", account.McpttId),
        ("mcvideo id", account.McvideoId),
        ("mcdata id", account.McdataId),
        ("administrator", account.Administrator ? "yes" : "no"),
        ("kms roles", account.KmsRoles.Count > 0 ? string.Join(", ", account.KmsRoles) : null),
        ("enabled", account.Enabled ? "yes" : "no"),
    ]);
}
