using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Cli.Commands.Keys;

/// <summary>A stored key set in both languages, without its keys.</summary>
internal static class KeySetText
{
    /// <summary>Members of a key set below <paramref name="prefix"/>.</summary>
    public static IReadOnlyList<JsonField> Fields(string prefix) =>
    [
        new(prefix + "userUri", "string", "the identity keyed"),
        new(prefix + "services[]", "string", "the MC services whose ID this is: `mcptt`, `mcvideo`, `mcdata`", Optional: true),
        new(prefix + "kmsUri", "string", "KMS URI"),
        new(prefix + "period.number", "number", "key period number"),
        new(prefix + "period.start", "string, RFC 3339", "first second of the period"),
        new(prefix + "period.end", "string, RFC 3339", "first second after the period"),
        new(prefix + "state", "string", "`current`, `next` or `past`"),
        new(prefix + "uid", "string, 64 hex digits", "the UID that the keys are bound to"),
        new(prefix + "receivedAt", "string, RFC 3339", "when the key set came"),
        new(
            prefix + "certificateFingerprint",
            "string, 64 hex digits",
            "identifies the KMS certificate by all that its keys depend on: KMS URI, key periods, KPAK, Z_T"),
    ];

    /// <summary>Key sets as the one member <c>keySets</c>.</summary>
    public static JsonObject Json(IEnumerable<KeySetInfo> keySets, KeyStore store, DateTimeOffset now) =>
        new() { ["keySets"] = new JsonArray([.. keySets.Select(keySet => Json(keySet, store, now))]) };

    /// <summary>The key set as JSON.</summary>
    public static JsonObject Json(KeySetInfo keySet, KeyStore store, DateTimeOffset now) => new()
    {
        ["userUri"] = keySet.UserUri,
        ["services"] = new JsonArray([.. Services(keySet, store).Select(service => (JsonNode)JsonValue.Create(service))]),
        ["kmsUri"] = keySet.KmsUri,
        ["period"] = PeriodText.Json(keySet.Period),
        ["state"] = State(keySet, now),
        ["uid"] = Printable.Hex(keySet.UserId.Octets),
        ["receivedAt"] = Printable.Rfc3339(keySet.ReceivedAt),
        ["certificateFingerprint"] = keySet.CertificateFingerprint,
    };

    /// <summary>The key set as lines.</summary>
    public static IReadOnlyList<(string Name, string? Value)> Human(KeySetInfo keySet, KeyStore store, DateTimeOffset now) =>
    [
        ("user", keySet.UserUri),
        ("services", string.Join(", ", Services(keySet, store))),
        ("kms", keySet.KmsUri),
        ("key period", $"{PeriodText.Human(keySet.Period)}, {State(keySet, now)}"),
        ("uid", Printable.Hex(keySet.UserId.Octets)),
        ("received", Printable.Time(keySet.ReceivedAt)),
        ("kms certificate", keySet.CertificateFingerprint),
    ];

    /// <summary>A table of key sets.</summary>
    public static void Table(HumanWriter human, IEnumerable<KeySetInfo> keySets, KeyStore store, DateTimeOffset now) =>
        human.Table(
        ["user", "services", "period", "from", "to", "state", "uid"],
        keySets.Select(keySet => (string[])
        [
            keySet.UserUri,
            string.Join(", ", Services(keySet, store)),
            Printable.Number(keySet.Period.Number),
            Printable.Time(keySet.Period.Start),
            Printable.Time(keySet.Period.End),
            State(keySet, now),
            Printable.Hex(keySet.UserId.Octets[..8]) + "..",
        ]));

    /// <summary>The name of a service as options and JSON have it.</summary>
    public static string ServiceName(McService service) => service switch
    {
        McService.Mcptt => "mcptt",
        McService.McVideo => "mcvideo",
        _ => "mcdata",
    };

    private static IEnumerable<string> Services(KeySetInfo keySet, KeyStore store) => store.Identity is not { } identity
        ? []
        : AnnexB.Services
            .Where(service => identity.ServiceIds.TryGetValue(service, out string? uri)
                && string.Equals(uri, keySet.UserUri, StringComparison.Ordinal))
            .Select(ServiceName);

    private static string State(KeySetInfo keySet, DateTimeOffset now) =>
        keySet.Period.Contains(now) ? "current" : now < keySet.Period.Start ? "next" : "past";
}
