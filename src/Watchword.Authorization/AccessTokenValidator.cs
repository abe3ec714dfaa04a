using Microsoft.Extensions.Options;
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

        if (!lookup.Key.Verifies(token.SignedOctets, token.Signature))
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
}
