using System.Net;
using System.Text.Json.Nodes;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

/// <summary>Every issuer is bound to the identities that it may assert; one that is not its own spoils the whole token.</summary>
public sealed class IdentityBindingTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestIssuer _home = shared.Home;
    private readonly TestIssuer _partner = shared.Partner;

    public static TheoryData<string> IdentityClaims => ["mcptt_id", "mcvideo_id", "mcdata_id"];

    [Theory]
    [MemberData(nameof(IdentityClaims))]
    public async Task An_identity_of_a_foreign_domain_is_refused(string claim)
    {
        foreach (string identity in new[]
        {
            "sip:alice@partner.example.net", "sip:alice@mc.example.org.evil.net", "sip:alice@sub.mc.example.org", "tel:+15550100",
            "sip:mc.example.org@evil.net", "sip:alice@mc.example.org.",
        })
        {
            await shared.Server.ShouldRefuseAsync(
                _home.Token(TestClaims.User(_home).With(claim, identity)), AuthorizationFault.IdentityOutsideDomain);
        }
    }

    [Theory]
    [MemberData(nameof(IdentityClaims))]
    public async Task An_identity_is_one_string_with_a_URI(string claim)
    {
        foreach (string value in new[]
        {
            "[\"sip:alice@mc.example.org\"]", "{}", "7", "true", "null", "\"\"", "\"alice\"", "\"SIP:alice@mc.example.org\"",
            "\"sip:al ice@mc.example.org\"", "\"sip:alice@mc.example.org\\n\"", "\"sip:\\ud800@mc.example.org\"", "\"sip:alice@\"",
            "\"sip:alice@evil.net@mc.example.org\"", "\"https://mc.example.org\"",
        })
        {
            string claims = TestClaims.User(_home).Without(claim).Plus($"\"{claim}\":{value}");
            await shared.Server.ShouldRefuseAsync(
                _home.SignEc(_home.EcHeader().ToJsonString(), claims), AuthorizationFault.IdentityMalformed);
        }
    }

    [Fact]
    public async Task The_domain_ignores_case_but_the_identity_keeps_its_octets()
    {
        const string identity = "sip:Alice@MC.Example.ORG:5061;transport=tls";

        string answer = await (await shared.Server.GetAsync(_home.Token(TestClaims.User(_home).With("mcptt_id", identity)))).TextAsync();

        answer.Split('\n')[2].ShouldBe(identity);
    }

    [Fact]
    public async Task A_partner_cannot_assert_a_user_of_the_home_domain()
    {
        JsonObject claims = TestClaims.User(_partner).Without("mcvideo_id", "mcdata_id");

        await shared.Server.ShouldRefuseAsync(
            _partner.SignRsa(_partner.RsaHeader().ToJsonString(), claims.ToJsonString()), AuthorizationFault.IdentityOutsideDomain);
    }

    [Theory]
    [InlineData("sip:gms.partner.example.net", HttpStatusCode.OK)]
    [InlineData("sip:GMS.partner.example.net", HttpStatusCode.Unauthorized)]
    [InlineData("sip:other@partner.example.net", HttpStatusCode.Unauthorized)]
    [InlineData(TestClaims.Entity, HttpStatusCode.Unauthorized)]
    public async Task A_list_of_entities_is_exact(string entity, HttpStatusCode expected)
    {
        string claims = TestClaims.EntityOf(_partner).With("mcx_entity_uri", entity).ToJsonString();
        string token = _partner.SignRsa(_partner.RsaHeader().ToJsonString(), claims);

        (await shared.Server.GetAsync(token)).StatusCode.ShouldBe(expected);
        if (expected != HttpStatusCode.OK)
        {
            await shared.Server.ShouldRefuseAsync(token, AuthorizationFault.EntityNotOfIssuer);
        }
    }

    [Fact]
    public async Task Without_a_list_an_entity_is_of_the_issuers_domains() =>
        await shared.Server.ShouldRefuseAsync(
            _home.Token(TestClaims.EntityOf(_home).With("mcx_entity_uri", "sip:gms@other.example.org")), AuthorizationFault.EntityNotOfIssuer);

    [Fact]
    public async Task An_entity_URI_is_one_string_with_a_URI()
    {
        await shared.Server.ShouldRefuseAsync(
            _home.Token(TestClaims.EntityOf(_home).With("mcx_entity_uri", new JsonArray(TestClaims.Entity))),
            AuthorizationFault.IdentityMalformed);
        await shared.Server.ShouldRefuseAsync(
            _home.Token(TestClaims.EntityOf(_home).With("mcx_entity_uri", "mcptt-as")), AuthorizationFault.IdentityMalformed);
    }

    [Fact]
    public async Task A_token_is_a_users_or_an_entitys_but_never_both() =>
        await shared.Server.ShouldRefuseAsync(
            _home.Token(TestClaims.User(_home).With("mcx_entity_uri", TestClaims.Entity)), AuthorizationFault.EntityAndUser);

    [Fact]
    public async Task A_user_never_has_the_URI_of_a_network_entity()
    {
        JsonObject claims = TestClaims.User(_partner)
            .Without("mcvideo_id", "mcdata_id").With("mcptt_id", "sip:gms.partner.example.net");

        // The host of that URI is outside the domains, which is refused first; inside them the list itself refuses.
        await shared.Server.ShouldRefuseAsync(
            _partner.SignRsa(_partner.RsaHeader().ToJsonString(), claims.ToJsonString()), AuthorizationFault.IdentityOutsideDomain);

        using Settings settings = new();
        settings.Trust(_home, ("EntityUris:0", TestClaims.Entity));
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);
        await server.ShouldRefuseAsync(
            _home.Token(TestClaims.User(_home).With("mcdata_id", TestClaims.Entity)), AuthorizationFault.IdentityIsEntity);
    }

    [Fact]
    public async Task Telephone_numbers_need_a_domain_entry_of_their_own()
    {
        using Settings settings = new();
        settings.Trust(_home, ("IdentityDomains:1", "tel:"));
        await using ResourceServer server = await ResourceServer.StartAsync(settings.Values);

        HttpResponseMessage response = await server.GetAsync(_home.Token(TestClaims.User(_home).With("mcptt_id", "tel:+15550100")));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
