using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Duende.IdentityModel.OidcClient;
using Duende.IdentityModel.OidcClient.Results;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Identity;

namespace Watchword.Client;

/// <summary>
/// The whole validation of an ID token (TS 33.180 B.11.1, OpenID Connect Core §3.1.3.7), which the OpenID Connect library leaves to
/// its caller. One instance validates the tokens of one log-in or refresh.
/// </summary>
/// <param name="keys">The issuer's keys.</param>
/// <param name="issuer">The pinned issuer.</param>
/// <param name="clientId">The audience.</param>
/// <param name="nonce">What the request carried; null at a refresh, where no nonce is sent (OpenID Connect Core §12.2).</param>
/// <param name="time">The clock.</param>
internal sealed class IdTokenValidator(SigningKeys keys, string issuer, string clientId, string? nonce, TimeProvider time)
    : IIdentityTokenValidator
{
    /// <summary>TS 33.180 B.2.1: not more than 30 seconds.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    private const int MaxSubjectOctets = 255;
    private const int MaxTokenLength = 64 * 1024;
    private static readonly string[] Algorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256];

    /// <summary>Why the last token was refused; null if it was not.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The identity in the last token; null if it was refused.</summary>
    public ClientIdentity? Identity { get; private set; }

    /// <summary>The <c>at_hash</c> of the last token, if it has one.</summary>
    public string? AccessTokenHash { get; private set; }

    /// <inheritdoc/>
    public async Task<IdentityTokenValidationResult> ValidateAsync(
        string identityToken, OidcClientOptions options, CancellationToken cancellationToken = default)
    {
        (ClientIdentity? identity, string? refusal) = await ValidateAsync(identityToken, cancellationToken);
        (Identity, Refusal) = (identity, refusal);
        return refusal is not null
            ? new IdentityTokenValidationResult { Error = refusal }
            : new IdentityTokenValidationResult
            {
                User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", identity!.Subject)], "id_token")),
                SignatureAlgorithm = new JsonWebToken(identityToken).Alg,
            };
    }

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.IdTokenInvalid"/>.</exception>
    public async Task<ClientIdentity> RequireAsync(string identityToken, CancellationToken cancellation)
    {
        (ClientIdentity? identity, string? refusal) = await ValidateAsync(identityToken, cancellation);
        (Identity, Refusal) = (identity, refusal);
        return identity ?? throw new WatchwordClientException(ClientFault.IdTokenInvalid, refusal);
    }

    /// <summary>Checks <c>at_hash</c> where the token has one: the left half of SHA-256 (OpenID Connect Core §3.1.3.6; both algorithms are SHA-256).</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.IdTokenInvalid"/>.</exception>
    public void RequireAccessTokenHash(string accessToken)
    {
        if (AccessTokenHash is null)
        {
            return;
        }

        byte[] hash = SHA256.HashData(Encoding.ASCII.GetBytes(accessToken));
        string expected = Base64UrlEncoder.Encode(hash.AsSpan(0, hash.Length / 2).ToArray());
        if (!string.Equals(expected, AccessTokenHash, StringComparison.Ordinal))
        {
            throw new WatchwordClientException(ClientFault.IdTokenInvalid, "at_hash");
        }
    }

    private async Task<(ClientIdentity? Identity, string? Refusal)> ValidateAsync(string token, CancellationToken cancellation)
    {
        AccessTokenHash = null;
        if (await CheckSignatureAsync(token, cancellation) is { } refusal)
        {
            return (null, refusal);
        }

        try
        {
            using JsonDocument claims = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.Split('.')[1]), StrictJson.Options);
            refusal = CheckClaims(claims.RootElement);
            return refusal is null ? (ReadIdentity(claims.RootElement), null) : (null, refusal);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return (null, "claims are not strict JSON");
        }
    }

    private async Task<string?> CheckSignatureAsync(string text, CancellationToken cancellation)
    {
        JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxTokenLength };
        if (text.Length > MaxTokenLength || !handler.CanReadToken(text) || text.Count(c => c == '.') != 2)
        {
            return "not a signed JWT";
        }

        JsonWebToken token;
        try
        {
            token = handler.ReadJsonWebToken(text);
        }
        catch (ArgumentException)
        {
            return "not a signed JWT";
        }

        if (!Algorithms.Contains(token.Alg, StringComparer.Ordinal))
        {
            return "algorithm";
        }

        if (string.IsNullOrEmpty(token.Kid))
        {
            return "no kid";
        }

        SecurityKey? key = await keys.FindAsync(token.Kid, token.Alg, cancellation);
        if (key is null)
        {
            return "unknown key";
        }

        TokenValidationResult result = await handler.ValidateTokenAsync(text, Parameters(key));
        return result.IsValid ? null : Reason(result.Exception);
    }

    private TokenValidationParameters Parameters(SecurityKey key) => new()
    {
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidAlgorithms = Algorithms,
        IssuerSigningKey = key,
        TryAllIssuerSigningKeys = false,
        ValidIssuer = issuer,
        ValidAudience = clientId,
        CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        // The library reads the system clock; this one can be moved by a test.
        LifetimeValidator = (notBefore, expires, _, _) =>
            expires is { } end
            && time.GetUtcNow() < new DateTimeOffset(DateTime.SpecifyKind(end, DateTimeKind.Utc)) + Leeway
            && (notBefore is not { } start || time.GetUtcNow() > new DateTimeOffset(DateTime.SpecifyKind(start, DateTimeKind.Utc)) - Leeway),
    };

    private static string Reason(Exception e) => e switch
    {
        SecurityTokenInvalidIssuerException => "issuer",
        SecurityTokenInvalidAudienceException => "audience",
        SecurityTokenInvalidLifetimeException or SecurityTokenNoExpirationException or SecurityTokenExpiredException => "lifetime",
        SecurityTokenInvalidAlgorithmException => "algorithm",
        _ => "signature",
    };

    private string? CheckClaims(JsonElement claims)
    {
        if (!string.Equals(StrictJson.String(claims, "iss"), issuer, StringComparison.Ordinal))
        {
            return "issuer";
        }

        if (StrictJson.String(claims, "sub") is not { } subject || Encoding.UTF8.GetByteCount(subject) > MaxSubjectOctets)
        {
            return "subject";
        }

        if (!claims.TryGetProperty("exp", out JsonElement exp) || exp.ValueKind != JsonValueKind.Number
            || !claims.TryGetProperty("iat", out JsonElement iat) || iat.ValueKind != JsonValueKind.Number || !iat.TryGetDouble(out double issued))
        {
            return "exp or iat is no number";
        }

        if (issued > (time.GetUtcNow() + Leeway).ToUnixTimeMilliseconds() / 1000.0)
        {
            return "issued in the future";
        }

        if (nonce is not null && !string.Equals(StrictJson.String(claims, "nonce"), nonce, StringComparison.Ordinal))
        {
            return "nonce";
        }

        AccessTokenHash = StrictJson.String(claims, "at_hash");
        return CheckAudience(claims) ?? CheckServiceIds(claims);
    }

    private string? CheckAudience(JsonElement claims)
    {
        JsonElement aud = claims.GetProperty("aud");
        int audiences = aud.ValueKind == JsonValueKind.Array ? aud.GetArrayLength() : 1;
        bool hasParty = claims.TryGetProperty("azp", out _);
        bool partyIsUs = string.Equals(StrictJson.String(claims, "azp"), clientId, StringComparison.Ordinal);
        return (audiences > 1 || hasParty) && !partyIsUs ? "azp" : null;
    }

    private static string? CheckServiceIds(JsonElement claims)
    {
        foreach (McService service in AnnexB.Services)
        {
            if (claims.TryGetProperty(McClaims.For(service), out _) && !McServiceId.IsValid(StrictJson.String(claims, McClaims.For(service))))
            {
                return McClaims.For(service);
            }
        }

        return null;
    }

    private ClientIdentity ReadIdentity(JsonElement claims)
    {
        Dictionary<McService, string> serviceIds = [];
        foreach (McService service in AnnexB.Services)
        {
            if (StrictJson.String(claims, McClaims.For(service)) is { } uri)
            {
                serviceIds[service] = uri;
            }
        }

        return new ClientIdentity(issuer, StrictJson.String(claims, "sub")!, clientId, serviceIds);
    }
}
