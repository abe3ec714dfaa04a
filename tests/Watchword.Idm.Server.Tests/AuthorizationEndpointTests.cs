using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class AuthorizationEndpointTests(SharedHost shared)
{
    private readonly IdmHost host = shared.Host;

    [Fact]
    public async Task A_request_to_the_profile_is_answered_with_200_and_a_form_without_scripts()
    {
        using CodeFlow flow = new(host);
        using HttpResponseMessage page = await flow.AuthorizeAsync(flow.Request());
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        page.Headers.CacheControl!.NoStore.ShouldBeTrue();
        string policy = page.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldContain("form-action 'self' http://127.0.0.1:51234;");
        policy.ShouldNotContain("script");
        string html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldNotContain("<script");
        html.ShouldContain("<label for=\"username\">");
        html.ShouldContain("<label for=\"password\">");
        html.ShouldContain("autocomplete=\"current-password\"");
        CodeFlow.ReadForm(html).Action.ShouldBe("/account/login");
    }

    [Theory]
    [InlineData("state", null, "invalid_request")]
    [InlineData("scope", "3gpp:mc:ptt_service", "invalid_scope")]
    [InlineData("scope", null, "invalid_scope")]
    [InlineData("acr_values", "3gpp:acr:biometric urn:other", "invalid_request")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("prompt", "none", "login_required")]
    [InlineData("response_mode", "fragment", "invalid_request")]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", "id_token", "unsupported_response_type")]
    [InlineData("response_type", "code id_token", "unsupported_response_type")]
    [InlineData("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported")]
    public async Task A_fault_of_the_request_goes_to_the_trusted_redirect_uri(string parameter, string? value, string error)
    {
        using CodeFlow flow = new(host);
        Dictionary<string, string?> request = flow.Request();
        request[parameter] = value;
        if (value is null)
        {
            request.Remove(parameter);
        }

        using HttpResponseMessage response = await flow.AuthorizeAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.GetLeftPart(UriPartial.Path).ShouldBe(CodeFlow.RedirectUri);
        Dictionary<string, StringValues> query = QueryHelpers.ParseQuery(response.Headers.Location.Query);
        query["error"].ToString().ShouldBe(error);
        query["iss"].ToString().ShouldBe(host.Issuer);
        query.ShouldNotContainKey("code");
        query.ShouldNotContainKey("error_uri");
        query.TryGetValue("state", out StringValues state).ShouldBe(parameter != "state");
        state.ToString().ShouldBe(parameter == "state" ? string.Empty : flow.State);
    }

    [Theory]
    [InlineData("client_id", null)]
    [InlineData("client_id", "nobody")]
    [InlineData("redirect_uri", null)]
    [InlineData("redirect_uri", "https://evil.example/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:51234/callback#x")]
    [InlineData("redirect_uri", "callback")]
    public async Task A_fault_before_the_redirect_uri_is_trusted_is_a_page_with_400(string parameter, string? value)
    {
        using CodeFlow flow = new(host);
        Dictionary<string, string?> request = flow.Request();
        request[parameter] = value;
        if (value is null)
        {
            request.Remove(parameter);
        }

        using HttpResponseMessage response = await flow.AuthorizeAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Location.ShouldBeNull();
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        string html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldContain(response.Headers.GetValues("X-Correlation-Id").Single());
        html.ShouldNotContain("evil.example");
    }

    [Theory]
    [InlineData("http://127.0.0.1:51234/Callback")]
    [InlineData("http://127.0.0.1:51234/callback/")]
    [InlineData("http://127.0.0.1:51234/callback?x=1")]
    [InlineData("http://127.0.0.1:51234/../callback")]
    [InlineData("http://127.0.0.1:51234/%63allback")]
    [InlineData("https://127.0.0.1:51234/callback")]
    [InlineData("HTTP://127.0.0.1:51234/callback")]
    [InlineData("http://localhost:51234/callback")]
    [InlineData("http://127.0.0.2:51234/callback")]
    [InlineData("http://127.0.0.1.evil.example/callback")]
    [InlineData("http://127.0.0.1:51234@evil.example/callback")]
    [InlineData("http://[::1]:51234/callback")]
    public async Task A_redirect_uri_that_is_nearly_the_registered_one_is_refused(string redirectUri)
    {
        using CodeFlow flow = new(host);
        Dictionary<string, string?> request = flow.Request();
        request["redirect_uri"] = redirectUri;
        using HttpResponseMessage response = await flow.AuthorizeAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Location.ShouldBeNull();
    }

    [Theory]
    [InlineData("http://127.0.0.1/callback")]
    [InlineData("http://127.0.0.1:1/callback")]
    [InlineData("http://127.0.0.1:65535/callback")]
    public async Task The_port_of_a_loopback_redirect_uri_is_free(string redirectUri)
    {
        using CodeFlow flow = new(host);
        Dictionary<string, string?> request = flow.Request();
        request["redirect_uri"] = redirectUri;
        using HttpResponseMessage response = await flow.AuthorizeAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_authentication_request_may_be_posted_and_may_leave_out_acr_values()
    {
        using CodeFlow flow = new(host);
        Dictionary<string, string?> request = flow.Request();
        request.Remove("acr_values");
        using HttpResponseMessage response = await flow.Http.PostAsync(
            "/connect/authorize", new FormUrlEncodedContent(request!), TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_a_client_sends_is_encoded_in_the_page()
    {
        using CodeFlow flow = new(host);
        Dictionary<string, string?> request = flow.Request();
        request["login_hint"] = "\"><script>alert(1)</script>";
        request["extra\"><b>"] = "'\"<i>";
        using HttpResponseMessage response = await flow.AuthorizeAsync(request);
        string html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldNotContain("<script");
        html.ShouldNotContain("<b>");
        html.ShouldNotContain("<i>");
        CodeFlow.ReadForm(html).Fields["extra\"><b>"].ShouldBe("'\"<i>");
    }

    [Fact]
    public async Task An_entity_cannot_use_the_authorization_endpoint()
    {
        string name = shared.NextName();
        await host.AddClientAsync(Entities.WithCertificate(name, new string('A', 64)));
        using CodeFlow flow = new(host);
        using HttpResponseMessage response = await flow.AuthorizeAsync(flow.Request(clientId: name));
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Acr_values_can_be_required()
    {
        await using IdmHost strict = await IdmHost.StartAsync(new() { ["Idm:Compatibility:RequireAcrValues"] = "true" });
        using CodeFlow flow = new(strict);
        Dictionary<string, string?> request = flow.Request();
        request.Remove("acr_values");
        using HttpResponseMessage response = await flow.AuthorizeAsync(request);
        QueryHelpers.ParseQuery(response.Headers.Location!.Query)["error"].ToString().ShouldBe("invalid_request");
    }
}
