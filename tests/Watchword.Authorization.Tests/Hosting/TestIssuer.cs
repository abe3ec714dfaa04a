using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Watchword.Authorization.Tests.Hosting;

/// <summary>An issuer with real keys of its own, which signs whatever octets a test wants signed.</summary>
public sealed class TestIssuer : IDisposable
{
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly bool _publishesRsa;
    private readonly Lazy<RSA> _rsa;

    /// <param name="name">The value of <c>iss</c>.</param>
    /// <param name="publishesRsa">Puts the RSA key into the key set; it is slow to make, so only where a test needs it.</param>
    /// <param name="rsaBits">Size of that key.</param>
    public TestIssuer(string name, bool publishesRsa = false, int rsaBits = 2048)
    {
        Name = name;
        _publishesRsa = publishesRsa;
        _rsa = new Lazy<RSA>(() => RSA.Create(rsaBits));
        string tag = new Uri(name).Host;
        (EcKeyId, RsaKeyId) = ($"{tag}-ec", $"{tag}-rsa");
    }

    public string Name { get; }

    public string EcKeyId { get; init; }

    public string RsaKeyId { get; init; }

    public string RsaPublicKeyPem => _rsa.Value.ExportSubjectPublicKeyInfoPem();

    public byte[] RsaPublicKeyDer => _rsa.Value.ExportSubjectPublicKeyInfo();

    public JsonObject EcJwk()
    {
        ECParameters parameters = _ec.ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "EC",
            ["crv"] = "P-256",
            ["use"] = "sig",
            ["alg"] = "ES256",
            ["kid"] = EcKeyId,
            ["x"] = Base64Url.EncodeToString(parameters.Q.X!),
            ["y"] = Base64Url.EncodeToString(parameters.Q.Y!),
        };
    }

    public JsonObject RsaJwk()
    {
        RSAParameters parameters = _rsa.Value.ExportParameters(false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["alg"] = "RS256",
            ["kid"] = RsaKeyId,
            ["n"] = Base64Url.EncodeToString(parameters.Modulus!),
            ["e"] = Base64Url.EncodeToString(parameters.Exponent!),
        };
    }

    public string Jwks() => _publishesRsa ? SetOf(EcJwk(), RsaJwk()) : SetOf(EcJwk());

    public static string SetOf(params JsonNode[] keys) => new JsonObject { ["keys"] = new JsonArray(keys) }.ToJsonString();

    public JsonObject EcHeader() => new() { ["alg"] = "ES256", ["typ"] = "at+jwt", ["kid"] = EcKeyId };

    public JsonObject RsaHeader() => new() { ["alg"] = "RS256", ["typ"] = "at+jwt", ["kid"] = RsaKeyId };

    /// <summary>A good token of this issuer for <paramref name="claims"/>, by its elliptic curve key.</summary>
    public string Token(JsonObject claims) => SignEc(EcHeader().ToJsonString(), claims.ToJsonString());

    public string SignEc(string header, string claims) => Join(header, claims, input =>
        _ec.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    public string SignRsa(string header, string claims) => Join(header, claims, input =>
        _rsa.Value.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public string SignRsaPss(string header, string claims) => Join(header, claims, input =>
        _rsa.Value.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pss));

    public static string SignHmac(string header, string claims, byte[] key) => Join(header, claims, input => HMACSHA256.HashData(key, input));

    public static string Join(string header, string claims, Func<byte[], byte[]> sign) =>
        Join(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(claims), sign);

    public static string Join(byte[] header, byte[] claims, Func<byte[], byte[]> sign)
    {
        string input = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        return $"{input}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    public string SignEc(byte[] header, byte[] claims) => Join(header, claims, input =>
        _ec.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    public void Dispose()
    {
        _ec.Dispose();
        if (_rsa.IsValueCreated)
        {
            _rsa.Value.Dispose();
        }
    }
}
