using Watchword.KeyManagement;
using Watchword.Kms;

namespace Watchword.Lab.Walk;

/// <summary>How a domain takes over the KMS certificate of another one, with two officers (docs/flows/partner-domains.md).</summary>
internal sealed class CertificateTakeOver(LabServers servers)
{
    private readonly PartnerDirectory _partners = servers.Kms.Services.GetRequiredService<PartnerDirectory>();

    /// <summary>One officer imports what the partner sent, another one compares the fingerprint that the partner told him.</summary>
    /// <param name="domain">KMS URI of the domain that takes it over.</param>
    /// <param name="partner">The other KMS's certificate.</param>
    /// <param name="facts">What was seen.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="migrationAddress">URL of a migration KMS; null where the partner is only external.</param>
    public async Task RunAsync(
        string domain, KmsCertificate partner, WalkFacts facts, CancellationToken cancellation, string? migrationAddress = null)
    {
        if ((await _partners.ListAsync(domain, cancellation)).Any(
            record => record.State == PartnerState.Approved && string.Equals(record.KmsUri, partner.KmsUri, StringComparison.Ordinal)))
        {
            facts.Add($"{domain} took over the certificate of {partner.KmsUri} at an earlier start");
            return;
        }

        using MemoryStream document = new();
        partner.WriteTo(document);
        PartnerKind kind = migrationAddress is null ? PartnerKind.External : PartnerKind.Migration;
        PartnerImport import = new(document.ToArray(), kind) { Address = migrationAddress };
        PartnerRecord imported = await _partners.ImportAsync(
            LabOfficers.First, domain, import, LabOfficers.CorrelationId, cancellation);
        string fingerprint = partner.ComputeFingerprint().ToString()!;
        KmsError? alone = await ApproveAsync(LabOfficers.First, domain, imported, fingerprint, cancellation);
        facts.Require(alone == KmsError.SecondOfficerNeeded, $"{domain}: who imported it may not approve it, KmsError {(int?)alone}");
        KmsError? wrong = await ApproveAsync(LabOfficers.Second, domain, imported, Flip(fingerprint), cancellation);
        facts.Require(wrong == KmsError.FingerprintMismatch, $"{domain}: a digit of the fingerprint is wrong, KmsError {(int?)wrong}");
        KmsError? right = await ApproveAsync(LabOfficers.Second, domain, imported, fingerprint, cancellation);
        facts.Require(right is null, $"{domain}: approved, {fingerprint[..19]} ...");
    }

    private async Task<KmsError?> ApproveAsync(
        Authority by, string domain, PartnerRecord record, string fingerprint, CancellationToken cancellation)
    {
        try
        {
            await _partners.ApproveAsync(by, domain, record.Id, fingerprint, LabOfficers.CorrelationId, cancellation);
            return null;
        }
        catch (KmsException refusal)
        {
            return refusal.Error;
        }
    }

    private static string Flip(string hex) => hex[..^1] + (hex[^1] == '0' ? '1' : '0');
}
