using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Watchword.Identity;

namespace Watchword.Client.Tests.Support;

/// <summary>
/// An IdM server as far as a client can see one: discovery, JWK set, authorization endpoint with a log-in page and cookies, token
/// endpoint with PKCE, rotation of refresh tokens and narrowed scopes. Each test bends one thing.
/// </summary>
public sealed class TestIdm(TimeProvider time) : HttpMessageHandler
{
    public const string Issuer = "https://idm.test";
    public const string ClientId = "watchword-cli";
    public const string UserName = "dispatcher";
    public const string Password = "p\u00E4ss w&rd=1+%";
    public const string McpttId = "sip:dispatcher.ptt@lab.example";
    public const string McVideoId = "sip:dispatcher.video@lab.example";

    private readonly Dictionary<string, string> _challengeOfCode = [];
    private string? _nonce;
    private int _serial;

    public ECDsa EcKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public RSA RsaKey { get; } = RSA.Create(2048);

    /// <summary>Every request as "METHOD path".</summary>
    public List<string> Requests { get; } = [];

    public List<IReadOnlyDictionary<string, string>> TokenRequests { get; } = [];

    public IReadOnlyDictionary<string, string> AuthorizationRequest { get; private set; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> LogInForm { get; private set; } = new Dictionary<string, string>();

    public string? CurrentRefreshToken { get; private set; }

    public string KeyId { get; set; } = "ec-1";

    public bool PublishesKeys { get; set; } = true;

    public Action<JsonObject> Metadata { get; set; } = _ => { };

    public Action<JsonObject> IdTokenHeader { get; set; } = _ => { };

    public Action<JsonObject> IdTokenClaims { get; set; } = _ => { };

    /// <summary>Signs the ID token; null for ES256 with <see cref="EcKey"/>.</summary>
    public Func<string, byte[]>? Sign { get; set; }

    public Action<JsonObject> TokenResponse { get; set; } = _ => { };

    public Func<Dictionary<string, string>, string> RedirectQuery { get; set; } =
        p => string.Join('&', p.Select(x => $"{x.Key}={Uri.EscapeDataString(x.Value)}"));

    public string FormAction { get; set; } = "/account/login?returnUrl=%2Fconnect%2Fauthorize";

    public Func<HttpRequestMessage, HttpResponseMessage?> Intercept { get; set; } = _ => null;

    public string LogInPage => $"""
        <!doctype html><html><head><title>Log in <form></title><script>var x = "<form action='https://evil.test'>";</script></head><body>
        <!-- <form action="https://evil.test" method="post"><input type="password" name="p"></form> -->
        <form method="get" action="/search"><input name="q"></form>
        <form class=login method="POST" action="{WebUtility.HtmlEncode(FormAction)}">
          <input type="hidden" name="__RequestVerificationToken" value="af&amp;1&quot;2">
          <input type='text' name='username' autocomplete="username" required>
          <input name="password" type="password" autocomplete="current-password" />
          <input type="checkbox" name="remember" value="yes">
          <button type="submit" name="do" value="login">Log in</button><button name="do" value="cancel">Cancel</button>
        </form></body></html>
        """;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string path = request.RequestUri!.AbsolutePath;
        Requests.Add($"{request.Method} {request.RequestUri.GetLeftPart(UriPartial.Path)}");
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        if (Intercept(request) is { } bent)
        {
            bent.RequestMessage = request;
            return bent;
        }

        HttpResponseMessage response = path switch
        {
            "/.well-known/openid-configuration" => Json(CreateMetadata()),
            "/jwks" => Json(CreateJwks()),
            "/connect/authorize" => Authorize(request),
            "/account/login" when request.Method == HttpMethod.Post => LogIn(request, Parse(body)),
            "/connect/token" => Token(Parse(body)),
            "/connect/revoke" => Json([]),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
        response.RequestMessage = request;
        response.Headers.Add("X-Correlation-Id", $"idm-{++_serial}");
        return response;
    }

    public static HttpResponseMessage Json(JsonObject content, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(content.ToJsonString(), Encoding.UTF8, "application/json") };

    public static Dictionary<string, string> Parse(string form) => form
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(p => p.Split('=', 2))
        .ToDictionary(p => Decode(p[0]), p => p.Length > 1 ? Decode(p[1]) : "");

    public string CreateIdToken(JsonObject claims, JsonObject? header = null)
    {
        header ??= new JsonObject { ["alg"] = "ES256", ["kid"] = KeyId, ["typ"] = "JWT" };
        IdTokenHeader(header);
        string input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        byte[] signature = Sign?.Invoke(input)
            ?? EcKey.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    public JsonObject CreateClaims(string? accessToken = null)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        JsonObject claims = new()
        {
            ["iss"] = Issuer,
            ["sub"] = "user-1",
            ["aud"] = ClientId,
            ["iat"] = now,
            ["exp"] = now + 300,
            ["mcptt_id"] = McpttId,
            ["mcvideo_id"] = McVideoId,
        };
        if (_nonce is not null)
        {
            claims["nonce"] = _nonce;
        }

        if (accessToken is not null)
        {
            claims["at_hash"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));
        }

        return claims;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private JsonObject CreateMetadata()
    {
        JsonObject metadata = new()
        {
            ["issuer"] = Issuer,
            ["authorization_endpoint"] = Issuer + "/connect/authorize",
            ["token_endpoint"] = Issuer + "/connect/token",
            ["jwks_uri"] = Issuer + "/jwks",
            ["revocation_endpoint"] = Issuer + "/connect/revoke",
            ["authorization_response_iss_parameter_supported"] = true,
            ["code_challenge_methods_supported"] = new JsonArray("S256"),
        };
        Metadata(metadata);
        return metadata;
    }

    private JsonObject CreateJwks()
    {
        ECParameters ec = EcKey.ExportParameters(false);
        RSAParameters rsa = RsaKey.ExportParameters(false);
        return new JsonObject
        {
            ["keys"] = PublishesKeys
                ? new JsonArray(
                    new JsonObject
                    {
                        ["kty"] = "EC", ["crv"] = "P-256", ["kid"] = KeyId, ["use"] = "sig", ["alg"] = "ES256",
                        ["x"] = Base64Url.EncodeToString(ec.Q.X), ["y"] = Base64Url.EncodeToString(ec.Q.Y),
                    },
                    new JsonObject
                    {
                        ["kty"] = "RSA", ["kid"] = "rsa-1", ["use"] = "sig",
                        ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent),
                    })
                : [],
        };
    }

    private HttpResponseMessage Authorize(HttpRequestMessage request)
    {
        bool loggedIn = request.Headers.TryGetValues("Cookie", out IEnumerable<string>? cookies) && cookies.Single().Contains("session=1", StringComparison.Ordinal);
        if (loggedIn)
        {
            return Finish();
        }

        AuthorizationRequest = Parse(request.RequestUri!.Query.TrimStart('?'));
        _nonce = AuthorizationRequest.GetValueOrDefault("nonce");
        HttpResponseMessage page = new(HttpStatusCode.OK) { Content = new StringContent(LogInPage, Encoding.UTF8, "text/html") };
        page.Headers.Add("Set-Cookie", "antiforgery=xyz; path=/; secure; httponly; samesite=strict");
        return page;
    }

    private HttpResponseMessage LogIn(HttpRequestMessage request, Dictionary<string, string> form)
    {
        LogInForm = form;
        bool right = form.GetValueOrDefault("username") == UserName && form.GetValueOrDefault("password") == Password
            && form.GetValueOrDefault("__RequestVerificationToken") == "af&1\"2"
            && request.Headers.GetValues("Cookie").Single().Contains("antiforgery=xyz", StringComparison.Ordinal);
        if (!right)
        {
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(LogInPage, Encoding.UTF8, "text/html") };
        }

        HttpResponseMessage response = new(HttpStatusCode.Found);
        response.Headers.Location = new Uri("/connect/authorize?again=1", UriKind.Relative);
        response.Headers.Add("Set-Cookie", "session=1; path=/; secure; httponly");
        return response;
    }

    private HttpResponseMessage Finish()
    {
        HttpResponseMessage response = new(HttpStatusCode.Found);
        response.Headers.TryAddWithoutValidation("Location", $"{AuthorizationRequest["redirect_uri"]}?{CreateAnswer()}");
        return response;
    }

    /// <summary>The query of the authorization response for the request that was last made.</summary>
    public string CreateAnswer()
    {
        string code = $"code-{++_serial}";
        _challengeOfCode[code] = AuthorizationRequest["code_challenge"];
        return RedirectQuery(new Dictionary<string, string> { ["code"] = code, ["state"] = AuthorizationRequest["state"], ["iss"] = Issuer });
    }

    /// <summary>For a browser of a test that goes to the authorization endpoint itself.</summary>
    public void TakeAuthorizationRequest(string url)
    {
        AuthorizationRequest = Parse(new Uri(url).Query.TrimStart('?'));
        _nonce = AuthorizationRequest.GetValueOrDefault("nonce");
    }

    private HttpResponseMessage Token(Dictionary<string, string> form)
    {
        TokenRequests.Add(form);
        return form["grant_type"] switch
        {
            "authorization_code" => Redeem(form),
            "refresh_token" when form["refresh_token"] == CurrentRefreshToken => Issue(form["scope"], withIdToken: true, refresh: true),
            "refresh_token" => Error("invalid_grant"),
            "client_credentials" => Issue(form["scope"], withIdToken: false, refresh: false),
            _ => Error("unsupported_grant_type"),
        };
    }

    private HttpResponseMessage Redeem(Dictionary<string, string> form)
    {
        string challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"])));
        return _challengeOfCode.Remove(form["code"], out string? expected) && expected == challenge && form["redirect_uri"] == AuthorizationRequest["redirect_uri"]
            ? Issue(AuthorizationRequest["scope"], withIdToken: true, refresh: true)
            : Error("invalid_grant");
    }

    private HttpResponseMessage Issue(string scope, bool withIdToken, bool refresh)
    {
        string accessToken = $"access-{++_serial}";
        string granted = string.Join(' ', scope.Split(' ').Where(s => !s.Contains("data", StringComparison.Ordinal)));
        JsonObject response = new() { ["access_token"] = accessToken, ["token_type"] = "Bearer", ["expires_in"] = 300, ["scope"] = granted };
        if (refresh)
        {
            CurrentRefreshToken = $"refresh-{_serial}";
            response["refresh_token"] = CurrentRefreshToken;
        }

        if (withIdToken)
        {
            JsonObject claims = CreateClaims(accessToken);
            IdTokenClaims(claims);
            response["id_token"] = CreateIdToken(claims);
        }

        TokenResponse(response);
        return Json(response);
    }

    private static HttpResponseMessage Error(string error) => Json(new JsonObject { ["error"] = error }, HttpStatusCode.BadRequest);

    protected override void Dispose(bool disposing)
    {
        EcKey.Dispose();
        RsaKey.Dispose();
        base.Dispose(disposing);
    }
}
