using Watchword.Identity;

namespace Watchword.Client;

/// <summary>
/// The tokens of a profile: logs in, and gives each target an access token of its own by refreshing with that target's scopes
/// only
/// (TS 33.180 B.5). Refresh tokens rotate: each new one is on disk before its access token is used, and one task refreshes at a
/// time.
/// </summary>
public sealed class TokenCache
{
    private readonly IdmClient _idm;
    private readonly KeyStore _store;
    private readonly EntityCredential? _entity;
    private readonly PartnerDomain? _partner;
    private readonly TokenCache? _home;

    /// <summary>For a user's profile.</summary>
    public TokenCache(IdmClient idm, KeyStore store)
    {
        _idm = idm;
        _store = store;
    }

    /// <summary>For the profile of a network entity, which has no refresh token and proves itself each time.</summary>
    /// <param name="idm">The IdM client; its scopes are those that the entity is registered for.</param>
    /// <param name="store">The profile.</param>
    /// <param name="entity">The entity's private key; the caller disposes it.</param>
    public TokenCache(IdmClient idm, KeyStore store, EntityCredential entity)
        : this(idm, store)
    {
        _entity = entity;
    }

    /// <summary>For the services of another domain (TS 33.180 5.1.4): every access token is one of the partner's IdM server, and is kept
    /// under its issuer.</summary>
    /// <param name="home">The tokens of the home domain, where the user is logged in.</param>
    /// <param name="partner">The other domain.</param>
    /// <param name="store">The profile that the tokens are kept in: that of the home domain, or, where keys of the other domain
    /// are fetched, one of its own, which <see cref="LogInPartnerAsync"/> binds.</param>
    public TokenCache(TokenCache home, PartnerDomain partner, KeyStore store)
        : this(home._idm, store)
    {
        _home = home;
        _partner = partner;
    }

    /// <summary>The profile.</summary>
    public KeyStore Store => _store;

    /// <summary>Logs a user in and binds the profile to him.</summary>
    /// <exception cref="WatchwordClientException">As <see cref="IdmClient.LogInAsync"/>; <see cref="ClientFault.ProfileMismatch"/>.</exception>
    public async Task<ClientIdentity> LogInAsync(ILoginBrowser browser, CancellationToken cancellationToken = default)
    {
        TokenSet tokens = await _idm.LogInAsync(browser, cancellationToken);
        _store.KeepLogIn(tokens);
        return tokens.Identity;
    }

    /// <summary>
    /// Binds the profile to a network entity and proves its credential with a first token for the KMS. The IdM server decides the
    /// entity's
    /// URI (<c>mcx_entity_uri</c>); a KMS gives no keys for another than that.
    /// </summary>
    /// <param name="entityUri">The URI that the entity is registered with.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="WatchwordClientException">
    /// As <see cref="IdmClient.AuthenticateEntityAsync"/>; <see cref="ClientFault.UriMalformed"/>, <see cref="ClientFault.ProfileMismatch"/>.
    /// </exception>
    public async Task<ClientIdentity> LogInEntityAsync(string entityUri, CancellationToken cancellationToken = default)
    {
        EntityCredential entity = _entity ?? throw new InvalidOperationException("This cache was made without an entity's credential.");
        if (!McServiceId.IsValid(entityUri))
        {
            throw new WatchwordClientException(ClientFault.UriMalformed, "entity URI");
        }

        ClientIdentity identity = new(
            _idm.Options.Issuer, entity.ClientId, entity.ClientId, new Dictionary<McService, string>(), entityUri);
        AccessTokenTarget target = AccessTokenTarget.For(McResource.KeyManagement);
        AccessToken token = await _idm.AuthenticateEntityAsync(entity, Select(target), cancellationToken);
        _store.KeepEntity(identity);
        _store.KeepAccessToken(target, token);
        return identity;
    }

    /// <summary>
    /// Binds a profile of its own to the user in the other domain, with a first token for its KMS, the migration KMS (TS 33.180 5.3):
    /// he is keyed there under the MC service IDs that he has at home.
    /// </summary>
    /// <exception cref="WatchwordClientException">
    /// As <see cref="IdmClient.ExchangeAsync"/> and <see cref="IdmClient.RedeemAsync"/>; <see cref="ClientFault.NotLoggedIn"/>,
    /// <see cref="ClientFault.ScopeNotGranted"/>, <see cref="ClientFault.ProfileMismatch"/>.
    /// </exception>
    public async Task<ClientIdentity> LogInPartnerAsync(CancellationToken cancellationToken = default)
    {
        if (_partner is null || ReferenceEquals(_store, _home!._store))
        {
            throw new InvalidOperationException("This cache has no profile of its own for another domain.");
        }

        AccessToken token = await GetAccessTokenAsync(McResource.KeyManagement, cancellationToken);
        ClientIdentity home = _home._store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        Dictionary<McService, string> services = home.ServiceIds
            .Where(id => token.Scopes.Contains(McScopes.For(id.Key, McResource.KeyManagement)))
            .ToDictionary(id => id.Key, id => id.Value);
        IdmClientOptions partner = _partner.Idm.Options;
        ClientIdentity identity = new(partner.Issuer, home.Subject, partner.ClientId, services);
        _store.KeepEntity(identity);
        return identity;
    }

    /// <summary>An access token for every granted service of a resource.</summary>
    /// <exception cref="WatchwordClientException">As the other overload.</exception>
    public Task<AccessToken> GetAccessTokenAsync(McResource resource, CancellationToken cancellationToken) =>
        GetAccessTokenAsync(AccessTokenTarget.For(resource), cancellationToken);

    /// <summary>The access token kept for the target while it is good for another 30 seconds, or a new one.</summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.NotLoggedIn"/>, <see cref="ClientFault.ScopeNotGranted"/>, those of <see cref="IdmClient.RefreshAsync"/>.
    /// </exception>
    public async Task<AccessToken> GetAccessTokenAsync(AccessTokenTarget target, CancellationToken cancellationToken)
    {
        if (_partner is not null)
        {
            return await FindOrRedeemAsync(target, _partner, _home!, cancellationToken);
        }

        using IDisposable turn = await _store.EnterTokensAsync(cancellationToken);
        if (_store.FindAccessToken(target) is { } kept)
        {
            return kept;
        }

        IReadOnlyList<string> scopes = Select(target);
        AccessToken token = _entity is null
            ? await RefreshAsync(scopes, cancellationToken)
            : await _idm.AuthenticateEntityAsync(_entity, scopes, cancellationToken);
        _store.KeepAccessToken(target, token);
        return token;
    }

    /// <summary>
    /// Forgets the access token for a target that a resource server did not take: the next call gets a new one.
    /// </summary>
    public void Drop(AccessTokenTarget target) =>
        _store.DropAccessToken(_partner is null ? target : target.At(_partner.Idm.Options.Issuer));

    /// <summary>
    /// Revokes the refresh token where the IdM server can, and drops all tokens from the profile in any case; true if it was
    /// revoked.
    /// </summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreNotWritten"/>.</exception>
    public async Task<bool> LogOutAsync(CancellationToken cancellationToken = default)
    {
        TokenSet? tokens = _store.Tokens;
        _store.ForgetTokens();
        try
        {
            return tokens is not null && await _idm.RevokeAsync(tokens, cancellationToken);
        }
        catch (WatchwordClientException)
        {
            return false;
        }
    }

    /// <summary>A security token is asked for anew each time: it is taken once.</summary>
    private async Task<AccessToken> FindOrRedeemAsync(
        AccessTokenTarget target, PartnerDomain partner, TokenCache home, CancellationToken cancellation)
    {
        AccessTokenTarget there = target.At(partner.Idm.Options.Issuer);
        if (_store.FindAccessToken(there) is { } early)
        {
            return early;
        }

        // The services of the user at home; whether the partner opens them is for the partner to say.
        IReadOnlyDictionary<McService, string>? services = home._store.Identity?.ServiceIds;
        IReadOnlyList<string> scopes = target.Select(
            McScopes.All.Where(scope => McScopes.TryParse(scope, out McService service, out _)
                && services?.ContainsKey(service) == true).ToHashSet(StringComparer.Ordinal));
        if (scopes.Count == 0)
        {
            throw new WatchwordClientException(ClientFault.ScopeNotGranted, target.Name);
        }

        // A token with the service scopes, none for the home KMS: the exchange needs no more. Before the turn is taken, because both
        // caches may be of one profile.
        AccessToken token = await home.GetAccessTokenAsync(AccessTokenTarget.For(McResource.Service), cancellation);
        using IDisposable turn = await _store.EnterTokensAsync(cancellation);
        if (_store.FindAccessToken(there) is { } kept)
        {
            return kept;
        }

        SecurityToken security = await home._idm.ExchangeAsync(token, partner.Resource, cancellation);
        AccessToken redeemed = await partner.Idm.RedeemAsync(security, scopes, cancellation);
        _store.KeepAccessToken(there, redeemed);
        return redeemed;
    }

    private IReadOnlyList<string> Select(AccessTokenTarget target)
    {
        IReadOnlySet<string> granted = _entity is not null
            ? _idm.Options.Scopes.ToHashSet(StringComparer.Ordinal)
            : (_store.Tokens ?? throw new WatchwordClientException(ClientFault.NotLoggedIn)).GrantedScopes;
        IReadOnlyList<string> scopes = target.Select(granted);
        return scopes.Count > 0 ? scopes : throw new WatchwordClientException(ClientFault.ScopeNotGranted, target.Name);
    }

    private async Task<AccessToken> RefreshAsync(IReadOnlyList<string> scopes, CancellationToken cancellation)
    {
        TokenSet tokens = _store.Tokens ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);
        RefreshedTokens refreshed = await _idm.RefreshAsync(tokens, scopes, cancellation);
        _store.KeepRefreshed(refreshed.Tokens);
        return IdmClient.RequireNarrow(refreshed.AccessToken, scopes);
    }
}
