using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Watchword.Benchmarking;

/// <summary>The ES256 key of an issuer that a load program plays: its public half in a JWKS file, tokens of any claims.</summary>
internal sealed class TokenKey : IDisposable
{
    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"ES256","kid":"load","typ":"at+jwt"}"""u8);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void WriteJwks(string path)
    {
        ECParameters parameters = _key.ExportParameters(false);
        string x = Base64Url.EncodeToString(parameters.Q.X);
        string y = Base64Url.EncodeToString(parameters.Q.Y);
        File.WriteAllText(
            path, $$"""{"keys":[{"kty":"EC","crv":"P-256","use":"sig","alg":"ES256","kid":"load","x":"{{x}}","y":"{{y}}"}]}""");
    }

    public string Sign(Dictionary<string, object> claims)
    {
        string content = Header + "." + Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims));
        return content + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256));
    }

    public void Dispose() => _key.Dispose();
}
