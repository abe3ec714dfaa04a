using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Duende.IdentityModel.Client;
using Duende.IdentityModel.OidcClient;
using Duende.IdentityModel.OidcClient.Browser;
using Watchword.Identity;

namespace Watchword.Client;

/// <summary>
/// The IdM client (TS 33.180 Annex B): discovery with a pinned issuer, authorization code with PKCE S256, refresh to a narrower scope,
/// and client credentials for network entities. Nothing is believed before the ID token is fully validated.
/// </summary>
public sealed partial class IdmClient : IDisposable
{
    private const int MaxAnswerOctets = 1 << 20;
    private readonly IdmClientOptions _options;
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly SigningKeys _keys;
    private IdmMetadata? _metadata;

    /// <summary>Makes a client over its own connections.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>.</exception>
#pragma warning disable CA2000 // The HttpClient disposes the handler.
    public IdmClient(IdmClientOptions options, TlsTrust trust, TimeProvider time)
        : this(options, trust.CreateHandler(), time, disposeHandler: true)
#pragma warning restore CA2000
    {
    }

    /// <summary>Makes a client over a handler of <see cref="TlsTrust.CreateHandler()"/>, which the caller disposes.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>.</exception>
    public IdmClient(IdmClientOptions options, HttpMessageHandler handler, TimeProvider time)
        : this(options, handler, time, disposeHandler: false)
    {
    }

    private IdmClient(IdmClientOptions options, HttpMessageHandler handler, TimeProvider time, bool disposeHandler)
    {
        _ = IdmMetadata.AddressOf(options.Issuer);
        _options = options;
        _time = time;
        _http = new HttpClient(handler, disposeHandler) { Timeout = options.RequestTimeout, MaxResponseContentBufferSize = MaxAnswerOctets };
        _keys = new SigningKeys(FetchKeysAsync);
    }

    /// <summary>What this client was made with.</summary>
    public IdmClientOptions Options => _options;

    /// <summary>The metadata of the pinned issuer; fetched once.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.MetadataUnusable"/>, <see cref="ClientFault.IssuerMismatch"/>, the transport's.</exception>
    public async Task<IdmMetadata> GetMetadataAsync(CancellationToken cancellationToken = default)
    {
        if (_metadata is null)
        {
            byte[] json = await GetAsync(IdmMetadata.AddressOf(_options.Issuer), ClientFault.MetadataUnusable, cancellationToken);
            _metadata = IdmMetadata.Parse(json, _options.Issuer);
        }

        return _metadata;
    }

    /// <summary>Logs a user in (TS 33.180 B.4) through <paramref name="browser"/>.</summary>
    /// <exception cref="WatchwordClientException">Any fault of block 51xx, the transport's.</exception>
    public async Task<TokenSet> LogInAsync(ILoginBrowser browser, CancellationToken cancellationToken = default)
    {
        IdmMetadata metadata = await GetMetadataAsync(cancellationToken);
        string nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        IdTokenValidator validator = new(_keys, _options.Issuer, _options.ClientId, nonce, _time);
        OidcClient oidc = new(OidcOptions(metadata, browser, validator));
        AuthorizeState request = await oidc.PrepareLoginAsync(
            new Parameters { { "nonce", nonce }, { "acr_values", McAuthenticationContexts.Password } }, cancellationToken);
        if (request.IsError)
        {
            throw new WatchwordClientException(ClientFault.MetadataUnusable, AuthorizationResponse.PrintableToken(request.Error));
        }

        BrowserResult answer = await browser.InvokeAsync(
            new BrowserOptions(request.StartUrl, request.RedirectUri) { Timeout = _options.LogInTimeout }, cancellationToken);
        if (answer.ResultType != BrowserResultType.Success)
        {
            throw new WatchwordClientException(
                answer.ResultType == BrowserResultType.Timeout ? ClientFault.LogInTimedOut : ClientFault.BrowserUnavailable);
        }

        AuthorizationResponse.Check(answer.Response, request.RedirectUri, request.State, metadata);
        LoginResult result = await oidc.ProcessResponseAsync(answer.Response, request, [], cancellationToken);
        return ReadLogIn(result, validator, metadata);
    }

    /// <summary>
    /// Trades the refresh token for an access token of <paramref name="scopes"/> only (TS 33.180 B.5). The set returned replaces
    /// <paramref name="tokens"/>: its refresh token may be spent.
    /// </summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.RefreshRefused"/>, <see cref="ClientFault.ScopeTooWide"/>, <see cref="ClientFault.TokenResponseMalformed"/>,
    /// <see cref="ClientFault.IdTokenInvalid"/>, the transport's.
    /// </exception>
    public async Task<RefreshedTokens> RefreshAsync(
        TokenSet tokens, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default)
    {
        IdmMetadata metadata = await GetMetadataAsync(cancellationToken);
        using RefreshTokenRequest request = new()
        {
            Address = metadata.TokenEndpoint.AbsoluteUri,
            ClientId = _options.ClientId,
            ClientCredentialStyle = ClientCredentialStyle.PostBody,
            RefreshToken = tokens.RefreshToken,
            Scope = string.Join(' ', scopes),
        };
        TokenResponse response = await _http.RequestRefreshTokenAsync(request, cancellationToken);
        RequireToken(response, metadata, ClientFault.RefreshRefused, cancellationToken);
        (ClientIdentity identity, string idToken) = await ReadRefreshedIdentityAsync(response, tokens, cancellationToken);
        TokenSet renewed = new(identity, response.RefreshToken ?? tokens.RefreshToken, idToken, tokens.GrantedScopes);
        // The caller must keep the new refresh token even where the access token is of no use: the old one is spent.
        return new RefreshedTokens(renewed, ReadAccessToken(response, scopes));
    }

    /// <summary>An access token for a network entity by client credentials with <c>private_key_jwt</c> (RFC 6749 §4.4, RFC 7523 §2.2).</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.TokenRequestRefused"/>, <see cref="ClientFault.ScopeTooWide"/>, the transport's.</exception>
    public async Task<AccessToken> AuthenticateEntityAsync(
        EntityCredential credential, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default)
    {
        IdmMetadata metadata = await GetMetadataAsync(cancellationToken);
        using ClientCredentialsTokenRequest request = new()
        {
            Address = metadata.TokenEndpoint.AbsoluteUri,
            ClientId = credential.ClientId,
            ClientCredentialStyle = ClientCredentialStyle.PostBody,
            ClientAssertion = new ClientAssertion
            {
                Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                Value = credential.CreateAssertion(metadata.Issuer, _time),
            },
            Scope = string.Join(' ', scopes),
        };
        TokenResponse response = await _http.RequestClientCredentialsTokenAsync(request, cancellationToken);
        RequireToken(response, metadata, ClientFault.TokenRequestRefused, cancellationToken);
        return RequireNarrow(ReadAccessToken(response, scopes), scopes);
    }

    /// <summary>Revokes the refresh token at the IdM server (RFC 7009); false if the server has no such endpoint or did not take it.</summary>
    public async Task<bool> RevokeAsync(TokenSet tokens, CancellationToken cancellationToken = default)
    {
        IdmMetadata metadata = await GetMetadataAsync(cancellationToken);
        if (metadata.RevocationEndpoint is null)
        {
            return false;
        }

        using TokenRevocationRequest request = new()
        {
            Address = metadata.RevocationEndpoint.AbsoluteUri,
            ClientId = _options.ClientId,
            ClientCredentialStyle = ClientCredentialStyle.PostBody,
            Token = tokens.RefreshToken,
            TokenTypeHint = "refresh_token",
        };
        TokenRevocationResponse response = await _http.RevokeTokenAsync(request, cancellationToken);
        return !response.IsError;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <exception cref="WatchwordClientException"><see cref="ClientFault.ScopeTooWide"/>.</exception>
    internal static AccessToken RequireNarrow(AccessToken token, IReadOnlyList<string> scopes) =>
        token.Scopes.IsSubsetOf(scopes)
            ? token
            : throw new WatchwordClientException(ClientFault.ScopeTooWide, $"{token.Scopes.Count} scopes instead of {scopes.Count}");

    private OidcClientOptions OidcOptions(IdmMetadata metadata, ILoginBrowser browser, IdTokenValidator validator) => new()
    {
        Authority = metadata.Issuer,
        ClientId = _options.ClientId,
        Scope = string.Join(' ', _options.Scopes),
        RedirectUri = browser.RedirectUri,
        Browser = browser,
        IdentityTokenValidator = validator,
        LoadProfile = false,
        DisablePushedAuthorization = true,
        RefreshDiscoveryDocumentForLogin = false,
        RefreshDiscoveryOnSignatureFailure = false,
        TokenClientCredentialStyle = ClientCredentialStyle.PostBody,
        HttpClientFactory = _ => _http,
        Policy = new Policy { RequireIdentityTokenSignature = true, ValidateTokenIssuerName = true, ValidSignatureAlgorithms = ["ES256", "RS256"] },
        ProviderInformation = new ProviderInformation
        {
            IssuerName = metadata.Issuer,
            AuthorizeEndpoint = metadata.AuthorizationEndpoint.AbsoluteUri,
            TokenEndpoint = metadata.TokenEndpoint.AbsoluteUri,
            KeySet = new Duende.IdentityModel.Jwk.JsonWebKeySet(),
        },
    };

    private TokenSet ReadLogIn(LoginResult result, IdTokenValidator validator, IdmMetadata metadata)
    {
        if (validator.Refusal is not null)
        {
            throw new WatchwordClientException(ClientFault.IdTokenInvalid, validator.Refusal);
        }

        if (result.TokenResponse is { } response)
        {
            RequireToken(response, metadata, ClientFault.TokenRequestRefused, CancellationToken.None);
        }

        if (result.IsError || validator.Identity is null || result.AccessToken is null)
        {
            throw new WatchwordClientException(ClientFault.TokenRequestRefused, ErrorCodeIn(result.Error));
        }

        validator.RequireAccessTokenHash(result.AccessToken);
        if (string.IsNullOrEmpty(result.RefreshToken))
        {
            throw new WatchwordClientException(ClientFault.TokenResponseMalformed, "no refresh token: without one no token can be narrowed to one service");
        }

        IReadOnlySet<string> granted = ScopesOf(result.TokenResponse!, _options.Scopes);
        return new TokenSet(validator.Identity, result.RefreshToken, result.IdentityToken!, granted);
    }

    // The library wraps the code: "Error redeeming code: invalid_grant / description".
    private static string ErrorCodeIn(string? error)
    {
        string first = (error ?? string.Empty).Split(" / ")[0];
        string code = first[(first.LastIndexOf(": ", StringComparison.Ordinal) is var colon and >= 0 ? colon + 2 : 0)..];
        return AuthorizationResponse.PrintableToken(code);
    }

    private async Task<(ClientIdentity Identity, string IdToken)> ReadRefreshedIdentityAsync(
        TokenResponse response, TokenSet tokens, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(response.IdentityToken))
        {
            return (tokens.Identity, tokens.IdToken);
        }

        IdTokenValidator validator = new(_keys, _options.Issuer, _options.ClientId, nonce: null, _time);
        ClientIdentity identity = await validator.RequireAsync(response.IdentityToken, cancellation);
        validator.RequireAccessTokenHash(response.AccessToken!);
        return identity.IsSameAccount(tokens.Identity)
            ? (identity, response.IdentityToken)
            : throw new WatchwordClientException(ClientFault.IdTokenInvalid, "subject changed at a refresh (OpenID Connect Core §12.2)");
    }

    private AccessToken ReadAccessToken(TokenResponse response, IReadOnlyList<string> requested) =>
        new(response.AccessToken!, ScopesOf(response, requested), _time.GetUtcNow().AddSeconds(response.ExpiresIn));

    // RFC 6749 §5.1: an answer without scope grants exactly what was asked for.
    private static IReadOnlySet<string> ScopesOf(TokenResponse response, IReadOnlyList<string> requested) =>
        string.IsNullOrEmpty(response.Scope) ? requested.ToHashSet(StringComparer.Ordinal) : McScopes.Split(response.Scope);

    private static void RequireToken(TokenResponse response, IdmMetadata metadata, ClientFault refusal, CancellationToken cancellation)
    {
        string? correlationId = HttpFaults.CorrelationId(response.HttpResponse);
        if (response.Exception is { } exception && response.HttpResponse is null)
        {
            cancellation.ThrowIfCancellationRequested();
            throw HttpFaults.Map(exception, metadata.TokenEndpoint);
        }

        if (response.IsError)
        {
            bool oauth = response.ErrorType == ResponseErrorType.Protocol && response.Error is not null;
            throw new WatchwordClientException(
                oauth ? refusal : ClientFault.TokenResponseMalformed,
                oauth ? AuthorizationResponse.PrintableToken(response.Error) : $"status {(int)response.HttpStatusCode}",
                correlationId)
            {
                HttpStatus = (int)response.HttpStatusCode,
            };
        }

        if (string.IsNullOrEmpty(response.AccessToken) || response.ExpiresIn <= 0
            || !string.Equals(response.TokenType, "Bearer", StringComparison.OrdinalIgnoreCase))
        {
            throw new WatchwordClientException(ClientFault.TokenResponseMalformed, "access_token, token_type or expires_in", correlationId);
        }
    }

    private async Task<string> FetchKeysAsync(CancellationToken cancellation)
    {
        IdmMetadata metadata = await GetMetadataAsync(cancellation);
        return Encoding.UTF8.GetString(await GetAsync(metadata.JwksUri, ClientFault.SigningKeysUnusable, cancellation));
    }

    private async Task<byte[]> GetAsync(Uri url, ClientFault fault, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(url, cancellation);
            if (HttpFaults.IsRedirect(response))
            {
                throw new WatchwordClientException(ClientFault.RedirectRefused, url.GetLeftPart(UriPartial.Path), HttpFaults.CorrelationId(response));
            }

            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsByteArrayAsync(cancellation)
                : throw new WatchwordClientException(fault, $"status {(int)response.StatusCode}", HttpFaults.CorrelationId(response))
                {
                    HttpStatus = (int)response.StatusCode,
                };
        }
        catch (Exception e) when (HttpFaults.IsTransport(e, cancellation))
        {
            throw HttpFaults.Map(e, url);
        }
    }
}
