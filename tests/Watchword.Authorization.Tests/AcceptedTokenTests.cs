using System.Net;
using Watchword.Authorization.Tests.Hosting;
using Watchword.Identity;

namespace Watchword.Authorization.Tests;

public sealed class AcceptedTokenTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly ResourceServer _server = shared.Server;
    private readonly TestIssuer _home = shared.Home;

    [Fact]
    public async Task The_worked_example_is_accepted_and_all_three_identities_are_read()
    {
        HttpResponseMessage response = await _server.GetAsync(_home.Token(TestClaims.User(_home)));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.TextAsync()).Split('\n').ShouldBe(
            [_home.Name, "alice", TestClaims.McpttId, TestClaims.McVideoId, TestClaims.McDataId]);
    }

    [Fact]
    public async Task An_RS256_token_is_accepted()
    {
        string token = _home.SignRsa(_home.RsaHeader().ToJsonString(), TestClaims.User(_home).ToJsonString());

        (await _server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_network_entity_is_accepted_with_its_URI()
    {
        HttpResponseMessage response = await _server.GetAsync(_home.Token(TestClaims.EntityOf(_home)));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.TextAsync()).Split('\n').ShouldBe([_home.Name, "mcptt-as", TestClaims.Entity]);
    }

    [Theory]
    [InlineData("JWT")]
    [InlineData("jwt")]
    [InlineData("at+JWT")]
    [InlineData("application/at+jwt")]
    [InlineData(null)]
    public async Task The_type_may_be_absent_or_that_of_an_access_token(string? type)
    {
        string header = type is null
            ? _home.EcHeader().Without("typ").ToJsonString()
            : _home.EcHeader().With("typ", type).ToJsonString();

        (await _server.GetAsync(_home.SignEc(header, TestClaims.User(_home).ToJsonString()))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("bearer ")]
    [InlineData("BEARER   ")]
    public async Task The_name_of_the_scheme_ignores_case(string scheme) =>
        (await _server.GetAsync(("Authorization", scheme + _home.Token(TestClaims.User(_home))))).StatusCode.ShouldBe(HttpStatusCode.OK);

    [Theory]
    [InlineData(McResource.Service)]
    [InlineData(McResource.KeyManagement)]
    [InlineData(McResource.ConfigurationManagement)]
    [InlineData(McResource.GroupManagement)]
    public async Task Each_resource_opens_by_the_scope_and_identity_of_one_service(McResource resource)
    {
        string token = _home.Token(TestClaims.User(_home)
            .With("scope", McScopes.For(McService.McData, resource))
            .Without("mcptt_id", "mcvideo_id"));

        foreach (McResource asked in AnnexB.Resources)
        {
            (await _server.GetAsync(token, asked)).StatusCode
                .ShouldBe(asked == resource ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
        }
    }
}
