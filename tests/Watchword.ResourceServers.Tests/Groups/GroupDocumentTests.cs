using System.Net;
using System.Text;
using Watchword.McServices.Configuration;
using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Tests.Groups.Support;

namespace Watchword.ResourceServers.Tests.Groups;

/// <summary>Group documents over XCAP (TS 24.481 6.3, 7.2): where they are, what they hold, who may do what.</summary>
public sealed class GroupDocumentTests
{
    private const string OtherScope = "openid 3gpp:mc:video_group_management_service";

    private static readonly string Place = ApplicationUsage.Groups.UserPath(GroupHost.Uri("alice"), "rescue.xml");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_document_is_under_both_selectors_with_one_entity_tag_until_it_is_deleted()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob");

        using HttpResponseMessage mine = await host.SendAsync(HttpMethod.Get, Place, host.TokenOf("alice"));
        using HttpResponseMessage known = await host.SendAsync(HttpMethod.Get, GroupHost.ByGroupId(), host.TokenOf("bob"));
        (mine.StatusCode, known.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        mine.Headers.ETag.ShouldBe(known.Headers.ETag);

        (await host.PutAsync("alice", GroupHost.Document("alice", "bob", "carol"), Place)).ShouldBe(HttpStatusCode.OK);
        using HttpResponseMessage changed = await host.SendAsync(HttpMethod.Get, GroupHost.ByGroupId(), host.TokenOf("carol"));
        changed.Headers.ETag.ShouldNotBe(known.Headers.ETag);
        using HttpResponseMessage lost = await host.SendAsync(
            HttpMethod.Put, GroupHost.ByGroupId(), host.TokenOf("alice"), GroupHost.Document("alice").Write(), null,
            ("If-Match", known.Headers.ETag!.Tag));
        lost.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);

        using HttpResponseMessage gone = await host.SendAsync(HttpMethod.Delete, GroupHost.ByGroupId(), host.TokenOf("alice"));
        gone.StatusCode.ShouldBe(HttpStatusCode.OK);
        using HttpResponseMessage after = await host.SendAsync(HttpMethod.Get, Place, host.TokenOf("alice"));
        after.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await host.CreateAsync("alice");
    }

    [Fact]
    public async Task A_node_of_a_group_is_changed_by_its_owner_and_is_checked_as_the_whole()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice", "bob");
        string entry = $"{GroupHost.ByGroupId()}/~~/group/list-service/list/entry%5B@uri=%22{GroupHost.Uri("bob")}%22%5D";

        using HttpResponseMessage foreign = await host.SendAsync(HttpMethod.Delete, entry, host.TokenOf("bob"));
        foreign.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using HttpResponseMessage removed = await host.SendAsync(HttpMethod.Delete, entry, host.TokenOf("alice"));
        removed.StatusCode.ShouldBe(HttpStatusCode.OK);
        using HttpResponseMessage after = await host.SendAsync(HttpMethod.Get, GroupHost.ByGroupId(), host.TokenOf("bob"));
        after.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using HttpResponseMessage renamed = await host.SendAsync(
            HttpMethod.Put, $"{GroupHost.ByGroupId()}/~~/group/list-service/@uri", host.TokenOf("alice"),
            Encoding.UTF8.GetBytes("sip:other@groups.lab.example"), "application/xcap-att+xml");
        XcapError.Parse(await renamed.Content.ReadAsByteArrayAsync(Token)).Kind.ShouldBe(XcapErrorKind.ConstraintFailure);
    }

    [Fact]
    public async Task An_identity_that_is_taken_or_against_the_policy_is_answered_with_another_that_is_taken()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        await host.CreateAsync("alice");
        string place = ApplicationUsage.Groups.UserPath(GroupHost.CreationXui, "mine.xml");
        GroupDocument mine = GroupHost.Document("bob") with { Owner = GroupHost.Uri("bob") };

        string free = await AlternativeAsync(host, place, mine);
        string ofDomain = await AlternativeAsync(host, place, mine with { Uri = "sip:bobs@elsewhere.example" });

        ofDomain.ShouldEndWith("@" + GroupHost.Domain);
        (await host.PutAsync("bob", mine with { Uri = free }, place)).ShouldBe(HttpStatusCode.Created);
        (await host.PutAsync("bob", mine with { Uri = ofDomain }, place.Replace("mine", "second", StringComparison.Ordinal)))
            .ShouldBe(HttpStatusCode.Created);
        // The directory is for two.
        string third = place.Replace("mine", "third", StringComparison.Ordinal);
        (await host.PutAsync("bob", mine with { Uri = "sip:third@" + GroupHost.Domain }, third))
            .ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task What_the_schema_cannot_say_is_checked()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        GroupDocument good = GroupHost.Document("alice", "bob");
        (await host.PutAsync("alice", good with { Owner = GroupHost.Uri("bob") }, Place)).ShouldBe(HttpStatusCode.Conflict);
        (await host.PutAsync("alice", good with { Owner = null }, Place)).ShouldBe(HttpStatusCode.Conflict);
        (await host.PutAsync("alice", good with { Members = [new GroupMember("mailto:a@lab.example")] }, Place))
            .ShouldBe(HttpStatusCode.Conflict);
        (await host.PutAsync("alice", good with
        {
            Members = [new GroupMember(GroupHost.Uri("a")) { McDataId = GroupHost.Uri("b") }, new GroupMember(GroupHost.Uri("b"))],
        }, Place)).ShouldBe(HttpStatusCode.Conflict);
        (await host.PutAsync("alice", good, GroupHost.ByGroupId()))
            .ShouldBe(HttpStatusCode.Forbidden, "only an administrator makes it there");
        (await host.PutAsync("alice", good, ApplicationUsage.Groups.UserPath(GroupHost.Uri("bob"), "x.xml")))
            .ShouldBe(HttpStatusCode.Forbidden);
        (await host.PutAsync("alice", good with { Administrators = [GroupHost.Uri("bob")] }, Place))
            .ShouldBe(HttpStatusCode.Created);
        // An administrator of the group changes it, and does not take it.
        (await host.PutAsync("bob", good with { Owner = GroupHost.Uri("bob") })).ShouldBe(HttpStatusCode.Conflict);
        (await host.PutAsync("bob", good)).ShouldBe(HttpStatusCode.OK);
        (await host.PutAsync("bob", good)).ShouldBe(HttpStatusCode.Forbidden, "he took himself off the administrators");
    }

    [Theory]
    [InlineData("owner", 200, 200, 200)]
    [InlineData("administrator", 200, 200, 200)]
    [InlineData("member", 200, 403, 403)]
    [InlineData("stranger", 403, 403, 403)]
    [InlineData("member of another service", 403, 403, 403)]
    [InlineData("no group scope", 403, 403, 403)]
    [InlineData("network administrator", 200, 200, 200)]
    [InlineData("other audience", 401, 401, 401)]
    [InlineData("expired", 401, 401, 401)]
    [InlineData("other issuer", 401, 401, 401)]
    [InlineData("forged", 401, 401, 401)]
    [InlineData("none", 403, 403, 403)]
    [InlineData("claimed header", 403, 403, 403)]
    public async Task Who_may_read_replace_and_delete(string who, int read, int write, int delete)
    {
        await using GroupHost host = await GroupHost.StartAsync();
        GroupDocument document = GroupHost.Document("alice", "bob") with { Administrators = [GroupHost.Uri("adam")] };
        (await host.PutAsync("alice", document, Place)).ShouldBe(HttpStatusCode.Created);
        string? token = who switch
        {
            "owner" => host.TokenOf("alice"),
            "administrator" => host.TokenOf("adam"),
            "member" => host.TokenOf("bob"),
            "stranger" => host.TokenOf("dave"),
            "member of another service" => host.TokenOf("bob", ("scope", OtherScope), ("mcvideo_id", GroupHost.Uri("bob"))),
            "no group scope" => host.TokenOf("bob", ("scope", "openid 3gpp:mc:ptt_service")),
            "network administrator" => host.TokenOf("root", ("scope", "openid watchword:services:admin")),
            "other audience" => host.TokenOf("alice", ("aud", "https://cms.mc.example")),
            "expired" => host.TokenOf("alice", ("exp", host.Now.AddHours(-1).ToUnixTimeSeconds())),
            "other issuer" => host.TokenOf("alice", ("iss", "https://idm.other.example")),
            "forged" => host.ForgedTokenOf("alice"),
            _ => null,
        };
        (string, string)[] headers = who == "claimed header" ? [("X-3GPP-Asserted-Identity", "\"sip:provisioning@lab.example\"")] : [];

        (await StatusAsync(host, HttpMethod.Get, token, null, headers)).ShouldBe(read);
        (await StatusAsync(host, HttpMethod.Put, token, document.Write(), headers)).ShouldBe(write);
        (await StatusAsync(host, HttpMethod.Delete, token, null, headers)).ShouldBe(delete);
        // Refused is refused: nothing has changed.
        (await StatusAsync(host, HttpMethod.Get, host.TokenOf("alice"), null, [])).ShouldBe(delete == 200 ? 404 : 200);
    }

    [Fact]
    public async Task The_member_list_is_for_those_whom_a_rule_lets_read_it_and_never_in_the_answer_to_the_operation()
    {
        await using GroupHost host = await GroupHost.StartAsync();
        GroupDocument document = GroupHost.Document("alice", "bob", "carol");
        (await host.PutAsync("alice", document, Place)).ShouldBe(HttpStatusCode.Created);

        (await MembersAsync(host, "alice")).ShouldBe(3);
        (await MembersAsync(host, "bob")).ShouldBeNull();
        GroupRule open = GroupRule.ForMembers("1", allowGettingMemberList: true) with { Identities = [GroupHost.Uri("bob")] };
        (await host.PutAsync("alice", document with { Rules = [open] })).ShouldBe(HttpStatusCode.OK);
        (await MembersAsync(host, "bob")).ShouldBe(3);
        (await MembersAsync(host, "carol")).ShouldBeNull();

        byte[] operation = GroupManagementRequest.ExcludingMemberList().Write();
        using HttpResponseMessage answer = await host.SendAsync(
            HttpMethod.Post, GroupHost.ByGroupId(), host.TokenOf("bob"), operation, GroupManagementRequest.MediaType);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        GroupDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Token)).Members.ShouldBeNull();
        using HttpResponseMessage whole = await host.SendAsync(HttpMethod.Get, GroupHost.ByGroupId(), host.TokenOf("bob"));
        answer.Headers.ETag.ShouldBe(whole.Headers.ETag);
        using HttpResponseMessage stranger = await host.SendAsync(
            HttpMethod.Post, GroupHost.ByGroupId(), host.TokenOf("dave"), operation, GroupManagementRequest.MediaType);
        stranger.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using HttpResponseMessage unknown = await host.SendAsync(
            HttpMethod.Post, GroupHost.ByGroupId(), host.TokenOf("bob"), "<a/>"u8.ToArray(), GroupManagementRequest.MediaType);
        unknown.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using HttpResponseMessage type = await host.SendAsync(
            HttpMethod.Post, GroupHost.ByGroupId(), host.TokenOf("bob"), operation, "text/xml");
        type.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    private static async Task<int?> MembersAsync(GroupHost host, string user)
    {
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, GroupHost.ByGroupId(), host.TokenOf(user));
        return GroupDocument.Parse(await response.Content.ReadAsByteArrayAsync(Token)).Members?.Count;
    }

    private static async Task<int> StatusAsync(GroupHost host, HttpMethod method, string? token, byte[]? body, (string, string)[] headers)
    {
        using HttpResponseMessage response = await host.SendAsync(method, GroupHost.ByGroupId(), token, body, null, headers);
        return (int)response.StatusCode;
    }

    private static async Task<string> AlternativeAsync(GroupHost host, string place, GroupDocument document)
    {
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Put, place, host.TokenOf("bob"), document.Write());
        response.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        XcapError error = XcapError.Parse(await response.Content.ReadAsByteArrayAsync(Token));
        error.Kind.ShouldBe(XcapErrorKind.UniquenessFailure);
        return error.Fields.ShouldHaveSingleItem().AlternativeValues.ShouldHaveSingleItem();
    }
}
