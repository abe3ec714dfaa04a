using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Identity.Administration;

namespace Watchword.Idm.Server.Tests.Support;

/// <summary>Registrations and assertions of network entities.</summary>
internal static class Entities
{
    public const string KeyScope = "3gpp:mc:ptt_key_management_service";
    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public static string UriOf(string name) => $"sip:{name}@mc.example.org";

    public static NewClient WithCertificate(string name, string thumbprint) => new()
    {
        ClientId = name, Kind = ClientKinds.Entity, EntityUri = UriOf(name), CertificateThumbprint = thumbprint, Scopes = [KeyScope],
    };

    public static NewClient WithKey(string name, ECDsa key, string? uri = null) => new()
    {
        ClientId = name, Kind = ClientKinds.Entity, EntityUri = uri ?? UriOf(name), Jwks = PublicJwks(key), Scopes = [KeyScope],
    };

    public static JsonElement PublicJwks(ECDsa key)
    {
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return JsonSerializer.SerializeToElement(new
        {
            keys = new[] { new { kty = "EC", crv = "P-256", use = "sig", kid = "k1", x = Base64UrlEncoder.Encode(point.X), y = Base64UrlEncoder.Encode(point.Y) } },
        });
    }

    public static string Thumbprint(X509Certificate2 certificate) => Convert.ToHexString(SHA256.HashData(certificate.RawData));

    /// <summary>A client assertion; what a test changes is a parameter.</summary>
    public static string Assert(
        ECDsa key, string clientId, string audience, DateTimeOffset now, string? jti = null, int lifetime = 60, string? subject = null, string? type = null)
    {
        SecurityTokenDescriptor descriptor = new()
        {
            Claims = new Dictionary<string, object>
            {
                ["iss"] = clientId,
                ["sub"] = subject ?? clientId,
                ["aud"] = audience,
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = now.ToUnixTimeSeconds() + lifetime,
            },
            TokenType = type,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key) { KeyId = "k1" }, SecurityAlgorithms.EcdsaSha256),
        };
        jti ??= Guid.NewGuid().ToString();
        if (jti.Length > 0)
        {
            descriptor.Claims["jti"] = jti;
        }

        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    public static Dictionary<string, string> Request(string assertion, string? scope = KeyScope)
    {
        Dictionary<string, string> form = new()
        {
            ["grant_type"] = "client_credentials", ["client_assertion_type"] = AssertionType, ["client_assertion"] = assertion,
        };
        if (scope is not null)
        {
            form["scope"] = scope;
        }

        return form;
    }
}
