using Microsoft.Extensions.DependencyInjection;
using Watchword.Client;
using Watchword.McServices.Info;
using Watchword.Mikey;
using Watchword.ResourceServers.Mcx.Downloads;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Keys that the server hands to bound clients by MESSAGE (TS 33.180 5.8).</summary>
public sealed class KeyDownloadTests
{
    private static readonly McServiceNames Names = McServiceNames.Mcptt;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_CSK_takes_the_place_of_the_old_one_when_the_client_took_it()
    {
        await using TestCore core = await TestCore.StartAsync();
        await using McxHost host = await McxHost.StartAsync(core: core.Destination);
        await using TestUe ue = TestUe.Create(host);
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(Names));
        _ = await ue.SendAsync(ue.Publish(Names, keys.Protect(ue, ue.Info(Names))));
        core.Status = 480;
        KeyDownloads downloads = host.Services.GetRequiredService<KeyDownloads>();

        Guid id = (await downloads.ReplaceCskAsync(Names.Kind, ue.IdOf(Names), ue.ClientId, Token)).ShouldNotBeNull();
        await UntilAsync(async () => (await downloads.FindAsync(id, Token))!.Attempts == 1);
        (await host.BindingsAsync()).Single().CskId.ShouldBe(keys.CskId, "not delivered: the old one stays");
        (await downloads.FindAsync(id, Token))!.LastStatus.ShouldBe(480);

        core.Status = 200;
        await host.RestartAsync();
        host.Time.Advance(TimeSpan.FromMinutes(1));
        downloads = host.Services.GetRequiredService<KeyDownloads>();
        await UntilAsync(async () =>
        {
            _ = await host.Downloads.RunOnceAsync(Token);
            return (await downloads.FindAsync(id, Token))!.State == KeyDownloadState.Delivered;
        });
        KeyDownloadRow row = (await downloads.FindAsync(id, Token))!;
        (row.State, row.Attempts, row.Key).ShouldBe((KeyDownloadState.Delivered, 2, null));
        SipRequest message = core.Received[^1];
        message.RequestUri.ToString().ShouldBe(ue.Impu);
        message.Headers.ContentType!.Essence.ShouldBe("application/mikey");
        ServiceKeyInfo taken = keys.Keys.Open(message.Body.Span).Key;
        (taken.Purpose, taken.InitiatorUri).ShouldBe((KeyPurpose.Csk, McxHost.Mdsi));
        (await host.BindingsAsync()).Single().CskId.ShouldBe(taken.KeyId);
        core.Received[0].Body.ToArray().ShouldNotBe(message.Body.ToArray(), "a message of its own at each attempt");
    }

    [Fact]
    public async Task A_MuSiK_names_its_groups_and_goes_to_bound_clients_alone()
    {
        const string Group = "sip:rescue@lab.example";
        await using TestCore core = await TestCore.StartAsync();
        await using McxHost host = await McxHost.StartAsync(core: core.Destination);
        await using TestUe ue = TestUe.Create(host);
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(Names));
        KeyDownloads downloads = host.Services.GetRequiredService<KeyDownloads>();
        (await downloads.SendMusikAsync(Names.Kind, ue.IdOf(Names), ue.ClientId, [Group], Token)).ShouldBeNull();
        _ = await ue.PublishAsync(Names);
        (await downloads.ReplaceCskAsync(Names.Kind, ue.IdOf(Names), ue.ClientId, Token)).ShouldBeNull("it uploaded none");

        Guid id = (await downloads.SendMusikAsync(Names.Kind, ue.IdOf(Names), ue.ClientId, [Group], Token)).ShouldNotBeNull();
        await UntilAsync(async () => (await downloads.FindAsync(id, Token))!.State == KeyDownloadState.Delivered);

        ServiceKeyInfo taken = keys.Keys.Open(core.Received.ShouldHaveSingleItem().Body.Span).Key;
        taken.Purpose.ShouldBe(KeyPurpose.Musik);
        taken.GroupIds.ShouldBe([Group]);
        (await host.BindingsAsync()).Single().CskId.ShouldBeNull();
    }

    [Fact]
    public async Task It_is_given_up_after_ten_attempts_or_when_the_client_logged_off()
    {
        await using TestCore core = await TestCore.StartAsync();
        core.Status = 404;
        await using McxHost host = await McxHost.StartAsync(core: core.Destination);
        await using TestUe ue = TestUe.Create(host);
        KeyDownloads downloads = host.Services.GetRequiredService<KeyDownloads>();
        _ = await ue.PublishAsync(Names);
        Guid id = (await downloads.SendMusikAsync(Names.Kind, ue.IdOf(Names), ue.ClientId, [], Token)).ShouldNotBeNull();
        for (int i = 1; i <= 10; i++)
        {
            int attempts = i;
            await UntilAsync(async () =>
            {
                host.Time.Advance(TimeSpan.FromSeconds(31));
                _ = await host.Downloads.RunOnceAsync(Token);
                return (await downloads.FindAsync(id, Token))!.Attempts >= attempts;
            });
            host.Time.Advance(TimeSpan.FromMinutes(1));
        }

        (await downloads.FindAsync(id, Token))!.State.ShouldBe(KeyDownloadState.Failed);
        (await downloads.FindAsync(id, Token))!.Key.ShouldBeNull();
        _ = await ue.PublishAsync(Names);
        core.Status = 480;
        Guid second = (await downloads.SendMusikAsync(Names.Kind, ue.IdOf(Names), ue.ClientId, [], Token)).ShouldNotBeNull();
        await UntilAsync(async () => (await downloads.FindAsync(second, Token))!.Attempts == 1);
        _ = await ue.SendAsync(ue.Publish(Names, [], 0));
        await UntilAsync(async () =>
        {
            host.Time.Advance(TimeSpan.FromSeconds(31));
            _ = await host.Downloads.RunOnceAsync(Token);
            return (await downloads.FindAsync(second, Token))!.State == KeyDownloadState.Failed;
        });
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (int i = 0; !await isSo(); i++)
        {
            i.ShouldBeLessThan(3000, "it does not come to pass");
            await Task.Delay(20, Token);
        }
    }
}
