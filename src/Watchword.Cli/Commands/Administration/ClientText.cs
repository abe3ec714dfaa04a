using System.Text.Json.Nodes;
using Watchword.Identity.Administration;

namespace Watchword.Cli.Commands.Administration;

/// <summary>A registered OpenID Connect client in both languages.</summary>
internal static class ClientText
{
    /// <summary>Members of a client below <paramref name="prefix"/>.</summary>
    public static IReadOnlyList<JsonField> Fields(string prefix) =>
    [
        new(prefix + "clientId", "string", "`client_id`"),
        new(prefix + "displayName", "string", "name for people", Optional: true),
        new(prefix + "kind", "string", "`native`, `entity` or `resource-server`"),
        new(prefix + "redirectUris[]", "string", "redirect URI", Optional: true),
        new(prefix + "entityUri", "string", "URI that the entity is keyed for", Optional: true),
        new(prefix + "certificateThumbprint", "string, hex", "SHA-256 of the entity's X.509 certificate", Optional: true),
        new(prefix + "scopes[]", "string", "scope that the client may be given", Optional: true),
        new(prefix + "signingAlgorithm", "string", "`ES256` or `RS256`"),
    ];

    /// <summary>The client as JSON.</summary>
    public static JsonObject Json(ClientView client)
    {
        JsonObject machine = new() { ["clientId"] = client.ClientId };
        Add(machine, "displayName", client.DisplayName);
        machine["kind"] = client.Kind;
        machine["redirectUris"] = new JsonArray([.. client.RedirectUris.Select(uri => (JsonNode)JsonValue.Create(uri))]);
        Add(machine, "entityUri", client.EntityUri);
        Add(machine, "certificateThumbprint", client.CertificateThumbprint);
        machine["scopes"] = new JsonArray([.. client.Scopes.Select(scope => (JsonNode)JsonValue.Create(scope))]);
        machine["signingAlgorithm"] = client.SigningAlgorithm;
        return machine;
    }

    /// <summary>The client as lines.</summary>
    public static void Human(HumanWriter human, ClientView client) => human.Fields(
    [
        ("client", client.ClientId),
        ("name", client.DisplayName),
        ("kind", client.Kind),
        ("redirect uris", client.RedirectUris.Count == 0 ? null : string.Join(' ', client.RedirectUris)),
        ("entity uri", client.EntityUri),
        ("certificate", client.CertificateThumbprint),
        ("scopes", client.Scopes.Count == 0 ? null : string.Join(' ', client.Scopes)),
        ("signed by", client.SigningAlgorithm),
    ]);

    private static void Add(JsonObject machine, string name, string? value)
    {
        if (value is not null)
        {
            machine[name] = value;
        }
    }
}
