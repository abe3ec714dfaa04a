namespace Watchword.Idm.Server.InterDomain;

/// <summary>Why a token exchange was refused.</summary>
internal enum ExchangeRefusal
{
    /// <summary>More or less than one <c>resource</c>, an actor token, or another type of token than a JWT.</summary>
    Request,

    /// <summary><c>resource</c> is no partner of this server.</summary>
    Partner,

    /// <summary>The access token is not this client's.</summary>
    OtherClient,

    /// <summary>The access token is no user's, or its user is disabled or removed.</summary>
    Account,

    /// <summary>The access token was ended before its time.</summary>
    Ended,

    /// <summary>The access token opens no service that the partner may be told of.</summary>
    NoService,
}

/// <summary>Why a security token was refused (TS 33.180 B.11.3).</summary>
internal enum SecurityTokenRefusal
{
    /// <summary>Not a signed JWT of the form of B.8.</summary>
    Malformed,

    /// <summary>Of no primary of this server.</summary>
    Issuer,

    /// <summary>The keys of the primary could not be had.</summary>
    KeysUnavailable,

    /// <summary>The algorithm is not one of the primary's.</summary>
    Algorithm,

    /// <summary>The signature, or its key, is not the primary's.</summary>
    Signature,

    /// <summary><c>aud</c> is not this server and this client.</summary>
    Audience,

    /// <summary>Expired, of the future, or living too long.</summary>
    Lifetime,

    /// <summary><c>sub</c> is missing or too long.</summary>
    Subject,

    /// <summary>An identity that the primary may not assert.</summary>
    Identity,

    /// <summary>None of the scopes is open.</summary>
    Scope,

    /// <summary>It was redeemed before.</summary>
    Replayed,

    /// <summary>The primary is blocked here.</summary>
    PrimaryBlocked,

    /// <summary>The user is blocked here.</summary>
    SubjectBlocked,
}
