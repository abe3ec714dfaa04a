using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Watchword.HttpProxy.Forwarding;
using Watchword.HttpProxy.Http;
using Watchword.HttpProxy.Tests.Support;

namespace Watchword.HttpProxy.Tests;

/// <summary>The servers behind the proxy: how they are known, how the proxy is known to them, and what if they are not
/// there.</summary>
public sealed class DestinationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_proxy_shows_its_certificate_to_every_server()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        using HttpClient ue = proxy.Client();
        (await ue.GetAsync("/groups/x", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        proxy.P.Groups.Requests.ShouldHaveSingleItem().Peer.ShouldBe(proxy.P.ProxyClient.Thumbprint);
    }

    [Fact]
    public async Task A_renewed_client_certificate_is_shown_on_the_next_connection_and_a_broken_file_changes_nothing()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync();
        ProxyClientCertificate certificate = proxy.Services.GetRequiredService<ProxyClientCertificate>();
        string old = proxy.P.ProxyClient.Thumbprint;
        await File.WriteAllTextAsync(proxy.P.ProxyClient.CertificateFile, "no certificate", Cancel);
        certificate.Reload();
        certificate.Current!.Leaf.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ShouldBe(old);
        Leaf renewed = proxy.P.Authority.IssueClient("proxy-client");
        certificate.Reload();
        using HttpClient ue = proxy.Client();
        (await ue.GetAsync("/groups/x", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        proxy.P.Groups.Requests.ShouldHaveSingleItem().Peer.ShouldBe(renewed.Thumbprint);
    }

    public static TheoryData<string> WrongTrust => ["other authority", "other name", "other pin"];

    [Theory]
    [MemberData(nameof(WrongTrust))]
    public async Task A_server_with_another_certificate_gets_nothing(string wrong)
    {
        using TestAuthority other = new();
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, parts) =>
        {
            switch (wrong)
            {
                case "other authority":
                    settings["Proxy:Servers:1:Trust:CaFile"] = other.CaFile;
                    break;
                case "other name":
                    settings["Proxy:Servers:1:Trust:ServerName"] = "gms.internal.example";
                    break;
                default:
                    settings["Proxy:Servers:1:Trust:CaFile"] = null;
                    settings["Proxy:Servers:1:Trust:Thumbprints:0"] = parts.ProxyLeaf.Thumbprint;
                    break;
            }
        });
        using HttpClient ue = proxy.Client();
        ue.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer a.b.c");
        using HttpResponseMessage response = await ue.PostAsync("/groups/x", new StringContent("secret"), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await ProxyHost.ErrorAsync(response)).ShouldBe(ProxyError.DestinationNotTrusted);
        proxy.P.Groups.Requests.ShouldBeEmpty();
        // The other servers are served.
        (await ue.GetAsync(ProxyHost.KeyPath, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_pinned_server_is_known_by_its_certificate_and_a_named_one_by_its_name()
    {
        using TestAuthority other = new();
        Leaf pinned = other.Issue("pinned", "whatever.example");
        await using Backend known = await Backend.StartAsync(pinned);
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, parts) =>
        {
            settings["Proxy:Servers:1:Destinations:0"] = known.Url;
            settings["Proxy:Servers:1:Trust:CaFile"] = null;
            settings["Proxy:Servers:1:Trust:Thumbprints:0"] = pinned.Thumbprint;
            settings["Proxy:Servers:0:Destinations:0"] = known.Url;
            settings["Proxy:Servers:0:Trust:CaFile"] = other.CaFile;
            settings["Proxy:Servers:0:Trust:ServerName"] = "whatever.example";
        });
        using HttpClient ue = proxy.Client();
        (await ue.GetAsync("/groups/x", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ue.GetAsync(ProxyHost.KeyPath, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        known.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_502_and_the_proxy_ready_but_degraded()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, _) =>
            settings["Proxy:Servers:1:Destinations:0"] = ClosedPort());
        using HttpClient ue = proxy.Client();
        using HttpResponseMessage response = await ue.GetAsync("/groups/x", Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await ProxyHost.ErrorAsync(response)).ShouldBe(ProxyError.DestinationUnreachable);
        using HttpResponseMessage ready = await ue.GetAsync("/health/ready", Cancel);
        ready.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ready.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"destinations\":\"degraded\"");
    }

    [Fact]
    public async Task Where_one_destination_is_down_the_other_serves_every_request_with_its_body()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, parts) =>
        {
            settings["Proxy:Servers:1:Destinations:0"] = ClosedPort();
            settings["Proxy:Servers:1:Destinations:1"] = parts.Groups.Url;
        });
        using HttpClient ue = proxy.Client();
        for (int i = 0; i < 6; i++)
        {
            using HttpResponseMessage response = await ue.PostAsync("/groups/x", new StringContent("body" + i), Cancel);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        proxy.P.Groups.Requests.Select(request => System.Text.Encoding.ASCII.GetString(request.Body))
            .ShouldBe(Enumerable.Range(0, 6).Select(i => "body" + i));
        // After the first failure it rests, and is not tried at each request.
        proxy.P.Log.Lines.Count(line => line.StartsWith("7103 ", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_is_silent_is_504_and_asked_once()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, _) => settings["Proxy:Limits:AnswerSeconds"] = "1");
        using HttpClient ue = proxy.Client();

        // The connection to the server is there before: the second that it has is for the answer, also on a slow machine.
        (await ue.GetAsync("/groups/x", Cancel)).Dispose();
        int before = proxy.P.Groups.Requests.Count;
        proxy.P.Groups.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using HttpResponseMessage response = await ue.GetAsync("/groups/x", Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await ProxyHost.ErrorAsync(response)).ShouldBe(ProxyError.DestinationTimeout);
        proxy.P.Groups.Requests.Count.ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_server_that_breaks_off_is_502_and_not_asked_again_elsewhere()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, parts) =>
            settings["Proxy:Servers:1:Destinations:1"] = parts.Kms.Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        Func<Microsoft.AspNetCore.Http.HttpContext, Task> abort = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        proxy.P.Groups.Answer = proxy.P.Kms.Answer = abort;
        using HttpClient ue = proxy.Client();
        using HttpResponseMessage response = await ue.PostAsync("/groups/x", new StringContent("once"), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await ProxyHost.ErrorAsync(response)).ShouldBe(ProxyError.DestinationBroken);
        (proxy.P.Groups.Requests.Count + proxy.P.Kms.Requests.Count).ShouldBe(1);
    }

    private static string ClosedPort() => $"https://localhost:{LoopbackPorts.FindUnused()}";
}
