namespace Watchword.Client;

/// <summary>What a refresh gives.</summary>
public sealed class RefreshedTokens
{
    internal RefreshedTokens(TokenSet tokens, AccessToken accessToken)
    {
        Tokens = tokens;
        AccessToken = accessToken;
    }

    /// <summary>The set that replaces the old one. Keep it before anything else: the old refresh token may be spent.</summary>
    public TokenSet Tokens { get; }

    /// <summary>The access token as the IdM server gave it; its scopes are still to be compared with those asked for.</summary>
    public AccessToken AccessToken { get; }
}
