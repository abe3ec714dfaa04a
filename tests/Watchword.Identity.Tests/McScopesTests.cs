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
