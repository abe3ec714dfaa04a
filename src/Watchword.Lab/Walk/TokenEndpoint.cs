using System.Text.Json;
using Watchword.Client;
using Watchword.Identity;

namespace Watchword.Lab.Walk;

/// <summary>
/// Posts to the token endpoint of an IdM server exactly what it is told: the walk shows the messages of TS 33.180 B.7 themselves, and
/// what no client would send.
/// </summary>
internal sealed class TokenEndpoint(TlsTrust trust, string issuer) : IDisposable
{
    private readonly HttpClient _http = new(trust.CreateHandler());

    /// <summary>A token exchange request (B.7.2; RFC 8693 §2.1).</summary>
    public Task<TokenAnswer> ExchangeAsync(AccessToken token, string resource, CancellationToken cancellation) => PostAsync(
        new(StringComparer.Ordinal)
        {
            ["grant_type"] = InterDomainNames.TokenExchangeGrant,
            ["client_id"] = LabDomain.ClientId,
            ["subject_token"] = token.Reveal(),
            ["subject_token_type"] = InterDomainNames.JwtTokenType,
            ["resource"] = resource,
        },
        cancellation);

    /// <summary>A token request with a security token (B.7.4; RFC 7523 §2.1).</summary>
    public Task<TokenAnswer> RedeemAsync(string securityToken, IEnumerable<string> scopes, CancellationToken cancellation) => PostAsync(
        new(StringComparer.Ordinal)
        {
            ["grant_type"] = InterDomainNames.SecurityTokenGrant,
            ["client_id"] = LabDomain.ClientId,
            ["assertion"] = securityToken,
            ["scope"] = string.Join(' ', scopes),
        },
        cancellation);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<TokenAnswer> PostAsync(Dictionary<string, string> form, CancellationToken cancellation)
    {
        using FormUrlEncodedContent content = new(form);
        using HttpResponseMessage response = await _http.PostAsync(new Uri(issuer + "/connect/token"), content, cancellation);
        using JsonDocument body = await JsonDocument.ParseAsync(
            await response.Content.ReadAsStreamAsync(cancellation), cancellationToken: cancellation);
        return new TokenAnswer((int)response.StatusCode, body.RootElement.Clone());
    }
}

/// <summary>What a token endpoint answered.</summary>
internal sealed class TokenAnswer(int status, JsonElement body)
{
    public int Status => status;

    public string AccessToken => Member("access_token") ?? throw new WalkException($"no token, but {status} with error {Error}");

    public string? IssuedTokenType => Member("issued_token_type");

    public string? Error => Member("error");

    /// <summary>Whether the answer has such a member.</summary>
    public bool Has(string name) => body.TryGetProperty(name, out _);

    /// <summary>The type's name: the answer holds tokens.</summary>
    public override string ToString() => nameof(TokenAnswer);

    private string? Member(string name) => body.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
