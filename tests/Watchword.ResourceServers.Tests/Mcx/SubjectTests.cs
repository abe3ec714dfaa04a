using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Tests.Mcx.Support;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Bindings of subjects that may do nothing any more are gone before the event is acknowledged.</summary>
public sealed class SubjectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SubjectState.Disabled)]
    [InlineData(SubjectState.Removed)]
    public async Task All_bindings_of_a_subject_go_and_nobody_elses(SubjectState state)
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe alice = TestUe.Create(host);
        await using TestUe bob = TestUe.Create(host, "bob");
        foreach (McServiceNames names in McServiceNames.All)
        {
            (await alice.PublishAsync(names)).StatusCode.ShouldBe(200);
        }

        _ = await bob.PublishAsync(McServiceNames.Mcptt);

        await TellAsync(host, "https://idm.elsewhere.example", "alice", new SubjectStanding(state, null));
        (await host.BindingsAsync()).Count.ShouldBe(4, "another issuer's subject of that name");
        await TellAsync(host, TestTokens.Issuer, "alice", new SubjectStanding(state, null));

        (await host.BindingsAsync()).ShouldHaveSingleItem().Subject.ShouldBe("bob");
        (await alice.SendAsync(alice.Publish(
            McServiceNames.Mcptt, [alice.Part(alice.SettingsInfo(McServiceNames.Mcptt)),
                alice.SettingsPart()]))).StatusCode.ShouldBe(404);
        await TellAsync(host, TestTokens.Issuer, "alice", new SubjectStanding(state, null));
    }

    [Fact]
    public async Task Where_tokens_ended_the_bindings_of_those_tokens_go()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe old = TestUe.Create(host);
        await using TestUe recent = TestUe.Create(host, device: "2");
        _ = await old.PublishAsync(McServiceNames.Mcptt);
        DateTimeOffset ended = host.Now;
        host.Time.Advance(TimeSpan.FromSeconds(5));
        _ = await recent.PublishAsync(McServiceNames.Mcptt);

        await TellAsync(host, TestTokens.Issuer, "alice", new SubjectStanding(SubjectState.Enabled, ended));

        (await host.BindingsAsync()).ShouldHaveSingleItem().ClientId.ShouldBe(recent.ClientId);
    }

    [Theory]
    [InlineData(SubjectState.Disabled)]
    [InlineData(SubjectState.Enabled)]
    public async Task A_token_that_was_judged_before_the_event_binds_nothing_after_it(SubjectState state)
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        string before = ue.Token;

        // The observer alone: as when the event comes between the judging of the token and the binding.
        await TellAsync(
            host, TestTokens.Issuer, "alice", new SubjectStanding(state, state == SubjectState.Enabled ? host.Now : null));

        PublishTests.Refusal(await ue.PublishAsync(McServiceNames.Mcptt, before)).ShouldBe(
            (403, "101 service authorisation failed"));
        (await host.BindingsAsync()).ShouldBeEmpty();
        host.Time.Advance(TimeSpan.FromSeconds(2));
        (await ue.PublishAsync(McServiceNames.Mcptt)).StatusCode.ShouldBe(
            200, "a token of later: the validation alone judges it");
    }

    private static Task TellAsync(McxHost host, string issuer, string subject, SubjectStanding standing) =>
        host.Services.GetRequiredService<ISubjectObserver>().SubjectsChangedAsync(issuer, [(subject, standing)], Token);
}
