using Microsoft.EntityFrameworkCore;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Service authorisation by PUBLISH, row by row (TS 24.379 7.3.3 to 7.3.5).</summary>
public sealed class PublishTests
{
    public static TheoryData<int> Services => [0, 1, 2];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_token_binds_user_client_and_IMPU_and_settings_are_kept(int service)
    {
        McServiceNames names = McServiceNames.All[service];
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);

        SipResponse response = await ue.PublishAsync(names);

        response.StatusCode.ShouldBe(200);
        response.Headers.Expires.ShouldBe(3600u);
        response.Body.IsEmpty.ShouldBeTrue("no other client");
        BindingRow row = (await host.BindingsAsync()).ShouldHaveSingleItem();
        (row.Service, row.ServiceId, row.ClientId, row.Impu).ShouldBe((names.Kind, ue.IdOf(names), ue.ClientId, ue.Impu));
        (row.Issuer, row.Subject, row.Source).ShouldBe((TestTokens.Issuer, "alice", BindingSource.Publish));
        (row.EntityTag, row.ProfileIndex, row.AnswerMode).ShouldBe((response.Headers.ETag, 1, AnswerMode.Automatic));
        row.ExpiresAt.ShouldBe(host.Now.AddHours(1));
        (row.Csk, row.CskId).ShouldBe((null, null));
    }

    [Fact]
    public async Task A_second_client_is_told_of_the_first_and_a_third_is_one_too_many()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe first = TestUe.Create(host);
        await using TestUe second = TestUe.Create(host, device: "2");
        await using TestUe third = TestUe.Create(host, device: "3");
        (await first.PublishAsync(McServiceNames.Mcptt)).StatusCode.ShouldBe(200);

        SipResponse told = await second.PublishAsync(McServiceNames.Mcptt);
        SipResponse refused = await third.PublishAsync(McServiceNames.Mcptt);

        told.StatusCode.ShouldBe(200);
        McInfo.Parse(SipBody.Read(told).ShouldHaveSingleItem().Content).MultipleDevices!.AsBoolean().ShouldBe(true);
        Refusal(refused).ShouldBe((486, "164 maximum number of service authorizations reached"));
        (await host.BindingsAsync()).Count.ShouldBe(2);
        (await second.PublishAsync(McServiceNames.Mcptt)).StatusCode.ShouldBe(200, "who is counted already may come again");
        (await third.PublishAsync(McServiceNames.McVideo)).StatusCode.ShouldBe(200, "each service has a count of its own");
    }

    [Fact]
    public async Task Of_many_clients_at_once_no_more_than_the_limit_get_in()
    {
        await using McxHost host = await McxHost.StartAsync();
        TestUe[] ues = [.. Enumerable.Range(1, 8).Select(i => TestUe.Create(host, device: $"{i}"))];

        SipResponse[] responses = await Task.WhenAll(ues.Select(ue => ue.PublishAsync(McServiceNames.Mcptt)));

        responses.Count(response => response.StatusCode == 200).ShouldBe(2);
        responses.Count(response => response.StatusCode == 486).ShouldBe(6);
        (await host.BindingsAsync()).Count.ShouldBe(2);
        await Task.WhenAll(ues.Select(ue => ue.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Entity_tags_are_those_of_RFC_3903()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        string first = (await ue.PublishAsync(McServiceNames.Mcptt)).Headers.ETag!;
        host.Time.Advance(TimeSpan.FromMinutes(30));

        SipResponse refreshed = await ue.SendAsync(ue.Publish(McServiceNames.Mcptt, [], 7200, first));
        SipResponse stale = await ue.SendAsync(ue.Publish(McServiceNames.Mcptt, [], 7200, first));
        SipResponse modified = await ue.PublishAsync(McServiceNames.Mcptt, ifMatch: refreshed.Headers.ETag);
        SipResponse wrong = await ue.PublishAsync(McServiceNames.Mcptt, ifMatch: "none");

        refreshed.StatusCode.ShouldBe(200);
        refreshed.Headers.ETag.ShouldNotBe(first);
        stale.StatusCode.ShouldBe(412);
        modified.StatusCode.ShouldBe(200);
        wrong.StatusCode.ShouldBe(412);
        BindingRow row = (await host.BindingsAsync()).ShouldHaveSingleItem();
        row.EntityTag.ShouldBe(modified.Headers.ETag);
        row.ExpiresAt.ShouldBe(host.Now.AddHours(1));
    }

    [Fact]
    public async Task Settings_alone_need_a_binding_of_this_user_client_and_IMPU()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        await using TestUe bob = TestUe.Create(host, "bob");
        McServiceNames names = McServiceNames.Mcptt;
        SipRequest Settings() => ue.Publish(names, [ue.Part(ue.SettingsInfo(names)), ue.SettingsPart(7)]);
        const string Unknown = "141 user unknown to the participating function";

        Refusal(await ue.SendAsync(Settings())).ShouldBe((404, Unknown));
        (await host.BindingsAsync()).ShouldBeEmpty();
        _ = await ue.PublishAsync(names);
        (await ue.SendAsync(Settings())).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).Single().ProfileIndex.ShouldBe(7);

        McInfo[] wrong = [ue.SettingsInfo(names, bob.IdOf(names)), ue.SettingsInfo(names, clientId: "urn:uuid:other")];
        foreach (McInfo info in wrong)
        {
            Refusal(await ue.SendAsync(ue.Publish(names, [ue.Part(info), ue.SettingsPart(8)]))).ShouldBe((404, Unknown));
        }

        SipRequest asBob = bob.Publish(names, [ue.Part(ue.SettingsInfo(names)), ue.SettingsPart(9)]);
        Refusal(await bob.SendAsync(asBob)).ShouldBe((404, Unknown), "another IMPU");
        (await host.BindingsAsync()).Single().ProfileIndex.ShouldBe(7);
        host.Time.Advance(TimeSpan.FromHours(2));
        SipRequest later = ue.Publish(names, [ue.Part(ue.SettingsInfo(names)), ue.SettingsPart(8)]);
        Refusal(await ue.SendAsync(later)).ShouldBe((404, Unknown), "expired");
    }

    [Fact]
    public async Task Expires_0_logs_the_client_off_and_what_comes_later_is_unknown()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        await using TestUe other = TestUe.Create(host, device: "2");
        McServiceNames names = McServiceNames.McVideo;
        string tag = (await ue.PublishAsync(names)).Headers.ETag!;
        _ = await other.PublishAsync(names);

        (await ue.SendAsync(ue.Publish(names, [], 0, "none"))).StatusCode.ShouldBe(412);
        (await host.BindingsAsync()).Count.ShouldBe(2);
        (await ue.SendAsync(ue.Publish(names, [], 0, tag))).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).Single().ClientId.ShouldBe(other.ClientId);
        SipResponse late = await ue.SendAsync(ue.Publish(names, [ue.Part(ue.SettingsInfo(names)), ue.SettingsPart()]));
        late.StatusCode.ShouldBe(404);

        _ = await ue.PublishAsync(names);
        SipRequest named = ue.Publish(names, [ue.Part(ue.Info(names))], 0);
        (await ue.SendAsync(named)).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).Single().ClientId.ShouldBe(other.ClientId, "that of the client named went");
        (await ue.SendAsync(ue.Publish(names, [], 0))).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).ShouldBeEmpty("whatever the IMPU had");
    }

    [Fact]
    public async Task Other_events_too_short_times_other_addresses_and_broken_bodies_are_refused_before_anything_is_done()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        SipBodyPart info = ue.Part(ue.Info(names));

        SipResponse other = await ue.SendAsync(ue.Publish(names, [info], package: "presence"));
        SipResponse brief = await ue.SendAsync(ue.Publish(names, [info], expires: 5));
        SipRequest elsewhere = SipRequest.Create(
            SipMethods.Publish, SipUri.Parse("sip:nobody@mcx.lab.example"), SipUri.Parse(ue.Impu),
                SipUri.Parse("sip:nobody@mcx.lab.example"));
        elsewhere.Headers.Add(SipHeaderNames.Event, "poc-settings");
        elsewhere.Headers.Add(SipHeaderNames.PAssertedIdentity, $"<{ue.Impu}>");
        SipBody.Write(elsewhere, info);
        SipRequest anonymous = ue.Publish(names, [info]);
        anonymous.Headers.Remove(SipHeaderNames.PAssertedIdentity);
        SipBodyPart broken = SipBodyPart.Create(names.InfoMediaType, "<mcpttinfo"u8.ToArray(), "info@ue");
        SipBodyPart badSettings = SipBodyPart.Create(PocSettings.MediaType, "<x/>"u8.ToArray(), "settings@ue");

        other.StatusCode.ShouldBe(489);
        other.Headers.AllowEvents.ShouldBe(["poc-settings"]);
        brief.StatusCode.ShouldBe(423);
        brief.Headers.MinExpires.ShouldBe(60u);
        (await ue.SendAsync(elsewhere)).StatusCode.ShouldBe(404);
        Refusal(await ue.SendAsync(anonymous)).ShouldBe((403, "101 service authorisation failed"));
        (await ue.SendAsync(ue.Publish(names, [broken]))).StatusCode.ShouldBe(400);
        (await ue.SendAsync(ue.Publish(names, [info, badSettings]))).StatusCode.ShouldBe(400);
        (await ue.SendAsync(ue.Publish(names, [info, info]))).StatusCode.ShouldBe(400);
        (await ue.SendAsync(ue.Publish(names, [ue.SettingsPart()]))).StatusCode.ShouldBe(403);
        (await ue.SendAsync(ue.Publish(names, [], ifMatch: null))).StatusCode.ShouldBe(400);
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_long_time_is_cut_and_the_longest_of_TS_24_379_is_taken()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);

        SipResponse response = await ue.PublishAsync(McServiceNames.Mcptt, expires: uint.MaxValue);

        (response.StatusCode, response.Headers.Expires).ShouldBe((200, 604_800u));
        (await host.BindingsAsync()).Single().ExpiresAt.ShouldBe(host.Now.AddDays(7));
    }

    [Fact]
    public async Task Who_logs_in_on_the_same_IMPU_takes_the_place_of_the_user_before()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        _ = await ue.PublishAsync(McServiceNames.Mcptt);
        string bob = host.Tokens.Create("bob", host.Now);

        (await ue.PublishAsync(McServiceNames.Mcptt, bob)).StatusCode.ShouldBe(200);

        (await host.BindingsAsync()).Single().ServiceId.ShouldBe(UserIds.Of("bob", McService.Mcptt));
    }

    [Fact]
    public async Task A_restart_keeps_bindings_and_the_purge_takes_what_has_expired()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        string tag = (await ue.PublishAsync(McServiceNames.Mcptt)).Headers.ETag!;

        await host.RestartAsync();

        (await ue.SendAsync(ue.Publish(McServiceNames.Mcptt, [], 3600, tag))).StatusCode.ShouldBe(200);
        host.Time.Advance(TimeSpan.FromHours(2));
        await host.Upkeep.RunOnceAsync(TestContext.Current.CancellationToken);
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_the_keys_of_the_IdM_server_cannot_be_had_the_answer_is_no_refusal()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        string token = host.Tokens.Create("alice", host.Now, ("iss", McxHost.UnreachableIssuer));

        SipResponse published = await ue.PublishAsync(McServiceNames.Mcptt, token);
        SipResponse registered = await ue.SendAsync(
            ue.Register([McServiceNames.Mcptt], [ue.Part(ue.Info(McServiceNames.Mcptt, token))]));

        published.StatusCode.ShouldBe(500);
        published.Headers.RetryAfter!.Seconds.ShouldBeGreaterThan(0u);
        published.Headers.Warning.ShouldBeEmpty();
        registered.StatusCode.ShouldBe(500);
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    internal static (int Status, string? Warning) Refusal(SipResponse response) =>
        (response.StatusCode, response.Headers.Warning is [SipWarning warning]
            && warning is { Code: 399, Agent: McxHost.WarnHost }
            ? warning.Text
            : null);
}
