using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Watchword.Authorization.Tokens;

namespace Watchword.Authorization.Keys;

/// <summary>A public key of an issuer, checked on import and bound to the one algorithm that its type fits.</summary>
internal sealed class VerificationKey
{
    private const int CoordinateSize = 32;
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    private readonly JsonWebKey _key;

    private VerificationKey(string keyId, string algorithm, JsonWebKey key) => (KeyId, Algorithm, _key) = (keyId, algorithm, key);

    public string KeyId { get; }

    public string Algorithm { get; }

    /// <summary>
    /// Imports a JWK (RFC 7517) that may verify signatures: named by <c>kid</c>, EC on P-256 or RSA of 2048 to 8192 bits,
    /// <c>use</c>, <c>key_ops</c> and <c>alg</c> not against it, without private part. Certificates in it are not read.
    /// </summary>
    public static bool TryImport(JsonElement jwk, [NotNullWhen(true)] out VerificationKey? key)
    {
        key = null;
        if (jwk.ValueKind != JsonValueKind.Object
            || !StrictJson.TryGetString(jwk, "kid", out string? keyId) || keyId.Length == 0
            || !StrictJson.TryGetString(jwk, "kty", out string? type)
            || !MayVerify(jwk)
            || jwk.TryGetProperty("d", out _))
        {
            return false;
        }

        (string Algorithm, JsonWebKey? Key) imported = type switch
        {
            "EC" => (SignatureAlgorithms.EcdsaP256, ImportEc(jwk)),
            "RSA" => (SignatureAlgorithms.RsaPkcs1, ImportRsa(jwk)),
            _ => (string.Empty, null),
        };
        if (imported.Key is null || (jwk.TryGetProperty("alg", out JsonElement alg) && !IsString(alg, imported.Algorithm)))
        {
            return false;
        }

        key = new VerificationKey(keyId, imported.Algorithm, imported.Key);
        return true;
    }

    /// <summary>
    /// Checks a signature with this key's own algorithm, never with one that a token names. Only the signature provider of
    /// Microsoft.IdentityModel is used: its claim checks read the system's clock and let repeated members pass.
    /// </summary>
    public bool Verifies(byte[] octets, byte[] signature)
    {
        if (signature.Length == 0)
        {
            return false;
        }

        CryptoProviderFactory factory = CryptoProviderFactory.Default;
        SignatureProvider provider = factory.CreateForVerifying(_key, Algorithm);
        try
        {
            return provider.Verify(octets, signature);
        }
        finally
        {
            factory.ReleaseSignatureProvider(provider);
        }
    }

    private static bool MayVerify(JsonElement jwk) =>
        (!jwk.TryGetProperty("use", out JsonElement use) || IsString(use, "sig"))
        && (!jwk.TryGetProperty("key_ops", out JsonElement operations)
            || (operations.ValueKind == JsonValueKind.Array && operations.EnumerateArray().Any(item => IsString(item, "verify"))));

    private static JsonWebKey? ImportEc(JsonElement jwk)
    {
        if (!StrictJson.TryGetString(jwk, "crv", out string? curve) || curve != "P-256"
            || !TryDecode(jwk, "x", out byte[] x) || x.Length != CoordinateSize
            || !TryDecode(jwk, "y", out byte[] y) || y.Length != CoordinateSize)
        {
            return null;
        }

        try
        {
            // Import is the check that the point lies on the curve.
            using var check = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            return new JsonWebKey { Kty = "EC", Crv = curve, X = Base64Url.EncodeToString(x), Y = Base64Url.EncodeToString(y) };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static JsonWebKey? ImportRsa(JsonElement jwk)
    {
        if (!TryDecode(jwk, "n", out byte[] modulus) || !TryDecode(jwk, "e", out byte[] exponent))
        {
            return null;
        }

        try
        {
            using var check = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
            bool sound = check.KeySize is >= MinRsaBits and <= MaxRsaBits && exponent.Length <= 8 && IsOddAndAboveOne(exponent);
            return sound
                ? new JsonWebKey { Kty = "RSA", N = Base64Url.EncodeToString(modulus), E = Base64Url.EncodeToString(exponent) }
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>With e = 1 anything is its own signature; an even e is no RSA exponent.</summary>
    private static bool IsOddAndAboveOne(byte[] exponent) =>
        (exponent[^1] & 1) == 1 && (exponent[^1] > 1 || exponent.AsSpan(0, exponent.Length - 1).ContainsAnyExcept((byte)0));

    private static bool TryDecode(JsonElement jwk, string name, out byte[] octets)
    {
        octets = [];
        if (!StrictJson.TryGetString(jwk, name, out string? text) || text.Length == 0 || !Base64Url.IsValid(text))
        {
            return false;
        }

        octets = Base64Url.DecodeFromChars(text);
        return octets.Length > 0;
    }

    private static bool IsString(JsonElement element, string expected) =>
        StrictJson.TryGetString(element, out string? value) && string.Equals(value, expected, StringComparison.Ordinal);
}
