using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Watchword.Identity;

namespace Watchword.Services.Load;

/// <summary>An issuer of access tokens with a key of its own, for MCPTT.</summary>
internal sealed class TokenSigner : IDisposable
{
    public const string Issuer = "https://idm.load.example";
    public const string Audience = "https://mcx.load.example";
    public const string IdentityDomain = "mc.load.example";

    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"ES256","kid":"load","typ":"at+jwt"}"""u8);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static string IdOf(int user) => string.Create(CultureInfo.InvariantCulture, $"sip:u{user}@{IdentityDomain}");

    public void WriteJwks(string path)
    {
        ECParameters parameters = _key.ExportParameters(false);
        string x = Base64Url.EncodeToString(parameters.Q.X);
        string y = Base64Url.EncodeToString(parameters.Q.Y);
        File.WriteAllText(
            path, $$"""{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"load","x":"{{x}}","y":"{{y}}"}]}""");
    }

    /// <summary>A token of a user, good for an hour.</summary>
    public string Sign(int user, DateTimeOffset now)
    {
        Dictionary<string, object> claims = new()
        {
            ["iss"] = Issuer,
            ["sub"] = string.Create(CultureInfo.InvariantCulture, $"u{user}"),
            ["aud"] = Audience,
            ["client_id"] = "load",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
            ["scope"] = McScopes.For(McService.Mcptt, McResource.Service),
            [McClaims.McpttId] = IdOf(user),
        };
        string content = Header + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        return content + "." + Base64Url.EncodeToString(
            _key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256));
    }

    public void Dispose() => _key.Dispose();
}
