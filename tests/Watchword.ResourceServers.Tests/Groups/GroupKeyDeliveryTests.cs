using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Authorization;
using Watchword.Client;
using Watchword.Client.Tests.Support;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.ResourceServers.Events;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Groups.Support;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Groups;

/// <summary>Keys of groups on a running server: with documents, with people, over HTTP and with notifications.</summary>
public sealed class GroupKeyDeliveryTests(PostgreSqlCluster cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_fetch_the_key_of_their_group_and_nobody_else_does_over_a_restart_too()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob");

        uint first = (await host.TakeAsync("alice")).ShouldNotBeNull();
        (await host.TakeAsync("bob")).ShouldBe(first);
        (await host.FetchAsync("dave")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await host.FetchAsync("alice", "sip:none@groups.lab.example")).Status.ShouldBe(HttpStatusCode.NotFound);
        string video = host.TokenOf(
            "bob", ("scope", "openid 3gpp:mc:video_group_management_service"), ("mcvideo_id", GroupHost.Uri("bob")));
        string other = host.TokenOf("bob", ("aud", "https://cms.mc.example"));
        foreach (string? token in (string?[])[null, video, other, host.ForgedTokenOf("bob")])
        {
            using HttpResponseMessage refused = await host.SendAsync(HttpMethod.Get, "group-keys/" + GroupHost.Group, token);
            ((int)refused.StatusCode).ShouldBe(token is null || token == video ? 403 : 401);
        }

        (await KnownAsync(host)).ShouldBe([GroupHost.Uri("alice"), GroupHost.Uri("bob")], "who was refused left nothing behind");
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
        {
            using HttpResponseMessage refused = await host.SendAsync(method, "group-keys/" + GroupHost.Group, video);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            refused.Headers.WwwAuthenticate.ToString().ShouldContain("insufficient_scope", Case.Sensitive);
            refused.Headers.WwwAuthenticate.ToString().ShouldContain("3gpp:mc:ptt_group_management_service", Case.Sensitive);
        }

        await host.RestartAsync();
        (await host.PutAsync("alice", GroupHost.Document("alice", "bob", "carol"))).ShouldBe(HttpStatusCode.OK);
        (await host.TakeAsync("carol")).ShouldBe(first, "who joins gets the key that there is");
    }

    [Fact]
    public async Task What_the_server_holds_can_be_told_in_counts_and_names()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        (await host.Services.DescribeServicesAsync(Token)).Groups.ShouldBeEmpty();
        await host.CreateAsync("alice", "bob");
        uint first = (await host.TakeAsync("bob")).ShouldNotBeNull();
        ServicesReport report = await host.Services.DescribeServicesAsync(Token);
        report.Documents.Values.ShouldBe([1]);
        report.AuthorizedClients.ShouldBeEmpty();
        report.Subscriptions.ShouldBe(0);
        GroupReport group = report.Groups.ShouldHaveSingleItem();
        (group.GroupUri, group.Generations, group.CurrentKeyId).ShouldBe((GroupHost.Group, 1, first));
        group.Holders.ShouldBe([GroupHost.Uri("alice"), GroupHost.Uri("bob")]);

        (await host.PutAsync("alice", GroupHost.Document("alice"))).ShouldBe(HttpStatusCode.OK);
        uint second = (await host.TakeAsync("alice")).ShouldNotBeNull();
        group = (await host.Services.DescribeServicesAsync(Token)).Groups.ShouldHaveSingleItem();
        (group.Generations, group.CurrentKeyId).ShouldBe((2, second));
        group.Members.ShouldBe([GroupHost.Uri("alice")]);
        group.Holders.ShouldBe([GroupHost.Uri("alice")]);
    }

    [Fact]
    public Task A_member_who_left_gets_nothing_made_after_it_and_the_others_another_key() => LeaveAsync(null);

    [Fact]
    public async Task The_same_on_PostgreSQL() => await LeaveAsync(await cluster.CreateDatabaseAsync(Token));

    [Fact]
    public async Task A_group_that_protects_nothing_has_no_key_and_one_that_ends_revokes_it()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob");
        (await host.TakeAsync("bob")).ShouldNotBeNull();

        (await host.PutAsync("alice", GroupHost.Document("alice", "bob") with { Protection = GroupProtection.None }))
            .ShouldBe(HttpStatusCode.OK);
        (await host.TakeAsync("bob")).ShouldBeNull();
        (await host.PutAsync("alice", GroupHost.Document("alice", "bob"))).ShouldBe(HttpStatusCode.OK);
        (await host.TakeAsync("bob")).ShouldNotBeNull();
        using HttpResponseMessage gone = await host.SendAsync(HttpMethod.Delete, GroupHost.ByGroupId(), host.TokenOf("alice"));
        gone.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.TakeAsync("bob")).ShouldBeNull();
    }

    [Fact]
    public async Task An_administrator_of_the_group_asks_for_another_key_and_a_member_may_not()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob");
        uint first = (await host.TakeAsync("bob")).ShouldNotBeNull();

        using HttpResponseMessage refused = await host.SendAsync(HttpMethod.Post, "group-keys/" + GroupHost.Group, host.TokenOf("bob"));
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await host.TakeAsync("bob")).ShouldBe(first);
        using HttpResponseMessage renewed = await host.SendAsync(HttpMethod.Post, "group-keys/" + GroupHost.Group, host.TokenOf("alice"));
        renewed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.TakeAsync("bob")).ShouldNotBe(first);
    }

    [Fact]
    public async Task One_whose_public_identity_is_known_and_who_does_not_subscribe_is_sent_his_key()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.Services.GetRequiredService<ServicesTransactions>().RunAsync(
            (context, _) =>
            {
                context.Add(new BindingRow
                {
                    Service = McServiceKind.Mcptt,
                    ServiceId = GroupHost.Uri("bob"),
                    ClientId = "urn:uuid:00000000-0000-0000-0000-000000000001",
                    Impu = Impu("bob"),
                    Issuer = TestTokens.Issuer,
                    Subject = "bob",
                    Source = BindingSource.Publish,
                    AuthorizedAt = host.Now,
                    ExpiresAt = host.Now.AddHours(1),
                });
                return Task.FromResult(0);
            },
            Token);
        await host.CreateAsync("alice", "bob");

        uint key = (await NotifiedAsync(host, "bob", sending => sending is not null)).ShouldNotBeNull();

        SipRequest message = Of(host, "bob").ShouldHaveSingleItem();
        message.Method.ShouldBe(SipMethods.Message);
        message.Headers[SipHeaderNames.PAssertedIdentity].ShouldBe($"<{TestParty.GroupServer}>");
        Of(host, "alice").ShouldBeEmpty();
        (await host.TakeAsync("alice")).ShouldBe(key);
    }

    [Fact]
    public async Task A_disabled_user_leaves_the_keys_of_his_groups_and_comes_back_with_a_good_token()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob");
        uint first = (await host.TakeAsync("alice")).ShouldNotBeNull();
        (await host.TakeAsync("bob")).ShouldBe(first);

        foreach (ISubjectObserver observer in host.Services.GetServices<ISubjectObserver>())
        {
            await observer.SubjectsChangedAsync(TestTokens.Issuer, [("bob", new SubjectStanding(SubjectState.Disabled, null))], Token);
        }

        uint second = (await host.TakeAsync("alice")).ShouldNotBeNull();
        second.ShouldNotBe(first);
        (await host.PartyAsync("alice")).Store.FindReceivingKeys(first).ShouldBeEmpty();
        (await host.TakeAsync("bob")).ShouldBe(second, "his token is judged good again, so he is enabled");
    }

    [Fact]
    public async Task Within_one_notification_after_a_removal_the_others_hold_a_new_key_and_the_removed_cannot_open_it()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob", "carol");
        await using SipStack ue = new(new SipStackOptions());
        string[] names = ["alice", "bob", "carol"];
        foreach (string name in names)
        {
            (await SubscribeAsync(host, ue, name)).StatusCode.ShouldBe(200);
        }

        (await SubscribeAsync(host, ue, "dave")).StatusCode.ShouldBe(403);
        uint first = 0;
        foreach (string name in names)
        {
            first = (await NotifiedAsync(host, name, key => key is not null)).ShouldNotBeNull();
        }

        int before = Of(host, "bob").Count;
        host.Profile.Time.Advance(TimeSpan.FromSeconds(2));
        (await host.PutAsync("alice", GroupHost.Document("alice", "bob"))).ShouldBe(HttpStatusCode.OK);
        _ = await UntilAsync(() => Of(host, "bob").Count > before ? Of(host, "bob") : null);

        // The one that told of the change brought the key.
        SipRequest change = Of(host, "bob")[before];
        DiffOf(change).Documents.ShouldHaveSingleItem().PreviousEtag.ShouldNotBeNull();
        TestParty bob = await host.PartyAsync("bob");
        foreach (byte[] message in KeysOf(change))
        {
            _ = bob.Keys.Open(message, new ServiceKeyMessageContext { IsFromDocument = true });
        }

        uint second = GroupHost.Sending(bob).ShouldNotBeNull();
        second.ShouldNotBe(first);
        (await NotifiedAsync(host, "alice", key => key == second)).ShouldBe(second);
        TestParty carol = await host.PartyAsync("carol");
        foreach (byte[] message in KeysOf(change))
        {
            TestProfile.ShouldFail(ClientFault.MessageNotForUs, () => carol.Keys.Open(message));
        }

        SipRequest last = await UntilAsync(() => Of(host, "carol").LastOrDefault() is { } request
            && request.Headers.SubscriptionState!.Value == "terminated" ? request : null);
        KeysOf(last).ShouldBeEmpty();
        (await host.TakeAsync("carol")).ShouldNotBe(second);
    }

    [Fact]
    public async Task Who_subscribes_hears_with_the_end_of_a_group_that_its_key_is_revoked()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob");
        await using SipStack ue = new(new SipStackOptions());
        (await SubscribeAsync(host, ue, "bob")).StatusCode.ShouldBe(200);
        uint key = (await NotifiedAsync(host, "bob", held => held is not null)).ShouldNotBeNull();

        using HttpResponseMessage gone = await host.SendAsync(HttpMethod.Delete, GroupHost.ByGroupId(), host.TokenOf("alice"));
        gone.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await NotifiedAsync(host, "bob", held => held is null)).ShouldBeNull();
        (await host.PartyAsync("bob")).Store.FindReceivingKeys(key).ShouldBeEmpty();
        Of(host, "bob").ShouldContain(request => DiffOf(request).Documents.Any(document => document.IsDeleted));
    }

    /// <summary>Of whom the server knows whose token he came with.</summary>
    private static Task<List<string>> KnownAsync(GroupHost host) =>
        host.Services.GetRequiredService<ServicesTransactions>().ReadAsync(
            (context, cancellation) => context.Set<GroupUserRow>().OrderBy(row => row.MemberUri).Select(row => row.MemberUri)
                .ToListAsync(cancellation),
            Token);

    private static async Task LeaveAsync(string? database)
    {
        await using GroupHost host = await GroupHost.StartAsync(database);
        await host.CreateAsync("alice", "bob", "carol");
        uint first = (await host.TakeAsync("alice")).ShouldNotBeNull();
        (await host.TakeAsync("bob")).ShouldBe(first);
        (await host.TakeAsync("carol")).ShouldBe(first);

        (await host.PutAsync("alice", GroupHost.Document("alice", "bob"))).ShouldBe(HttpStatusCode.OK);
        uint second = (await host.TakeAsync("bob")).ShouldNotBeNull();
        second.ShouldNotBe(first);
        TestParty carol = await host.PartyAsync("carol");
        foreach (byte[] message in (await host.FetchAsync("bob")).Messages)
        {
            TestProfile.ShouldFail(ClientFault.MessageNotForUs, () => carol.Keys.Open(message));
        }

        (await host.TakeAsync("carol")).ShouldNotBe(second);
        carol.Store.FindReceivingKeys(second).ShouldBeEmpty();
    }

    private static Task<SipResponse> SubscribeAsync(GroupHost host, SipStack ue, string name)
    {
        SipUri psi = SipUri.Parse(GroupHost.Psi), impu = SipUri.Parse(Impu(name));
        SipRequest request = SipRequest.Create(SipMethods.Subscribe, psi, impu, psi);
        request.Headers.Add(SipHeaderNames.Event, XcapDiff.EventPackage);
        request.Headers.Add(SipHeaderNames.Accept, XcapDiff.MediaType);
        request.Headers.Add(SipHeaderNames.Expires, "3600");
        request.Headers.Add(SipHeaderNames.Contact, $"<{impu}>");
        McInfo info = new(McServiceNames.Mcptt) { AccessToken = McInfoValue.FromText(host.TokenOf(name)) };
        SipBody.Write(
            request, SipBodyPart.Create(McServiceNames.Mcptt.InfoMediaType, info.Write()),
            SipBodyPart.Create(ResourceLists.MediaType, ResourceLists.Of(GroupHost.ByGroupId()).Write()));
        return ue.SendAsync(request, host.Sip, Token);
    }

    /// <summary>Takes all keys that came with notifications into his key store, until the one that he would send under is right.</summary>
    private static async Task<uint?> NotifiedAsync(GroupHost host, string name, Predicate<uint?> isRight)
    {
        TestParty party = await host.PartyAsync(name);
        int read = 0;
        _ = await UntilAsync(() =>
        {
            foreach (SipRequest request in Of(host, name).Skip(read).ToArray())
            {
                read++;
                KeysOf(request).ForEach(message => party.Keys.Open(message, new ServiceKeyMessageContext { IsFromDocument = true }));
            }

            return isRight(GroupHost.Sending(party)) ? party : null;
        });
        return GroupHost.Sending(party);
    }

    private static string Impu(string name) => $"sip:{name}-line@ims.lab.example";

    private static List<SipRequest> Of(GroupHost host, string name)
    {
        lock (host.Core.Received)
        {
            return [.. host.Core.Received.Where(request => request.RequestUri.ToString() == Impu(name))];
        }
    }

    private static List<byte[]> KeysOf(SipRequest request) => SipBody.TryRead(request, out IReadOnlyList<SipBodyPart> parts)
        ? [.. parts.Where(part => part.ContentType.Essence == "application/mikey").Select(part => part.Content.ToArray())]
        : [];

    private static XcapDiff DiffOf(SipRequest request)
    {
        SipBody.TryRead(request, out IReadOnlyList<SipBodyPart> parts).ShouldBeTrue();
        return XcapDiff.Parse(parts.Single(part => part.ContentType.Essence == XcapDiff.MediaType).Content);
    }

    private static async Task<T> UntilAsync<T>(Func<T?> find)
        where T : class
    {
        for (int i = 0; ; i++)
        {
            if (find() is { } found)
            {
                return found;
            }

            i.ShouldBeLessThan(6000, "it does not come");
            await Task.Delay(10, Token);
        }
    }
}
