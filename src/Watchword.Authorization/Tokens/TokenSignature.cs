using Watchword.Authorization.Configuration;
using Watchword.Authorization.Keys;

namespace Watchword.Authorization.Tokens;

/// <summary>Whose a token is: the trusted issuer whose key verifies its signature, or why there is none.</summary>
internal readonly record struct TokenSignature(TrustedIssuer? Issuer, AuthorizationFault Fault, TimeSpan? RetryAfter = null)
{
    /// <summary>Issuer, then algorithm, then key, then signature (RFC 8725 §3.1, §3.8).</summary>
    public static async ValueTask<TokenSignature> CheckAsync(
        CompactToken token, TrustedIssuers issuers, CancellationToken cancellationToken)
    {
        if (!StrictJson.TryGetString(token.Claims, "iss", out string? name))
        {
            return Refused(AuthorizationFault.IssuerMissing);
        }

        if (!issuers.TryGet(name, out TrustedIssuer? issuer))
        {
            return Refused(AuthorizationFault.IssuerNotTrusted);
        }

        if (!issuer.Algorithms.Contains(token.Algorithm))
        {
            return Refused(AuthorizationFault.AlgorithmNotAllowed);
        }

        KeyLookup lookup = await issuer.Keys.FindAsync(token.KeyId, cancellationToken);
        if (lookup.Key is null)
        {
            return lookup.RetryAfter is TimeSpan wait
                ? new TokenSignature(null, AuthorizationFault.KeysNotAvailable, wait)
                : Refused(AuthorizationFault.KeyUnknown);
        }

        if (!string.Equals(lookup.Key.Algorithm, token.Algorithm, StringComparison.Ordinal))
        {
            return Refused(AuthorizationFault.KeyDoesNotFit);
        }

        return lookup.Key.Verifies(token.SignedOctets, token.Signature)
            ? new TokenSignature(issuer, AuthorizationFault.None)
            : Refused(AuthorizationFault.SignatureInvalid);
    }

    private static TokenSignature Refused(AuthorizationFault fault) => new(null, fault);
}
