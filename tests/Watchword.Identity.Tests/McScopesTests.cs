using Watchword.Identity;

namespace Watchword.Identity.Tests;

public sealed class McScopesTests
{
    [Theory]
    [InlineData(McService.Mcptt, McResource.Service, "3gpp:mc:ptt_service")]
    [InlineData(McService.Mcptt, McResource.KeyManagement, "3gpp:mc:ptt_key_management_service")]
    [InlineData(McService.McVideo, McResource.ConfigurationManagement, "3gpp:mc:video_config_management_service")]
    [InlineData(McService.McData, McResource.GroupManagement, "3gpp:mc:data_group_management_service")]
    [InlineData(McService.McData, McResource.KeyManagement, "3gpp:mc:data_key_management_service")]
    public void A_scope_is_spelt_as_in_table_B_4_2_2_1(McService service, McResource resource, string expected)
    {
        McScopes.For(service, resource).ShouldBe(expected);
        McScopes.TryParse(expected, out McService parsedService, out McResource parsedResource).ShouldBeTrue();
        (parsedService, parsedResource).ShouldBe((service, resource));
    }

    [Fact]
    public void There_are_twelve_different_scopes() => McScopes.All.Distinct(StringComparer.Ordinal).Count().ShouldBe(12);

    [Theory]
    [InlineData("openid")]
    [InlineData("3GPP:mc:ptt_service")]
    [InlineData("3gpp:mcptt:ptt_server")]
    [InlineData("")]
    public void Anything_else_is_no_mc_scope(string scope) => McScopes.TryParse(scope, out _, out _).ShouldBeFalse();

    [Fact]
    public void A_scope_value_is_split_at_spaces() =>
        McScopes.Split("openid  3gpp:mc:ptt_service openid").ShouldBe(["openid", "3gpp:mc:ptt_service"], ignoreOrder: true);
}

public sealed class McServiceIdTests
{
    [Theory]
    [InlineData("sip:alice@mc.example.org", "mc.example.org")]
    [InlineData("sip:alice@MC.Example.org:5061;transport=tls", "mc.example.org")]
    [InlineData("sips:gms.example.org", "gms.example.org")]
    [InlineData("sip:a@[2001:db8::1]:5060", "[2001:db8::1]")]
    [InlineData("tel:+447700900123", "tel:")]
    [InlineData("sip:müller@mc.example.org", "mc.example.org")]
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
    public void Anything_else_is_refused(string? value)
    {
        McServiceId.IsValid(value).ShouldBeFalse();
        McServiceId.DomainOf(value).ShouldBeNull();
    }

    [Fact]
    public void A_very_long_identity_is_refused() =>
        McServiceId.IsValid("sip:" + new string('a', McServiceId.MaxOctets)).ShouldBeFalse();
}
