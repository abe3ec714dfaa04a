using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Watchword.Identity;

namespace Watchword.Kms.Load;

/// <summary>An issuer of access tokens with a key of its own: each user has three MC service IDs, so three key sets an
/// answer.</summary>
internal sealed class TokenSigner : IDisposable
{
    public const string Issuer = "https://idm.load.example";
    public const string Audience = "https://kms.load.example";
    public const string IdentityDomain = "mc.load.example";
    public const int KeySetsPerAnswer = 3;

    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"ES256","kid":"load","typ":"at+jwt"}"""u8);

    private static readonly string Scopes =
        "openid " + string.Join(' ', AnnexB.Services.Select(service => McScopes.For(service, McResource.KeyManagement)));

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void WriteJwks(string path)
    {
        ECParameters parameters = _key.ExportParameters(false);
        string x = Base64Url.EncodeToString(parameters.Q.X);
        string y = Base64Url.EncodeToString(parameters.Q.Y);
        File.WriteAllText(
            path,
            $$"""{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"load","x":"{{x}}","y":"{{y}}"}]}""");
    }

    /// <summary>A token of user <paramref name="number"/>, good for an hour.</summary>
    public string Sign(long number, DateTimeOffset now)
    {
        string user = "u" + number.ToString(CultureInfo.InvariantCulture);
        Dictionary<string, object> claims = new()
        {
            ["iss"] = Issuer,
            ["sub"] = user,
            ["aud"] = Audience,
            ["client_id"] = "load",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
            ["scope"] = Scopes,
        };
        foreach (McService service in AnnexB.Services)
        {
            claims[McClaims.For(service)] = $"sip:{user}.{(int)service}@{IdentityDomain}";
        }

        string content = Header + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        byte[] signature = _key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256);
        return content + "." + Base64Url.EncodeToString(signature);
    }

    public void Dispose() => _key.Dispose();
}
