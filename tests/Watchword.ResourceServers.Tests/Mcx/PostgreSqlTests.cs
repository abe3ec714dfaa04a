using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>What depends on the database, on PostgreSQL; the other tests run on SQLite.</summary>
public sealed class PostgreSqlTests(PostgreSqlCluster cluster)
{
    private static readonly McServiceNames Names = McServiceNames.Mcptt;

    [Fact]
    public async Task Bindings_CSKs_and_replays_are_kept_over_a_restart()
    {
        await using McxHost host = await StartAsync();
        await using TestUe ue = TestUe.Create(host);
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(Names));
        IReadOnlyList<SipBodyPart> parts = keys.Protect(ue, ue.Info(Names));
        string tag = (await ue.SendAsync(ue.Publish(Names, parts))).Headers.ETag!;
        await host.RestartAsync();

        IReadOnlyList<SipBodyPart> settings = keys.Protect(ue, ue.SettingsInfo(Names), sendsCsk: false, profile: 4);
        SipResponse taken = await ue.SendAsync(ue.Publish(Names, settings, ifMatch: tag));
        (await host.BindingsAsync()).Single().ProfileIndex.ShouldBe(4);
        SipResponse off = await ue.SendAsync(ue.Publish(Names, [], 0, taken.Headers.ETag));
        SipResponse replayed = await ue.SendAsync(ue.Publish(Names, parts));

        (taken.StatusCode, off.StatusCode, replayed.StatusCode).ShouldBe((200, 200, 403));
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_many_clients_at_once_no_more_than_the_limit_get_in()
    {
        await using McxHost host = await StartAsync();
        TestUe[] ues = [.. Enumerable.Range(1, 6).Select(i => TestUe.Create(host, device: $"{i}"))];

        SipResponse[] responses = await Task.WhenAll(ues.Select(ue => ue.PublishAsync(Names)));

        responses.Select(response => response.StatusCode).Order().ShouldBe([200, 200, 486, 486, 486, 486]);
        (await host.BindingsAsync()).Count.ShouldBe(2);
        await Task.WhenAll(ues.Select(ue => ue.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Registrations_log_off_and_what_has_expired_goes()
    {
        await using McxHost host = await StartAsync();
        await using TestUe ue = TestUe.Create(host);
        _ = await ue.SendAsync(ue.Register(McServiceNames.All, [.. McServiceNames.All.Select(names => ue.Part(ue.Info(names)))]));
        (await host.BindingsAsync()).Count.ShouldBe(3);

        _ = await ue.SendAsync(ue.Register([Names], []));
        BindingRow left = (await host.BindingsAsync()).ShouldHaveSingleItem();
        left.Service.ShouldBe(McServiceKind.Mcptt);
        host.Time.Advance(TimeSpan.FromHours(2));
        await host.Upkeep.RunOnceAsync(TestContext.Current.CancellationToken);
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    private async Task<McxHost> StartAsync() =>
        await McxHost.StartAsync(database: await cluster.CreateDatabaseAsync(TestContext.Current.CancellationToken));
}
