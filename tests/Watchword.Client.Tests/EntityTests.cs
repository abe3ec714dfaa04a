using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class EntityTests : IDisposable
{
    private readonly TestProfile _profile = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _key.Dispose();
        _profile.Dispose();
    }

    [Fact]
    public async Task An_entity_proves_itself_with_a_short_assertion_of_its_own_each_time()
    {
        using EntityCredential credential = EntityCredential.FromFile("mcx-server", Write("key.pem", _key.ExportPkcs8PrivateKeyPem()));
        using KeyStore store = await _profile.OpenAsync();
        TokenCache tokens = new(_profile.IdmClient, store, credential);

        ClientIdentity identity = await tokens.LogInEntityAsync("sip:mcx.lab.example");
        _ = await tokens.GetAccessTokenAsync(McResource.GroupManagement, default);

        identity.Uris.ShouldBe(["sip:mcx.lab.example"]);
        identity.For(McService.McData).ShouldBe("sip:mcx.lab.example");
        IReadOnlyDictionary<string, string> request = _profile.Idm.TokenRequests[0];
        request["grant_type"].ShouldBe("client_credentials");
        request["client_assertion_type"].ShouldBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        JsonElement claims = Verify(request["client_assertion"]);
        claims.GetProperty("iss").GetString().ShouldBe("mcx-server");
        claims.GetProperty("sub").GetString().ShouldBe("mcx-server");
        claims.GetProperty("aud").GetString().ShouldBe(TestIdm.Issuer);
        (claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64()).ShouldBe(60);
        Verify(_profile.Idm.TokenRequests[1]["client_assertion"]).GetProperty("jti").GetString().ShouldNotBe(claims.GetProperty("jti").GetString());
    }

    [Fact]
    public void A_JWK_is_read_with_its_kid()
    {
        using EntityCredential credential = EntityCredential.FromFile("mcx-server", Write("key.jwk", Jwk("P-256")));

        credential.KeyId.ShouldBe("k1");
    }

    [Fact]
    public void A_key_that_others_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("There are no file modes.");
            return;
        }

        string path = Write("key.pem", _key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        ShouldFail(ClientFault.EntityCredentialUnusable, () => EntityCredential.FromFile("mcx-server", path));
    }

    [Fact]
    public void Other_curves_public_keys_and_rubbish_are_refused()
    {
        using ECDsa p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        string[] bad =
        [
            p384.ExportPkcs8PrivateKeyPem(), _key.ExportSubjectPublicKeyInfoPem(), "rubbish", "", "{", Jwk("P-384"),
            "{\"kty\":\"oct\",\"k\":\"AAAA\"}", Jwk("P-256").Replace("\"d\"", "\"e\"", StringComparison.Ordinal),
        ];
        for (int i = 0; i < bad.Length; i++)
        {
            string path = Write($"bad-{i}", bad[i]);
            ShouldFail(ClientFault.EntityCredentialUnusable, () => EntityCredential.FromFile("mcx-server", path).Dispose());
        }

        ShouldFail(ClientFault.EntityCredentialUnusable, () => EntityCredential.FromFile("mcx-server", Path.Combine(_profile.Directory, "nowhere")));
    }

    private string Jwk(string curve)
    {
        ECParameters p = _key.ExportParameters(true);
        return new JsonObject
        {
            ["kty"] = "EC", ["crv"] = curve, ["kid"] = "k1",
            ["x"] = Base64Url.EncodeToString(p.Q.X), ["y"] = Base64Url.EncodeToString(p.Q.Y), ["d"] = Base64Url.EncodeToString(p.D),
        }.ToJsonString();
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_profile.Directory, name);
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    private JsonElement Verify(string assertion)
    {
        string[] parts = assertion.Split('.');
        _key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256).ShouldBeTrue();
        return JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
    }
}
