using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

/// <summary>What forgers try (RFC 8725 §2).</summary>
public sealed class ForgedTokenTests(SharedServer shared) : IClassFixture<SharedServer>, IDisposable
{
    private readonly TestIssuer _home = shared.Home;
    private readonly TestIssuer _partner = shared.Partner;
    private readonly TestIssuer _mallory = new("https://idms.mc.example.org");

    public void Dispose() => _mallory.Dispose();

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task A_MAC_keyed_with_the_RSA_public_key_is_refused(string algorithm)
    {
        string header = _home.RsaHeader().With("alg", algorithm).ToJsonString();
        string claims = TestClaims.User(_home).ToJsonString();

        foreach (byte[] key in new[] { _home.RsaPublicKeyDer, Encoding.ASCII.GetBytes(_home.RsaPublicKeyPem), Encoding.ASCII.GetBytes(_home.Jwks()) })
        {
            await shared.Server.ShouldRefuseAsync(TestIssuer.SignHmac(header, claims, key), AuthorizationFault.AlgorithmNotAllowed);
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("")]
    public async Task Algorithm_none_is_refused(string algorithm)
    {
        string header = _home.EcHeader().With("alg", algorithm).ToJsonString();
        string claims = TestClaims.User(_home).ToJsonString();

        await shared.Server.ShouldRefuseAsync(TestIssuer.Join(header, claims, _ => []), AuthorizationFault.AlgorithmNotAllowed);
        await shared.Server.ShouldRefuseAsync(_home.SignEc(header, claims), AuthorizationFault.AlgorithmNotAllowed);
    }

    [Theory]
    [InlineData("ES384")]
    [InlineData("PS256")]
    [InlineData("RS512")]
    [InlineData("es256")]
    [InlineData("ES256 ")]
    public async Task Algorithms_outside_the_list_are_refused(string algorithm) =>
        await shared.Server.ShouldRefuseAsync(
            _home.SignEc(_home.EcHeader().With("alg", algorithm).ToJsonString(), TestClaims.User(_home).ToJsonString()),
            AuthorizationFault.AlgorithmNotAllowed);

    [Fact]
    public async Task A_missing_algorithm_is_refused() =>
        await shared.Server.ShouldRefuseAsync(
            _home.SignEc(_home.EcHeader().Without("alg").ToJsonString(), TestClaims.User(_home).ToJsonString()),
            AuthorizationFault.AlgorithmNotAllowed);

    [Fact]
    public async Task An_algorithm_that_only_another_issuer_may_use_is_refused()
    {
        JsonObject claims = TestClaims.User(_partner);

        await shared.Server.ShouldRefuseAsync(_partner.Token(claims), AuthorizationFault.AlgorithmNotAllowed);
    }

    [Fact]
    public async Task A_key_of_another_type_than_the_algorithm_is_refused()
    {
        string claims = TestClaims.User(_home).ToJsonString();

        await shared.Server.ShouldRefuseAsync(
            _home.SignEc(_home.EcHeader().With("kid", _home.RsaKeyId).ToJsonString(), claims), AuthorizationFault.KeyDoesNotFit);
        await shared.Server.ShouldRefuseAsync(
            _home.SignRsa(_home.RsaHeader().With("kid", _home.EcKeyId).ToJsonString(), claims), AuthorizationFault.KeyDoesNotFit);
    }

    [Fact]
    public async Task The_key_id_of_another_issuer_is_unknown() =>
        await shared.Server.ShouldRefuseAsync(
            _partner.SignRsa(_partner.RsaHeader().ToJsonString(), TestClaims.User(_home).ToJsonString()), AuthorizationFault.KeyUnknown);

    [Fact]
    public async Task A_trusted_issuer_cannot_sign_for_another_even_under_its_key_id()
    {
        string header = _partner.RsaHeader().With("kid", _home.RsaKeyId).ToJsonString();

        await shared.Server.ShouldRefuseAsync(
            _partner.SignRsa(header, TestClaims.User(_home).ToJsonString()), AuthorizationFault.SignatureInvalid);
    }

    [Fact]
    public async Task A_key_in_the_header_is_ignored()
    {
        JsonObject header = _mallory.EcHeader()
            .With("jwk", _mallory.EcJwk())
            .With("jku", "https://evil.example.net/jwks")
            .With("x5u", "https://evil.example.net/x.pem")
            .With("x5c", new JsonArray("MIIB"));

        await shared.Server.ShouldRefuseAsync(
            _mallory.SignEc(header.ToJsonString(), TestClaims.User(_home).ToJsonString()), AuthorizationFault.SignatureInvalid);
    }

    [Fact]
    public async Task A_good_signature_is_not_disturbed_by_a_key_in_the_header()
    {
        string header = _home.EcHeader().With("jwk", _mallory.EcJwk()).With("jku", "https://evil.example.net/").ToJsonString();

        using HttpResponseMessage response = await shared.Server.GetAsync(_home.SignEc(header, TestClaims.User(_home).ToJsonString()));

        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_changed_octet_under_the_signature_is_refused(int segment)
    {
        string[] segments = _home.Token(TestClaims.User(_home)).Split('.');
        string[] other = _home.SignEc(
            _home.EcHeader().With("x", 1).ToJsonString(),
            TestClaims.User(_home).With("mcptt_id", "sip:mallory@mc.example.org").ToJsonString()).Split('.');
        segments[segment] = other[segment];

        await shared.Server.ShouldRefuseAsync(string.Join('.', segments), AuthorizationFault.SignatureInvalid);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(128)]
    public async Task A_signature_of_another_length_is_refused(int length)
    {
        string header = _home.EcHeader().ToJsonString();
        string claims = TestClaims.User(_home).ToJsonString();

        await shared.Server.ShouldRefuseAsync(
            TestIssuer.Join(header, claims, _ => new byte[length]), AuthorizationFault.SignatureInvalid);
    }

    [Fact]
    public async Task A_token_cut_or_changed_at_any_place_is_refused_and_never_an_exception()
    {
        AccessTokenValidator validator = shared.Server.Services.GetRequiredService<AccessTokenValidator>();
        string token = _home.Token(TestClaims.User(_home));
        (await validator.ValidateAsync(token, TestContext.Current.CancellationToken)).Principal.ShouldNotBeNull();

        for (int i = 0; i < token.Length; i++)
        {
            char other = token[i] is 'A' or '.' ? 'B' : 'A';
            foreach (string forged in new[] { token[..i], token[(i + 1)..], $"{token[..i]}{other}{token[(i + 1)..]}", $"{token[..i]}.{token[i..]}" })
            {
                AccessTokenValidation validation = await validator.ValidateAsync(forged, TestContext.Current.CancellationToken);
                validation.Principal.ShouldBeNull();
                validation.Fault.ShouldNotBe(AuthorizationFault.None);
            }
        }
    }

    [Fact]
    public async Task An_all_zero_signature_is_refused() =>
        await shared.Server.ShouldRefuseAsync(
            TestIssuer.Join(_home.EcHeader().ToJsonString(), TestClaims.User(_home).ToJsonString(), _ => new byte[64]),
            AuthorizationFault.SignatureInvalid);

    [Fact]
    public async Task A_PSS_signature_is_no_RS256_signature() =>
        await shared.Server.ShouldRefuseAsync(
            _home.SignRsaPss(_home.RsaHeader().ToJsonString(), TestClaims.User(_home).ToJsonString()),
            AuthorizationFault.SignatureInvalid);
}
