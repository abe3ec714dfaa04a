using Watchword.KeyManagement;

namespace Watchword.Cli.Diagnosis;

/// <summary>The KMS certificates at hand.</summary>
internal sealed class KnownDomains(IReadOnlyList<KmsCertificate> certificates)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<KmsCertificate> All => certificates;

    /// <summary>Those of a KMS, by its URI octet by octet; several are generations.</summary>
    public IReadOnlyList<KmsCertificate> Of(string? kmsUri) =>
        [.. certificates.Where(c => string.Equals(c.KmsUri, kmsUri, StringComparison.Ordinal))];

    /// <summary>One whose URI means the same to a person and is spelled otherwise.</summary>
    public KmsCertificate? LooksLike(string? kmsUri) => kmsUri is null
        ? null
        : certificates.FirstOrDefault(
            c => c.KmsUri != kmsUri && Plain(c.KmsUri).Equals(Plain(kmsUri), StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a domain is known; a finding if it is not.</summary>
    public Finding? Missing(string check, string? kmsUri)
    {
        if (certificates.Count == 0)
        {
            return new Finding(
                check, FindingResult.Unknown, $"not checked: there is no KMS certificate of {kmsUri}", Next(kmsUri));
        }

        if (Of(kmsUri).Count > 0)
        {
            return null;
        }

        return LooksLike(kmsUri) is { } similar
            ? new Finding(
                check,
                FindingResult.Failed,
                $"the message names the KMS {kmsUri}; the KMS certificate says {similar.KmsUri}: URIs are compared and hashed "
                    + "octet by octet",
                "have the sender write the KMS URI as the KMS certificate has it",
                "TS 33.180 F.2.1")
            : new Finding(
                check,
                FindingResult.Unknown,
                $"the message names the KMS {kmsUri}, another domain than those at hand: "
                    + string.Join(", ", certificates.Select(c => c.KmsUri).Distinct()),
                Next(kmsUri),
                "TS 33.180 5.2.7");
    }

    private static string Next(string? kmsUri) =>
        $"give the KMS certificate of {kmsUri} with --kms-cert, or --use-profile for those of the profile (watchword kms cert "
            + $"{kmsUri})";

    private static string Plain(string uri)
    {
        int scheme = uri.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? uri : uri[(scheme + 3)..];
        rest = rest.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) ? rest[4..] : rest;
        int end = rest.IndexOfAny(['/', ':']);
        return (end < 0 ? rest : rest[..end]).TrimEnd('.');
    }
}
