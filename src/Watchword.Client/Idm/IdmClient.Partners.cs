using Duende.IdentityModel.Client;
using Watchword.Identity;

namespace Watchword.Client;

/// <content>Tokens of partner domains (TS 33.180 B.7).</content>
public sealed partial class IdmClient
{
    private const int MaxSecurityTokenLength = 16 * 1024;

    /// <summary>
    /// At the home IdM server: a security token for one partner (TS 33.180 B.7.2, B.7.3; RFC 8693). It asserts the services that
    /// <paramref name="token"/> opens.
    /// </summary>
    /// <param name="token">An access token of the user, given by this IdM server to this client.</param>
    /// <param name="resource">What the home IdM server knows the partner by.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.SecurityTokenRefused"/>, <see cref="ClientFault.TokenResponseMalformed"/>, the transport's.
    /// </exception>
    public async Task<SecurityToken> ExchangeAsync(AccessToken token, string resource, CancellationToken cancellationToken = default)
    {
        IdmMetadata metadata = await GetMetadataAsync(cancellationToken);
        using TokenExchangeTokenRequest request = new()
        {
            Address = metadata.TokenEndpoint.AbsoluteUri,
            ClientId = _options.ClientId,
            ClientCredentialStyle = ClientCredentialStyle.PostBody,
            SubjectToken = token.Reveal(),
            SubjectTokenType = InterDomainNames.JwtTokenType,
            Resource = resource,
        };
        TokenResponse response = await _http.RequestTokenExchangeTokenAsync(request, cancellationToken);
        RequireToken(response, metadata, ClientFault.SecurityTokenRefused, cancellationToken);
        // RFC 8693 §2.2.1: an IdM server that gives something else would have it sent to the partner.
        return response.IssuedTokenType == InterDomainNames.JwtTokenType && response.AccessToken!.Length <= MaxSecurityTokenLength
            ? new SecurityToken(response.AccessToken, _time.GetUtcNow().AddSeconds(response.ExpiresIn))
            : throw new WatchwordClientException(
                ClientFault.TokenResponseMalformed, "issued_token_type", HttpFaults.CorrelationId(response.HttpResponse));
    }

    /// <summary>At the partner's IdM server: an access token of <paramref name="scopes"/> or fewer (TS 33.180 B.7.4, B.7.5; RFC
    /// 7523). The security token is spent.</summary>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.PartnerTokenRefused"/>, <see cref="ClientFault.ScopeTooWide"/>,
    /// <see cref="ClientFault.TokenResponseMalformed"/>, the transport's.
    /// </exception>
    public async Task<AccessToken> RedeemAsync(
        SecurityToken token, IReadOnlyList<string> scopes, CancellationToken cancellationToken = default)
    {
        IdmMetadata metadata = await GetMetadataAsync(cancellationToken);
        using TokenRequest request = new()
        {
            Address = metadata.TokenEndpoint.AbsoluteUri,
            ClientId = _options.ClientId,
            ClientCredentialStyle = ClientCredentialStyle.PostBody,
            GrantType = InterDomainNames.SecurityTokenGrant,
        };
        request.Parameters.Add("assertion", token.Value);
        request.Parameters.Add("scope", string.Join(' ', scopes));
        TokenResponse response = await _http.RequestTokenAsync(request, cancellationToken);
        RequireToken(response, metadata, ClientFault.PartnerTokenRefused, cancellationToken);
        return RequireNarrow(ReadAccessToken(response, scopes), scopes);
    }
}
