using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>
/// Writes and signs security tokens (TS 33.180 B.8). One has no <c>scope</c>, and names a client and a partner in <c>aud</c>: no
/// resource server takes it for an access token.
/// </summary>
internal sealed class SecurityTokens(SigningKeyRing ring, IdmIssuer issuer)
{
    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>The token that asserts <paramref name="services"/> of an account to a partner, for one client.</summary>
    public string Sign(
        PartnerServerOptions partner, Account account, IEnumerable<McService> services, string clientId, DateTimeOffset now, TimeSpan lifetime)
    {
        long issuedAt = now.ToUnixTimeSeconds();
        JsonObject claims = new()
        {
            ["iss"] = issuer.Value,
            ["sub"] = account.Subject,
            ["aud"] = new JsonArray(clientId, partner.Resource),
            ["iat"] = issuedAt,
            ["exp"] = issuedAt + (long)lifetime.TotalSeconds,
            ["jti"] = EventOutbox.NewJti(),
        };
        foreach (McService service in services)
        {
            claims[McClaims.For(service)] = account.ServiceIdFor(service);
        }

        return handler.CreateToken(
            claims.ToJsonString(),
            ring.Active.For(partner.SigningAlgorithm),
            new Dictionary<string, object> { ["typ"] = partner.TokenType });
    }
}
