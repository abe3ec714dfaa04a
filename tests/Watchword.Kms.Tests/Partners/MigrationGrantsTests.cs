using Watchword.KeyManagement;

namespace Watchword.Kms.Tests.Partners;

public sealed class MigrationGrantsTests : PartnerTests
{
    private const string Guest = "sip:guest@other.example";
    private const string Issuer = "https://idm.other.example";

    private MigrationGrants Grants => new(Store, Time);

    [Fact]
    public async Task The_own_identities_need_no_grant_and_foreign_ones_do()
    {
        (await IsAllowedAsync("sip:alice@x.example")).ShouldBeTrue();
        (await IsAllowedAsync("tel:+4930123")).ShouldBeTrue();
        (await IsAllowedAsync("tel:+4940123")).ShouldBeFalse();
        (await IsAllowedAsync(Guest)).ShouldBeFalse();
        (await IsAllowedAsync("sip:a@x.example@other.example")).ShouldBeFalse();
        await GrantAsync();
        (await IsAllowedAsync(Guest)).ShouldBeTrue();
        (await IsAllowedAsync("sip:Guest@other.example")).ShouldBeFalse();
        (await IsAllowedAsync(Guest, subject: "mallory")).ShouldBeFalse();
        (await IsAllowedAsync(Guest, issuer: "https://idm.x.example")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_grant_for_nobody_in_particular_holds_for_whoever_the_issuer_names()
    {
        await GrantAsync(subject: null);
        (await IsAllowedAsync(Guest, subject: "anybody")).ShouldBeTrue();
        (await IsAllowedAsync(Guest, issuer: "https://idm.x.example")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_grant_holds_within_its_time_and_for_periods_that_begin_in_it()
    {
        await GrantAsync(from: 60, to: 180);
        (await IsAllowedAsync(Guest)).ShouldBeFalse();
        Time.Advance(TimeSpan.FromMinutes(60));
        (await IsAllowedAsync(Guest)).ShouldBeTrue();
        (await IsAllowedAsync(Guest, ahead: 1)).ShouldBeTrue();
        (await IsAllowedAsync(Guest, ahead: 2)).ShouldBeFalse();
        Time.Advance(TimeSpan.FromMinutes(120));
        (await IsAllowedAsync(Guest)).ShouldBeFalse();
        (await IsAllowedAsync(Guest, ahead: -1)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_grant_that_is_taken_back_holds_no_more()
    {
        MigrationGrant grant = await GrantAsync();
        await Grants.RevokeAsync(Approver, Home, grant.Id, Correlation, Token);
        (await IsAllowedAsync(Guest)).ShouldBeFalse();
        (await ErrorOf(Grants.RevokeAsync(Approver, Home, grant.Id, Correlation, Token))).ShouldBe(KmsError.GrantUnknown);
        (await ErrorOf(Grants.RevokeAsync(Approver, Home, 999, Correlation, Token))).ShouldBe(KmsError.GrantUnknown);
        (await AuditAsync()).TakeLast(2).Select(record => (record.Entry.Detail, record.Entry.Subject, record.Entry.UserUri)).ShouldBe(
            [("migration-grant", "importer", Guest), ("migration-revoke", "approver", Guest)]);
    }

    [Fact]
    public async Task Nothing_is_issued_under_a_grant_that_is_taken_back_after_it_was_prepared()
    {
        MigrationGrant grant = await GrantAsync();
        using SecurityDomain domain = await OpenDomainAsync(Home);
        KeyIssuer issuer = new(domain, Store, new DomainPolicy(), Time);
        IssuanceRequest request = new(Requester(Issuer, "guest"), Guest, null, Correlation);
        (await issuer.IssueAsync(await issuer.PrepareAsync(request, Token), Token)).Dispose();
        PreparedIssuance prepared = await issuer.PrepareAsync(request, Token);
        await Grants.RevokeAsync(Approver, Home, grant.Id, Correlation, Token);
        (await ErrorOf(issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.MigrationNotGranted);
    }

    [Fact]
    public async Task A_domain_that_names_no_identity_domains_keys_whatever_its_issuers_assert()
    {
        DomainRecord open = await CreateDomainAsync("kms.open.example");
        (await Grants.IsMigrationAllowedAsync(open, Requester(Issuer, "guest"), Guest, open.Schedule.At(Time.GetUtcNow()), Token)).ShouldBeTrue();

        // Most domains name hosts only, and a number has no domain of its own.
        DomainRecord hosts = await CreateDomainAsync("kms.hosts.example", "hosts.example");
        KeyPeriod period = hosts.Schedule.At(Time.GetUtcNow());
        (await Grants.IsMigrationAllowedAsync(hosts, Requester(Issuer, "guest"), "tel:+4940123", period, Token)).ShouldBeTrue();
        (await Grants.IsMigrationAllowedAsync(hosts, Requester(Issuer, "guest"), Guest, period, Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_grant_that_makes_no_sense_is_refused()
    {
        (await ErrorOf(GrantAsync(uri: "other.example"))).ShouldBe(KmsError.GrantMalformed);
        (await ErrorOf(GrantAsync(from: 10, to: 10))).ShouldBe(KmsError.GrantMalformed);
        (await ErrorOf(GrantAsync(from: -20, to: -10))).ShouldBe(KmsError.GrantMalformed);
        (await ErrorOf(GrantAsync(subject: ""))).ShouldBe(KmsError.GrantMalformed);
        (await ErrorOf(Grants.GrantAsync(
            Importer, "kms.none.example", Guest, Issuer, null, Time.GetUtcNow(), Time.GetUtcNow().AddDays(1), Correlation, Token)))
            .ShouldBe(KmsError.NoDomain);
        (await Grants.ListAsync(Home, cancellationToken: Token)).ShouldBeEmpty();
    }

    private static Requester Requester(string issuer, string subject) => new(issuer, subject, [new RequesterIdentity(Guest, "mcptt")]);

    private Task<MigrationGrant> GrantAsync(
        string uri = Guest, string? subject = "guest", int from = 0, int to = 600) => Grants.GrantAsync(
            Importer, Home, uri, Issuer, subject, Time.GetUtcNow().AddMinutes(from), Time.GetUtcNow().AddMinutes(to), Correlation, Token);

    private async Task<bool> IsAllowedAsync(string uri, string issuer = Issuer, string subject = "guest", int ahead = 0)
    {
        DomainRecord domain = (await Store.FindGenerationsAsync(Home, Token))[0];
        KeyPeriod period = domain.Schedule.At(Time.GetUtcNow().AddHours(ahead));
        return await Grants.IsMigrationAllowedAsync(domain, Requester(issuer, subject), uri, period, Token);
    }
}
