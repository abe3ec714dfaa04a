namespace Watchword.Identity;

/// <summary>Names in the requests for tokens of a partner domain (TS 33.180 B.7).</summary>
public static class InterDomainNames
{
    /// <summary>Grant: an access token for a security token, at the primary IdM server (B.7.2; RFC 8693 §2.1).</summary>
    public const string TokenExchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <summary>Grant: a security token for an access token, at the partner IdM server (B.7.4; RFC 7523 §2.1).</summary>
    public const string SecurityTokenGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /// <summary>Type of what is exchanged and of what is given (B.7.2, B.7.3; RFC 8693 §3).</summary>
    public const string JwtTokenType = "urn:ietf:params:oauth:token-type:jwt";

    /// <summary>Type of an access token (RFC 8693 §3): accepted for what is exchanged.</summary>
    public const string AccessTokenType = "urn:ietf:params:oauth:token-type:access_token";

    /// <summary>Longest <c>sub</c> of a security token, in octets (B.8).</summary>
    public const int MaxSubjectOctets = 255;
}
