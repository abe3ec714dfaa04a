namespace Watchword.Authorization;

/// <summary>
/// Why a request was refused. Closed; the numbers are stable, are the log event ids, and are explained one by one in
/// <c>docs/errors/authorization.md</c>.
/// </summary>
public enum AuthorizationFault
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>No bearer token in the Authorization header (TS 24.482 A.2.3).</summary>
    TokenMissing = 4000,

    /// <summary>More than one Authorization header.</summary>
    SeveralCredentials = 4001,

    /// <summary>The bearer credential is not one token68 (RFC 6750 §2.1).</summary>
    CredentialMalformed = 4002,

    /// <summary>The token is longer than 16 KiB.</summary>
    TokenTooLong = 4003,

    /// <summary>The token does not have three segments (RFC 7515 §7.1).</summary>
    NotThreeSegments = 4010,

    /// <summary>A segment is not base64url without padding (RFC 7515 §2).</summary>
    SegmentNotBase64Url = 4011,

    /// <summary>The header is not a JSON object.</summary>
    HeaderMalformed = 4012,

    /// <summary>The claims are not a JSON object.</summary>
    ClaimsMalformed = 4013,

    /// <summary>A member of the header or of the claims appears twice.</summary>
    MemberRepeated = 4014,

    /// <summary>The algorithm is missing or not allowed for the issuer.</summary>
    AlgorithmNotAllowed = 4020,

    /// <summary>The header has no <c>kid</c>.</summary>
    KeyIdMissing = 4021,

    /// <summary>The header has <c>crit</c>.</summary>
    CriticalHeader = 4022,

    /// <summary>The header's <c>typ</c> is neither absent nor <c>JWT</c> nor <c>at+jwt</c>.</summary>
    TypeNotAccessToken = 4023,

    /// <summary>The claims have no <c>iss</c>, or one that is not a string.</summary>
    IssuerMissing = 4030,

    /// <summary>The issuer is not one of the configured ones.</summary>
    IssuerNotTrusted = 4031,

    /// <summary>The issuer has no key with this <c>kid</c>.</summary>
    KeyUnknown = 4040,

    /// <summary>The type of the key does not fit the algorithm of the header.</summary>
    KeyDoesNotFit = 4041,

    /// <summary>The signature does not verify.</summary>
    SignatureInvalid = 4042,

    /// <summary>The keys of the issuer cannot be had: the IdM server is not reachable. The token was not judged.</summary>
    KeysNotAvailable = 4043,

    /// <summary>
    /// Nothing was heard of the issuer's security events for too long, introspection did not help, and its policy is to refuse.
    /// </summary>
    IssuerSilent = 4044,

    /// <summary>The token has no <c>exp</c>.</summary>
    ExpiryMissing = 4050,

    /// <summary><c>exp</c>, <c>nbf</c> or <c>iat</c> is not a JSON number that denotes a time.</summary>
    TimeNotANumber = 4051,

    /// <summary>The token has expired.</summary>
    Expired = 4052,

    /// <summary><c>nbf</c> lies in the future.</summary>
    NotYetValid = 4053,

    /// <summary><c>iat</c> lies in the future.</summary>
    IssuedInFuture = 4054,

    /// <summary>The token has no <c>aud</c>, and its issuer is not configured to leave it out.</summary>
    AudienceMissing = 4060,

    /// <summary><c>aud</c> is neither a string nor an array of strings.</summary>
    AudienceMalformed = 4061,

    /// <summary><c>aud</c> does not name this server.</summary>
    AudienceNotThisServer = 4062,

    /// <summary>The token has no <c>scope</c>.</summary>
    ScopeMissing = 4070,

    /// <summary><c>scope</c> is neither a string nor an array of strings.</summary>
    ScopeMalformed = 4071,

    /// <summary><c>sub</c> or <c>client_id</c> is not a usable string, or both are missing.</summary>
    SubjectMalformed = 4080,

    /// <summary>An identity claim is not a string, or not a URI that may be keyed.</summary>
    IdentityMalformed = 4081,

    /// <summary>An identity is outside the issuer's identity domains.</summary>
    IdentityOutsideDomain = 4082,

    /// <summary>The entity is not one that the issuer may assert.</summary>
    EntityNotOfIssuer = 4083,

    /// <summary>The token claims to be both a user and a network entity.</summary>
    EntityAndUser = 4084,

    /// <summary>A user's MC service ID is the URI of a network entity.</summary>
    IdentityIsEntity = 4085,

    /// <summary>The issuer has disabled or removed the subject.</summary>
    SubjectDisabled = 4086,

    /// <summary>The issuer has ended the tokens of the subject that were issued up to a time, this one among them.</summary>
    TokenEnded = 4087,

    /// <summary>The token is valid but no scope opens this resource.</summary>
    InsufficientScope = 4090,

    /// <summary>A scope opens this resource, but the token lacks the MC service ID of that service.</summary>
    IdentityMissing = 4091,

    /// <summary>A delivery of a security event is not of the content type of RFC 8935, or longer than 16 KiB.</summary>
    EventDeliveryMalformed = 4100,

    /// <summary>The header's <c>typ</c> is not <c>secevent+jwt</c>.</summary>
    TypeNotSecurityEvent = 4101,

    /// <summary>The claims are not those of a security event, or the event's members not those of its type.</summary>
    EventMalformed = 4102,

    /// <summary>The event was signed too long ago, or in the future.</summary>
    EventTimeRefused = 4103,

    /// <summary>No events are expected of this issuer.</summary>
    EventsNotExpected = 4104,

    /// <summary>The event is not the next one of its stream.</summary>
    EventOutOfOrder = 4105,

    /// <summary>Nothing that is known here leads to the event: the stream must begin anew.</summary>
    EventStreamUnknown = 4106,
}
