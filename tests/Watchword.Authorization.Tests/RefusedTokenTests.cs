using System.Net;
using System.Text.Json.Nodes;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

/// <summary>One refusal for every rule; each token is good but for the one thing that the test changes.</summary>
public sealed class RefusedTokenTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private readonly TestIssuer _home = shared.Home;
    private readonly TestIssuer _partner = shared.Partner;

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a.b")]
    [InlineData("e30.e30")]
    [InlineData("e30.e30.e30.e30")]
    [InlineData("e30.e30.e30.e30.e30")]
    [InlineData("....")]
    public async Task A_token_has_exactly_three_segments(string token) =>
        await RefusedAsync(token, token.Length == 0 ? AuthorizationFault.CredentialMalformed : AuthorizationFault.NotThreeSegments);

    [Theory]
    [InlineData(0, "+")]
    [InlineData(1, "/")]
    [InlineData(2, "=")]
    [InlineData(2, "~")]
    [InlineData(1, "A")]
    public async Task A_segment_is_base64url_and_nothing_else(int segment, string appended)
    {
        string[] segments = Good().Split('.');
        // Four characters make three octets: appending one leaves a rest that no octets have.
        segments[segment] = segments[segment][..(segments[segment].Length / 4 * 4)] + appended;

        await RefusedAsync(string.Join('.', segments), AuthorizationFault.SegmentNotBase64Url);
    }

    [Fact]
    public async Task Stray_bits_behind_the_last_octet_of_a_signature_are_refused()
    {
        // 64 octets end in a character of which four bits are unused: A, Q, g or w.
        string token = Good();
        char last = token[^1];
        last.ShouldBeOneOf('A', 'Q', 'g', 'w');

        await RefusedAsync($"{token[..^1]}{(char)(last + 1)}", AuthorizationFault.SegmentNotBase64Url);
    }

    [Fact]
    public async Task A_token_of_more_than_16_KiB_is_refused_and_one_of_16_KiB_is_not()
    {
        string Padded(int length) => _home.Token(TestClaims.User(_home).With("pad", new string('x', length)));
        int low = 1, high = 16 * 1024;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = Padded(middle).Length <= AccessTokenDefaults.MaxTokenLength ? (middle, high) : (low, middle - 1);
        }

        (await shared.Server.GetAsync(Padded(low))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await RefusedAsync(Padded(low + 1), AuthorizationFault.TokenTooLong);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{} ,")]
    [InlineData("{\"alg\":\"ES256\",}")]
    [InlineData("/**/{}")]
    [InlineData("\ufeff{}")]
    public async Task The_header_is_a_JSON_object(string header) =>
        await RefusedAsync(_home.SignEc(header, User().ToJsonString()), AuthorizationFault.HeaderMalformed);

    [Theory]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("")]
    [InlineData("{\"iss\":NaN}")]
    [InlineData("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}")]
    public async Task The_claims_are_a_JSON_object_of_small_depth(string claims) =>
        await RefusedAsync(_home.SignEc(_home.EcHeader().ToJsonString(), claims), AuthorizationFault.ClaimsMalformed);

    [Fact]
    public async Task Octets_that_are_not_UTF_8_are_refused()
    {
        byte[] claims = [.. System.Text.Encoding.UTF8.GetBytes(User().ToJsonString()[..^1] + ",\"x\":\""), 0xC3, 0x28, (byte)'"', (byte)'}'];
        byte[] header = System.Text.Encoding.UTF8.GetBytes(_home.EcHeader().ToJsonString());

        await RefusedAsync(_home.SignEc(header, claims), AuthorizationFault.ClaimsMalformed);
    }

    [Theory]
    [InlineData("\"alg\":\"ES256\"")]
    [InlineData("\"kid\":\"other\"")]
    [InlineData("\"\\u006bid\":\"other\"")]
    public async Task A_header_member_that_repeats_is_refused(string member) =>
        await RefusedAsync(_home.SignEc(_home.EcHeader().Plus(member), User().ToJsonString()), AuthorizationFault.MemberRepeated);

    [Theory]
    [InlineData("\"mcptt_id\":\"sip:mallory@mc.example.org\"")]
    [InlineData("\"mcptt_id\":\"sip:alice.ptt@mc.example.org\"")]
    [InlineData("\"mcptt\\u005fid\":\"sip:mallory@mc.example.org\"")]
    [InlineData("\"exp\":9999999999")]
    [InlineData("\"iss\":\"https://idms.partner.example.net\"")]
    [InlineData("\"jti\":\"again\"")]
    public async Task A_claim_that_repeats_is_refused(string member) =>
        await RefusedAsync(_home.SignEc(_home.EcHeader().ToJsonString(), User().Plus(member)), AuthorizationFault.MemberRepeated);

    [Fact]
    public async Task A_member_name_without_UTF_8_form_is_refused() =>
        await RefusedAsync(_home.SignEc(_home.EcHeader().ToJsonString(), User().Plus("\"\\ud800\":1")), AuthorizationFault.ClaimsMalformed);

    [Theory]
    [InlineData("exp")]
    [InlineData("b64")]
    public async Task Critical_header_parameters_are_refused(string name)
    {
        JsonObject header = _home.EcHeader().With("crit", new JsonArray(name)).With(name, true);

        await RefusedAsync(_home.SignEc(header.ToJsonString(), User().ToJsonString()), AuthorizationFault.CriticalHeader);
    }

    [Theory]
    [InlineData("\"id_token+jwt\"")]
    [InlineData("\"logout+jwt\"")]
    [InlineData("\"JOSE\"")]
    [InlineData("\"\"")]
    [InlineData("1")]
    [InlineData("null")]
    public async Task Another_type_is_refused(string type) =>
        await RefusedAsync(
            _home.SignEc(_home.EcHeader().Without("typ").Plus($"\"typ\":{type}"), User().ToJsonString()),
            AuthorizationFault.TypeNotAccessToken);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(7)]
    public async Task A_key_must_be_named(object? kid)
    {
        JsonObject header = kid is null ? _home.EcHeader().Without("kid") : _home.EcHeader().With("kid", JsonValue.Create(kid));

        await RefusedAsync(_home.SignEc(header.ToJsonString(), User().ToJsonString()), AuthorizationFault.KeyIdMissing);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("IDMS.MC.EXAMPLE.ORG-EC")]
    public async Task An_unknown_key_is_refused(string kid) =>
        await RefusedAsync(
            _home.SignEc(_home.EcHeader().With("kid", kid).ToJsonString(), User().ToJsonString()), AuthorizationFault.KeyUnknown);

    [Theory]
    [InlineData("https://idms.mc.example.org/")]
    [InlineData("https://IDMS.mc.example.org")]
    [InlineData("https://evil.example.net")]
    [InlineData("")]
    public async Task The_issuer_is_pinned_octet_by_octet(string issuer) =>
        await RefusedAsync(_home.Token(User().With("iss", issuer)), AuthorizationFault.IssuerNotTrusted);

    [Fact]
    public async Task A_token_without_issuer_is_refused()
    {
        await RefusedAsync(_home.Token(User().Without("iss")), AuthorizationFault.IssuerMissing);
        await RefusedAsync(_home.Token(User().With("iss", new JsonArray(_home.Name))), AuthorizationFault.IssuerMissing);
    }

    [Theory]
    [InlineData("https://gms.mc.example.org")]
    [InlineData("https://KMS.mc.example.org")]
    [InlineData("https://kms.mc.example.org/")]
    [InlineData("")]
    public async Task A_token_for_another_audience_is_refused(string audience)
    {
        await RefusedAsync(_home.Token(User().With("aud", audience)), AuthorizationFault.AudienceNotThisServer);
        await RefusedAsync(_home.Token(User().With("aud", new JsonArray("x", audience))), AuthorizationFault.AudienceNotThisServer);
    }

    [Fact]
    public async Task An_array_of_audiences_may_name_this_server_among_others()
    {
        string token = _home.Token(User().With("aud", new JsonArray("https://gms.mc.example.org", TestClaims.Audience)));

        (await shared.Server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[\"https://kms.mc.example.org\",1]")]
    public async Task An_audience_of_another_JSON_type_is_refused(string audience)
    {
        string claims = User().Without("aud").Plus($"\"aud\":{audience}");

        await RefusedAsync(_home.SignEc(_home.EcHeader().ToJsonString(), claims), AuthorizationFault.AudienceMalformed);
    }

    [Fact]
    public async Task A_missing_audience_is_accepted_only_from_an_issuer_configured_so()
    {
        await RefusedAsync(_home.Token(User().Without("aud")), AuthorizationFault.AudienceMissing);
        string token = _partner.SignRsa(_partner.RsaHeader().ToJsonString(), PartnerUser().Without("aud").ToJsonString());
        (await shared.Server.GetAsync(token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_issuer_that_may_leave_the_audience_out_may_still_not_name_another()
    {
        JsonObject claims = PartnerUser().With("aud", "https://gms.mc.example.org");

        await RefusedAsync(
            _partner.SignRsa(_partner.RsaHeader().ToJsonString(), claims.ToJsonString()), AuthorizationFault.AudienceNotThisServer);
    }

    [Theory]
    [InlineData("sub", "[\"alice\"]")]
    [InlineData("sub", "null")]
    [InlineData("sub", "\"\"")]
    [InlineData("sub", "\"al\\u0000ice\"")]
    [InlineData("sub", "\"\\ud800\"")]
    [InlineData("client_id", "7")]
    [InlineData("client_id", "\"\"")]
    public async Task An_unusable_subject_is_refused(string claim, string value)
    {
        string claims = User().Without(claim).Plus($"\"{claim}\":{value}");

        await RefusedAsync(_home.SignEc(_home.EcHeader().ToJsonString(), claims), AuthorizationFault.SubjectMalformed);
    }

    [Fact]
    public async Task A_token_without_subject_and_client_is_refused() =>
        await RefusedAsync(_home.Token(User().Without("sub", "client_id")), AuthorizationFault.SubjectMalformed);

    [Fact]
    public async Task Without_sub_the_subject_is_bound_to_client_and_identity()
    {
        string answer = await (await shared.Server.GetAsync(_home.Token(User().Without("sub")))).TextAsync();

        answer.Split('\n')[1].ShouldBe($"client:mcx-ue-1|{TestClaims.McpttId}");
    }

    private JsonObject User() => TestClaims.User(_home);

    private JsonObject PartnerUser() => TestClaims.User(_partner)
        .Without("mcvideo_id", "mcdata_id").With("mcptt_id", $"sip:bob@{SharedServer.PartnerDomain}");

    private string Good() => _home.Token(User());

    private async Task RefusedAsync(string token, AuthorizationFault fault) => await shared.Server.ShouldRefuseAsync(token, fault);
}
