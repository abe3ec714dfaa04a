using Microsoft.IdentityModel.Tokens;

namespace Watchword.Client;

/// <summary>The verification keys of an IdM server, by <c>kid</c>; fetched when first needed and once more when a <c>kid</c> is unknown.</summary>
internal sealed class SigningKeys(Func<CancellationToken, Task<string>> fetch)
{
    private const int MinRsaBits = 2048;
    private JsonWebKeySet? _keys;

    /// <summary>The key named <paramref name="kid"/> if it fits <paramref name="algorithm"/>; null if there is none even after a new fetch.</summary>
    public async Task<SecurityKey?> FindAsync(string kid, string algorithm, CancellationToken cancellation)
    {
        if (_keys is not null && Find(_keys, kid, algorithm) is { } known)
        {
            return known;
        }

        _keys = Parse(await fetch(cancellation));
        return Find(_keys, kid, algorithm);
    }

    private static JsonWebKeySet Parse(string json)
    {
        try
        {
            return new JsonWebKeySet(json);
        }
        catch (ArgumentException e)
        {
            throw new WatchwordClientException(ClientFault.SigningKeysUnusable, "not a JWK set", inner: e);
        }
    }

    // One key type for each algorithm (RFC 8725 §3.1): an RSA key never becomes an HMAC secret, an EC key never checks RS256.
    private static JsonWebKey? Find(JsonWebKeySet keys, string kid, string algorithm)
    {
        JsonWebKey[] named = [.. keys.Keys.Where(k => string.Equals(k.Kid, kid, StringComparison.Ordinal))];
        return named.Length == 1 && Fits(named[0], algorithm) ? named[0] : null;
    }

    private static bool Fits(JsonWebKey key, string algorithm) =>
        (string.IsNullOrEmpty(key.Use) || key.Use == "sig")
        && (string.IsNullOrEmpty(key.Alg) || key.Alg == algorithm)
        && algorithm switch
        {
            SecurityAlgorithms.EcdsaSha256 => key is { Kty: "EC", Crv: "P-256" },
            SecurityAlgorithms.RsaSha256 => key.Kty == "RSA" && key.KeySize >= MinRsaBits,
            _ => false,
        };
}
