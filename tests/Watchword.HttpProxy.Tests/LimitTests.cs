using System.Net;
using Watchword.HttpProxy.Http;
using Watchword.HttpProxy.Tests.Support;

namespace Watchword.HttpProxy.Tests;

/// <summary>How much may be asked, and who may connect.</summary>
public sealed class LimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_has_so_many_requests_in_a_minute()
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, _) => settings["Proxy:Limits:RequestsPerMinute"] = "3");
        using HttpClient ue = proxy.Client();
        for (int i = 0; i < 3; i++)
        {
            (await ue.GetAsync("/groups/x", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        using HttpResponseMessage refused = await ue.GetAsync("/groups/x", Cancel);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await ProxyHost.ErrorAsync(refused)).ShouldBe(ProxyError.TooManyRequests);
        proxy.P.Groups.Requests.Count.ShouldBe(3);
        // A network entity is a client of its own.
        using HttpClient entity = proxy.Client(proxy.P.EntityLeaf.Certificate, entity: true);
        entity.DefaultRequestHeaders.TryAddWithoutValidation("X-3GPP-Asserted-Identity", $"\"{ProxyHost.Entity}\"");
        (await entity.GetAsync("/groups/x", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("ConcurrentRequests", ProxyError.TooBusy)]
    [InlineData("ConcurrentRequestsPerClient", ProxyError.TooManyRequests)]
    public async Task So_many_are_in_work_at_a_time(string limit, ProxyError error)
    {
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, _) => settings["Proxy:Limits:" + limit] = "1");
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.P.Groups.Answer = _ =>
        {
            entered.SetResult();
            return release.Task;
        };
        using HttpClient ue = proxy.Client();
        Task<HttpResponseMessage> first = ue.GetAsync("/groups/x", Cancel);
        await entered.Task.WaitAsync(Cancel);
        using HttpResponseMessage second = await ue.GetAsync(ProxyHost.KeyPath, Cancel);
        second.StatusCode.ShouldBe(error == ProxyError.TooBusy ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.TooManyRequests);
        (await ProxyHost.ErrorAsync(second)).ShouldBe(error);
        release.SetResult();
        using HttpResponseMessage done = await first;
        done.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ue.GetAsync(ProxyHost.KeyPath, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_mutual_certificates_only_known_ues_connect(bool isPinned)
    {
        using TestAuthority other = new();
        using TestAuthority ues = new();
        Leaf good = ues.IssueClient("ue", "ue-1");
        await using ProxyHost proxy = await ProxyHost.StartAsync((settings, _) =>
        {
            settings["Proxy:UeAuthentication:Method"] = "MutualCertificate";
            settings[isPinned ? "Proxy:UeAuthentication:Thumbprints:0" : "Proxy:UeAuthentication:CaFile"] =
                isPinned ? good.Thumbprint : ues.CaFile;
        });
        using HttpClient ue = proxy.Client(good.Certificate);
        (await ue.GetAsync("/groups/x", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Leaf serverOnly = ues.Issue("server-only", "ue-2");
        Leaf expired = ues.IssueClient("expired", "ue-3", TestAuthority.From.AddHours(1));
        foreach (Leaf? leaf in (Leaf?[])[null, other.IssueClient("stranger"), serverOnly, expired])
        {
            using HttpClient stranger = proxy.Client(leaf?.Certificate);
            await Should.ThrowAsync<HttpRequestException>(() => stranger.GetAsync("/groups/x", Cancel));
        }

        proxy.P.Groups.Requests.Count.ShouldBe(1);
    }
}
