using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Watchword.Identity;

namespace Watchword.ResourceServers.Tests.Mcx.Support;

/// <summary>An IdM server's token signing: a key made here, its public part in a JWKS file.</summary>
internal sealed class TestTokens : IDisposable
{
    public const string Issuer = "https://idm.mc.example";
    public const string Audience = "https://mcx.mc.example";
    public const string Domain = "lab.example";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string AllServiceScopes { get; } =
        "openid " + string.Join(' ', AnnexB.Services.Select(service => McScopes.For(service, McResource.Service)));

    public void WriteJwks(string path)
    {
        ECParameters parameters = _key.ExportParameters(false);
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            keys = new[]
            {
                new
                {
                    kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = "k1",
                    x = Base64Url.EncodeToString(parameters.Q.X), y = Base64Url.EncodeToString(parameters.Q.Y),
                },
            },
        }));
    }

    /// <summary>A token of a user with three identities and all service scopes; null removes a claim.</summary>
    public string Create(string user, DateTimeOffset now, params (string Name, object? Value)[] changes)
    {
        Dictionary<string, object?> claims = new()
        {
            ["iss"] = Issuer,
            ["sub"] = user,
            ["aud"] = Audience,
            ["client_id"] = "ue",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
            ["scope"] = AllServiceScopes,
            ["mcptt_id"] = UserIds.Of(user, McService.Mcptt),
            ["mcvideo_id"] = UserIds.Of(user, McService.McVideo),
            ["mcdata_id"] = UserIds.Of(user, McService.McData),
        };
        foreach ((string name, object? value) in changes)
        {
            claims[name] = value;
        }

        return Sign(claims.Where(claim => claim.Value is not null).ToDictionary(), _key);
    }

    /// <summary>The same signed by a key that nobody published.</summary>
    public string CreateForged(string user, DateTimeOffset now)
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string honest = Create(user, now);
        string claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(honest.Split('.')[1]));
        return Sign(JsonSerializer.Deserialize<Dictionary<string, object?>>(claims)!, other);
    }

    public void Dispose() => _key.Dispose();

    private static string Sign(Dictionary<string, object?> claims, ECDsa key)
    {
        string head = Base64Url.EncodeToString(
            JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", kid = "k1", typ = "at+jwt" }));
        string content = head + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        return content + "." + Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256));
    }
}

/// <summary>The MC service IDs of the users of these tests.</summary>
internal static class UserIds
{
    public static string Of(string user, McService service) => $"sip:{user}.{service switch
    {
        McService.Mcptt => "ptt",
        McService.McVideo => "video",
        _ => "data",
    }}@{TestTokens.Domain}";
}
