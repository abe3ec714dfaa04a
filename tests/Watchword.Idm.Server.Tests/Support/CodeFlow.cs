using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Watchword.Identity;

namespace Watchword.Idm.Server.Tests.Support;

/// <summary>Walks the code flow as a client does, with nothing but an HTTP client.</summary>
internal sealed partial class CodeFlow(IdmHost host) : IDisposable
{
    public const string RedirectUri = "http://127.0.0.1:51234/callback";

    public HttpClient Http { get; } = host.CreateClient();

    public string Verifier { get; set; } = Base64UrlTextEncoder.Encode(RandomNumberGenerator.GetBytes(32));

    public string State { get; } = Base64UrlTextEncoder.Encode(RandomNumberGenerator.GetBytes(12));

    public static string AllScopes => string.Join(' ', [McScopes.OpenId, .. McScopes.All]);

    /// <summary>The parameters of an authentication request to the profile.</summary>
    public Dictionary<string, string?> Request(string? scope = null, string clientId = IdmHost.NativeClient) => new()
    {
        ["response_type"] = "code",
        ["client_id"] = clientId,
        ["redirect_uri"] = RedirectUri,
        ["scope"] = scope ?? AllScopes,
        ["state"] = State,
        ["acr_values"] = McAuthenticationContexts.Password,
        ["code_challenge"] = Base64UrlTextEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))),
        ["code_challenge_method"] = "S256",
    };

    public Task<HttpResponseMessage> AuthorizeAsync(Dictionary<string, string?> request) =>
        Http.GetAsync(QueryHelpers.AddQueryString("/connect/authorize", request), TestContext.Current.CancellationToken);

    /// <summary>Asks for the form, fills it in and posts it.</summary>
    public async Task<HttpResponseMessage> LogInAsync(
        string userName = "alice", string password = IdmHost.Password, Dictionary<string, string?>? request = null)
    {
        HttpResponseMessage page = await AuthorizeAsync(request ?? Request());
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await PostFormAsync(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), userName, password);
    }

    public async Task<HttpResponseMessage> PostFormAsync(string html, string userName, string password)
    {
        (string action, Dictionary<string, string> fields) = ReadForm(html);
        fields["username"] = userName;
        fields["password"] = password;
        return await Http.PostAsync(action, new FormUrlEncodedContent(fields), TestContext.Current.CancellationToken);
    }

    public static (string Action, Dictionary<string, string> Fields) ReadForm(string html)
    {
        string action = WebUtility.HtmlDecode(FormAction().Match(html).Groups[1].Value);
        Dictionary<string, string> fields = HiddenField().Matches(html).ToDictionary(
            match => WebUtility.HtmlDecode(match.Groups[1].Value), match => WebUtility.HtmlDecode(match.Groups[2].Value));
        return (action, fields);
    }

    /// <summary>Logs in and returns the code.</summary>
    public async Task<string> GetCodeAsync(string userName = "alice", string? scope = null, string clientId = IdmHost.NativeClient)
    {
        HttpResponseMessage response = await LogInAsync(userName, request: Request(scope, clientId));
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query =
            QueryHelpers.ParseQuery(response.Headers.Location!.Query);
        query["state"].ToString().ShouldBe(State);
        query["iss"].ToString().ShouldBe(host.Issuer);
        return query["code"].ToString();
    }

    public Task<TokenAnswer> RedeemAsync(string code, string clientId = IdmHost.NativeClient, string? redirectUri = null, string? verifier = null) =>
        TokenAsync(new()
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["client_id"] = clientId,
            ["redirect_uri"] = redirectUri ?? RedirectUri,
            ["code_verifier"] = verifier ?? Verifier,
        });

    public async Task<TokenAnswer> GetTokensAsync(string userName = "alice", string? scope = null, string clientId = IdmHost.NativeClient)
    {
        TokenAnswer answer = await RedeemAsync(await GetCodeAsync(userName, scope, clientId), clientId);
        answer.Error.ShouldBeNull(answer.Body);
        return answer;
    }

    public Task<TokenAnswer> RefreshAsync(string refreshToken, string? scope = null, string clientId = IdmHost.NativeClient)
    {
        Dictionary<string, string> form = new()
        {
            ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken, ["client_id"] = clientId,
        };
        if (scope is not null)
        {
            form["scope"] = scope;
        }

        return TokenAsync(form);
    }

    public Task<TokenAnswer> TokenAsync(Dictionary<string, string> form) => TokenAsync(Http, form);

    public static async Task<TokenAnswer> TokenAsync(HttpClient http, Dictionary<string, string> form)
    {
        using HttpResponseMessage response = await http.PostAsync(
            "/connect/token", new FormUrlEncodedContent(form), TestContext.Current.CancellationToken);
        return new TokenAnswer(response, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose() => Http.Dispose();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")]
    private static partial Regex HiddenField();
}

/// <summary>An answer of the token endpoint.</summary>
internal sealed class TokenAnswer
{
    private readonly JsonElement json;

    public TokenAnswer(HttpResponseMessage response, string body)
    {
        Status = response.StatusCode;
        Body = body;
        NoStore = response.Headers.CacheControl?.NoStore ?? false;
        Pragma = response.Headers.Pragma.ToString();
        json = JsonDocument.Parse(body).RootElement;
    }

    public HttpStatusCode Status { get; }

    public string Body { get; }

    public bool NoStore { get; }

    public string Pragma { get; }

    public string? Error => Text("error");

    public string AccessToken => Text("access_token")!;

    public string RefreshToken => Text("refresh_token")!;

    public string IdToken => Text("id_token")!;

    public string? Scope => Text("scope");

    public long ExpiresIn => json.GetProperty("expires_in").GetInt64();

    public string? Text(string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}

/// <summary>Reads a JWT as a peer does that checks nothing: what stands in header and payload.</summary>
internal static class Jwt
{
    public static JsonElement Header(string token) => Part(token, 0);

    public static JsonElement Payload(string token) => Part(token, 1);

    public static string[] Audiences(string token) =>
        !Payload(token).TryGetProperty("aud", out JsonElement aud) ? []
        : aud.ValueKind == JsonValueKind.Array ? [.. aud.EnumerateArray().Select(value => value.GetString()!)]
        : [aud.GetString()!];

    private static JsonElement Part(string token, int index)
    {
        string[] parts = token.Split('.');
        parts.Length.ShouldBe(3);
        return JsonDocument.Parse(Base64UrlTextEncoder.Decode(parts[index])).RootElement;
    }
}
