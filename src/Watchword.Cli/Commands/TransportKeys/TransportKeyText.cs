using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Client;

namespace Watchword.Cli.Commands.TransportKeys;

/// <summary>Transport keys in both languages: ids and fingerprint words, never a key.</summary>
internal static class TransportKeyText
{
    /// <summary>Members of the transport keys.</summary>
    public static IReadOnlyList<JsonField> Fields { get; } =
    [
        new("transportKeys[].userUri", "string", "the identity that the keys were made for"),
        new("transportKeys[].clientId", "string", "the ClientId that the keys were made for"),
        new("transportKeys[].kmsUri", "string", "the KMS that holds the other copy"),
        new("transportKeys[].transportKeyId", "string", "id of the transport key (TrK-ID)"),
        new("transportKeys[].integrityKeyId", "string", "id of the integrity key; without one the transport key signs", Optional: true),
        new("transportKeys[].state", "string", "`current`, or `new` until the first answer under it"),
        new("transportKeys[].receivedAt", "string, RFC 3339", "when it was imported or came from the KMS"),
        new("transportKeys[].fingerprintWords[]", "string", "words to compare with the operator of the KMS", Optional: true),
    ];

    /// <summary>The keys as JSON.</summary>
    public static JsonArray Json(IEnumerable<TransportKeyInfo> keys) => new([.. keys.Select(k => (JsonNode)Json(k))]);

    /// <summary>The keys as lines.</summary>
    public static void Human(HumanWriter human, IEnumerable<TransportKeyInfo> keys)
    {
        foreach (TransportKeyInfo key in keys)
        {
            human.Fields(
            [
                ("user", key.UserUri),
                ("client", key.ClientId),
                ("kms", key.KmsUri),
                ("transport key", key.TransportKeyId),
                ("integrity key", key.IntegrityKeyId),
                ("state", State(key)),
                ("received", Printable.Time(key.ReceivedAt)),
                ("words", key.FingerprintWords.Count > 0 ? string.Join(' ', key.FingerprintWords) : null),
            ]);
            human.Line();
        }
    }

    private static string State(TransportKeyInfo key) => JsonNamingPolicy.CamelCase.ConvertName(key.State.ToString());

    private static JsonObject Json(TransportKeyInfo key)
    {
        JsonObject machine = new()
        {
            ["userUri"] = key.UserUri,
            ["clientId"] = key.ClientId,
            ["kmsUri"] = key.KmsUri,
            ["transportKeyId"] = key.TransportKeyId,
        };
        if (key.IntegrityKeyId is not null)
        {
            machine["integrityKeyId"] = key.IntegrityKeyId;
        }

        machine["state"] = State(key);
        machine["receivedAt"] = Printable.Rfc3339(key.ReceivedAt);
        machine["fingerprintWords"] = new JsonArray([.. key.FingerprintWords.Select(word => (JsonNode)JsonValue.Create(word))]);
        return machine;
    }
}
