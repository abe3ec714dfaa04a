using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Cli.Administration;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Commands.KmsAdministration;

/// <summary>Clients of the KMS in both languages: ids and fingerprint words, never a key.</summary>
internal static class EnrolmentText
{
    /// <summary>Makes <c>--user-uri</c>.</summary>
    public static Option<string> UserOption() => new("--user-uri")
    {
        Description = "the identity, as the KMS knows it",
        HelpName = "URI",
        Required = true,
    };

    /// <summary>Makes <c>--client</c>.</summary>
    public static Option<string> ClientOption() => new("--client")
    {
        Description = "the ClientId of that identity's client",
        HelpName = "ID",
        Required = true,
    };

    /// <summary>Members of a client.</summary>
    public static IReadOnlyList<JsonField> FieldsOf(string prefix) =>
    [
        new(prefix + "userUri", "string", "the identity"),
        new(prefix + "clientId", "string", "which client of that identity"),
        new(prefix + "state", "string", "`enrolled`, `revoked` or `released`"),
        new(prefix + "stateChangedAt", "string, RFC 3339", "since when"),
        new(prefix + "lastSeenAt", "string, RFC 3339", "when a request of it was last taken", Optional: true),
        new(prefix + "isExportable", "boolean", "true while its first keys can be exported"),
        new(prefix + "wrapProfile", "string", "how keys are wrapped for it, if not as for the domain", Optional: true),
        new(prefix + "keys[].transportKeyId", "string", "id of the transport key"),
        new(prefix + "keys[].integrityKeyId", "string", "id of the integrity key", Optional: true),
        new(prefix + "keys[].state", "string", "`current`, `pending` or `replaced`"),
        new(prefix + "keys[].fingerprint", "string", "words to compare with the client", Optional: true),
        new(prefix + "keys[].createdAt", "string, RFC 3339", "when it was made"),
    ];

    /// <summary>Members of an act on one client.</summary>
    public static IReadOnlyList<JsonField> ActFields { get; } =
    [
        new("dryRun", "boolean", "true if nothing was changed"),
        new("affectedClients", "number", "how many clients it concerns"),
        .. FieldsOf("client."),
    ];

    /// <summary>The result of an act.</summary>
    public static void Report(Invocation invocation, ClientActResult result, string done) => invocation.Report.Result(
        (JsonObject)JsonSerializer.SerializeToNode(result, KmsAdminJson.Default.ClientActResult)!,
        human =>
        {
            Human(human, result.Client);
            human.Line(result.DryRun
                ? $"would affect {result.AffectedClients} client; nothing was changed"
                : $"{done}; {result.AffectedClients} client is affected");
        });

    /// <summary>A client as lines.</summary>
    public static void Human(HumanWriter human, TransportKeyClientView client)
    {
        human.Fields(
        [
            ("user", client.UserUri),
            ("client", client.ClientId),
            ("state", $"{client.State} since {Printable.Time(client.StateChangedAt)}"),
            ("last seen", client.LastSeenAt is { } seen ? Printable.Time(seen) : "never"),
            ("exportable", client.IsExportable ? "yes, once" : "no"),
            ("wrap profile", client.WrapProfile),
        ]);
        foreach (TransportKeyPairView pair in client.Keys)
        {
            human.Fields([($"{pair.State} keys", $"{pair.TransportKeyId} {pair.IntegrityKeyId}"), ("words", pair.Fingerprint)]);
        }
    }
}
