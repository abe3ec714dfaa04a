using Watchword.McServices.Groups;
using Watchword.McServices.Info;
using Watchword.McServices.Tests.Configuration;

namespace Watchword.McServices.Tests.Groups;

public sealed class GroupDocumentTests
{
    private const string Alice = "sip:alice@mc.example.org";
    private const string Bob = "sip:bob@mc.example.org";
    private const string Eve = "sip:eve@mc.example.org";

    [Fact]
    public void Groups_are_read_and_written() => DocumentVector.Check(
        "group_document.json", octets => GroupDocument.Parse(octets), group => group.Write(), group => new()
        {
            ["uri"] = group.Uri,
            ["name"] = group.DisplayName,
            ["members"] = group.Members?.Select(member => member.Uri),
            ["names"] = group.Members?.Select(member => member.DisplayName),
            ["video"] = group.Members?.Select(member => member.McVideoId),
            ["data"] = group.Members?.Select(member => member.McDataId),
            ["priorities"] = group.Members?.Select(member => member.Priority),
            ["services"] = McServiceNames.All.Where(group.Supports).Select(service => service.Name),
            ["gmk"] = McServiceNames.All.Where(group.Protection.NeedsGmk).Select(service => service.Name),
            ["invite"] = group.InviteMembers,
            ["max"] = group.MaxParticipantCount,
            ["disabled"] = group.IsDisabled,
            ["owner"] = group.Owner,
            ["administrators"] = group.Administrators,
            ["alice"] = group.MayReadMembers(Alice),
            ["eve"] = group.MayReadMembers(Eve),
            ["initiate"] = group.Rules.Select(rule => rule.AllowInitiateConference),
            ["others"] = group.Others.Select(other => other.Name.Name),
        });

    [Fact]
    public void Operations_are_read_and_written() => DocumentVector.Check(
        "gmop.json", octets => GroupManagementRequest.Parse(octets), request => request.Write(), request => new()
        {
            ["operation"] = request.Operation.ToString(),
            ["element"] = request.Element.Name.Name,
        });

    [Fact]
    public void A_client_asks_for_a_group_without_its_members() => Samples
        .Canonical(GroupManagementRequest.ExcludingMemberList().Write()).ShouldBe(Samples.Canonical(Samples.Octets(
            "<document xmlns=\"urn:3gpp:ns:mcpttGMOP:1.0\"><request><get-excluding-memberlist/></request></document>")));

    [Fact]
    public void What_is_written_is_read()
    {
        GroupDocument read = GroupDocument.Parse(Documents.Group.Write());
        read.Write().ShouldBe(Documents.Group.Write());
        read.MemberOf("sip:alice.video@mc.example.org")!.Uri.ShouldBe(Alice);
        read.MemberOf("sip:alice.data@mc.example.org")!.Identities.Count.ShouldBe(3);
        read.MemberOf(Eve).ShouldBeNull();
        read.Members![1].IsReceiveOnly.ShouldBeTrue();
        read.Protection.ShouldBe(Documents.Group.Protection);
        read.SupportedServices.Select(service => service.GroupMedia.Count).ShouldBe([1, 1, 0]);
        read.Rules[0].JoinHandling.ShouldBe(true);
    }

    [Fact]
    public void Who_may_change_the_group_and_who_may_read_its_members()
    {
        GroupDocument group = Documents.Group;
        group.MayAdminister("sip:chief@mc.example.org").ShouldBeTrue();
        group.MayAdminister(Alice).ShouldBeTrue();
        group.MayAdminister(Bob).ShouldBeFalse();
        group.MayReadMembers(Bob).ShouldBeTrue();
        group.MayReadMembers(Eve).ShouldBeFalse();
        GroupDocument closed = group with { Rules = [GroupRule.ForMembers("members", allowGettingMemberList: false)] };
        closed.MayReadMembers(Bob).ShouldBeFalse();
        closed.MayReadMembers(Alice).ShouldBeTrue("an administrator");
    }

    [Fact]
    public void Without_its_members_nobody_is_named_and_all_else_stays()
    {
        string text = Samples.Replaced(Samples.Text(Documents.Group.Write()), "</cp:ruleset>",
            "<cp:rule id=\"one\"><cp:conditions><cp:identity><cp:one id=\"sip:eve@mc.example.org\"/></cp:identity>"
                + "</cp:conditions>"
            + "<cp:actions/></cp:rule></cp:ruleset><v:keep xmlns:v=\"urn:v\">a</v:keep>");
        string without = Samples.Text(GroupDocument.WithoutMembers(Samples.Octets(text)));
        without.ShouldNotContain("alice");
        without.ShouldNotContain("bob");
        without.ShouldNotContain("eve");
        without.ShouldNotContain("<list>");
        without.ShouldContain("<v:keep xmlns:v=\"urn:v\">a</v:keep>");
        GroupDocument read = GroupDocument.Parse(Samples.Octets(without));
        read.Members.ShouldBeNull();
        read.Rules.Select(rule => rule.Id).ShouldBe(["members"]);
        read.Owner.ShouldBe("sip:chief@mc.example.org");
        (read with { Members = Documents.Group.Members, Administrators = Documents.Group.Administrators, Others = [] })
            .Write().ShouldBe(Documents.Group.Write());
    }

    [Fact]
    public void A_list_of_nobody_is_not_the_same_as_no_list()
    {
        GroupDocument empty = Documents.Group with { Members = [] };
        GroupDocument.Parse(empty.Write()).Members.ShouldNotBeNull().ShouldBeEmpty();
        GroupDocument.Parse((Documents.Group with { Members = null }).Write()).Members.ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_protected_only_where_every_flag_says_so()
    {
        GroupDocument group = Documents.Group with { Protection = GroupProtection.None };
        McServiceNames.All.Any(GroupDocument.Parse(group.Write()).Protection.NeedsGmk).ShouldBeFalse();
        McServiceNames.All.All(new GroupProtection().NeedsGmk).ShouldBeTrue();
    }

    [Fact]
    public void A_large_group_is_read()
    {
        GroupDocument group = Documents.Group with
        {
            Members = [.. Enumerable.Range(0, 10_000).Select(i => new GroupMember($"sip:user{i}@mc.example.org", $"User {i}"))],
        };
        GroupDocument.Parse(group.Write()).Members!.Count.ShouldBe(10_000);
    }
}
