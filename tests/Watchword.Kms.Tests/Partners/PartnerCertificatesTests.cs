using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.Tests.Partners;

public sealed class PartnerCertificatesTests : PartnerTests
{
    [Fact]
    public async Task Replacing_a_certificate_changes_the_number()
    {
        // A peer counts its certificates: there a replacement is invisible to clients.
        byte[] before = Certificate(), after = Certificate();
        PartnerRecord first = await ApprovedAsync(before);
        long number = await NumberAsync();
        await ApproveAsync(await ReplaceAsync(first, after));
        PartnerAnswer answer = await Certificates.SinceAsync(Home, number, Token);
        answer.Number.ShouldBeGreaterThan(number);
        Keys(answer.Current.ShouldHaveSingleItem()).ShouldBe(Keys(after));
    }

    [Fact]
    public async Task Who_holds_the_number_gets_nothing_and_anybody_else_the_whole_list()
    {
        await ApprovedAsync(Certificate());
        await ApprovedAsync(Certificate("kms.third.example", domains: "third.example"));
        long number = await NumberAsync();
        AllOf(await Certificates.SinceAsync(Home, number, Token)).ShouldBeEmpty();
        foreach (long? held in (long?[])[null, 0, number - 1, number + 1, long.MaxValue])
        {
            PartnerAnswer answer = await Certificates.SinceAsync(Home, held, Token);
            answer.Number.ShouldBe(number);
            answer.Current.Select(certificate => certificate.KmsUri).ShouldBe([Other, "kms.third.example"]);
        }
    }

    [Fact]
    public async Task A_number_stands_for_one_list_on_every_node_whatever_happens_and_never_goes_back()
    {
        DateTimeOffset now = Time.GetUtcNow();
        PartnerCertificates other = await OtherNodeAsync();
        Dictionary<long, string> lists = [];
        long last = 0;
        async Task LookAsync()
        {
            foreach (PartnerCertificates node in (PartnerCertificates[])[Certificates, other])
            {
                PartnerAnswer answer = await node.SinceAsync(Home, null, Token);
                long number = answer.Number;
                string text = string.Join(' ', AllOf(answer).Select(one => $"{Keys(one)[..16]}{one.Revoked}{one.ValidFrom}{one.ValidTo}"));
                lists.TryAdd(number, text);
                lists[number].ShouldBe(text);
                number.ShouldBeGreaterThanOrEqualTo(last);
                last = number;
            }
        }

        PartnerRecord first = await ApprovedAsync(Certificate(validTo: now.AddHours(3)));
        await LookAsync();
        PartnerRecord second = await ApproveAsync(await ReplaceAsync(first, Certificate(validFrom: now.AddHours(1), validTo: now.AddHours(9))));
        await LookAsync();
        for (int i = 0; i < 5; i++)
        {
            Time.Advance(TimeSpan.FromMinutes(30));
            await LookAsync();
        }

        await RevokeAsync(second);
        await LookAsync();
        Time.Advance(TimeSpan.FromHours(9));
        await LookAsync();
        lists.Count.ShouldBe((int)last);
        lists[last].ShouldBeEmpty();
    }

    [Fact]
    public async Task A_certificate_that_expires_changes_the_number_and_is_gone()
    {
        DateTimeOffset end = Time.GetUtcNow().AddHours(1);
        await ApprovedAsync(Certificate(validTo: end));
        long number = await NumberAsync();
        Time.SetUtcNow(end);
        (await NumberAsync()).ShouldBe(number);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        (await NumberAsync()).ShouldBe(number + 1);
        (await ListAsync()).ShouldBeEmpty();
        (await ErrorOf(Certificates.OfAsync(Home, Other, Token))).ShouldBe(KmsError.PartnerExpired);
        (await AuditAsync())[^1].Entry.Detail.ShouldBe("partner-validity");

        // Once noticed it is written: the log does not grow with every look.
        int records = (await AuditAsync()).Count;
        (await (await OtherNodeAsync()).SinceAsync(Home, null, Token)).Number.ShouldBe(number + 1);
        (await AuditAsync()).Count.ShouldBe(records);
    }

    [Fact]
    public async Task A_certificate_is_given_ahead_and_changes_the_number_when_it_becomes_valid()
    {
        DateTimeOffset begin = Time.GetUtcNow().AddHours(1);
        await ApprovedAsync(Certificate(validFrom: begin));
        long number = await NumberAsync();
        (await Certificates.SinceAsync(Home, null, Token)).Next.ShouldHaveSingleItem().ValidFrom.ShouldBe(begin);
        (await Certificates.SinceAsync(Home, null, Token)).Current.ShouldBeEmpty();
        (await Certificates.GetAsync(Home, Token)).Usable.ShouldBeEmpty();
        Time.SetUtcNow(begin);
        (await NumberAsync()).ShouldBe(number + 1);
        (await Certificates.GetAsync(Home, Token)).Usable.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_two_certificates_in_turn_one_ends_before_the_other_begins()
    {
        DateTimeOffset begin = Time.GetUtcNow().AddHours(1);
        byte[] before = Certificate(), after = Certificate(validFrom: begin);
        PartnerRecord first = await ApprovedAsync(before);
        await ApproveAsync(await ReplaceAsync(first, after));
        IReadOnlyList<KmsCertificate> list = await ListAsync();
        list.Select(Keys).ShouldBe([Keys(before), Keys(after)]);
        list[0].ValidTo.ShouldBe(begin.AddMilliseconds(-1));
        list[1].ValidFrom.ShouldBe(begin);
        Time.SetUtcNow(begin);
        (await ListAsync()).Select(Keys).ShouldBe([Keys(after)]);
    }

    [Fact]
    public async Task A_revoked_certificate_is_given_as_such_until_its_end_or_until_there_is_another()
    {
        DateTimeOffset end = Time.GetUtcNow().AddHours(1);
        PartnerRecord record = await ApprovedAsync(Certificate(validTo: end));
        await RevokeAsync(record);
        KmsCertificate revoked = (await ListAsync()).ShouldHaveSingleItem();
        (revoked.Revoked, revoked.ValidTo).ShouldBe((true, end));
        (await Certificates.OfAsync(Home, Other, Token)).Current.ShouldHaveSingleItem().Revoked.ShouldBeTrue();
        byte[] certificate = Certificate();
        PartnerRecord second = await ApprovedAsync(certificate);
        KmsCertificate good = (await ListAsync()).ShouldHaveSingleItem();
        (good.Revoked, Keys(good)).ShouldBe((false, Keys(certificate)));
        await RevokeAsync(second);
        Keys((await ListAsync()).ShouldHaveSingleItem()).ShouldBe(Keys(certificate));
        Time.SetUtcNow(end.AddHours(1));
        (await ListAsync()).ShouldHaveSingleItem().Revoked.ShouldBeTrue();
    }

    [Fact]
    public async Task A_kms_that_is_no_approved_partner_is_unknown()
    {
        (await ErrorOf(Certificates.OfAsync(Home, Home, Token))).ShouldBe(KmsError.PartnerUnknown);
        (await ListAsync()).ShouldBeEmpty();
        (await ErrorOf(Certificates.OfAsync(Home, Other, Token))).ShouldBe(KmsError.PartnerUnknown);
        await ImportAsync(Certificate());
        (await ErrorOf(Certificates.OfAsync(Home, Other, Token))).ShouldBe(KmsError.PartnerUnknown);
    }

    [Fact]
    public async Task A_linked_domain_is_given_by_its_generations_and_follows_them()
    {
        DomainRecord other = await CreateDomainAsync(Other, "other.example");
        await Directory.LinkAsync(Importer, Home, Other, PartnerKind.Migration, "https://kms.other.example", Correlation, Token);
        long number = await NumberAsync();
        KmsCertificate given = (await ListAsync()).ShouldHaveSingleItem();
        (given.Role, Keys(given)).ShouldBe((KmsCertificateRole.External, Convert.ToHexString(other.PublicAuthenticationKey)));
        (await Certificates.MigrationAsync(Home, Token)).ShouldHaveSingleItem();

        DateTimeOffset begin = Time.GetUtcNow().AddHours(2);
        DomainRecord next = other with { Generation = 2, State = GenerationState.Prepared, ValidFrom = begin };
        await Store.AddGenerationAsync(next, PartnerAuditOf(), Token);
        (await NumberAsync()).ShouldBe(number + 1);
        (await ListAsync()).Select(certificate => (certificate.ValidFrom, certificate.ValidTo)).ShouldBe(
            [((DateTimeOffset?)null, (DateTimeOffset?)begin.AddMilliseconds(-1)), (begin, null)]);
        Time.SetUtcNow(begin);
        (await NumberAsync()).ShouldBe(number + 2);
        (await ListAsync()).ShouldHaveSingleItem().ValidFrom.ShouldBe(begin);
        await Store.ChangeGenerationsAsync(
            [
                new GenerationChange(Other, 1, GenerationState.Active, GenerationState.Revoked),
                new GenerationChange(Other, 2, GenerationState.Prepared, GenerationState.Revoked),
            ],
            [PartnerAuditOf()], Token);
        (await NumberAsync()).ShouldBe(number + 3);
        (await ListAsync()).ShouldHaveSingleItem().Revoked.ShouldBeTrue();
    }

    [Fact]
    public async Task A_prepared_generation_without_begin_is_not_given_and_a_link_that_ends_leaves_nothing()
    {
        DomainRecord other = await CreateDomainAsync(Other, "other.example");
        PartnerRecord link = await Directory.LinkAsync(
            Importer, Home, Other, PartnerKind.External, null, Correlation, Token);
        await Store.AddGenerationAsync(other with { Generation = 2, State = GenerationState.Prepared }, PartnerAuditOf(), Token);
        (await ListAsync()).ShouldHaveSingleItem().ValidTo.ShouldBeNull();
        await RevokeAsync(link);
        (await ListAsync()).ShouldBeEmpty();
        (await ErrorOf(Directory.LinkAsync(Importer, Home, "kms.none.example", PartnerKind.External, null, Correlation, Token)))
            .ShouldBe(KmsError.NoDomain);
        (await ErrorOf(Directory.LinkAsync(Importer, Home, Home, PartnerKind.External, null, Correlation, Token)))
            .ShouldBe(KmsError.PartnerIsOwnDomain);
        await CreateDomainAsync("kms.thief.example", "x.example");
        (await ErrorOf(Directory.LinkAsync(Importer, Home, "kms.thief.example", PartnerKind.External, null, Correlation, Token)))
            .ShouldBe(KmsError.IdentityDomainConflict);
    }

    private static AuditEntry PartnerAuditOf() =>
        new() { Kind = AuditKind.Custody, KmsUri = Other, Generation = 2, CorrelationId = Correlation };
}
