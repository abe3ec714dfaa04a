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
    public void Drop(AccessTokenTarget target) => _store.DropAccessToken(target);

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
