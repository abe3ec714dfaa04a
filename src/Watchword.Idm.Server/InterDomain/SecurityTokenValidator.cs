using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>What a security token asserts, or why it is refused.</summary>
/// <param name="Primary">Who issued it; null if that is not known.</param>
/// <param name="Subject">The user's <c>sub</c> there.</param>
/// <param name="Identities">His MC service IDs.</param>
/// <param name="Name">What tells it from every other of that primary.</param>
/// <param name="ExpiresAt">Its <c>exp</c>.</param>
/// <param name="Refusal">Why it is refused; null if it holds.</param>
internal sealed record Assertion(
    PrimaryServer? Primary, string Subject, IReadOnlyDictionary<McService, string> Identities, string Name, DateTimeOffset ExpiresAt,
    SecurityTokenRefusal? Refusal)
{
    public static Assertion Refused(SecurityTokenRefusal refusal, PrimaryServer? primary) =>
        new(primary, string.Empty, new Dictionary<McService, string>(), string.Empty, default, refusal);
}

/// <summary>
/// Checks a security token (TS 33.180 B.8, B.11.3; RFC 7523 §3): form, issuer, algorithm, signature under a key that was provisioned
/// beforehand, audience, times, subject, identities. Nothing of it is used before its signature holds but <c>iss</c> and
/// <c>kid</c>.
/// </summary>
internal sealed class SecurityTokenValidator(PrimaryServers primaries, IdmIssuer issuer, IOptions<IdmOptions> options, TimeProvider time)
{
    /// <summary>Every algorithm that a primary may be configured with.</summary>
    internal static readonly string[] Algorithms =
        [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256];

    private const int MaxLength = 16 * 1024;
    private const int MaxJtiLength = 255;
    private const int AudienceCount = 2;
    private static readonly string[] UsualAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256];

    /// <summary>Types that are those of other tokens of an IdM server.</summary>
    private static readonly string[] OtherTypes = ["at+jwt", "secevent+jwt", "client-authentication+jwt", "logout+jwt"];

    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);
    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxLength };

    /// <summary>Checks a token that <paramref name="clientId"/> presents.</summary>
    public async Task<Assertion> ValidateAsync(string? token, string clientId, CancellationToken cancellation)
    {
        if (Parse(token) is not { } parsed)
        {
            return Assertion.Refused(SecurityTokenRefusal.Malformed, primary: null);
        }

        using JsonDocument payload = parsed.Payload;
        JsonElement claims = payload.RootElement;
        if (primaries.Find(TextOf(claims, "iss")) is not { } primary)
        {
            return Assertion.Refused(SecurityTokenRefusal.Issuer, primary: null);
        }

        SecurityTokenRefusal? refusal = await CheckSignatureAsync(parsed.Token, primary, cancellation)
            ?? CheckAudience(claims, clientId)
            ?? CheckTimes(claims, primary.Options)
            ?? CheckSubject(claims);
        if (refusal is not null)
        {
            return Assertion.Refused(refusal.Value, primary);
        }

        return ReadIdentities(claims, primary.Options) is { } identities
            ? new Assertion(
                primary, TextOf(claims, "sub")!, identities, NameOf(parsed.Token, claims),
                DateTimeOffset.FromUnixTimeSeconds(TimeOf(claims, "exp")!.Value), Refusal: null)
            : Assertion.Refused(SecurityTokenRefusal.Identity, primary);
    }

    private static (JsonWebToken Token, JsonDocument Payload)? Parse(string? token)
    {
        if (token is not { Length: > 0 and <= MaxLength } || token.Count(character => character == '.') != 2)
        {
            return null;
        }

        try
        {
            JsonWebToken parsed = new(token);
            string type = parsed.Typ ?? string.Empty;
            string name = type.StartsWith("application/", StringComparison.OrdinalIgnoreCase) ? type["application/".Length..] : type;
            if (parsed.TryGetHeaderValue("crit", out object _) || OtherTypes.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return null;
            }

            JsonDocument payload = JsonDocument.Parse(
                Base64UrlEncoder.DecodeBytes(parsed.EncodedPayload), new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return (parsed, payload);
        }
        catch (Exception fault) when (fault is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    [SuppressMessage("Security", "CA5404", Justification = "Audience and times have stricter rules of their own, checked next.")]
    private async Task<SecurityTokenRefusal?> CheckSignatureAsync(JsonWebToken token, PrimaryServer primary, CancellationToken cancellation)
    {
        IEnumerable<string> allowed = primary.Options.Algorithms.Count > 0 ? primary.Options.Algorithms : UsualAlgorithms;
        if (!allowed.Contains(token.Alg, StringComparer.Ordinal))
        {
            return SecurityTokenRefusal.Algorithm;
        }

        JsonWebKey? key;
        try
        {
            key = await primary.Keys.FindAsync(token.Kid, cancellation);
        }
        catch (PrimaryKeysException)
        {
            return SecurityTokenRefusal.KeysUnavailable;
        }

        string type = token.Alg == SecurityAlgorithms.EcdsaSha256 ? JsonWebAlgorithmsKeyTypes.EllipticCurve : JsonWebAlgorithmsKeyTypes.RSA;
        if (key is null || key.Kty != type || (!string.IsNullOrEmpty(key.Alg) && key.Alg != token.Alg))
        {
            return SecurityTokenRefusal.Signature;
        }

        TokenValidationResult result = await handler.ValidateTokenAsync(token.EncodedToken, new TokenValidationParameters
        {
            ValidAlgorithms = [token.Alg],
            // The key was chosen by name above; the library must look for no other.
            IssuerSigningKeyResolver = (_, _, _, _) => [key],
            ValidIssuer = primary.Options.Issuer,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        return result.IsValid ? null : SecurityTokenRefusal.Signature;
    }

    /// <summary>B.8: exactly the client and the server that is addressed. Whoever else was named could redeem it as well.</summary>
    private SecurityTokenRefusal? CheckAudience(JsonElement claims, string clientId)
    {
        if (!claims.TryGetProperty("aud", out JsonElement aud) || aud.ValueKind != JsonValueKind.Array || aud.GetArrayLength() != AudienceCount
            || aud.EnumerateArray().Any(audience => audience.ValueKind != JsonValueKind.String))
        {
            return SecurityTokenRefusal.Audience;
        }

        string[] audiences = [.. aud.EnumerateArray().Select(audience => audience.GetString()!)];
        return audiences.Count(audience => audience == clientId) == 1
            && audiences.Any(audience => audience == issuer.Value || options.Value.SecurityTokenAudiences.Contains(audience, StringComparer.Ordinal))
            ? null
            : SecurityTokenRefusal.Audience;
    }

    private SecurityTokenRefusal? CheckTimes(JsonElement claims, PrimaryServerOptions primary)
    {
        if (TimeOf(claims, "exp") is not { } expiry || TimeOf(claims, "iat") is not { } issued
            || (claims.TryGetProperty("nbf", out _) && TimeOf(claims, "nbf") is null))
        {
            return SecurityTokenRefusal.Lifetime;
        }

        DateTimeOffset now = time.GetUtcNow();
        TimeSpan Ahead(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds) - now;
        bool holds = -Ahead(expiry) < Leeway
            && Ahead(expiry) <= primary.LongestTokenLifetime + Leeway
            && Ahead(issued) <= Leeway
            && Ahead(TimeOf(claims, "nbf") ?? issued) <= Leeway;
        return holds ? null : SecurityTokenRefusal.Lifetime;
    }

    private static SecurityTokenRefusal? CheckSubject(JsonElement claims) =>
        TextOf(claims, "sub") is { Length: > 0 } subject && Encoding.UTF8.GetByteCount(subject) <= InterDomainNames.MaxSubjectOctets
            ? null
            : SecurityTokenRefusal.Subject;

    private static Dictionary<McService, string>? ReadIdentities(JsonElement claims, PrimaryServerOptions primary)
    {
        Dictionary<McService, string> identities = [];
        foreach (McService service in AnnexB.Services)
        {
            if (!claims.TryGetProperty(McClaims.For(service), out _))
            {
                continue;
            }

            if (TextOf(claims, McClaims.For(service)) is not { } identity
                || McServiceId.DomainOf(identity) is not { } domain
                || !primary.IdentityDomains.Contains(domain, StringComparer.Ordinal))
            {
                return null;
            }

            identities.Add(service, identity);
        }

        return identities;
    }

    private static string? TextOf(JsonElement claims, string name) =>
        claims.ValueKind == JsonValueKind.Object
        && claims.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long? TimeOf(JsonElement claims, string name)
    {
        const long lastSecond = 253_402_300_799;
        return claims.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out long seconds) && seconds is > 0 and < lastSecond
                ? seconds
                : null;
    }

    /// <summary>
    /// <c>jti</c>, which B.8 does not ask for; without one what was signed. The signature itself says nothing: of one token there can
    /// be several.
    /// </summary>
    private static string NameOf(JsonWebToken token, JsonElement claims) =>
        TextOf(claims, "jti") is { Length: > 0 and <= MaxJtiLength } jti
            ? "jti:" + jti
            : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{token.EncodedHeader}.{token.EncodedPayload}")));
}
