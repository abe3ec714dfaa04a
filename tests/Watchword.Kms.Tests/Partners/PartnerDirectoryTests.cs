using System.Text;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.Tests.Partners;

public sealed class PartnerDirectoryTests : PartnerTests
{
    [Fact]
    public async Task A_certificate_is_given_to_nobody_before_another_officer_compared_its_fingerprint()
    {
        byte[] certificate = Certificate();
        PartnerRecord pending = await ImportAsync(certificate);
        pending.State.ShouldBe(PartnerState.Pending);
        FingerprintOf(pending).ShouldBe(KmsCertificate.Parse(certificate).ComputeFingerprint().ToString());
        (await ListAsync()).ShouldBeEmpty();
        await ApproveAsync(pending);
        KmsCertificate given = (await ListAsync()).ShouldHaveSingleItem();
        (given.Role, given.KmsUri, given.Revoked).ShouldBe((KmsCertificateRole.External, Other, false));
        Keys(given).ShouldBe(Keys(certificate));
        given.ComputeFingerprint().ShouldBe(KmsCertificate.Parse(certificate).ComputeFingerprint());
    }

    [Fact]
    public async Task Every_act_is_in_the_audit_log_and_in_the_history_with_who_did_it()
    {
        PartnerRecord first = await ApprovedAsync(Certificate());
        PartnerRecord second = await ApproveAsync(await ReplaceAsync(first, Certificate()));
        await RevokeAsync(second);
        PartnerRecord third = await ImportAsync(Certificate("kms.third.example", domains: "third.example"));
        await RevokeAsync(third);
        AuditEntry[] entries = [.. (await AuditAsync()).Select(record => record.Entry).Where(entry => entry.Kind == AuditKind.Partner)];
        entries.Select(entry => (string.Join(' ', entry.Detail!.Split(' ')[..2]), entry.Subject)).ShouldBe(
        [
            ($"partner-import {Other}", "importer"),
            ($"partner-approve {Other}", "approver"),
            ($"partner-import {Other}", "importer"),
            ($"partner-replace {Other}", "approver"),
            ($"partner-approve {Other}", "approver"),
            ($"partner-revoke {Other}", "importer"),
            ("partner-import kms.third.example", "importer"),
            ("partner-reject kms.third.example", "importer"),
        ]);
        entries.ShouldAllBe(entry => entry.KmsUri == Home && entry.CorrelationId == Correlation
            && entry.Role == "crypto-officer" && entry.Detail!.Split(' ')[2].Length == 64);
        AuditChain.Verify(await AuditAsync()).IsValid.ShouldBeTrue();
        (await Directory.HistoryAsync(Home, Other, Token)).Select(act => (act.PartnerId, act.Kind, act.CacheNumber)).ShouldBe(
        [
            (first.Id, PartnerActKind.Imported, 0),
            (first.Id, PartnerActKind.Approved, 1),
            (second.Id, PartnerActKind.Imported, 1),
            (first.Id, PartnerActKind.Replaced, 2),
            (second.Id, PartnerActKind.Approved, 2),
            (second.Id, PartnerActKind.Revoked, 3),
        ]);
        (await Directory.ListAsync(Home, Token)).Select(record => record.State).ShouldBe(
            [PartnerState.Replaced, PartnerState.Revoked, PartnerState.Rejected]);
        (await Directory.HistoryAsync(Home, "kms.third.example", Token))[^1].Reason.ShouldBe("because");
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("first half")]
    [InlineData("one digit more")]
    [InlineData("one digit other")]
    public async Task Anything_but_the_whole_fingerprint_is_refused_and_recorded(string kind)
    {
        PartnerRecord pending = await ImportAsync(Certificate());
        string whole = FingerprintOf(pending);
        string typed = kind switch
        {
            "first half" => whole[..(whole.Length / 2)],
            "one digit more" => whole + "0",
            "one digit other" => (whole[0] == '0' ? '1' : '0') + whole[1..],
            _ => kind,
        };
        (await ErrorOf(Directory.ApproveAsync(Approver, Home, pending.Id, typed, Correlation, Token)))
            .ShouldBe(KmsError.FingerprintMismatch);
        await RefusedAndRecordedAsync(KmsError.FingerprintMismatch);
    }

    [Fact]
    public async Task The_fingerprint_may_be_typed_in_words()
    {
        PartnerRecord pending = await ImportAsync(Certificate());
        string[] words = PartnerFingerprint.Of(pending)!.Words.Split([' ', '\n']);
        words.Length.ShouldBe(32);
        foreach (string[] typed in (string[][])[words[1..], [.. words, words[0]], [.. words[1..], words[0]], [.. words[1..], "nonsense"]])
        {
            (await ErrorOf(Directory.ApproveAsync(Approver, Home, pending.Id, string.Join(' ', typed), Correlation, Token)))
                .ShouldBe(KmsError.FingerprintMismatch);
        }

        await Directory.ApproveAsync(Approver, Home, pending.Id, string.Join("  ", words).ToUpperInvariant(), Correlation, Token);
        (await ListAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Who_imported_may_not_approve_unless_configured()
    {
        PartnerRecord pending = await ImportAsync(Certificate());
        Authority sameWithOtherRole = Importer with { Role = "auditor" };
        foreach (Authority same in (Authority[])[Importer, sameWithOtherRole])
        {
            (await ErrorOf(Directory.ApproveAsync(same, Home, pending.Id, FingerprintOf(pending), Correlation, Token)))
                .ShouldBe(KmsError.SecondOfficerNeeded);
        }

        await RefusedAndRecordedAsync(KmsError.SecondOfficerNeeded);
        PartnerDirectory relaxed = new(Store, new PartnerPolicy { SameOfficerMayApprove = true }, Time);
        await relaxed.ApproveAsync(Importer, Home, pending.Id, FingerprintOf(pending).ToLowerInvariant(), Correlation, Token);
        (await ListAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_same_name_at_another_issuer_is_another_person()
    {
        PartnerRecord pending = await ImportAsync(Certificate());
        await Directory.ApproveAsync(
            Importer with { Issuer = "https://idm.y.example" }, Home, pending.Id, FingerprintOf(pending), Correlation, Token);
        (await ListAsync()).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("<x/>")]
    [InlineData("not xml")]
    [InlineData("<KmsCertificate xmlns='urn:3gpp:ns:mcsecKMSInterface:1.0' Role='Root'/>")]
    public async Task What_is_no_certificate_is_refused_and_leaves_nothing(string document)
    {
        (await ErrorOf(ImportAsync(Encoding.UTF8.GetBytes(document)))).ShouldBe(KmsError.PartnerCertificateMalformed);
        (await Directory.ListAsync(Home, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_or_misleads_is_refused()
    {
        DateTimeOffset now = Time.GetUtcNow();
        (await ErrorOf(ImportAsync(Certificate(revoked: true)))).ShouldBe(KmsError.PartnerCertificateMalformed);
        (await ErrorOf(ImportAsync(Certificate(validFrom: now, validTo: now.AddDays(-1))))).ShouldBe(KmsError.PartnerCertificateMalformed);
        (await ErrorOf(ImportAsync(Certificate(Home)))).ShouldBe(KmsError.PartnerIsOwnDomain);
        (await ErrorOf(ImportAsync(Certificate(domains: ["other.example", "X.example"])))).ShouldBe(KmsError.IdentityDomainConflict);
        (await ErrorOf(ImportAsync(Certificate(domains: "tel:+49301234")))).ShouldBe(KmsError.IdentityDomainConflict);
        (await ErrorOf(Directory.ImportAsync(
            Importer, "kms.none.example", new PartnerImport(Certificate(), PartnerKind.External), Correlation, Token)))
            .ShouldBe(KmsError.NoDomain);
        (await Directory.ListAsync(Home, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Address_and_identity_domains_of_an_import_are_checked_and_kept()
    {
        PartnerImport import = new(Certificate(), PartnerKind.Migration);
        (await ErrorOf(Directory.ImportAsync(
            Importer, Home, import with { Address = "http://kms.other.example" }, Correlation, Token)))
            .ShouldBe(KmsError.PartnerAddressMalformed);
        (await ErrorOf(Directory.ImportAsync(
            Importer, Home, import with { Address = "https://kms.other.example/path" }, Correlation, Token)))
            .ShouldBe(KmsError.PartnerAddressMalformed);
        (await ErrorOf(Directory.ImportAsync(
            Importer, Home, import with { IdentityDomains = ["a b"] }, Correlation, Token))).ShouldBe(KmsError.IdentityDomainMalformed);
        (await ErrorOf(Directory.ImportAsync(
            Importer, Home, import with { IdentityDomains = ["x.example"] }, Correlation, Token))).ShouldBe(KmsError.IdentityDomainConflict);
        PartnerRecord record = await Directory.ImportAsync(
            Importer, Home, import with { Address = "https://kms.other.example:7401/", IdentityDomains = ["tel:+49-40*"] }, Correlation, Token);
        (record.Address, record.Kind).ShouldBe(("https://kms.other.example:7401", PartnerKind.Migration));
        record.IdentityDomains.ShouldBe(["other.example", "tel:+4940"]);
        (await Certificates.MigrationAsync(Home, Token)).ShouldBeEmpty();
        await ApproveAsync(record);
        (await Certificates.MigrationAsync(Home, Token)).ShouldHaveSingleItem().Address.ShouldBe("https://kms.other.example:7401");
    }

    [Fact]
    public async Task A_second_certificate_of_a_partner_comes_as_a_replacement_only()
    {
        PartnerRecord first = await ApprovedAsync(Certificate());
        (await ErrorOf(ImportAsync(Certificate()))).ShouldBe(KmsError.PartnerExists);
        (await ErrorOf(ReplaceAsync(first, Certificate("kms.third.example")))).ShouldBe(KmsError.ReplacementDiffers);
        (await ErrorOf(ReplaceAsync(first, (await Directory.ListAsync(Home, Token))[0].Certificate.ToArray()))).ShouldBe(KmsError.PartnerExists);
        (await ErrorOf(ReplaceAsync(first with { Id = 999 }, Certificate()))).ShouldBe(KmsError.PartnerRecordUnknown);
        (await ErrorOf(Directory.ReplaceAsync(Importer, "kms.y.example", first.Id, Certificate(), Correlation, Token)))
            .ShouldBe(KmsError.PartnerRecordUnknown);
    }

    [Fact]
    public async Task Two_certificates_imported_at_the_same_time_are_not_both_approved()
    {
        PartnerRecord first = await ImportAsync(Certificate()), second = await ImportAsync(Certificate());
        await ApproveAsync(first);
        (await ErrorOf(ApproveAsync(second))).ShouldBe(KmsError.PartnerExists);
        await RevokeAsync(first);
        await ApproveAsync(second);
        Keys((await ListAsync()).ShouldHaveSingleItem()).ShouldBe(Keys(second.Certificate.ToArray()));
    }

    [Fact]
    public async Task A_replacement_can_be_approved_though_its_predecessor_was_revoked_meanwhile()
    {
        PartnerRecord first = await ApprovedAsync(Certificate());
        byte[] certificate = Certificate();
        PartnerRecord second = await ReplaceAsync(first, certificate);
        await RevokeAsync(first);
        await ApproveAsync(second);
        Keys((await ListAsync()).ShouldHaveSingleItem()).ShouldBe(Keys(certificate));
        (await Directory.ListAsync(Home, Token))[0].State.ShouldBe(PartnerState.Revoked);
    }

    [Fact]
    public async Task Nothing_is_approved_or_revoked_twice()
    {
        PartnerRecord record = await ApprovedAsync(Certificate());
        (await ErrorOf(ApproveAsync(record))).ShouldBe(KmsError.PartnerChanged);
        await RevokeAsync(record);
        (await ErrorOf(RevokeAsync(record))).ShouldBe(KmsError.PartnerChanged);
        (await ErrorOf(ApproveAsync(record))).ShouldBe(KmsError.PartnerChanged);
        (await ErrorOf(RevokeAsync(record with { Id = 999 }))).ShouldBe(KmsError.PartnerRecordUnknown);
        await Should.ThrowAsync<ArgumentException>(Directory.RevokeAsync(
            Importer, Home, record.Id, new string('x', PartnerDirectory.MaxReasonLength + 1), Correlation, Token));
    }

    private async Task RefusedAndRecordedAsync(KmsError error)
    {
        (await ListAsync()).ShouldBeEmpty();
        (await Directory.ListAsync(Home, Token)).ShouldHaveSingleItem().State.ShouldBe(PartnerState.Pending);
        AuditEntry denied = (await AuditAsync())[^1].Entry;
        (denied.Kind, denied.Result).ShouldBe((AuditKind.Denied, (int)error));
        denied.Detail.ShouldStartWith($"partner-approve {Other} ");
    }
}
