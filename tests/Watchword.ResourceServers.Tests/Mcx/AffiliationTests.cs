using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.ResourceServers.Tests.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>Implicit affiliation (TS 24.379 9): the groups of the user profile, for as long as the binding stands.</summary>
public sealed class AffiliationTests(PostgreSqlCluster cluster)
{
    private const string Fire = "sip:fire@lab.example";
    private const string Rescue = "sip:rescue@lab.example";
    private const string Traffic = "sip:traffic@lab.example";
    private static readonly McServiceNames Names = McServiceNames.Mcptt;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_is_affiliated_until_it_logs_off_and_over_a_restart(bool onPostgreSql)
    {
        await using McxHost host = await StartAsync(onPostgreSql);
        await using TestUe alice = TestUe.Create(host);
        await using TestUe bob = TestUe.Create(host, "bob");
        await PutAsync(host, alice, 1, [Fire, Rescue]);
        await PutAsync(host, bob, 1, [Rescue]);

        (await alice.PublishAsync(Names)).StatusCode.ShouldBe(200);
        (await bob.PublishAsync(Names)).StatusCode.ShouldBe(200);
        await host.UntilAffiliatedAsync();
        await host.RestartAsync();

        (await GroupsAsync(host, alice)).ShouldBe([Fire, Rescue]);
        (await host.ReadAsync(context => GroupAffiliations.OfGroupAsync(context, Names.Kind, Rescue, host.Now, Token)))
            .Select(row => (row.ServiceId, row.ClientId)).ShouldBe([(alice.IdOf(Names), alice.ClientId), (bob.IdOf(Names), bob.ClientId)]);

        (await alice.SendAsync(alice.Publish(Names, [], 0))).StatusCode.ShouldBe(200);
        (await StoredAsync(host)).ShouldBe([(bob.IdOf(Names), Rescue)]);
    }

    [Fact]
    public async Task They_end_with_the_binding_however_it_ends()
    {
        await using McxHost host = await McxHost.StartAsync(hostsProfiles: true);
        await using TestUe ue = TestUe.Create(host);
        await PutAsync(host, ue, 1, [Fire], isPreSelected: true);
        (string What, Func<Task> End)[] ends =
        [
            ("a REGISTER without the feature tag", () => ue.SendAsync(ue.Register([], []))),
            ("the end of the registration", () => ue.SendAsync(ue.Register([Names], [], expires: 0))),
            ("a security event", () => host.Services.GetRequiredService<ISubjectObserver>().SubjectsChangedAsync(
                TestTokens.Issuer, [("alice", new SubjectStanding(SubjectState.Enabled, host.Now))], Token)),
            ("expiry", async () =>
            {
                host.Time.Advance(TimeSpan.FromHours(2));
                (await GroupsAsync(host, ue)).ShouldBeEmpty("what has expired is not seen, purged or not");
                await host.Upkeep.RunOnceAsync(Token);
            }),
        ];
        foreach ((string what, Func<Task> end) in ends)
        {
            host.Time.Advance(TimeSpan.FromSeconds(5));
            _ = await ue.SendAsync(ue.Register([Names], [ue.Part(ue.Info(Names))]));
            await host.UntilAffiliatedAsync();
            (await GroupsAsync(host, ue)).ShouldBe([Fire], what);

            await end();

            (await StoredAsync(host)).ShouldBeEmpty(what);
        }
    }

    [Fact]
    public async Task Another_profile_brings_other_groups_and_one_that_may_not_be_used_none()
    {
        await using McxHost host = await McxHost.StartAsync(hostsProfiles: true);
        await using TestUe ue = TestUe.Create(host);
        await PutAsync(host, ue, 1, [Fire, Rescue]);
        await PutAsync(host, ue, 2, [Rescue, Traffic]);
        await PutAsync(host, ue, 3, [Fire], isEnabled: false);
        _ = await ue.PublishAsync(Names);
        await host.UntilAffiliatedAsync();
        DateTimeOffset first = host.Now;
        host.Time.Advance(TimeSpan.FromSeconds(5));

        (await SelectAsync(ue, 2)).StatusCode.ShouldBe(200);
        await host.UntilAffiliatedAsync();
        (await GroupsAsync(host, ue)).ShouldBe([Rescue, Traffic]);
        (await host.ReadAsync(context => context.Set<AffiliationRow>().SingleAsync(row => row.GroupId == Rescue)))
            .AffiliatedAt.ShouldBe(first, "it was never left");

        foreach (int none in (int[])[3, 9])
        {
            (await SelectAsync(ue, none)).StatusCode.ShouldBe(200);
            await host.UntilAffiliatedAsync();
            (await GroupsAsync(host, ue)).ShouldBeEmpty();
            _ = await SelectAsync(ue, 1);
            await host.UntilAffiliatedAsync();
            (await GroupsAsync(host, ue)).ShouldBe([Fire, Rescue]);
        }
    }

    [Fact]
    public async Task N2_counts_the_different_groups_of_all_clients_in_the_order_of_the_profile()
    {
        await using McxHost host = await McxHost.StartAsync(hostsProfiles: true);
        await using TestUe one = TestUe.Create(host);
        await using TestUe two = TestUe.Create(host, device: "2");
        await PutAsync(host, one, 1, [Traffic, Fire, Rescue], limit: 2);
        await PutAsync(host, one, 2, [Rescue, Fire], limit: 2);
        _ = await one.PublishAsync(Names);
        await host.UntilAffiliatedAsync();
        (await GroupsAsync(host, one)).ShouldBe([Fire, Traffic]);

        _ = await two.PublishAsync(Names);
        _ = await SelectAsync(two, 2);
        await host.UntilAffiliatedAsync();
        (await GroupsAsync(host, two)).ShouldBe([Fire], "a group that another client has counts once, a third is too many");

        _ = await one.SendAsync(one.Publish(Names, [one.Part(one.SettingsInfo(Names))], 0));
        _ = await two.PublishAsync(Names);
        _ = await SelectAsync(two, 2);
        await host.UntilAffiliatedAsync();
        (await GroupsAsync(host, two)).ShouldBe([Fire, Rescue]);
    }

    [Fact]
    public async Task The_operators_limit_holds_where_the_profile_has_none()
    {
        await using McxHost host = await McxHost.StartAsync(
            options => options.Services.ForEach(service => service.MaxAffiliations = 1), hostsProfiles: true);
        await using TestUe ue = TestUe.Create(host);
        await PutAsync(host, ue, 1, [Traffic, Fire]);
        _ = await ue.PublishAsync(Names);
        await host.UntilAffiliatedAsync();
        (await GroupsAsync(host, ue)).ShouldBe([Traffic]);
    }

    [Fact]
    public async Task Profiles_of_another_process_are_read_as_a_network_entity_and_again_when_it_is_back()
    {
        await using ServicesHost cms = await ServicesHost.StartAsync(database: null);
        (string certificate, string key, string ca) = cms.WritePeer();
        string root = cms.EntityAddress.GetLeftPart(UriPartial.Authority) + ServicesHost.CmsPath;
        await using McxHost host = await McxHost.StartAsync(options => options.Profiles = new McxProfileOptions
        {
            XcapRoot = root, AssertedIdentity = ServicesHost.Entity, CaFile = ca, CertificateFile = certificate, KeyFile = key,
        });
        await using TestUe ue = TestUe.Create(host);
        byte[] profile = Profile(ue, 1, [Fire, Rescue], isPreSelected: true).Write();
        (await cms.PutAsync(ServicesHost.ProfilePath(), cms.Administrator(), System.Text.Encoding.UTF8.GetString(profile))).Status
            .ShouldBe(201);

        _ = await ue.PublishAsync(Names);
        await host.UntilAffiliatedAsync();
        (await GroupsAsync(host, ue)).ShouldBe([Fire, Rescue], "selected");
        _ = await ue.SendAsync(ue.Publish(Names, [], 0));
        _ = await ue.SendAsync(ue.Register([Names], [ue.Part(ue.Info(Names))]));
        await host.UntilAffiliatedAsync();
        (await GroupsAsync(host, ue)).ShouldBe([Fire, Rescue], "pre-selected");
    }

    [Fact]
    public async Task While_the_other_process_does_not_say_the_client_stays_authorised_and_it_is_asked_again()
    {
        await using ServicesHost cms = await ServicesHost.StartAsync(database: null);
        (string certificate, string key, string ca) = cms.WritePeer();
        string root = cms.EntityAddress.GetLeftPart(UriPartial.Authority) + ServicesHost.CmsPath;
        // One that may be asserted and is not among those who may read.
        await using McxHost host = await McxHost.StartAsync(options => options.Profiles = new McxProfileOptions
        {
            XcapRoot = root, AssertedIdentity = ServicesHost.StrangeEntity, CaFile = ca, CertificateFile = certificate, KeyFile = key,
        });
        await using TestUe ue = TestUe.Create(host);

        (await ue.PublishAsync(Names)).StatusCode.ShouldBe(200);
        for (int i = 0; (await host.BindingsAsync()).Single().AffiliationAttempts < 2; i++)
        {
            i.ShouldBeLessThan(3000, "it is not tried again");
            host.Time.Advance(TimeSpan.FromSeconds(6));
            await Task.Delay(10, Token);
        }

        BindingRow row = (await host.BindingsAsync()).Single();
        row.AffiliationDueAt.ShouldNotBeNull();
        (await StoredAsync(host)).ShouldBeEmpty();
    }

    private async Task<McxHost> StartAsync(bool onPostgreSql) => onPostgreSql
        ? await McxHost.StartAsync(database: await cluster.CreateDatabaseAsync(Token), hostsProfiles: true)
        : await McxHost.StartAsync(hostsProfiles: true);

    private static UserProfile Profile(
        TestUe ue, int index, string[] groups, bool isPreSelected = false, bool isEnabled = true, int? limit = null) => new()
    {
        Service = Names, XuiUri = ue.IdOf(Names), Index = index, ImplicitAffiliations = groups, IsPreSelected = isPreSelected,
        IsEnabled = isEnabled, MaxAffiliations = limit,
    };

    private static Task PutAsync(
        McxHost host, TestUe ue, int index, string[] groups, bool isPreSelected = false, bool isEnabled = true, int? limit = null) =>
        host.PutProfileAsync(Profile(ue, index, groups, isPreSelected, isEnabled, limit));

    private static Task<string[]> GroupsAsync(McxHost host, TestUe ue) => host.GroupsAsync(Names, ue.IdOf(Names), ue.ClientId);

    /// <summary>What is in the table, seen or not.</summary>
    private static async Task<(string, string)[]> StoredAsync(McxHost host) =>
        [.. (await host.ReadAsync(context => context.Set<AffiliationRow>().ToListAsync())).Select(row => (row.ServiceId, row.GroupId))];

    private static Task<SipResponse> SelectAsync(TestUe ue, int index) =>
        ue.SendAsync(ue.Publish(Names, [ue.Part(ue.SettingsInfo(Names)), ue.SettingsPart(index)]));
}
