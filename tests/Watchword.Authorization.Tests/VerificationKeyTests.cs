using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Authorization.Keys;
using Watchword.Authorization.Tests.Hosting;

namespace Watchword.Authorization.Tests;

/// <summary>Which keys of a JWK set may verify tokens.</summary>
public sealed class VerificationKeyTests(VerificationKeyTests.Issuer issuer) : IClassFixture<VerificationKeyTests.Issuer>
{
    private readonly TestIssuer _issuer = issuer.Value;

    public sealed class Issuer : IDisposable
    {
        public TestIssuer Value { get; } = new("https://idms.mc.example.org", publishesRsa: true);

        public void Dispose() => Value.Dispose();
    }

    [Fact]
    public void Good_keys_are_bound_to_the_one_algorithm_of_their_type()
    {
        Import(_issuer.EcJwk())!.Algorithm.ShouldBe("ES256");
        Import(_issuer.RsaJwk())!.Algorithm.ShouldBe("RS256");
        Import(_issuer.EcJwk().Without("use", "alg"))!.Algorithm.ShouldBe("ES256");
        Import(_issuer.EcJwk().Without("use").With("key_ops", new JsonArray("verify"))).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("kid", null)]
    [InlineData("kid", "\"\"")]
    [InlineData("kid", "1")]
    [InlineData("kty", null)]
    [InlineData("kty", "\"oct\"")]
    [InlineData("kty", "\"OKP\"")]
    [InlineData("kty", "\"ec\"")]
    [InlineData("use", "\"enc\"")]
    [InlineData("use", "1")]
    [InlineData("key_ops", "[\"sign\"]")]
    [InlineData("key_ops", "\"verify\"")]
    [InlineData("alg", "\"ES384\"")]
    [InlineData("alg", "\"RS256\"")]
    [InlineData("alg", "\"HS256\"")]
    [InlineData("d", "\"AAAA\"")]
    [InlineData("crv", "\"P-384\"")]
    [InlineData("crv", "\"secp256k1\"")]
    [InlineData("crv", null)]
    [InlineData("x", null)]
    [InlineData("x", "\"\"")]
    [InlineData("x", "\"!\"")]
    [InlineData("x", "\"AQ\"")]
    [InlineData("y", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"")]
    public void A_curve_key_with_a_fault_is_left_out(string member, string? value) => Import(Changed(_issuer.EcJwk(), member, value)).ShouldBeNull();

    [Theory]
    [InlineData("n", null)]
    [InlineData("n", "\"\"")]
    [InlineData("n", "\"AQAB\"")]
    [InlineData("e", null)]
    [InlineData("e", "\"AQ\"")]
    [InlineData("e", "\"AAAB\"")]
    [InlineData("e", "\"Ag\"")]
    [InlineData("alg", "\"PS256\"")]
    [InlineData("alg", "\"ES256\"")]
    [InlineData("d", "\"AAAA\"")]
    public void An_RSA_key_with_a_fault_is_left_out(string member, string? value) => Import(Changed(_issuer.RsaJwk(), member, value)).ShouldBeNull();

    [Fact]
    public void A_short_RSA_key_is_left_out()
    {
        using TestIssuer weak = new("https://weak.example.org", rsaBits: 1024);

        Import(weak.RsaJwk()).ShouldBeNull();
    }

    [Fact]
    public void A_symmetric_key_in_the_set_is_left_out_and_the_others_stay()
    {
        JsonObject secret = new() { ["kty"] = "oct", ["kid"] = "secret", ["k"] = Base64Url.EncodeToString(new byte[32]), ["alg"] = "HS256" };

        VerificationKeySet set = Parse(TestIssuer.SetOf(secret, _issuer.EcJwk(), "not a key", _issuer.RsaJwk()));

        set.Count.ShouldBe(2);
        set.TryGet("secret", out _).ShouldBeFalse();
    }

    [Fact]
    public void Keys_that_share_a_kid_are_left_out()
    {
        VerificationKeySet set = Parse(TestIssuer.SetOf(
            _issuer.EcJwk().With("kid", "same"), _issuer.RsaJwk().With("kid", "same"), _issuer.EcJwk().With("kid", "own")));

        set.Count.ShouldBe(1);
        set.TryGet("same", out _).ShouldBeFalse();
    }

    private static JsonObject Changed(JsonObject jwk, string member, string? value) =>
        value is null ? jwk.Without(member) : jwk.With(member, JsonNode.Parse(value));

    private static VerificationKey? Import(JsonObject jwk)
    {
        using JsonDocument document = JsonDocument.Parse(jwk.ToJsonString());
        return VerificationKey.TryImport(document.RootElement, out VerificationKey? key) ? key : null;
    }

    private static VerificationKeySet Parse(string json)
    {
        VerificationKeySet.TryParse(Encoding.UTF8.GetBytes(json), out VerificationKeySet? set).ShouldBeTrue();
        return set!;
    }
}
