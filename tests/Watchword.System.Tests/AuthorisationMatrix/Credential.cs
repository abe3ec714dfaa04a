namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>What a request of the matrix comes with: the right thing, or one kind of wrong one.</summary>
public enum Credential
{
    /// <summary>The token that the IdM server gives for this server and service, and a request for the user's own.</summary>
    Right,

    /// <summary>No token, but a network entity that its peer may assert, on the listener for that.</summary>
    RightAssertion,

    /// <summary>Past its end by less than the leeway of 30 s (TS 33.180 B.2.2.2).</summary>
    WithinLeeway,

    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>Not a token.</summary>
    Malformed,

    /// <summary>Past its end by more than the leeway.</summary>
    Expired,

    /// <summary><c>nbf</c> ahead by more than the leeway.</summary>
    NotYetValid,

    /// <summary><c>iat</c> ahead by more than the leeway.</summary>
    IssuedInFuture,

    /// <summary>Well signed by the key of another issuer, which it names.</summary>
    OtherIssuer,

    /// <summary>Names the right issuer and a key that this issuer has not.</summary>
    UnknownKey,

    /// <summary>Names issuer and key rightly, and is signed by another key.</summary>
    OtherSignature,

    /// <summary>A good signature over other claims.</summary>
    ChangedClaims,

    /// <summary><c>alg</c> none, without signature.</summary>
    NotSigned,

    /// <summary>HS256 with the issuer's public key as the secret (RFC 8725 §2.1).</summary>
    PublicKeyAsSecret,

    /// <summary>The scopes of this server, the audience of another.</summary>
    OtherAudience,

    /// <summary>The scopes of this server, and no audience.</summary>
    NoAudience,

    /// <summary>What the IdM server gave for another server.</summary>
    TokenForOther,

    /// <summary>The audience of this server, the scopes of MCX servers.</summary>
    McxScopesOnly,

    /// <summary>The audience of this server, the scopes of the KMS.</summary>
    KeyScopesOnly,

    /// <summary>The audience of this server, the scopes of configuration management.</summary>
    ConfigurationScopesOnly,

    /// <summary>The audience of this server, the scopes of group management.</summary>
    GroupScopesOnly,

    /// <summary>The scope of this server for another MC service alone: MCVideo's at MCPTT and so on.</summary>
    OtherMcService,

    /// <summary>The right scopes without an MC service ID.</summary>
    NoServiceId,

    /// <summary>An MC service ID of a domain that the issuer may not assert.</summary>
    OtherDomain,

    /// <summary>A network entity's, whom this server does not serve.</summary>
    NetworkEntity,

    /// <summary>A good token of one user with a request for another's.</summary>
    OtherUser,

    /// <summary>The user's ID token.</summary>
    IdToken,

    /// <summary>The user's refresh token.</summary>
    RefreshToken,

    /// <summary>A security token for a partner domain (TS 33.180 B.8).</summary>
    SecurityToken,

    /// <summary>An asserted identity from a UE, on the listener for UEs.</summary>
    AssertedByUe,

    /// <summary>An asserted identity on the listener for entities, from a peer whose certificate does not allow it.</summary>
    AssertedByOtherPeer,

    /// <summary>An asserted identity on the listener for entities, without a certificate.</summary>
    AssertedWithoutCertificate,

    /// <summary>A good token and an asserted identity over SIP, from an address that is no peer.</summary>
    StrangerPeer,
}

/// <summary>The words of the page.</summary>
internal static class CredentialText
{
    /// <summary>More than the leeway.</summary>
    public const int BeyondLeewaySeconds = 35;

    /// <summary>So much less than it that a slow machine does not make more of it.</summary>
    public const int WithinLeewaySeconds = 2;

    /// <summary>Those that are let in. The last one makes what wrong ones could harm.</summary>
    public static IReadOnlyList<Credential> Good { get; } =
        [Credential.RightAssertion, Credential.WithinLeeway, Credential.Right];

    /// <summary>All others.</summary>
    public static IReadOnlyList<Credential> Wrong { get; } = [.. Enum.GetValues<Credential>().Except(Good)];

    public static string Of(Credential kind) => kind switch
    {
        Credential.Right => "**the right token**",
        Credential.RightAssertion => "**a network entity that its peer may assert**",
        Credential.WithinLeeway => "**expired, within the leeway of 30 s**",
        Credential.Absent => "no token",
        Credential.Malformed => "not a token",
        Credential.Expired => "expired, beyond the leeway of 30 s",
        Credential.NotYetValid => "not yet valid (`nbf`)",
        Credential.IssuedInFuture => "issued in the future (`iat`)",
        Credential.OtherIssuer => "of another issuer, well signed",
        Credential.UnknownKey => "of a key that the issuer has not",
        Credential.OtherSignature => "signed by another key under the issuer's `kid`",
        Credential.ChangedClaims => "claims changed under a good signature",
        Credential.NotSigned => "`alg` none",
        Credential.PublicKeyAsSecret => "HS256 with the public key as secret",
        Credential.OtherAudience => "audience of another server",
        Credential.NoAudience => "no audience",
        Credential.TokenForOther => "given by the IdM server for another server",
        Credential.McxScopesOnly => "scopes of the MCX servers only",
        Credential.KeyScopesOnly => "scopes of the KMS only",
        Credential.ConfigurationScopesOnly => "scopes of configuration management only",
        Credential.GroupScopesOnly => "scopes of group management only",
        Credential.OtherMcService => "scope of another MC service only",
        Credential.NoServiceId => "no MC service ID",
        Credential.OtherDomain => "MC service ID of another domain",
        Credential.NetworkEntity => "of a network entity that is not served",
        Credential.OtherUser => "good, and the request is for another user's",
        Credential.IdToken => "an ID token",
        Credential.RefreshToken => "a refresh token",
        Credential.SecurityToken => "a security token for a partner domain",
        Credential.AssertedByUe => "no token; a UE sends `X-3GPP-Asserted-Identity`",
        Credential.AssertedByOtherPeer => "no token; a peer asserts what its certificate does not allow",
        Credential.AssertedWithoutCertificate => "no token; asserted without a client certificate",
        Credential.StrangerPeer => "good, with `P-Asserted-Identity` from a stranger",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
