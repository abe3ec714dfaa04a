using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Watchword.HttpProxy.Http;
using Watchword.HttpProxy.Tests.Support;

namespace Watchword.HttpProxy.Tests;

/// <summary>Where requests go, what of them goes on, and what comes back: TS 24.482 A.2.2.</summary>
public sealed class ForwardingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/keymanagement/identity/v1", "kms")]
    [InlineData("/keymanagement/identity/v1/keyprov/sip%3Aalice%40home.example/1%2E5", "kms")]
    [InlineData("/groups/x/~~/list%5B@name=%22a%252Fb%22%5D?a=%2F", "gms")]
    [InlineData("/groups//double", "gms")]
    public async Task Own_requests_go_by_the_beginning_of_their_path_and_arrive_octet_by_octet(string path, string server)
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        string answer = await proxy.RawAsync($"GET {path} HTTP/1.1\r\nHost: {ProxyHost.Own}\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 200 ");
        Backend backend = server == "kms" ? proxy.P.Kms : proxy.P.Groups;
        Seen seen = backend.Requests.ShouldHaveSingleItem();
        seen.Target.ShouldBe(path);
        // What the KMS compares ClientReqUrl with is the host that the UE asked for.
        seen.Host.ShouldBe(ProxyHost.Own);
    }

    [Theory]
    [InlineData(ProxyHost.Own, "/keymanagement/identity/v1x/init", 404, ProxyError.PathNotServed)]
    [InlineData(ProxyHost.Own, "/KeyManagement/identity/v1/init", 404, ProxyError.PathNotServed)]
    [InlineData(ProxyHost.Own, "/", 404, ProxyError.PathNotServed)]
    [InlineData(ProxyHost.Own + ":444", "/groups/x", 403, ProxyError.HostNotServed)]
    [InlineData("elsewhere.example", "/groups/x", 403, ProxyError.HostNotServed)]
    [InlineData("localhost", "/groups/x", 403, ProxyError.HostNotServed)]
    [InlineData("169.254.169.254", "/latest", 403, ProxyError.HostNotServed)]
    [InlineData(ProxyHost.Idm, "/connect/authorize", 403, ProxyError.IdmServerIsDirect)]
    [InlineData(ProxyHost.Own, "/.well-known/openid-configuration", 403, ProxyError.IdmServerIsDirect)]
    public async Task Anything_else_goes_nowhere(string host, string path, int status, ProxyError error)
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client();
        using HttpResponseMessage response = await ue.GetAsync(new Uri($"https://{host}{path}"), Cancel);
        ((int)response.StatusCode).ShouldBe(status);
        (await ProxyHost.ErrorAsync(response)).ShouldBe(error);
        proxy.CountOf(error).ShouldBe(1);
        proxy.P.ShouldHaveSeenNothing();
    }

    [Fact]
    public async Task A_partners_requests_go_by_their_url_whatever_the_path()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client();
        using HttpClient entity = proxy.Client(proxy.P.EntityLeaf.Certificate, entity: true);
        entity.DefaultRequestHeaders.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"{ProxyHost.Entity}\"");
        Uri url = new($"https://{ProxyHost.Partner}/keymanagement/identity/v1/init");
        (await ue.GetAsync(url, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await entity.GetAsync(url, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Seen[] seen = [.. proxy.P.PartnerServer.Requests];
        seen.Select(request => request.Host).ShouldBe([ProxyHost.Partner, ProxyHost.Partner]);
        seen.Select(request => request.Headers.ContainsKey("X-3GPP-Asserted-Identity")).ShouldBe([false, true]);
        proxy.P.Kms.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Credentials_and_body_go_on_and_what_only_a_proxy_may_say_does_not()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        string answer = await proxy.RawAsync(
            $"PUT /groups/x HTTP/1.1\r\nHost: {ProxyHost.Own}\r\nAuthorization: Bearer abc.def.ghi\r\nIf-Match: \"1\"\r\n"
            + "X-Forwarded-For: 1.2.3.4\r\nX_Forwarded_Host: evil\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n"
            + "Client-Cert: :AAAA:\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=1\r\nTE: trailers\r\n"
            + "Upgrade: websocket\r\nProxy-Authorization: Basic a\r\nContent-Type: application/xml\r\n"
            + "Content-Length: 4\r\n\r\n<a/>");
        answer.ShouldContain("HTTP/1.1 200 ");
        Seen seen = proxy.P.Groups.Requests.ShouldHaveSingleItem();
        seen.Headers["Authorization"].ShouldBe(["Bearer abc.def.ghi"]);
        seen.Headers["If-Match"].ShouldBe(["\"1\""]);
        seen.Headers["Content-Type"].ShouldBe(["application/xml"]);
        seen.Headers["Via"].ShouldBe(["1.1 watchword-proxy"]);
        Encoding.ASCII.GetString(seen.Body).ShouldBe("<a/>");
        seen.Headers.Keys.Order(StringComparer.Ordinal).ShouldBe(
            ["Authorization", "Content-Length", "Content-Type", "Host", "If-Match", "Via"]);
    }

    [Fact]
    public async Task A_redirect_and_the_headers_of_an_answer_pass_unchanged()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        proxy.P.Groups.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = "https://elsewhere.example/a%2Fb?c";
            context.Response.Headers.ETag = "\"7\"";
            context.Response.Headers["X-Correlation-Id"] = "00112233445566ff";
            return context.Response.WriteAsync("<moved/>");
        };
        using HttpClient ue = proxy.Client();
        using HttpResponseMessage response = await ue.GetAsync("/groups/x", Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        response.Headers.Location!.OriginalString.ShouldBe("https://elsewhere.example/a%2Fb?c");
        response.Headers.ETag!.Tag.ShouldBe("\"7\"");
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe("<moved/>");
        // One name for the request in the server's log, the proxy's and the client's hands.
        response.Headers.GetValues("X-Correlation-Id").ShouldBe(["00112233445566ff"]);
        proxy.P.Log.Lines.ShouldContain(line => line.StartsWith("2180 GET gms 307", StringComparison.Ordinal)
            && line.Contains("[00112233445566ff]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_has_the_names_of_routes_and_nothing_of_the_request()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client();
        ue.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "to.ken.octets");
        foreach (string path in (string[])[ProxyHost.KeyPath + "/keyprov/sip%3Asecretname%40x", "/groups/secretname?q=secretname", "/no/secretname"])
        {
            (await ue.GetAsync(path, Cancel)).Dispose();
        }

        (await ue.GetAsync(new Uri("https://secretname.example/"), Cancel)).Dispose();
        string[] lines = [.. proxy.P.Log.Lines];
        lines.Count(line => line.StartsWith("2180 ", StringComparison.Ordinal)).ShouldBe(4);
        lines.ShouldContain(line => line.StartsWith("2180 GET kms 200", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("404 error 40401", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.Contains("secretname", StringComparison.OrdinalIgnoreCase));
        lines.ShouldNotContain(line => line.Contains("to.ken", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CONNECT services.partner.example:443", 405)]
    [InlineData("TRACE /groups/x", 405)]
    [InlineData("BREW /groups/x", 405)]
    [InlineData("OPTIONS *", 400)]
    public async Task Methods_that_no_server_has_are_refused(string line, int status)
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        string host = line.StartsWith("CONNECT", StringComparison.Ordinal) ? line.Split(' ')[1] : ProxyHost.Own;
        string answer = await proxy.RawAsync($"{line} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        answer.ShouldStartWith($"HTTP/1.1 {status} ");
        proxy.P.ShouldHaveSeenNothing();
    }

    [Fact]
    public async Task The_health_of_the_proxy_is_told_and_no_server_asked()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client();
        using HttpResponseMessage ready = await ue.GetAsync(new Uri("https://localhost/health/ready"), Cancel);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ready.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"destinations\":\"ok\"");
        proxy.P.ShouldHaveSeenNothing();
        // The partner's own path of that name is the partner's.
        (await ue.GetAsync(new Uri($"https://{ProxyHost.Partner}/health/ready"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        proxy.P.PartnerServer.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Large_answers_come_whole()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        byte[] large = RandomNumberGenerator.GetBytes(5_000_000);
        proxy.P.Groups.Answer = context => context.Response.Body.WriteAsync(large).AsTask();
        using HttpClient ue = proxy.Client();
        (await ue.GetByteArrayAsync("/groups/x", Cancel)).ShouldBe(large);
    }
}
