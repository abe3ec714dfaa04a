using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Lab;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>Everything that the running IdM server gave one user after his log-in.</summary>
/// <param name="Access">An access token for each resource server, with the scopes of all three MC services.</param>
/// <param name="IdToken">The ID token.</param>
/// <param name="RefreshToken">The refresh token.</param>
/// <param name="SecurityToken">A security token for a partner domain.</param>
internal sealed record IssuedTokens(
    IReadOnlyDictionary<McResource, string> Access, string IdToken, string RefreshToken, string SecurityToken)
{
    /// <summary>The type's name: the record would print tokens.</summary>
    public override string ToString() => nameof(IssuedTokens);

    /// <summary>Logs in and asks for all of them.</summary>
    public static async Task<IssuedTokens> GetAsync(
        LabDescription lab, string user, TlsTrust trust, string partner, CancellationToken cancellation)
    {
        using TokenResponses seen = new(trust.CreateHandler());
        using IdmClient idm = new(
            new IdmClientOptions { Issuer = lab.Idm, ClientId = lab.ClientId }, seen, TimeProvider.System);
        using SocketsHttpHandler pages = trust.CreateHandler();
        using LogInCredential credential = new(user, lab.Users[user].Password);
        TokenSet tokens = await idm.LogInAsync(new FormWalkingBrowser(pages, credential), cancellation);
        Dictionary<McResource, string> access = [];
        foreach (McResource resource in AnnexB.Resources)
        {
            RefreshedTokens narrow = await idm.RefreshAsync(
                tokens, [.. AnnexB.Services.Select(service => McScopes.For(service, resource))], cancellation);
            tokens = narrow.Tokens;
            access[resource] = narrow.AccessToken.Reveal();
        }

        JsonObject last = seen.Last;
        string security = await ExchangeAsync(seen, lab, access[McResource.Service], partner, cancellation);
        return new IssuedTokens(access, tokens.RevealIdToken(), last["refresh_token"]!.GetValue<string>(), security);
    }

    /// <summary>TS 33.180 B.7.2, by hand: the client shows nobody a security token.</summary>
    private static async Task<string> ExchangeAsync(
        TokenResponses handler, LabDescription lab, string token, string partner, CancellationToken cancellation)
    {
        using HttpClient http = new(handler, disposeHandler: false);
        using FormUrlEncodedContent form = new(new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
            ["client_id"] = lab.ClientId,
            ["subject_token"] = token,
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["resource"] = partner,
        });
        using HttpResponseMessage response = await http.PostAsync(new Uri(lab.Idm + TokenResponses.Path), form, cancellation);
        JsonObject? answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellation);
        return answer?["access_token"]?.GetValue<string>() ?? throw new InvalidOperationException($"{answer}");
    }

    /// <summary>Keeps the last answer of the token endpoint: a client of this project shows no refresh token.</summary>
    private sealed class TokenResponses(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public const string Path = "/connect/token";

        public JsonObject Last { get; private set; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.AbsolutePath == Path)
            {
                await response.Content.LoadIntoBufferAsync(cancellationToken);
                string body = await response.Content.ReadAsStringAsync(cancellationToken);
                Last = JsonNode.Parse(body)!.AsObject();
            }

            return response;
        }
    }
}
