using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Watchword.Identity;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>An IdM server's token signing: keys made here, public ones in a JWKS file.</summary>
internal sealed class TestIssuer : IDisposable
{
    public const string Name = "https://idm.test.example";
    public const string Audience = "https://kms.test.example";
    public const string KeyId = "k1";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string AllKeyManagementScopes { get; } =
        "openid " + string.Join(' ', AnnexB.Services.Select(service => McScopes.For(service, McResource.KeyManagement)));

    public void WriteJwks(string path)
    {
        ECParameters parameters = _key.ExportParameters(false);
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            keys = new[]
            {
                new
                {
                    kty = "EC",
                    crv = "P-256",
                    use = "sig",
                    alg = "ES256",
                    kid = KeyId,
                    x = Base64Url.EncodeToString(parameters.Q.X),
                    y = Base64Url.EncodeToString(parameters.Q.Y),
                },
            },
        }));
    }

    /// <summary>Claims of a user with three identities and all key-management scopes; null removes a claim.</summary>
    public static Dictionary<string, object?> Claims(DateTimeOffset now, params (string Name, object? Value)[] changes)
    {
        Dictionary<string, object?> claims = new()
        {
            ["iss"] = Name,
            ["sub"] = "alice",
            ["aud"] = Audience,
            ["client_id"] = "ue",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
            ["scope"] = AllKeyManagementScopes,
            ["mcptt_id"] = "sip:alice.ptt@mc.test.example",
            ["mcvideo_id"] = "sip:alice.video@mc.test.example",
            ["mcdata_id"] = "sip:alice.data@mc.test.example",
        };
        foreach ((string name, object? value) in changes)
        {
            claims[name] = value;
        }

        return claims.Where(claim => claim.Value is not null).ToDictionary();
    }

    public string Sign(
        Dictionary<string, object?> claims, string algorithm = "ES256", string keyId = KeyId, ECDsa? otherKey = null,
        string type = "at+jwt")
    {
        string head = Base64Url.EncodeToString(
            JsonSerializer.SerializeToUtf8Bytes(new { alg = algorithm, kid = keyId, typ = type }));
        string content = head + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        byte[] octets = Encoding.ASCII.GetBytes(content);
        byte[] signature = algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(_key.ExportSubjectPublicKeyInfo(), octets),
            _ => (otherKey ?? _key).SignData(octets, HashAlgorithmName.SHA256),
        };
        return content + "." + Base64Url.EncodeToString(signature);
    }

    public void Dispose() => _key.Dispose();
}
