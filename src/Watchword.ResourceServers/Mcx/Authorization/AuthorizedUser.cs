using Watchword.Authorization;
using Watchword.Client;

namespace Watchword.ResourceServers.Mcx.Authorization;

/// <summary>A user and client whose token, CSK and identity hold together; nothing of it is stored yet.</summary>
/// <param name="ServiceId">The MC service ID of the token.</param>
/// <param name="ClientId">The MC client ID.</param>
/// <param name="Principal">The token.</param>
/// <param name="Csk">The CSK uploaded with it; null for none. Whoever revealed the bodies disposes it.</param>
internal sealed record AuthorizedUser(string ServiceId, string ClientId, AccessTokenPrincipal Principal, TakenServiceKey? Csk)
{
    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(AuthorizedUser);
}
