using System.Text.Json.Nodes;
using Watchword.KeyManagement;

namespace Watchword.Cli.Commands.Keys;

/// <summary>The KMS certificate of a partner domain in both languages.</summary>
internal static class KmsCertificateText
{
    /// <summary>Members of a KMS certificate below <paramref name="prefix"/>.</summary>
    public static IReadOnlyList<JsonField> Fields(string prefix) =>
    [
        new(prefix + "kmsUri", "string", "KMS URI of the domain"),
        new(prefix + "state", "string", "`valid`, `future`, `ended` or `revoked`"),
        new(prefix + "validFrom", "string, RFC 3339", "begin of its validity", Optional: true),
        new(prefix + "validTo", "string, RFC 3339", "end of its validity", Optional: true),
        new(prefix + "domains[]", "string", "domains that the KMS serves", Optional: true),
        new(prefix + "fingerprint", "string, 64 hex digits", "fingerprint of the certificate, to compare with the operator of the KMS"),
    ];

    /// <summary>The certificates as JSON.</summary>
    public static JsonArray Json(IEnumerable<KmsCertificate> certificates, DateTimeOffset now) =>
        new([.. certificates.Select(certificate => (JsonNode)Json(certificate, now))]);

    /// <summary>A table of certificates.</summary>
    public static void Table(HumanWriter human, IEnumerable<KmsCertificate> certificates, DateTimeOffset now) =>
        human.Table(
            ["kms", "state", "from", "to", "fingerprint"],
            certificates.Select(certificate => (string[])
            [
                certificate.KmsUri,
                State(certificate, now),
                certificate.ValidFrom is { } from ? Printable.Time(from) : "",
                certificate.ValidTo is { } to ? Printable.Time(to) : "",
                certificate.ComputeFingerprint().ToString(),
            ]));

    private static JsonObject Json(KmsCertificate certificate, DateTimeOffset now)
    {
        JsonObject machine = new() { ["kmsUri"] = certificate.KmsUri, ["state"] = State(certificate, now) };
        if (certificate.ValidFrom is { } from)
        {
            machine["validFrom"] = Printable.Rfc3339(from);
        }

        if (certificate.ValidTo is { } to)
        {
            machine["validTo"] = Printable.Rfc3339(to);
        }

        machine["domains"] = new JsonArray([.. certificate.Domains.Select(domain => (JsonNode)JsonValue.Create(domain))]);
        machine["fingerprint"] = certificate.ComputeFingerprint().ToHex().ToLowerInvariant();
        return machine;
    }

    private static string State(KmsCertificate certificate, DateTimeOffset now) =>
        certificate.Revoked ? "revoked"
        : certificate.ValidFrom > now ? "future"
        : certificate.ValidTo < now ? "ended" : "valid";
}
