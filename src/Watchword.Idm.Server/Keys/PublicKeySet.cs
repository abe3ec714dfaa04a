using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Watchword.Idm.Server.Keys;

/// <summary>Reads a JWK set of somebody else's public keys (RFC 7517 §5): EC on P-256, or RSA of at least 2048 bits.</summary>
internal static class PublicKeySet
{
    private const int LeastRsaBits = 2048;
    private const int MostKeys = 10;
    private static readonly string[] PrivateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    /// <summary>Reads a set; the fault says what the set must be and holds nothing of it.</summary>
    public static bool TryParse(string json, out JsonWebKeySet? keys, out string? fault)
    {
        keys = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return TryParse(document.RootElement, out keys, out fault);
        }
        catch (JsonException)
        {
            fault = "is no JSON";
            return false;
        }
    }

    /// <summary>Reads a set; the fault says what the set must be and holds nothing of it.</summary>
    public static bool TryParse(JsonElement jwks, out JsonWebKeySet? keys, out string? fault)
    {
        keys = null;
        fault = $"is a JWK set with 1 to {MostKeys} keys";
        if (jwks.ValueKind != JsonValueKind.Object || !jwks.TryGetProperty("keys", out JsonElement members)
            || members.ValueKind != JsonValueKind.Array || members.GetArrayLength() is 0 or > MostKeys)
        {
            return false;
        }

        foreach (JsonElement key in members.EnumerateArray())
        {
            if (key.ValueKind != JsonValueKind.Object || PrivateMembers.Any(member => key.TryGetProperty(member, out _)))
            {
                fault = "holds public keys only";
                return false;
            }
        }

        JsonWebKeySet set;
        try
        {
            set = JsonWebKeySet.Create(jwks.GetRawText());
        }
        catch (ArgumentException)
        {
            return false;
        }

        bool strong = set.Keys.All(IsStrong);
        fault = strong ? null : "holds keys that are EC on P-256, or RSA of at least 2048 bits";
        keys = strong ? set : null;
        return strong;
    }

    private static bool IsStrong(JsonWebKey key)
    {
        try
        {
            return key.Kty switch
            {
                JsonWebAlgorithmsKeyTypes.EllipticCurve => key.Crv == JsonWebKeyECTypes.P256 && IsOnCurve(key),
                JsonWebAlgorithmsKeyTypes.RSA => Base64UrlEncoder.DecodeBytes(key.E).Length > 0
                    && Base64UrlEncoder.DecodeBytes(key.N).Length * 8 >= LeastRsaBits,
                _ => false,
            };
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or CryptographicException)
        {
            return false;
        }
    }

    private static bool IsOnCurve(JsonWebKey key)
    {
        ECParameters parameters = new()
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) },
        };
        using ECDsa imported = ECDsa.Create(parameters);
        return imported.KeySize == 256;
    }
}
