using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization.Tests.Hosting;
using Watchword.Identity;

namespace Watchword.Authorization.Tests;

/// <summary>Where a token may be and what is answered (TS 24.482 A.2.3, RFC 6750).</summary>
public sealed class RequestTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string AssertedIdentity = "X-3GPP-Asserted-Identity";

    private readonly TestIssuer _home = shared.Home;

    [Fact]
    public async Task Without_a_token_the_answer_is_403()
    {
        using HttpResponseMessage response = await shared.Server.GetAsync();

        await response.ShouldBeAsync(AuthorizationFault.TokenMissing);
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        response.Challenge().ShouldBe("Bearer");
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Theory]
    [InlineData("\"sip:alice.ptt@mc.example.org\"")]
    [InlineData("\"sip:gms.partner.example.net\"")]
    public async Task An_asserted_identity_is_no_credential(string identity)
    {
        using HttpResponseMessage response = await shared.Server.GetAsync((AssertedIdentity, identity));

        await response.ShouldBeAsync(AuthorizationFault.TokenMissing);
    }

    [Fact]
    public async Task An_asserted_identity_beside_a_token_changes_nothing()
    {
        using HttpResponseMessage response = await shared.Server.GetAsync(
            ("Authorization", $"Bearer {_home.Token(TestClaims.User(_home))}"), (AssertedIdentity, "\"sip:mallory@mc.example.org\""));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.TextAsync()).ShouldNotContain("mallory");
    }

    [Theory]
    [InlineData("Basic YWxpY2U6c2VjcmV0")]
    [InlineData("DPoP x")]
    [InlineData("Bearerx y")]
    [InlineData("")]
    public async Task Another_scheme_is_no_bearer_token(string value)
    {
        using HttpResponseMessage response = await shared.Server.GetAsync(("Authorization", value));

        await response.ShouldBeAsync(AuthorizationFault.TokenMissing);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer a b")]
    [InlineData("Bearer a,Bearer b")]
    [InlineData("Bearer \"a\"")]
    public async Task A_credential_that_is_not_one_token_is_refused(string value)
    {
        using HttpResponseMessage response = await shared.Server.GetAsync(("Authorization", value));

        await response.ShouldBeAsync(AuthorizationFault.CredentialMalformed);
    }

    [Fact]
    public async Task Two_Authorization_headers_are_refused_though_each_is_good()
    {
        string token = _home.Token(TestClaims.User(_home));

        // Written by hand, for a client library would join them.
        string answer = await SendRawAsync(
            $"GET /{McResource.KeyManagement} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + $"Authorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("WWW-Authenticate: Bearer error=\"invalid_request\"");
        answer.ShouldContain("\"code\":4001");
    }

    [Fact]
    public async Task A_token_in_the_query_is_ignored()
    {
        string token = _home.Token(TestClaims.User(_home));

        using HttpResponseMessage response = await shared.Server.Client.GetAsync(
            new Uri($"/{McResource.KeyManagement}?access_token={token}", UriKind.Relative), TestContext.Current.CancellationToken);

        await response.ShouldBeAsync(AuthorizationFault.TokenMissing);
    }

    [Fact]
    public async Task A_token_in_the_body_is_ignored()
    {
        using FormUrlEncodedContent form = new([new("access_token", _home.Token(TestClaims.User(_home)))]);

        using HttpResponseMessage response = await shared.Server.Client.PostAsync(
            new Uri($"/{McResource.KeyManagement}", UriKind.Relative), form, TestContext.Current.CancellationToken);

        await response.ShouldBeAsync(AuthorizationFault.TokenMissing);
    }

    [Fact]
    public async Task An_endpoint_without_policy_stays_open() =>
        (await shared.Server.Client.GetAsync(new Uri("/open", UriKind.Relative), TestContext.Current.CancellationToken))
            .StatusCode.ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task The_host_may_write_the_body_in_its_own_format()
    {
        using Settings settings = new();
        settings.Trust(_home);
        await using ResourceServer server = await ResourceServer.StartAsync(
            settings.Values, services => services.AddSingleton<IAuthorizationFailureWriter, XmlWriter>());

        using HttpResponseMessage response = await server.GetAsync("a.b");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/xml");
        (await response.TextAsync()).ShouldBe("<KmsError><ErrorCode>4010</ErrorCode></KmsError>");
        response.Challenge().ShouldContain("error=\"invalid_token\"");
    }

    private async Task<string> SendRawAsync(string request)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, shared.Server.Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private sealed class XmlWriter : IAuthorizationFailureWriter
    {
        public Task WriteAsync(HttpContext context, AuthorizationFailure failure)
        {
            context.Response.ContentType = "application/xml";
            return context.Response.WriteAsync($"<KmsError><ErrorCode>{failure.Code}</ErrorCode></KmsError>", context.RequestAborted);
        }
    }
}
