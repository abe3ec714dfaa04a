using Microsoft.AspNetCore.Http;

namespace Watchword.Authorization;

/// <summary>What each fault means on the wire: status, error code of RFC 6750 §3.1 and a text without content of the
/// token.</summary>
public static class AuthorizationFaults
{
    /// <summary>The HTTP status: 400, 401, 403 or 503 (TS 24.482 A.2.3, RFC 6750 §3.1).</summary>
    public static int StatusOf(AuthorizationFault fault) => fault switch
    {
        AuthorizationFault.SeveralCredentials
            or AuthorizationFault.EventDeliveryMalformed
            or AuthorizationFault.TypeNotSecurityEvent
            or AuthorizationFault.EventMalformed
            or AuthorizationFault.EventTimeRefused
            or AuthorizationFault.EventsNotExpected
            or AuthorizationFault.EventOutOfOrder
            or AuthorizationFault.EventStreamUnknown => StatusCodes.Status400BadRequest,
        AuthorizationFault.TokenMissing
            or AuthorizationFault.InsufficientScope
            or AuthorizationFault.IdentityMissing => StatusCodes.Status403Forbidden,
        AuthorizationFault.KeysNotAvailable or AuthorizationFault.IssuerSilent => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status401Unauthorized,
    };

    /// <summary>The <c>error</c> of RFC 6750 §3.1; null where it has none.</summary>
    public static string? ErrorCodeOf(AuthorizationFault fault) => StatusOf(fault) switch
    {
        StatusCodes.Status400BadRequest => "invalid_request",
        StatusCodes.Status401Unauthorized => "invalid_token",
        StatusCodes.Status403Forbidden when fault != AuthorizationFault.TokenMissing => "insufficient_scope",
        _ => null,
    };

    /// <summary>A fixed text in the characters that RFC 6750 §3 allows for <c>error_description</c>.</summary>
    public static string ReasonOf(AuthorizationFault fault) => fault switch
    {
        AuthorizationFault.TokenMissing => "no bearer token in the Authorization header",
        AuthorizationFault.SeveralCredentials => "more than one Authorization header",
        AuthorizationFault.CredentialMalformed => "the bearer credential is not one token",
        AuthorizationFault.TokenTooLong => "the token is longer than 16384 characters",
        AuthorizationFault.NotThreeSegments => "the token does not have three segments",
        AuthorizationFault.SegmentNotBase64Url => "a segment of the token is not base64url",
        AuthorizationFault.HeaderMalformed => "the header of the token is not a JSON object",
        AuthorizationFault.ClaimsMalformed => "the claims of the token are not a JSON object",
        AuthorizationFault.MemberRepeated => "a member of the token appears twice",
        AuthorizationFault.AlgorithmNotAllowed => "the algorithm of the token is not allowed",
        AuthorizationFault.KeyIdMissing => "the token does not name its key",
        AuthorizationFault.CriticalHeader => "the token has critical header parameters",
        AuthorizationFault.TypeNotAccessToken => "the type of the token is not that of an access token",
        AuthorizationFault.IssuerMissing => "the token does not name its issuer",
        AuthorizationFault.IssuerNotTrusted => "the issuer of the token is not trusted here",
        AuthorizationFault.KeyUnknown => "the issuer has no such key",
        AuthorizationFault.KeyDoesNotFit => "the key does not fit the algorithm of the token",
        AuthorizationFault.SignatureInvalid => "the signature of the token does not verify",
        AuthorizationFault.KeysNotAvailable => "the keys of the issuer cannot be had at present",
        AuthorizationFault.ExpiryMissing => "the token has no expiry",
        AuthorizationFault.TimeNotANumber => "a time in the token is not a number",
        AuthorizationFault.Expired => "the token has expired",
        AuthorizationFault.NotYetValid => "the token is not valid yet",
        AuthorizationFault.IssuedInFuture => "the token was issued in the future",
        AuthorizationFault.AudienceMissing => "the token has no audience",
        AuthorizationFault.AudienceMalformed => "the audience of the token is malformed",
        AuthorizationFault.AudienceNotThisServer => "the audience of the token is not this server",
        AuthorizationFault.ScopeMissing => "the token has no scope",
        AuthorizationFault.ScopeMalformed => "the scope of the token is malformed",
        AuthorizationFault.SubjectMalformed => "the token names no usable subject",
        AuthorizationFault.IdentityMalformed => "an identity in the token is malformed",
        AuthorizationFault.IdentityOutsideDomain => "an identity in the token is not the issuer's to assert",
        AuthorizationFault.EntityNotOfIssuer => "the entity in the token is not the issuer's to assert",
        AuthorizationFault.EntityAndUser => "the token names both a user and a network entity",
        AuthorizationFault.IdentityIsEntity => "an MC service ID in the token belongs to a network entity",
        AuthorizationFault.IssuerSilent => "the issuer has not been heard of for too long",
        AuthorizationFault.SubjectDisabled => "the subject of the token is disabled",
        AuthorizationFault.TokenEnded => "the token was ended by its issuer",
        AuthorizationFault.EventDeliveryMalformed => "the delivery is not one security event of at most 16384 octets",
        AuthorizationFault.TypeNotSecurityEvent => "the type of the token is not that of a security event",
        AuthorizationFault.EventMalformed => "the claims are not those of a security event",
        AuthorizationFault.EventTimeRefused => "the security event was signed too long ago or in the future",
        AuthorizationFault.EventsNotExpected => "no security events are expected of this issuer",
        AuthorizationFault.EventOutOfOrder => "the security event is not the next one of its stream",
        AuthorizationFault.EventStreamUnknown => "the stream of security events must begin anew",
        AuthorizationFault.InsufficientScope => "no scope of the token opens this resource",
        AuthorizationFault.IdentityMissing => "the token lacks the MC service ID of the service it has a scope for",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
