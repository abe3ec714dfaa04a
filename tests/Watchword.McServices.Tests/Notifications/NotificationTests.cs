using Watchword.McServices.Notifications;

namespace Watchword.McServices.Tests.Notifications;

public sealed class NotificationTests
{
    [Fact]
    public void Differences_are_read_and_written() => DocumentVector.Check(
        "xcap_diff.json", octets => XcapDiff.Parse(octets), diff => diff.Write(), diff => new()
        {
            ["root"] = diff.XcapRoot,
            ["selectors"] = diff.Documents.Select(document => document.Selector),
            ["new"] = diff.Documents.Select(document => document.NewEtag),
            ["previous"] = diff.Documents.Select(document => document.PreviousEtag),
            ["deleted"] = diff.Documents.Select(document => document.IsDeleted),
            ["others"] = diff.Others.Select(other => other.Name.Name),
            ["patches"] = diff.Documents.SelectMany(document => document.Others).Select(other => other.Name.Name),
        });

    [Fact]
    public void Lists_are_read_and_written() => DocumentVector.Check(
        "resource_lists.json", octets => ResourceLists.Parse(octets), lists => lists.Write(), lists => new()
        {
            ["uris"] = lists.Entries.Select(entry => entry.Uri),
            ["names"] = lists.Entries.Select(entry => entry.DisplayName),
        });

    [Fact]
    public void References_to_other_lists_are_seen_and_never_followed()
    {
        ResourceLists lists = ResourceLists.Parse(Samples.Octets(
            "<resource-lists xmlns='urn:ietf:params:xml:ns:resource-lists'><list><external anchor='http://evil.example/l'/>"
            + "<entry uri='sip:a@b'/></list></resource-lists>"));
        lists.HasReferences.ShouldBeTrue();
        lists.Entries.ShouldBe([new ResourceListEntry("sip:a@b")]);
    }

    [Fact]
    public void The_three_states_of_a_document()
    {
        XcapDiff diff = new()
        {
            XcapRoot = "https://cms.example.org/",
            Documents =
            [
                XcapDiffDocument.Existing("a/users/u/d", "\"1\""),
                XcapDiffDocument.Changed("b", "\"2\"", "\"1\""),
                XcapDiffDocument.Deleted("c", "\"2\""),
            ],
        };
        XcapDiff read = XcapDiff.Parse(diff.Write());
        read.Documents.Select(document => document.IsDeleted).ShouldBe([false, false, true]);
        read.Documents[1].NewEtag.ShouldBe("\"2\"");
        read.Write().ShouldBe(diff.Write());
    }

    [Fact]
    public void A_list_is_made_of_URIs() =>
        ResourceLists.Parse(ResourceLists.Of("sip:a@b", "tel:+1").Write()).Entries
            .ShouldBe([new ResourceListEntry("sip:a@b"), new ResourceListEntry("tel:+1")]);
}
