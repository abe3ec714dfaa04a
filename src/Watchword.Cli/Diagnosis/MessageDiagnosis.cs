using Watchword.Cli.Messages;
using Watchword.KeyManagement;

namespace Watchword.Cli.Diagnosis;

/// <summary>What was found out about a message.</summary>
/// <param name="Findings">One for each check, in the order in which a receiver makes them.</param>
/// <param name="Uids">The UIDs of both sides for the key period of T and its neighbours.</param>
internal sealed record DiagnosisResult(IReadOnlyList<Finding> Findings, IReadOnlyList<PeriodUid> Uids)
{
    /// <summary>Whether nothing that was checked failed.</summary>
    public bool IsClean => Findings.All(finding => finding.Result != FindingResult.Failed);
}

/// <summary>
/// Says of a message what fits, what does not, and why, as far as the KMS certificates and key sets at hand reach.
/// </summary>
/// <param name="certificates">KMS certificates, home and partners.</param>
/// <param name="keys">Key sets of the reader.</param>
/// <param name="now">The present moment.</param>
internal sealed class MessageDiagnosis(IReadOnlyList<KmsCertificate> certificates, IReadOnlyList<OwnKey> keys, DateTimeOffset now)
{
    /// <summary>Makes every check; none of them changes anything.</summary>
    public DiagnosisResult Run(DecodedMessage decoded)
    {
        MessageFacts facts = new(decoded, now);
        KnownDomains domains = new(certificates);
        IdentityDiagnosis identities = new(facts, domains);
        List<Finding> findings = [FormDiagnosis.Form(decoded, out _), FormDiagnosis.Time(facts, now)];
        string[] own = [.. keys.Select(k => k.UserUri).Distinct()];
        findings.AddRange(identities.Run(own));
        findings.Add(new SignatureDiagnosis(facts, domains, now).Run());
        findings.AddRange(new KeyDiagnosis(facts, keys).Run(new ContentDiagnosis(facts, now).Run));
        return new DiagnosisResult(findings, identities.Uids());
    }
}
