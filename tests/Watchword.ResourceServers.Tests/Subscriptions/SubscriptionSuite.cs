using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization;
using Watchword.Identity;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.McServices.Notifications;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.ResourceServers.Tests.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Subscriptions;

/// <summary>
/// Subscriptions to configuration documents (TS 24.484 6.3.13, RFC 5875, RFC 6665), over real sockets, on each database.
/// </summary>
public abstract class SubscriptionSuite : OnDatabase
{
    private static readonly string Path = ServicesHost.ProfilePath();
    private static readonly string Selector = Path[(ServicesHost.CmsPath.Length + 1)..];
    private static readonly string Absolute = "https://localhost" + Path;

    private protected SubscriptionSuite(PostgreSqlCluster? cluster)
        : base(cluster)
    {
    }

    [Fact]
    public async Task A_subscriber_is_told_what_there_is_and_what_changes()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        string root = host.Administrator();
        string made = Bare(await host.PutAsync(Path, root, ServicesHost.ProfileOf()));
        string second = ServicesHost.ProfilePath(index: 2);

        (SipResponse response, SubscriberDialog dialog) = await watcher.SubscribeAsync(
            host, host.Token(), 600, Absolute, second[(ServicesHost.CmsPath.Length + 1)..]);
        (response.StatusCode, response.Headers.Expires).ShouldBe((200, 600u));
        SipRequest first = await watcher.NextAsync();
        dialog.TryNotify(first, host.Time.GetUtcNow(), out SubscriberDialog? next, out SipSubscriptionState? state,
            out _).ShouldBeTrue();
        (state.Phase, state.Expires).ShouldBe((SubscriptionPhase.Active, 600u));
        Told(first).ShouldBe([Key(XcapDiffDocument.Existing(Absolute, made))]);

        string replaced = Bare(await host.PutAsync(Path, root, ServicesHost.ProfileOf(name: "two")));
        SipRequest change = await watcher.NextAsync();
        next.TryNotify(change, host.Time.GetUtcNow(), out _, out _, out _).ShouldBeTrue();
        Told(change).ShouldBe([Key(XcapDiffDocument.Changed(Absolute, replaced, made))]);

        await host.PutAsync(second, root, ServicesHost.ProfileOf());
        TestWatcher.DiffOf(await watcher.NextAsync()).Documents.Single().Selector.ShouldBe(
            second[(ServicesHost.CmsPath.Length + 1)..]);
        await host.DeleteAsync(Path, root);
        Told(await watcher.NextAsync()).ShouldBe([Key(XcapDiffDocument.Deleted(Absolute, replaced))]);

        // Another user's document is none of his.
        await host.PutAsync(ServicesHost.ProfilePath("bob"), root, ServicesHost.ProfileOf("bob"));
        (await watcher.IsQuietAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task One_NOTIFY_is_on_its_way_at_a_time_and_the_next_has_everything()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        string root = host.Administrator();
        await watcher.SubscribeAsync(host, host.Token(), 600, Selector);
        TestWatcher.DiffOf(await watcher.NextAsync()).Documents.ShouldBeEmpty();

        watcher.Hold();
        string one = Bare(await host.PutAsync(Path, root, ServicesHost.ProfileOf()));
        Told(await watcher.NextAsync()).ShouldBe([Key(XcapDiffDocument.Existing(Selector, one))]);
        await host.PutAsync(Path, root, ServicesHost.ProfileOf(name: "two"));
        string three = Bare(await host.PutAsync(Path, root, ServicesHost.ProfileOf(name: "three")));
        (await watcher.IsQuietAsync()).ShouldBeTrue();

        watcher.Answering.SetResult();
        Told(await watcher.NextAsync()).ShouldBe([Key(XcapDiffDocument.Changed(Selector, three, one))]);
        (await watcher.IsQuietAsync()).ShouldBeTrue();
    }

    [Fact]
    public async Task A_subscription_is_refreshed_ended_and_runs_out()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        string etag = Bare(await host.PutAsync(Path, host.Administrator(), ServicesHost.ProfileOf()));
        (_, SubscriberDialog dialog) = await watcher.SubscribeAsync(host, host.Token(), 600, Selector);
        await watcher.NextAsync();

        (SipResponse refreshed, dialog) = await watcher.RefreshAsync(host, dialog, 1200);
        (refreshed.StatusCode, refreshed.Headers.Expires).ShouldBe((200, 1200u));
        SipRequest full = await watcher.NextAsync();
        Told(full).ShouldBe([Key(XcapDiffDocument.Existing(Selector, etag))]);
        full.Headers.SubscriptionState!.Parameters["expires"].ShouldBe("1200");

        (SipResponse ended, dialog) = await watcher.RefreshAsync(host, dialog, 0);
        ended.StatusCode.ShouldBe(200);
        (await watcher.NextAsync()).Headers.SubscriptionState!.Value.ShouldBe("terminated");
        await UntilAsync(async () => await CountAsync(host) == 0);
        (await watcher.RefreshAsync(host, dialog, 600)).Response.StatusCode.ShouldBe(481);

        await watcher.SubscribeAsync(host, host.Token(), 600, Selector);
        await watcher.NextAsync();
        host.Time.Advance(TimeSpan.FromSeconds(601));
        SipRequest last = await watcher.NextAsync();
        (last.Headers.SubscriptionState!.Value, last.Headers.SubscriptionState.Parameters["reason"]).ShouldBe(
            ("terminated", "timeout"));
        await UntilAsync(async () => await CountAsync(host) == 0);
    }

    [Fact]
    public async Task Without_a_token_a_subscription_is_refreshed_for_a_day_at_most()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        (_, SubscriberDialog dialog) = await watcher.SubscribeAsync(host, host.Token(), 86_400, Selector);
        await watcher.NextAsync();
        host.Time.Advance(TimeSpan.FromHours(20));
        (SipResponse response, dialog) = await watcher.RefreshAsync(host, dialog, 86_400);
        (response.StatusCode, response.Headers.Expires).ShouldBe((200, 4 * 3600u));
        await watcher.NextAsync();

        // Whoever shows a token gets the whole time, and one that does not open the document any more gets nothing.
        string other = host.Token(changes: ("scope", ServicesHost.Scopes(McResource.GroupManagement)));
        (response, dialog) = await watcher.RefreshAsync(host, dialog, 86_400, other);
        response.StatusCode.ShouldBe(403);
        (response, dialog) = await watcher.RefreshAsync(host, dialog, 86_400, host.Token("bob"));
        response.StatusCode.ShouldBe(403);
        (response, dialog) = await watcher.RefreshAsync(host, dialog, 86_400, host.Token());
        (response.StatusCode, response.Headers.Expires).ShouldBe((200, 86_400u));
        await watcher.NextAsync();
        host.Time.Advance(TimeSpan.FromSeconds(86_400 - 30));
        (await watcher.RefreshAsync(host, dialog, 600)).Response.StatusCode.ShouldBe(403);
    }

    [Fact]
    public async Task A_restart_keeps_subscriptions()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        (_, SubscriberDialog dialog) = await watcher.SubscribeAsync(host, host.Token(), 600, Selector);
        await watcher.NextAsync();
        await UntilAsync(async () => await host.ReadAsync(
            context => context.Set<SubscriptionRow>().AllAsync(row => !row.IsOwed)));
        await host.StartAgainAsync();
        string etag = Bare(await host.PutAsync(Path, host.Administrator(), ServicesHost.ProfileOf()));
        SipRequest change = await watcher.NextAsync();
        Told(change).ShouldBe([Key(XcapDiffDocument.Existing(Selector, etag))]);
        dialog.TryNotify(change, host.Time.GetUtcNow(), out SubscriberDialog? next, out _, out _).ShouldBeTrue();
        (await watcher.RefreshAsync(host, next, 600)).Response.StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task A_NOTIFY_that_fails_for_a_time_is_sent_again_and_one_that_fails_for_good_ends_it()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        string etag = Bare(await host.PutAsync(Path, host.Administrator(), ServicesHost.ProfileOf()));
        watcher.Answers.Enqueue(503);
        await watcher.SubscribeAsync(host, host.Token(), 600, Selector);
        await watcher.NextAsync();

        // The pause begins when the server has noted the failure.
        await UntilAsync(() => host.ReadAsync(context => context.Set<SubscriptionRow>().AnyAsync(row => row.Failures == 1)));
        (await watcher.IsQuietAsync()).ShouldBeTrue();
        host.Time.Advance(TimeSpan.FromSeconds(6));
        Told(await watcher.NextAsync()).ShouldBe([Key(XcapDiffDocument.Existing(Selector, etag))]);

        watcher.Answers.Enqueue(481);
        await host.PutAsync(Path, host.Administrator(), ServicesHost.ProfileOf(name: "two"));
        await watcher.NextAsync();
        await UntilAsync(async () => await CountAsync(host) == 0);
    }

    [Fact]
    public async Task Whoever_may_not_read_may_not_subscribe()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(
            watcher.Settings(("Services:Configuration:MaxSubscriptionsPerUser", "1")));
        string bob = ServicesHost.ProfilePath("bob")[(ServicesHost.CmsPath.Length + 1)..];
        (string? Token, string[] Documents, int Status)[] rows =
        [
            (null, [Selector], 403),
            ("nonsense", [Selector], 403),
            (host.Tokens.CreateForged("alice", host.Time.GetUtcNow()), [Selector], 403),
            (host.Token(changes: ("exp", host.Time.GetUtcNow().AddMinutes(-1).ToUnixTimeSeconds())), [Selector], 403),
            (host.Token(changes: ("aud", ServicesHost.GmsAudience)), [Selector], 403),
            (host.Token(changes: ("scope", ServicesHost.Scopes(McResource.GroupManagement))), [Selector], 403),
            (host.Token(), [bob], 403),
            (host.Token(), [Selector, bob], 403),
            (host.Token(), ["unknown/global/x"], 403),
            (host.Token(), [Selector + "/~~/mcptt-user-profile"], 403),
            (host.Token(), ["https://other.example" + Path], 403),
            (host.Token(), [], 400),
        ];
        foreach ((string? token, string[] documents, int status) in rows)
        {
            (await watcher.SubscribeAsync(host, token, 600, documents)).Response.StatusCode.ShouldBe(
                status, string.Join(' ', documents));
        }

        (await CountAsync(host)).ShouldBe(0);
        (await watcher.SubscribeAsync(host, host.Token(), 600, Selector)).Response.StatusCode.ShouldBe(200);
        (await watcher.SubscribeAsync(host, host.Token(), 600, Selector)).Response.StatusCode.ShouldBe(403);
        (await watcher.SubscribeAsync(host, host.Token("bob"), 600, bob)).Response.StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task A_subscription_that_is_over_counts_until_its_last_NOTIFY_is_answered()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(
            watcher.Settings(("Services:Configuration:MaxSubscriptionsPerUser", "1")));
        watcher.Hold();
        (await watcher.SubscribeAsync(host, host.Token(), 0, Selector)).Response.StatusCode.ShouldBe(200);
        await watcher.NextAsync();
        (await watcher.SubscribeAsync(host, host.Token(), 0, Selector)).Response.StatusCode.ShouldBe(403);
        watcher.Answering.SetResult();
        await UntilAsync(async () => await CountAsync(host) == 0);
        (await watcher.SubscribeAsync(host, host.Token(), 0, Selector)).Response.StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task Malformed_SUBSCRIBE_gets_the_answers_of_RFC_6665()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        (await watcher.SendAsync(host, Request(psi: "sip:nobody@services.lab.example"))).StatusCode.ShouldBe(404);
        (await watcher.SendAsync(host, Request(package: "presence"))).StatusCode.ShouldBe(489);
        (await watcher.SendAsync(host, Request(accept: "text/plain"))).StatusCode.ShouldBe(406);
        SipResponse brief = await watcher.SendAsync(host, Request(expires: 5));
        (brief.StatusCode, brief.Headers["Min-Expires"]).ShouldBe((423, "60"));
        SipRequest broken = Request();
        SipBody.Write(broken, SipBodyPart.Create(ResourceLists.MediaType, "<x"u8.ToArray()));
        (await watcher.SendAsync(host, broken)).StatusCode.ShouldBe(400);

        static SipRequest Request(
            string psi = TestWatcher.Psi, string package = XcapDiff.EventPackage, string accept = XcapDiff.MediaType,
                uint expires = 600) =>
            SubscriberDialog.Create(
                SipUri.Parse(psi), SipUri.Parse("sip:alice@ims.example"), SipUri.Parse(psi), SipUri.Parse("sip:alice@10.0.0.1"),
                package, expires, [accept]).Request;
    }

    [Fact]
    public async Task A_disabled_subject_is_told_nothing_more()
    {
        await using TestWatcher watcher = await TestWatcher.StartAsync();
        await using ServicesHost host = await StartAsync(watcher.Settings());
        await watcher.SubscribeAsync(host, host.Token(), 600, Selector);
        await watcher.NextAsync();
        foreach (ISubjectObserver observer in host.Services.GetServices<ISubjectObserver>())
        {
            await observer.SubjectsChangedAsync(
                TestTokens.Issuer, [("alice", new SubjectStanding(SubjectState.Disabled, null))],
                    TestContext.Current.CancellationToken);
        }

        SipRequest last = await watcher.NextAsync();
        (last.Headers.SubscriptionState!.Value, last.Headers.SubscriptionState.Parameters["reason"], last.Body.Length)
            .ShouldBe(("terminated", "rejected", 0));
        await UntilAsync(async () => await CountAsync(host) == 0);
        await host.PutAsync(Path, host.Administrator(), ServicesHost.ProfileOf());
        (await watcher.IsQuietAsync()).ShouldBeTrue();
    }

    private static (string, string?, string?)[] Told(SipRequest notify) => [.. TestWatcher.DiffOf(notify).Documents.Select(Key)];

    private static (string, string?, string?) Key(XcapDiffDocument document) =>
        (document.Selector, document.NewEtag, document.PreviousEtag);

    private static string Bare(Answer answer) => answer.ETag!.Trim('"');

    private static Task<int> CountAsync(ServicesHost host) =>
        host.ReadAsync(context => context.Set<SubscriptionRow>().CountAsync());

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int i = 0; i < 600; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        (await holds()).ShouldBeTrue();
    }
}

/// <summary>On SQLite.</summary>
public sealed class SubscriptionsOnSqliteTests() : SubscriptionSuite(null);

/// <summary>On PostgreSQL.</summary>
public sealed class SubscriptionsOnPostgreSqlTests(PostgreSqlCluster cluster) : SubscriptionSuite(cluster);
