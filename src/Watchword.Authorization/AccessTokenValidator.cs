using Microsoft.Extensions.Options;
using Watchword.Authorization.Configuration;
using Watchword.Authorization.Events;
using Watchword.Authorization.Tokens;

namespace Watchword.Authorization;

/// <summary>Outcome of a validation: either a principal or a fault.</summary>
/// <param name="Principal">Who the token speaks for; null if it was refused.</param>
/// <param name="Fault">Why it was refused; <see cref="AuthorizationFault.None"/> if it was not.</param>
/// <param name="RetryAfter">
/// With <see cref="AuthorizationFault.KeysNotAvailable"/> and <see cref="AuthorizationFault.IssuerSilent"/>, when to try again.
/// </param>
public readonly record struct AccessTokenValidation(
    AccessTokenPrincipal? Principal, AuthorizationFault Fault, TimeSpan? RetryAfter = null)
{
    /// <summary>Whose token it is, when it is good by itself and was refused for what is known of its subject; else null. Not to be let
    /// in: for the log of the host.</summary>
    public AccessTokenPrincipal? RefusedPrincipal { get; internal init; }

    internal static AccessTokenValidation Refused(AuthorizationFault fault) => new(null, fault);
}

/// <summary>
/// Validates access tokens by TS 33.180 B.11.2 under RFC 8725: form, then issuer, then key, then signature, then claims;
/// then what the security events of the issuer tell of the subject.
/// HTTP hosts reach it through the authentication scheme; a SIP host calls it with the token of the MC info body.
/// </summary>
public sealed class AccessTokenValidator
{
    private readonly TrustedIssuers _issuers;
    private readonly AccessTokenReader _reader;
    private readonly TimeProvider _time;
    private readonly AuthorizationMetrics _metrics;
    private readonly IssuerFreshness _freshness;
    private readonly TimeSpan _leeway;

    internal AccessTokenValidator(
        TrustedIssuers issuers, IssuerFreshness freshness, IOptions<ResourceServerOptions> options, TimeProvider time,
        AuthorizationMetrics metrics)
    {
        _freshness = freshness;
        _issuers = issuers;
        _time = time;
        _metrics = metrics;
        _leeway = options.Value.Leeway;
        _reader = new AccessTokenReader(options.Value.Audience, _leeway, issuers.EntityUris);
    }

    private AccessTokenValidator(AccessTokenValidator other, string audience)
    {
        _freshness = other._freshness;
        _issuers = other._issuers;
        _time = other._time;
        _metrics = other._metrics;
        _leeway = other._leeway;
        _reader = new AccessTokenReader(audience, _leeway, _issuers.EntityUris, audienceRequired: true);
    }

    /// <summary>The same for another interface of this server, which has an audience of its own: a token for one opens nothing at the
    /// other. A token without audience is refused, whatever the issuer is allowed to leave out.</summary>
    /// <param name="audience">Name of the interface in <c>aud</c>.</param>
    public AccessTokenValidator ForAudience(string audience) => new(this, audience);

    /// <summary>Validates one token.</summary>
    /// <param name="token">The compact serialisation, as received.</param>
    /// <param name="cancellationToken">Ends the wait for keys.</param>
    public async ValueTask<AccessTokenValidation> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        AuthorizationFault fault = CompactToken.TryParse(token, TokenKind.AccessToken, out CompactToken? parsed);
        using (parsed)
        {
            return parsed is null ? AccessTokenValidation.Refused(fault) : await ValidateAsync(parsed, token, cancellationToken);
        }
    }

    private async ValueTask<AccessTokenValidation> ValidateAsync(
        CompactToken token, string encoded, CancellationToken cancellationToken)
    {
        TokenSignature signature = await TokenSignature.CheckAsync(token, _issuers, cancellationToken);
        if (signature.Issuer is not { } issuer)
        {
            return new AccessTokenValidation(null, signature.Fault, signature.RetryAfter);
        }

        AuthorizationFault fault = _reader.TryRead(token.Claims, issuer, _time.GetUtcNow(), out AccessTokenPrincipal? principal);
        if (fault != AuthorizationFault.None)
        {
            return AccessTokenValidation.Refused(fault);
        }

        AccessTokenValidation judged = await _freshness.CheckAsync(issuer, principal!, encoded, cancellationToken);
        if (judged.Fault == AuthorizationFault.None)
        {
            _metrics.Accepted(issuer.Name);
        }

        return judged;
    }
}
