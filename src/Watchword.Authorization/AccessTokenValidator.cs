using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Watchword.Authorization.Configuration;
using Watchword.Authorization.Keys;
using Watchword.Authorization.Tokens;

namespace Watchword.Authorization;

/// <summary>Outcome of a validation: either a principal or a fault.</summary>
/// <param name="Principal">Who the token speaks for; null if it was refused.</param>
/// <param name="Fault">Why it was refused; <see cref="AuthorizationFault.None"/> if it was not.</param>
/// <param name="RetryAfter">With <see cref="AuthorizationFault.KeysNotAvailable"/>, when to try again.</param>
public readonly record struct AccessTokenValidation(
    AccessTokenPrincipal? Principal, AuthorizationFault Fault, TimeSpan? RetryAfter = null)
{
    internal static AccessTokenValidation Refused(AuthorizationFault fault) => new(null, fault);
}

/// <summary>
/// Validates access tokens by TS 33.180 B.11.2 under RFC 8725: form, then issuer, then key, then signature, then claims.
/// HTTP hosts reach it through the authentication scheme; a SIP host calls it with the token of the MC info body.
/// </summary>
public sealed class AccessTokenValidator
{
    private static readonly JsonWebTokenHandler SignatureChecker = new();

    private readonly TrustedIssuers _issuers;
    private readonly AccessTokenReader _reader;
    private readonly TimeProvider _time;
    private readonly AuthorizationMetrics _metrics;

    internal AccessTokenValidator(
        TrustedIssuers issuers, IOptions<ResourceServerOptions> options, TimeProvider time, AuthorizationMetrics metrics)
    {
        _issuers = issuers;
        _time = time;
        _metrics = metrics;
        _reader = new AccessTokenReader(options.Value.Audience, options.Value.Leeway, issuers.EntityUris);
    }

    /// <summary>Validates one token.</summary>
    /// <param name="token">The compact serialisation, as received.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    public async ValueTask<AccessTokenValidation> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        AuthorizationFault fault = CompactToken.TryParse(token, out CompactToken? parsed);
        using (parsed)
        {
            return parsed is null ? AccessTokenValidation.Refused(fault) : await ValidateAsync(parsed, cancellationToken);
        }
    }

    private async ValueTask<AccessTokenValidation> ValidateAsync(CompactToken token, CancellationToken cancellationToken)
    {
        if (!StrictJson.TryGetString(token.Claims, "iss", out string? name))
        {
            return AccessTokenValidation.Refused(AuthorizationFault.IssuerMissing);
        }

        if (!_issuers.TryGet(name, out TrustedIssuer? issuer))
        {
            return AccessTokenValidation.Refused(AuthorizationFault.IssuerNotTrusted);
        }

        if (!issuer.Algorithms.Contains(token.Algorithm))
        {
            return AccessTokenValidation.Refused(AuthorizationFault.AlgorithmNotAllowed);
        }

        KeyLookup lookup = await issuer.Keys.FindAsync(token.KeyId, cancellationToken);
        if (lookup.Key is null)
        {
            return lookup.RetryAfter is TimeSpan wait
                ? new AccessTokenValidation(null, AuthorizationFault.KeysNotAvailable, wait)
                : AccessTokenValidation.Refused(AuthorizationFault.KeyUnknown);
        }

        if (!string.Equals(lookup.Key.Algorithm, token.Algorithm, StringComparison.Ordinal))
        {
            return AccessTokenValidation.Refused(AuthorizationFault.KeyDoesNotFit);
        }

        if (!await IsSignedByAsync(lookup.Key, token))
        {
            return AccessTokenValidation.Refused(AuthorizationFault.SignatureInvalid);
        }

        AuthorizationFault fault = _reader.TryRead(token.Claims, issuer, _time.GetUtcNow(), out AccessTokenPrincipal? principal);
        if (fault == AuthorizationFault.None)
        {
            _metrics.Accepted(issuer.Name);
        }

        return new AccessTokenValidation(principal, fault);
    }

    /// <summary>
    /// The signature and nothing else: one key, one algorithm. The library's checks of claims are off, for it reads the
    /// system's clock and takes repeated members and times in strings; <see cref="AccessTokenReader"/> does them.
    /// </summary>
    [SuppressMessage("Security", "CA5404:Do not disable token validation checks", Justification = "They follow in AccessTokenReader.")]
    private static async Task<bool> IsSignedByAsync(VerificationKey key, CompactToken token)
    {
        TokenValidationResult result = await SignatureChecker.ValidateTokenAsync(token.Encoded, new TokenValidationParameters
        {
            RequireSignedTokens = true,
            IssuerSigningKey = key.Key,
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = [key.Algorithm],
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
            RequireExpirationTime = false,
        });
        return result.IsValid;
    }
}
