using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Watchword.Client.Tests.Support;
using Watchword.Identity;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class LogInTests : IDisposable
{
    private readonly TestProfile _profile = new();

    private TestIdm Idm => _profile.Idm;

    public void Dispose() => _profile.Dispose();

    [Fact]
    public async Task Walking_the_form_gives_the_identity_of_the_ID_token_and_the_granted_scopes()
    {
        TokenSet tokens = await _profile.LogInAsync();

        tokens.Identity.Subject.ShouldBe("user-1");
        tokens.Identity.Uris.ShouldBe([TestIdm.McpttId, TestIdm.McVideoId]);
        tokens.GrantedScopes.ShouldContain(McScopes.For(McService.McVideo, McResource.KeyManagement));
        tokens.GrantedScopes.ShouldNotContain(McScopes.For(McService.McData, McResource.KeyManagement));
    }

    [Fact]
    public async Task The_authentication_request_holds_all_that_B_4_2_2_requires()
    {
        _ = await _profile.LogInAsync();

        IReadOnlyDictionary<string, string> request = Idm.AuthorizationRequest;
        request["response_type"].ShouldBe("code");
        request["acr_values"].ShouldBe("3gpp:acr:password");
        request["code_challenge_method"].ShouldBe("S256");
        request["redirect_uri"].ShouldBe("http://127.0.0.1/callback");
        request["state"].Length.ShouldBeGreaterThan(15);
        request["nonce"].Length.ShouldBeGreaterThan(40);
        request["scope"].Split(' ').ShouldBe([McScopes.OpenId, McScopes.OfflineAccess, .. McScopes.All]);
    }

    [Fact]
    public async Task The_form_is_sent_as_a_browser_would_send_it_with_hidden_fields_and_the_first_button()
    {
        _ = await _profile.LogInAsync();

        Idm.LogInForm.Keys.Order().ShouldBe(["__RequestVerificationToken", "do", "password", "username"]);
        Idm.LogInForm["do"].ShouldBe("login");
        Idm.LogInForm["password"].ShouldBe(TestIdm.Password);
        Idm.Requests.ShouldContain("POST https://idm.test/account/login");
    }

    [Fact]
    public async Task A_wrong_password_is_sent_once_and_refused()
    {
        using LogInCredential credential = new(TestIdm.UserName, "wrong");

        await ShouldFailAsync(ClientFault.CredentialsRefused, () => _profile.IdmClient.LogInAsync(new FormWalkingBrowser(Idm, credential)));

        Idm.Requests.Count(r => r.StartsWith("POST", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData("https://evil.test/account/login")]
    [InlineData("http://idm.test/account/login")]
    [InlineData("https://idm.test:8443/account/login")]
    [InlineData("//evil.test/x")]
    public async Task Credentials_go_to_no_other_origin(string action)
    {
        Idm.FormAction = action;

        await ShouldFailAsync(ClientFault.LogInLeftOrigin, _profile.LogInAsync);

        Idm.Requests.ShouldAllBe(r => r.StartsWith("GET https://idm.test/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_redirect_to_another_origin_is_not_followed()
    {
        Idm.Intercept = r => r.RequestUri!.AbsolutePath == "/connect/authorize" ? Redirect(HttpStatusCode.Found, "https://evil.test/") : null;

        await ShouldFailAsync(ClientFault.LogInLeftOrigin, _profile.LogInAsync);

        Idm.Requests.ShouldNotContain(r => r.Contains("evil", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_redirect_that_would_repeat_the_credentials_is_refused()
    {
        Idm.Intercept = r => r.RequestUri!.AbsolutePath == "/account/login" ? Redirect(HttpStatusCode.TemporaryRedirect, "/elsewhere") : null;

        await ShouldFailAsync(ClientFault.RedirectRefused, _profile.LogInAsync);
    }

    [Fact]
    public async Task A_page_without_a_password_field_is_no_log_in_page()
    {
        Idm.Intercept = r => r.RequestUri!.AbsolutePath == "/connect/authorize" ? Html("<form method=post><input name=username></form>") : null;

        await ShouldFailAsync(ClientFault.LogInFormNotFound, _profile.LogInAsync);
    }

    [Fact]
    public async Task A_form_that_would_put_the_password_into_the_address_is_not_filled()
    {
        Idm.Intercept = r => r.RequestUri!.AbsolutePath == "/connect/authorize"
            ? Html("<form action=/account/login><input name=username><input type=password name=p></form>")
            : null;

        await ShouldFailAsync(ClientFault.LogInFormNotFound, _profile.LogInAsync);

        Idm.Requests.ShouldNotContain(r => r.Contains("/account/login", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_with_another_state_is_dropped_and_its_code_never_redeemed()
    {
        Idm.RedirectQuery = p => $"code={p["code"]}&state=forged&iss={p["iss"]}";

        await ShouldFailAsync(ClientFault.StateMismatch, _profile.LogInAsync);

        Idm.TokenRequests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("code={0}&state={1}&iss=https%3A%2F%2Fother.test", ClientFault.IssuerMismatch)]
    [InlineData("code={0}&state={1}", ClientFault.IssuerMismatch)]
    [InlineData("code={0}&state={1}&state={1}&iss=https%3A%2F%2Fidm.test", ClientFault.AuthorizationResponseMalformed)]
    [InlineData("state={1}&iss=https%3A%2F%2Fidm.test", ClientFault.AuthorizationResponseMalformed)]
    [InlineData("error=access_denied&state={1}&iss=https%3A%2F%2Fidm.test", ClientFault.AuthorizationRefused)]
    public async Task A_bent_authorization_response_redeems_nothing(string query, ClientFault fault)
    {
        Idm.RedirectQuery = p => string.Format(System.Globalization.CultureInfo.InvariantCulture, query, p["code"], p["state"]);

        await ShouldFailAsync(fault, _profile.LogInAsync);

        Idm.TokenRequests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://idm.test/")]
    [InlineData("https://IDM.test")]
    [InlineData("https://other.test")]
    public async Task Metadata_of_another_issuer_is_refused_octet_by_octet(string issuer)
    {
        Idm.Metadata = m => m["issuer"] = issuer;

        await ShouldFailAsync(ClientFault.IssuerMismatch, _profile.LogInAsync);

        Idm.Requests.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("token_endpoint", "http://idm.test/connect/token", ClientFault.UrlNotHttps)]
    [InlineData("jwks_uri", "file:///etc/passwd", ClientFault.UrlNotHttps)]
    [InlineData("authorization_endpoint", null, ClientFault.MetadataUnusable)]
    public async Task Endpoints_must_be_https(string name, string? value, ClientFault fault)
    {
        Idm.Metadata = m => m[name] = value;

        await ShouldFailAsync(fault, _profile.LogInAsync);
    }

    [Fact]
    public async Task A_server_without_S256_is_refused()
    {
        Idm.Metadata = m => m["code_challenge_methods_supported"] = new JsonArray("plain");

        await ShouldFailAsync(ClientFault.MetadataUnusable, _profile.LogInAsync);
    }

    [Theory]
    [InlineData("http://idm.test")]
    [InlineData("https://idm.test?x=1")]
    [InlineData("https://user@idm.test")]
    [InlineData("idm.test")]
    public void An_issuer_is_an_https_URL(string issuer) =>
        ShouldFail(ClientFault.UrlNotHttps, () =>
        {
            using IdmClient client = new(new IdmClientOptions { Issuer = issuer, ClientId = "c" }, Idm, _profile.Time);
        });

    [Fact]
    public async Task A_log_in_without_refresh_token_is_no_use_and_refused()
    {
        Idm.TokenResponse = r => r.Remove("refresh_token");

        await ShouldFailAsync(ClientFault.TokenResponseMalformed, _profile.LogInAsync);
    }

    [Fact]
    public async Task The_redirect_of_the_metadata_address_is_not_followed()
    {
        Idm.Intercept = r => r.RequestUri!.AbsolutePath.StartsWith("/.well-known", StringComparison.Ordinal) ? Redirect(HttpStatusCode.Found, "https://idm.test/elsewhere") : null;

        await ShouldFailAsync(ClientFault.RedirectRefused, _profile.LogInAsync);

        Idm.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_code_that_is_not_redeemed_says_why()
    {
        Idm.Intercept = r => r.RequestUri!.AbsolutePath == "/connect/token"
            ? TestIdm.Json(new JsonObject { ["error"] = "invalid_grant", ["error_description"] = "no: / such" }, HttpStatusCode.BadRequest)
            : null;

        WatchwordClientException e = await ShouldFailAsync(ClientFault.TokenRequestRefused, _profile.LogInAsync);

        e.Detail.ShouldBe("invalid_grant");
        e.NextStep.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Metadata_that_is_not_there_carries_status_and_correlation_id()
    {
        Idm.Intercept = r =>
        {
            HttpResponseMessage response = new(HttpStatusCode.InternalServerError);
            response.Headers.Add("X-Correlation-Id", "idm-77");
            return response;
        };

        WatchwordClientException e = await ShouldFailAsync(ClientFault.MetadataUnusable, _profile.LogInAsync);

        e.CorrelationId.ShouldBe("idm-77");
        e.HttpStatus.ShouldBe(500);
        Idm.Requests.ShouldHaveSingleItem();
    }

    private static HttpResponseMessage Redirect(HttpStatusCode status, string to)
    {
        HttpResponseMessage response = new(status);
        response.Headers.TryAddWithoutValidation("Location", to);
        return response;
    }

    private static HttpResponseMessage Html(string html) => new(HttpStatusCode.OK) { Content = new StringContent(html, Encoding.UTF8, "text/html") };
}
