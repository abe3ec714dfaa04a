using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Service authorisation by third-party REGISTER, row by row (TS 24.379 7.3.2).</summary>
public sealed class RegisterTests
{
    private static readonly IReadOnlyList<McServiceNames> All = McServiceNames.All;

    [Fact]
    public async Task One_REGISTER_authorises_for_every_service_that_it_carries_a_token_of()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);

        SipResponse response = await ue.SendAsync(ue.Register(All, [.. All.Select(names => ue.Part(ue.Info(names)))]));

        response.StatusCode.ShouldBe(200);
        response.Headers.Contact.ShouldBeEmpty("TS 24.229 5.4.1.7: an application server adds none");
        List<BindingRow> rows = await host.BindingsAsync();
        rows.Select(row => row.Service).Order().ShouldBe([McServiceKind.Mcptt, McServiceKind.McVideo, McServiceKind.McData]);
        rows.ShouldAllBe(row => row.Impu == ue.Impu && row.ClientId == ue.ClientId && row.Source == BindingSource.Register);
        rows.ShouldAllBe(row => row.ExpiresAt == host.Now.AddHours(1));
    }

    [Fact]
    public async Task A_registration_without_info_body_is_noted_and_binds_nothing()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);

        (await ue.SendAsync(ue.Register([McServiceNames.Mcptt], []))).StatusCode.ShouldBe(200);
        (await ue.SendAsync(ue.Register([], [], embeds: false))).StatusCode.ShouldBe(200);

        (await host.BindingsAsync()).ShouldBeEmpty();
        (await host.ReadAsync(context => context.Set<RegistrationRow>().CountAsync())).ShouldBe(2);
    }

    [Fact]
    public async Task A_token_that_is_refused_binds_nothing_and_the_registration_stands()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        string expired = host.Tokens.Create("alice", host.Now, ("exp", host.Now.AddSeconds(-31).ToUnixTimeSeconds()));
        McServiceNames names = McServiceNames.Mcptt;

        SipResponse response = await ue.SendAsync(
            ue.Register([names, McServiceNames.McVideo],
                [ue.Part(ue.Info(names, expired)), ue.Part(ue.Info(McServiceNames.McVideo))]));

        response.StatusCode.ShouldBe(200, "the result of a registration is the SIP core's");
        (await host.BindingsAsync()).ShouldHaveSingleItem().Service.ShouldBe(McServiceKind.McVideo, "each service by itself");
    }

    [Fact]
    public async Task A_service_whose_feature_tag_is_gone_is_logged_off_and_Expires_0_ends_all()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        _ = await ue.SendAsync(ue.Register(All, [.. All.Select(names => ue.Part(ue.Info(names)))]));

        _ = await ue.SendAsync(ue.Register([McServiceNames.Mcptt, McServiceNames.McData], []));
        (await host.BindingsAsync()).Select(row => row.Service).Order().ShouldBe([McServiceKind.Mcptt, McServiceKind.McData]);
        (await ue.SendAsync(ue.Register([], [], expires: 0, embeds: true))).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_device_of_the_IMPU_ends_only_its_own()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        await using TestUe second = TestUe.Create(host, device: "2");
        McServiceNames names = McServiceNames.Mcptt;
        _ = await ue.SendAsync(ue.Register([names], [ue.Part(ue.Info(names))]));
        _ = await second.SendAsync(second.Register([names], [second.Part(second.Info(names))]));
        (await host.BindingsAsync()).Count.ShouldBe(2);

        _ = await second.SendAsync(second.Register([], [], expires: 0));

        (await host.BindingsAsync()).ShouldHaveSingleItem().ClientId.ShouldBe(ue.ClientId);
        (await ue.SendAsync(ue.Register([], [], expires: 0, embeds: false))).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).ShouldBeEmpty("the core names no device: the identity is registered no more");
    }

    [Fact]
    public async Task A_binding_of_a_PUBLISH_goes_when_no_device_is_registered_for_the_service()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        await using TestUe second = TestUe.Create(host, device: "2");
        McServiceNames names = McServiceNames.Mcptt;
        _ = await ue.SendAsync(ue.Register([names], []));
        _ = await second.SendAsync(second.Register([names], []));
        _ = await ue.PublishAsync(names);

        _ = await second.SendAsync(second.Register([], [], expires: 0));
        (await host.BindingsAsync()).Count.ShouldBe(1);
        _ = await ue.SendAsync(ue.Register([], []));
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refresh_carries_the_binding_on_and_an_overtaken_REGISTER_changes_nothing()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        _ = await ue.SendAsync(ue.Register([names], [ue.Part(ue.Info(names))], sequence: 10));
        host.Time.Advance(TimeSpan.FromMinutes(50));

        _ = await ue.SendAsync(ue.Register([names], [], sequence: 11));
        SipResponse overtaken = await ue.SendAsync(ue.Register([], [], expires: 0, sequence: 9));

        overtaken.StatusCode.ShouldBe(500);
        (await host.BindingsAsync()).ShouldHaveSingleItem().ExpiresAt.ShouldBe(host.Now.AddHours(1));
    }

    [Fact]
    public async Task What_is_no_REGISTER_within_is_refused_and_a_service_without_its_tag_is_not_authorised()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        SipRequest broken = ue.Register([], [], embeds: false);
        SipBody.Write(broken, SipBodyPart.Create("message/sip", "REGISTER nothing"u8.ToArray()));
        McServiceNames names = McServiceNames.McData;

        (await ue.SendAsync(broken)).StatusCode.ShouldBe(400);
        (await ue.SendAsync(ue.Register([McServiceNames.Mcptt], [ue.Part(ue.Info(names))]))).StatusCode.ShouldBe(200);

        (await host.BindingsAsync()).ShouldBeEmpty();
    }
}
