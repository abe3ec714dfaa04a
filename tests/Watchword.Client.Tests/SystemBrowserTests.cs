using System.Net;
using System.Net.Sockets;
using System.Text;
using Duende.IdentityModel.OidcClient.Browser;
using Watchword.Client.Tests.Support;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class SystemBrowserTests : IDisposable
{
    private readonly TestProfile _profile = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public void Dispose()
    {
        _http.Dispose();
        _profile.Dispose();
    }

    [Fact]
    public async Task A_whole_log_in_comes_back_through_the_loopback_listener()
    {
        SystemBrowser? browser = null;
        Task<HttpResponseMessage>? visit = null;
        browser = new SystemBrowser(_profile.Time, open: url =>
        {
            _profile.Idm.TakeAuthorizationRequest(url.AbsoluteUri);
            visit = _http.GetAsync($"{browser!.RedirectUri}?{_profile.Idm.CreateAnswer()}");
            return true;
        });
        using (browser)
        {
            TokenSet tokens = await _profile.IdmClient.LogInAsync(browser);

            tokens.Identity.Subject.ShouldBe("user-1");
            _profile.Idm.AuthorizationRequest["redirect_uri"].ShouldMatch("^http://127\\.0\\.0\\.1:[0-9]+/callback$");
            using HttpResponseMessage page = await visit!;
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await page.Content.ReadAsStringAsync()).ShouldContain("Logged in");
        }
    }

    [Fact]
    public async Task What_is_not_the_redirect_gets_404_and_changes_nothing()
    {
        using LoopbackListener listener = new("/callback");
        Task<string> answer = listener.WaitAsync(TestContext.Current.CancellationToken);
        string origin = listener.RedirectUri[..^"/callback".Length];

        (await _http.GetAsync($"{origin}/favicon.ico")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetAsync(listener.RedirectUri)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.PostAsync($"{listener.RedirectUri}?code=1", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using HttpRequestMessage rebound = new(HttpMethod.Get, $"{listener.RedirectUri}?code=1") { Headers = { Host = "evil.test" } };
        (await _http.SendAsync(rebound)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.IsCompleted.ShouldBeFalse();
        (await _http.GetAsync($"{listener.RedirectUri}?code=2")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await answer).ShouldBe($"{listener.RedirectUri}?code=2");
    }

    [Fact]
    public async Task A_silent_connection_does_not_block_the_answer()
    {
        using LoopbackListener listener = new("/callback");
        Task<string> answer = listener.WaitAsync(TestContext.Current.CancellationToken);
        using TcpClient silent = new();
        await silent.ConnectAsync(IPAddress.Loopback, new Uri(listener.RedirectUri).Port);
        using TcpClient rubbish = new();
        await rubbish.ConnectAsync(IPAddress.Loopback, new Uri(listener.RedirectUri).Port);
        await rubbish.GetStream().WriteAsync(Encoding.ASCII.GetBytes("\r\n\r\n"));

        (await _http.GetAsync($"{listener.RedirectUri}?code=2")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await answer).ShouldEndWith("?code=2");
    }

    [Fact]
    public async Task Nobody_coming_ends_in_a_time_out()
    {
        TaskCompletionSource opened = new();
        using SystemBrowser browser = new(_profile.Time, open: _ => opened.TrySetResult());
        Task<BrowserResult> waiting = browser.InvokeAsync(new BrowserOptions("https://idm.test/a", browser.RedirectUri) { Timeout = TimeSpan.FromMinutes(5) });
        await opened.Task;

        _profile.Time.Advance(TimeSpan.FromMinutes(5));

        await ShouldFailAsync(ClientFault.LogInTimedOut, () => waiting);
    }

    [Fact]
    public async Task Without_a_browser_the_log_in_ends_unless_a_person_was_told_the_address()
    {
        using SystemBrowser silent = new(_profile.Time, open: _ => false);
        await ShouldFailAsync(ClientFault.BrowserUnavailable, () => _profile.IdmClient.LogInAsync(silent));

        SystemBrowser? told = null;
        told = new SystemBrowser(_profile.Time, open: _ => false, announce: url =>
        {
            _profile.Idm.TakeAuthorizationRequest(url.AbsoluteUri);
            _ = _http.GetAsync($"{told!.RedirectUri}?{_profile.Idm.CreateAnswer()}");
        });
        using (told)
        {
            (await _profile.IdmClient.LogInAsync(told)).Identity.Subject.ShouldBe("user-1");
        }
    }
}
