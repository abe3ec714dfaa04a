using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Client.Tests.Support;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class IdTokenTests : IDisposable
{
    private readonly TestProfile _profile = new();

    private TestIdm Idm => _profile.Idm;

    private long Now => _profile.Time.GetUtcNow().ToUnixTimeSeconds();

    public void Dispose() => _profile.Dispose();

    [Fact]
    public async Task An_RS256_token_is_taken_too()
    {
        Idm.IdTokenHeader = h => (h["alg"], h["kid"]) = ("RS256", "rsa-1");
        Idm.Sign = input => Idm.RsaKey.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        (await _profile.LogInAsync()).Identity.Subject.ShouldBe("user-1");
    }

    [Fact]
    public async Task An_unsigned_token_is_refused()
    {
        Idm.IdTokenHeader = h => h["alg"] = "none";
        Idm.Sign = _ => [];

        await ShouldRefuseAsync("algorithm", "not a signed JWT");
    }

    [Fact]
    public async Task A_stripped_signature_is_refused()
    {
        Idm.Sign = _ => [];

        await ShouldRefuseAsync("signature");
    }

    [Fact]
    public async Task The_public_RSA_key_is_no_HMAC_secret()
    {
        Idm.IdTokenHeader = h => (h["alg"], h["kid"]) = ("HS256", "rsa-1");
        Idm.Sign = input => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Idm.RsaKey.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(input));

        await ShouldRefuseAsync("algorithm");
    }

    [Fact]
    public async Task An_EC_key_checks_no_RS256_signature()
    {
        Idm.IdTokenHeader = h => h["alg"] = "RS256";
        Idm.Sign = input => Idm.RsaKey.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        await ShouldRefuseAsync("unknown key");
    }

    [Fact]
    public async Task A_token_signed_by_another_key_of_the_same_name_is_refused()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Idm.Sign = input => other.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256);

        await ShouldRefuseAsync("signature");
    }

    [Fact]
    public async Task A_token_without_kid_is_refused()
    {
        Idm.IdTokenHeader = h => h.Remove("kid");

        await ShouldRefuseAsync("no kid");
    }

    [Fact]
    public async Task An_unknown_kid_fetches_the_keys_once_more_and_no_more()
    {
        _ = await _profile.LogInAsync();
        int before = Idm.Requests.Count(r => r.EndsWith("/jwks", StringComparison.Ordinal));
        Idm.IdTokenHeader = h => h["kid"] = "nobody";

        await ShouldRefuseAsync("unknown key");

        Idm.Requests.Count(r => r.EndsWith("/jwks", StringComparison.Ordinal)).ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_key_that_came_in_the_meantime_is_found()
    {
        _ = await _profile.LogInAsync();
        Idm.KeyId = "ec-2";

        (await _profile.LogInAsync()).Identity.Subject.ShouldBe("user-1");
    }

    public static TheoryData<string, string, string?> BentClaims => new()
    {
        { "issuer", "iss", "\"https://other.test\"" },
        { "issuer", "iss", "\"https://idm.test/\"" },
        { "audience", "aud", "\"somebody-else\"" },
        { "audience", "aud", "[\"somebody-else\",\"another\"]" },
        { "azp", "aud", "[\"watchword-cli\",\"another\"]" },
        { "azp", "azp", "\"another\"" },
        { "nonce", "nonce", "\"guess\"" },
        { "nonce", "nonce", null },
        { "subject", "sub", null },
        { "subject", "sub", "\"\"" },
        { "at_hash", "at_hash", "\"AAAAAAAAAAAAAAAAAAAAAA\"" },
        { "mcptt_id", "mcptt_id", "\"http://not-a-sip-uri\"" },
        { "mcptt_id", "mcptt_id", "7" },
        { "exp or iat is no number", "iat", "\"1760000000\"" },
        { "exp or iat is no number", "iat", null },
    };

    [Theory]
    [MemberData(nameof(BentClaims))]
    public async Task A_bent_claim_is_refused(string reason, string claim, string? json)
    {
        Idm.IdTokenClaims = c =>
        {
            c.Remove(claim);
            if (json is not null)
            {
                c[claim] = JsonNode.Parse(json);
            }
        };

        await ShouldRefuseAsync(reason);
    }

    [Theory]
    [InlineData(-29, true)]
    [InlineData(-31, false)]
    public async Task The_end_has_at_most_30_seconds_of_leeway(int seconds, bool accepted)
    {
        Idm.IdTokenClaims = c => c["exp"] = Now + seconds;

        if (accepted)
        {
            (await _profile.LogInAsync()).Identity.Subject.ShouldBe("user-1");
        }
        else
        {
            await ShouldRefuseAsync("lifetime");
        }
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, false)]
    public async Task The_time_of_issue_has_at_most_30_seconds_of_leeway(int seconds, bool accepted)
    {
        Idm.IdTokenClaims = c => c["iat"] = Now + seconds;

        if (accepted)
        {
            (await _profile.LogInAsync()).Identity.Subject.ShouldBe("user-1");
        }
        else
        {
            await ShouldRefuseAsync("issued in the future");
        }
    }

    [Fact]
    public async Task A_claim_that_comes_twice_is_refused()
    {
        string? token = null;
        Idm.TokenResponse = r =>
        {
            string payload = Idm.CreateClaims().ToJsonString();
            string doubled = payload[..^1] + ",\"mcptt_id\":\"sip:other@lab.example\"}";
            token = SignRaw("{\"alg\":\"ES256\",\"kid\":\"ec-1\"}", doubled);
            r["id_token"] = token;
        };

        WatchwordClientException e = await ShouldFailAsync(ClientFault.IdTokenInvalid, _profile.LogInAsync);

        e.Message.ShouldNotContain("sip:other");
    }

    [Fact]
    public async Task Several_audiences_with_us_as_authorized_party_are_taken()
    {
        Idm.IdTokenClaims = c => (c["aud"], c["azp"]) = (new JsonArray(TestIdm.ClientId, "another"), TestIdm.ClientId);

        (await _profile.LogInAsync()).Identity.Subject.ShouldBe("user-1");
    }

    private string SignRaw(string header, string payload)
    {
        string input = $"{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{input}.{System.Buffers.Text.Base64Url.EncodeToString(Idm.EcKey.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }

    private async Task ShouldRefuseAsync(params string[] reasons)
    {
        WatchwordClientException e = await ShouldFailAsync(ClientFault.IdTokenInvalid, _profile.LogInAsync);
        e.Detail.ShouldBeOneOf(reasons);
    }
}
