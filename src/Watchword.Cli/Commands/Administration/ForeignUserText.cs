using System.Globalization;
using System.Text.Json.Nodes;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary>A user of a primary IdM server in both languages.</summary>
internal static class ForeignUserText
{
    /// <summary>Members of a user below <paramref name="prefix"/>.</summary>
    public static IReadOnlyList<JsonField> Fields(string prefix) =>
    [
        new(prefix + "subject", "string", "`sub` of the user in tokens of this IdM server"),
        new(prefix + "issuer", "string", "his home IdM server"),
        new(prefix + "issuerSubject", "string", "his `sub` there"),
        new(prefix + "mcpttId", "string", "MCPTT ID of the newest grant", Optional: true),
        new(prefix + "mcvideoId", "string", "MCVideo ID of the newest grant", Optional: true),
        new(prefix + "mcdataId", "string", "MCData ID of the newest grant", Optional: true),
        new(prefix + "firstGrantAt", "string", "when he was first given a token, RFC 3339"),
        new(prefix + "lastGrantAt", "string", "when he was last given one, RFC 3339"),
        new(prefix + "blocked", "boolean", "true if he is given none any more"),
    ];

    /// <summary>The user as JSON.</summary>
    public static JsonObject Json(ForeignSubjectView user)
    {
        JsonObject machine = new()
        {
            ["subject"] = user.Subject, ["issuer"] = user.Issuer, ["issuerSubject"] = user.IssuerSubject,
        };
        (string Name, string? Value)[] ids = [("mcpttId", user.McpttId), ("mcvideoId", user.McvideoId), ("mcdataId", user.McdataId)];
        foreach ((string name, string? value) in ids)
        {
            if (value is not null)
            {
                machine[name] = value;
            }
        }

        machine["firstGrantAt"] = Rfc3339(user.FirstGrantAt);
        machine["lastGrantAt"] = Rfc3339(user.LastGrantAt);
        machine["blocked"] = user.Blocked;
        return machine;
    }

    /// <summary>The user as a row: what tells him from others, and how he stands.</summary>
    public static string[] Row(ForeignSubjectView user) =>
    [
        user.McpttId ?? user.McvideoId ?? user.McdataId ?? string.Empty, user.Issuer, user.Subject, Rfc3339(user.LastGrantAt),
        user.Blocked ? "yes" : string.Empty,
    ];

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
