namespace Watchword.Kms.Tests.Partners;

public sealed class DomainLookupTests : PartnerTests
{
    [Theory]
    [InlineData("mc.example", "sip:a@mc.example", true)]
    [InlineData("MC.example", "sip:a@mc.EXAMPLE;user=phone", true)]
    [InlineData("sip:mc.example", "sips:a@mc.example:5061", true)]
    [InlineData("mc.example", "sip:mc.example", true)]
    [InlineData("mc.example", "sip:a@b.mc.example", false)]
    [InlineData("mc.example", "sip:a@mc.example@evil.example", false)]
    [InlineData("mc.example", "sip:mc.example@evil.example", false)]
    [InlineData("mc.example", "sip:a@mc.example/../x", false)]
    [InlineData("mc.example", "tel:mc.example", false)]
    [InlineData("mc.example", "mc.example", false)]
    [InlineData("*.example", "sip:a@mc.example", true)]
    [InlineData("*.example", "sip:a@example", false)]
    [InlineData("*.example", "sip:a@mcexample", false)]
    [InlineData("tel:+4930", "tel:+49-30-1234", true)]
    [InlineData("tel:+49(30)*", "tel:+49301234;ext=5", true)]
    [InlineData("tel:+4930", "tel:+4931", false)]
    [InlineData("tel:", "tel:112;phone-context=x.example", true)]
    [InlineData("tel:+4930", "sip:+49301234@mc.example", false)]
    public void A_pattern_matches_by_host_or_leading_digits(string pattern, string uri, bool matches) =>
        IdentityDomainPattern.TryParse(pattern)!.Matches(uri).ShouldBe(matches);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a@b")]
    [InlineData("https://a")]
    [InlineData("*.")]
    [InlineData("*")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("tel:x")]
    [InlineData(null)]
    public void What_is_no_pattern_is_none(string? text) => IdentityDomainPattern.TryParse(text).ShouldBeNull();

    [Theory]
    [InlineData("a.example", "a.example", true)]
    [InlineData("*.example", "a.example", true)]
    [InlineData("*.example", "*.a.example", true)]
    [InlineData("*.example", "*.example", true)]
    [InlineData("a.example", "*.example", false)]
    [InlineData("*.a.example", "*.example", false)]
    [InlineData("tel:+49", "tel:+4930", true)]
    [InlineData("tel:+4930", "tel:+49", false)]
    [InlineData("tel:", "a.example", false)]
    public void A_pattern_contains_what_is_narrower(string wide, string narrow, bool contains) =>
        IdentityDomainPattern.TryParse(wide)!.Contains(IdentityDomainPattern.TryParse(narrow)!).ShouldBe(contains);

    [Fact]
    public async Task The_narrowest_pattern_decides_and_the_domain_itself_comes_first()
    {
        await ApprovedAsync(Certificate("kms.wide.example", domains: ["*.other.example", "tel:"]));
        await ApprovedAsync(Certificate("kms.narrow.example", domains: ["a.other.example", "tel:+49"]));
        await ApprovedAsync(Certificate("kms.also.example", domains: "a.other.example"));
        await ImportAsync(Certificate("kms.pending.example", domains: "pending.example"));
        (await FindAsync("sip:u@a.other.example")).ShouldBe(["kms.narrow.example", "kms.also.example"]);
        (await FindAsync("sip:u@b.other.example")).ShouldBe(["kms.wide.example"]);
        (await FindAsync("tel:+4940")).ShouldBe(["kms.narrow.example"]);
        (await FindAsync("tel:+33")).ShouldBe(["kms.wide.example"]);
        (await FindAsync("tel:+49301")).ShouldBe([Home]);
        (await FindAsync("sip:group@x.example")).ShouldBe([Home]);
        foreach (string unknown in (string[])["sip:u@pending.example", "sip:u@y.example", "sip:u@other.example"])
        {
            (await ErrorOf(FindAsync(unknown))).ShouldBe(KmsError.LookupUnknown);
        }
    }

    [Fact]
    public async Task A_partner_that_is_revoked_or_past_is_not_found()
    {
        PartnerRecord revoked = await ApprovedAsync(Certificate());
        await RevokeAsync(revoked);
        (await ErrorOf(FindAsync("sip:u@other.example"))).ShouldBe(KmsError.LookupUnknown);
        await ApprovedAsync(Certificate(validTo: Time.GetUtcNow().AddHours(1)));
        (await FindAsync("sip:u@other.example")).ShouldBe([Other]);
        Time.Advance(TimeSpan.FromHours(2));
        (await ErrorOf(FindAsync("sip:u@other.example"))).ShouldBe(KmsError.LookupUnknown);
    }

    [Fact]
    public async Task The_domain_itself_comes_first_for_a_guest_while_his_grant_stands()
    {
        const string Guest = "sip:guest@other.example";
        await ApprovedAsync(Certificate());
        MigrationGrants grants = new(Store, Time);
        DateTimeOffset now = Time.GetUtcNow();
        MigrationGrant later = await grants.GrantAsync(
            Importer, Home, Guest, "https://idm.example", "subject", now.AddHours(1), now.AddHours(2), "c", Token);
        (await FindAsync(Guest)).ShouldBe([Other], "it does not stand yet");
        Time.Advance(TimeSpan.FromMinutes(90));
        (await FindAsync(Guest)).ShouldBe([Home, Other]);
        (await FindAsync("sip:else@other.example")).ShouldBe([Other]);
        await grants.RevokeAsync(Importer, Home, later.Id, "c", Token);
        (await FindAsync(Guest)).ShouldBe([Other], "it was taken back");
        await grants.GrantAsync(Importer, Home, Guest, "https://idm.example", null, now, now.AddHours(3), "c", Token);
        (await FindAsync(Guest)).ShouldBe([Home, Other]);
        Time.Advance(TimeSpan.FromMinutes(90));
        (await FindAsync(Guest)).ShouldBe([Other], "it has ended");
    }

    private async Task<string[]> FindAsync(string uri) =>
        [.. (await new DomainLookup(Store, Certificates, new MigrationGrants(Store, Time)).FindAsync(Home, uri, Token)).Select(kms => kms.KmsUri)];
}
