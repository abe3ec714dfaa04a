using Watchword.Identity;

namespace Watchword.Client;

/// <summary>How to reach an IdM server, and as which client.</summary>
public sealed record IdmClientOptions
{
    /// <summary>The issuer, octet for octet as the IdM server names itself; an https URL without query.</summary>
    public required string Issuer { get; init; }

    /// <summary>The registered <c>client_id</c> (TS 33.180 B.3).</summary>
    public required string ClientId { get; init; }

    /// <summary>
    /// The scopes wanted at log-in: <c>openid</c>, <c>offline_access</c> and all twelve MC scopes unless set. The IdM server grants
    /// those that the user has.
    /// </summary>
    public IReadOnlyList<string> Scopes { get; init; } = [McScopes.OpenId, McScopes.OfflineAccess, .. McScopes.All];

    /// <summary>How long a person may take to log in; 5 minutes unless set.</summary>
    public TimeSpan LogInTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one request may take; 30 seconds unless set.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
