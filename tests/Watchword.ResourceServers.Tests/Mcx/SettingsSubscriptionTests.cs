using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>A user is told of his own settings (TS 24.379 7.3.6).</summary>
public sealed class SettingsSubscriptionTests
{
    private static readonly McServiceNames Names = McServiceNames.Mcptt;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_settings_come_at_once_and_whenever_they_change_over_a_restart_too()
    {
        await using TestCore core = await TestCore.StartAsync();
        await using McxHost host = await McxHost.StartAsync(core: core.Destination);
        await using TestUe ue = TestUe.Create(host);
        await using TestUe second = TestUe.Create(host, device: "2");
        _ = await ue.PublishAsync(Names);

        SipResponse response = await ue.SendAsync(Subscribe(ue, ue.IdOf(Names)));
        SipRequest first = await NotifyAsync(core, 1);
        _ = await second.PublishAsync(Names);
        SipRequest changed = await NotifyAsync(core, 2);
        while (await host.ReadAsync(context => context.Set<SettingsSubscriptionRow>().AnyAsync(row => row.DueAt != null)))
        {
            await Task.Delay(10, Token);
        }

        await host.RestartAsync();
        _ = await ue.SendAsync(ue.Publish(Names, [], 0));
        SipRequest after = await NotifyAsync(core, 3);

        response.StatusCode.ShouldBe(200);
        response.Headers.Contact.ShouldHaveSingleItem().Uri.ToString().ShouldBe(McxHost.Psi(Names));
        first.Headers.SubscriptionState!.Value.ShouldBe("active");
        first.Headers.Event!.Value.ShouldBe(PocSettings.EventPackage);
        PocSettings.Parse(first.Body.ToArray()).Entities.ShouldHaveSingleItem().Id.ShouldBe(ue.ClientId);
        PocSettings.Parse(changed.Body.ToArray()).Entities.Select(e => e.Id).Order().ShouldBe([ue.ClientId, second.ClientId]);
        after.Body.IsEmpty.ShouldBeTrue("the IMPU logged off with all its clients");
        (first.Headers.CallId, changed.Headers.CallId).ShouldBe((after.Headers.CallId, after.Headers.CallId));
        ((uint[])[first.Headers.CSeq!.Value.Number, changed.Headers.CSeq!.Value.Number,
            after.Headers.CSeq!.Value.Number]).ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_is_registered_no_more_has_none_and_his_subscribers_are_told(bool embeds)
    {
        await using TestCore core = await TestCore.StartAsync();
        await using McxHost host = await McxHost.StartAsync(core: core.Destination);
        await using TestUe ue = TestUe.Create(host);
        _ = await ue.PublishAsync(Names);
        _ = await ue.SendAsync(Subscribe(ue, ue.IdOf(Names)));
        _ = await NotifyAsync(core, 1);

        (await ue.SendAsync(ue.Register([], [], expires: 0, embeds: embeds))).StatusCode.ShouldBe(200);

        SipRequest told = await NotifyAsync(core, 2);
        told.Body.IsEmpty.ShouldBeTrue();
        (await host.ReadAsync(context => context.Set<BindingRow>().AnyAsync())).ShouldBeFalse();
    }

    [Fact]
    public async Task Others_settings_are_refused_and_who_is_not_bound_is_unknown()
    {
        await using TestCore core = await TestCore.StartAsync();
        await using McxHost host = await McxHost.StartAsync(core: core.Destination);
        await using TestUe ue = TestUe.Create(host);
        await using TestUe bob = TestUe.Create(host, "bob");

        PublishTests.Refusal(await ue.SendAsync(Subscribe(ue, ue.IdOf(Names)))).ShouldBe(
            (404, "141 user unknown to the participating function"));
        _ = await ue.PublishAsync(Names);
        _ = await bob.PublishAsync(Names);
        (await ue.SendAsync(Subscribe(ue, bob.IdOf(Names)))).StatusCode.ShouldBe(403);
        SipRequest other = Subscribe(ue, ue.IdOf(Names));
        other.Headers.Set(SipHeaderNames.Event, "presence");
        (await ue.SendAsync(other)).StatusCode.ShouldBe(489);
        SipRequest unknown = Subscribe(ue, ue.IdOf(Names));
        unknown.Headers.Set(SipHeaderNames.To, $"<{McxHost.Psi(Names)}>;tag=none");
        (await ue.SendAsync(unknown)).StatusCode.ShouldBe(481);
        core.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_ends_when_the_subscriber_says_so_and_when_the_user_is_disabled()
    {
        await using TestCore core = await TestCore.StartAsync();
        await using McxHost host = await McxHost.StartAsync(core: core.Destination);
        await using TestUe ue = TestUe.Create(host);
        _ = await ue.PublishAsync(Names);
        SipRequest subscribe = Subscribe(ue, ue.IdOf(Names));
        SipResponse response = await ue.SendAsync(subscribe);
        _ = await NotifyAsync(core, 1);

        SipRequest end = Subscribe(ue, ue.IdOf(Names), 0);
        foreach (string name in (string[])[SipHeaderNames.CallId, SipHeaderNames.From])
        {
            end.Headers.Set(name, subscribe.Headers[name]!);
        }

        end.Headers.Set(SipHeaderNames.To, response.Headers[SipHeaderNames.To]!);
        end.Headers.Set(SipHeaderNames.CSeq, "2 SUBSCRIBE");
        (await ue.SendAsync(end)).StatusCode.ShouldBe(200);
        SipRequest ended = await NotifyAsync(core, 2);
        ended.Headers.SubscriptionState!.Value.ShouldBe("terminated");

        _ = await ue.SendAsync(Subscribe(ue, ue.IdOf(Names)));
        _ = await NotifyAsync(core, 3);
        await host.Services.GetRequiredService<ISubjectObserver>().SubjectsChangedAsync(
            TestTokens.Issuer, [("alice", new SubjectStanding(SubjectState.Disabled, null))], Token);
        SipRequest last = await NotifyAsync(core, 4);
        last.Headers.SubscriptionState!.Value.ShouldBe("terminated");
        last.Body.IsEmpty.ShouldBeTrue();
    }

    private static SipRequest Subscribe(TestUe ue, string id, uint expires = 3600)
    {
        SipRequest request = SipRequest.Create(
            SipMethods.Subscribe, SipUri.Parse(McxHost.Psi(Names)), SipUri.Parse(ue.Impu), SipUri.Parse(McxHost.Psi(Names)));
        request.Headers.Add(SipHeaderNames.Event, PocSettings.EventPackage);
        request.Headers.Add(SipHeaderNames.Accept, PocSettings.MediaType);
        request.Headers.Add(SipHeaderNames.Expires, $"{expires}");
        request.Headers.Add(SipHeaderNames.Contact, $"<{ue.Impu}>");
        request.Headers.Add(SipHeaderNames.PAssertedIdentity, $"<{ue.Impu}>");
        SipBody.Write(request, ue.Part(ue.SettingsInfo(Names, id)));
        return request;
    }

    private static async Task<SipRequest> NotifyAsync(TestCore core, int number)
    {
        for (int i = 0; core.Received.Count < number; i++)
        {
            i.ShouldBeLessThan(6000, $"there is no NOTIFY {number}");
            await Task.Delay(10, Token);
        }

        return core.Received[number - 1];
    }
}
