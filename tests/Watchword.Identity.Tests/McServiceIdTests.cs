namespace Watchword.Identity.Tests;

public sealed class McServiceIdTests
{
    [Theory]
    [InlineData("sip:alice@mc.example.org", "mc.example.org")]
    [InlineData("sip:alice@MC.Example.org:5061;transport=tls", "mc.example.org")]
    [InlineData("sips:gms.example.org", "gms.example.org")]
    [InlineData("sip:a@[2001:db8::1]:5060", "[2001:db8::1]")]
    [InlineData("tel:+447700900123", "tel:")]
    [InlineData("sip:müller@mc.example.org", "mc.example.org")]
    [InlineData("sip:+15550100;phone-context=x@mc.example.org;user=phone", "mc.example.org")]
    [InlineData("sip:alice:secret@mc.example.org?subject=x", "mc.example.org")]
    [InlineData("sip:mcx.lab.example;lr", "mcx.lab.example")]
    [InlineData("sip:[2001:DB8::1]", "[2001:db8::1]")]
    public void A_valid_identity_has_a_domain(string value, string domain)
    {
        McServiceId.IsValid(value).ShouldBeTrue();
        McServiceId.DomainOf(value).ShouldBe(domain);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sip:")]
    [InlineData("SIP:alice@mc.example.org")]
    [InlineData("alice@mc.example.org")]
    [InlineData("http://mc.example.org")]
    [InlineData("sip:al ice@mc.example.org")]
    [InlineData("sip:alice@mc.example.org\n")]
    [InlineData("sip:alice@mc.example.org#x")]
    [InlineData("sip:\ud800@mc.example.org")]
    [InlineData("sip:\u0001@mc.example.org")]
    [InlineData("sip:alice@")]
    [InlineData("sip:alice@:5060")]
    [InlineData("sip:@mc.example.org")]
    [InlineData("sip:;lr")]
    [InlineData("sip:alice@mc.example.org/x")]
    [InlineData("sip:alice@mc.example.org,mc.example.com")]
    [InlineData("sip:a@[2001:db8::1")]
    [InlineData("sip:a@[]")]
    [InlineData("sip:a@[::1]x")]
    [InlineData("sip:a@[::g]")]
    [InlineData("sip:alice@mc.ban\u212a.org")]
    [InlineData("tel:")]
    [InlineData(":alice@mc.example.org")]
    public void Anything_else_is_refused(string? value)
    {
        McServiceId.IsValid(value).ShouldBeFalse();
        McServiceId.DomainOf(value).ShouldBeNull();
    }

    [Theory]
    [InlineData("sip:alice@mc.example.org;x=@evil.example.net")]
    [InlineData("sip:alice@evil.example.net@mc.example.org")]
    [InlineData("sip:alice@mc.example.org?Route=@evil.example.net")]
    public void Two_at_signs_are_refused_since_parsers_disagree_on_the_host(string value) =>
        McServiceId.DomainOf(value).ShouldBeNull();

    [Fact]
    public void The_limit_of_length_counts_octets()
    {
        string fits = "sip:" + new string('ü', (McServiceId.MaxOctets - 8) / 2) + "@a.b";
        McServiceId.IsValid(fits).ShouldBeTrue();
        McServiceId.IsValid("sip:ü" + fits[4..]).ShouldBeFalse();
    }

    [Fact]
    public void A_very_long_identity_is_refused() =>
        McServiceId.IsValid("sip:" + new string('a', McServiceId.MaxOctets) + "@a.b").ShouldBeFalse();
}

public sealed class McClaimsTests
{
    [Theory]
    [InlineData(McService.Mcptt, "mcptt_id")]
    [InlineData(McService.McVideo, "mcvideo_id")]
    [InlineData(McService.McData, "mcdata_id")]
    public void The_claim_of_a_service_is_spelt_as_in_B_2_1_and_B_2_2(McService service, string claim) => McClaims.For(service).ShouldBe(claim);

    [Fact]
    public void There_is_no_claim_of_an_unknown_service() =>
        Should.Throw<ArgumentOutOfRangeException>(() => McClaims.For((McService)3));

    [Fact]
    public void Services_come_in_the_order_in_which_key_sets_are_given_out() =>
        AnnexB.Services.ShouldBe([McService.Mcptt, McService.McVideo, McService.McData]);
}
