using System.Net.Http.Headers;

namespace Watchword.Client;

/// <summary>An access token for one target. Opaque to the client (TS 33.180 B.2.2); shown only by <see cref="Reveal"/>.</summary>
public sealed class AccessToken
{
    private readonly string _value;

    internal AccessToken(string value, IReadOnlySet<string> scopes, DateTimeOffset expiresAt)
    {
        _value = value;
        Scopes = scopes;
        ExpiresAt = expiresAt;
    }

    /// <summary>The scopes that the IdM server said it holds.</summary>
    public IReadOnlySet<string> Scopes { get; }

    /// <summary>When it ends, by the clock of this machine.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The token itself, for a person who asked for it or a request of another library.</summary>
    public string Reveal() => _value;

    /// <summary>The header that carries it (RFC 6750 §2.1).</summary>
    public AuthenticationHeaderValue ToAuthorizationHeader() => new("Bearer", _value);

    /// <summary>The type's name, never the token.</summary>
    public override string ToString() => nameof(AccessToken);
}

/// <summary>
/// What a log-in leaves: the refresh token, the ID token with the identity it proved, and the scopes granted. The wide access token
/// of the log-in is not kept: every target gets one of its own.
/// </summary>
public sealed class TokenSet
{
    internal TokenSet(ClientIdentity identity, string refreshToken, string idToken, IReadOnlySet<string> grantedScopes)
    {
        Identity = identity;
        RefreshToken = refreshToken;
        IdToken = idToken;
        GrantedScopes = grantedScopes;
    }

    /// <summary>The identity of the validated ID token.</summary>
    public ClientIdentity Identity { get; }

    /// <summary>The scopes granted at log-in.</summary>
    public IReadOnlySet<string> GrantedScopes { get; }

    internal string RefreshToken { get; }

    internal string IdToken { get; }

    /// <summary>The ID token, for a person who asked to see it.</summary>
    public string RevealIdToken() => IdToken;

    /// <summary>The type's name, never a token.</summary>
    public override string ToString() => nameof(TokenSet);
}
