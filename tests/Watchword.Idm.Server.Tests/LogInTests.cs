using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed partial class LogInTests(SharedHost shared)
{
    private readonly IdmHost host = shared.Host;

    [Fact]
    public async Task Unknown_user_wrong_password_and_disabled_account_are_told_the_same()
    {
        AccountView known = await shared.AddUserAsync();
        AccountView disabled = await shared.AddUserAsync();
        await host.WithAccountsAsync(accounts => accounts.DisableAsync(disabled.UserName));

        string wrong = await RefusedPageAsync(known.UserName, "wrong password");
        string unknown = await RefusedPageAsync("nobody-" + known.UserName, IdmHost.Password);
        string closed = await RefusedPageAsync(disabled.UserName, IdmHost.Password);
        wrong.ShouldContain("role=\"alert\"");
        Anonymous(unknown).ShouldBe(Anonymous(wrong));
        Anonymous(closed).ShouldBe(Anonymous(wrong));
    }

    [Fact]
    public async Task A_user_name_is_found_in_any_case_and_a_password_is_not()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        (await flow.LogInAsync(user.UserName.ToUpperInvariant())).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await flow.LogInAsync(user.UserName, IdmHost.Password.ToUpperInvariant())).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_cookie_is_shown_again()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow victim = new(host);
        using CodeFlow attacker = new(host);
        using HttpResponseMessage page = await attacker.AuthorizeAsync(attacker.Request());
        string form = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        using HttpResponseMessage response = await victim.PostFormAsync(form, user.UserName, IdmHost.Password);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("had expired");
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("someone", "")]
    public async Task An_incomplete_form_is_shown_again(string userName, string password)
    {
        using CodeFlow flow = new(host);
        using HttpResponseMessage response = await flow.LogInAsync(userName, password);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("Please enter");
    }

    [Fact]
    public async Task A_posted_form_is_checked_like_the_first_request()
    {
        AccountView user = await shared.AddUserAsync();
        using CodeFlow flow = new(host);
        using HttpResponseMessage page = await flow.AuthorizeAsync(flow.Request());
        string form = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        form = form.Replace("value=\"http://127.0.0.1:51234/callback\"", "value=\"https://evil.example/callback\"", StringComparison.Ordinal);
        using HttpResponseMessage response = await flow.PostFormAsync(form, user.UserName, IdmHost.Password);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        response.Headers.Location.ShouldBeNull();
    }

    [Fact]
    public async Task After_five_failures_the_account_is_locked_for_five_minutes()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        await own.AddAliceAsync();
        using CodeFlow flow = new(own);
        for (int i = 0; i < 5; i++)
        {
            (await flow.LogInAsync(password: "wrong")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await flow.LogInAsync()).StatusCode.ShouldBe(HttpStatusCode.OK, "the account is locked");
        own.Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        (await flow.LogInAsync()).StatusCode.ShouldBe(HttpStatusCode.OK, "the account is still locked");
        own.Time.Advance(TimeSpan.FromSeconds(1));
        (await flow.LogInAsync()).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        for (int i = 0; i < 4; i++)
        {
            await flow.LogInAsync(password: "wrong");
        }

        (await flow.LogInAsync()).StatusCode.ShouldBe(HttpStatusCode.Redirect, "success forgets earlier failures");
        await flow.LogInAsync(password: "wrong");
        (await flow.LogInAsync()).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Guesses_at_the_same_moment_do_not_get_past_the_limit()
    {
        AccountView user = await shared.AddUserAsync();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using CodeFlow flow = new(host);
            (await flow.LogInAsync(user.UserName, "guess")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }));
        using CodeFlow last = new(host);
        (await last.LogInAsync(user.UserName)).StatusCode.ShouldBe(HttpStatusCode.OK, "the account is locked");
        host.LogLines.Lines.ShouldContain(line => line.Contains("3101", StringComparison.Ordinal) && line.Contains("Locked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_refused_attempt_is_written_to_the_disk_whoever_it_names()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        await own.AddAliceAsync();
        await using SqliteConnection observer = new($"Data Source={Path.Combine(own.Directory, "data", "idm.db")};Pooling=False");
        await observer.OpenAsync(TestContext.Current.CancellationToken);
        using CodeFlow flow = new(own);

        (await IsWrittenAsync("", "x")).ShouldBeFalse("an incomplete form is no attempt");
        for (int i = 0; i < 7; i++)
        {
            (await IsWrittenAsync("alice", "wrong")).ShouldBeTrue("wrong password, and locked from the sixth attempt on");
            (await IsWrittenAsync("nobody", "wrong")).ShouldBeTrue("unknown user");
        }

        async Task<bool> IsWrittenAsync(string userName, string password)
        {
            long before = await VersionAsync();
            (await flow.LogInAsync(userName, password)).StatusCode.ShouldBe(HttpStatusCode.OK);
            return await VersionAsync() != before;
        }

        // SQLite changes this number when another connection has committed a change.
        async Task<long> VersionAsync()
        {
            await using SqliteCommand command = observer.CreateCommand();
            command.CommandText = "PRAGMA data_version";
            return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }
    }

    [Fact]
    public async Task No_log_line_holds_an_identity_a_password_a_code_or_a_token()
    {
        await using IdmHost own = await IdmHost.StartAsync();
        await own.AddAccountAsync("erika.mustermann", "sip:erika.ptt@mc.example.org");
        using CodeFlow flow = new(own);
        await flow.LogInAsync("erika.mustermann", "a wrong secret");
        string code = await flow.GetCodeAsync("erika.mustermann");
        TokenAnswer tokens = await flow.RedeemAsync(code);
        await flow.RefreshAsync(tokens.RefreshToken);
        await flow.RefreshAsync(tokens.RefreshToken);

        own.LogLines.Lines.ShouldContain(line => line.Contains("3200", StringComparison.Ordinal), "the log is on");
        string[] secrets =
        [
            "erika", "a wrong secret", IdmHost.Password, code, flow.Verifier, tokens.AccessToken.Split('.')[1], tokens.IdToken.Split('.')[1],
            tokens.RefreshToken, own.OneTimeCode,
        ];
        foreach (string secret in secrets)
        {
            own.LogLines.Lines.ShouldNotContain(line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    private async Task<string> RefusedPageAsync(string userName, string password)
    {
        using CodeFlow flow = new(host);
        using HttpResponseMessage response = await flow.LogInAsync(userName, password);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        string html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldNotContain(password);
        return html.Replace(userName, "USER", StringComparison.Ordinal);
    }

    private static string Anonymous(string html) => HiddenValue().Replace(html, "value=\"\"");

    [GeneratedRegex("(?<=type=\"hidden\" name=\"[a-z_]+\" )value=\"[^\"]*\"")]
    private static partial Regex HiddenValue();
}
