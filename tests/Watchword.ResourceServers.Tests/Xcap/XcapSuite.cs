using Microsoft.EntityFrameworkCore;
using Watchword.Kms.EntityFrameworkCore.Tests.Support;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Support;

namespace Watchword.ResourceServers.Tests.Xcap;

/// <summary>XCAP over HTTP (RFC 4825 §7, §8, §11), on each database.</summary>
public abstract class XcapSuite : OnDatabase
{
    private const string Element = "application/xcap-el+xml";
    private const string Attribute = "application/xcap-att+xml";
    private static readonly string Path = ServicesHost.ProfilePath();

    private protected XcapSuite(PostgreSqlCluster? cluster)
        : base(cluster)
    {
    }

    [Fact]
    public async Task A_document_is_made_read_replaced_and_deleted()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator(), alice = host.Token();
        (await host.GetAsync(Path, alice)).Status.ShouldBe(404);

        Answer made = await host.PutAsync(Path, root, ServicesHost.ProfileOf());
        made.Status.ShouldBe(201);
        made.ETag.ShouldNotBeNull();
        Answer read = await host.GetAsync(Path, alice);
        (read.Status, read.ETag, read.Text, read.MediaType).ShouldBe(
            (200, made.ETag, ServicesHost.ProfileOf(), "application/vnd.3gpp.mcptt-user-profile+xml"));
        Answer head = await ServicesHost.SendAsync(host.Client, HttpMethod.Head, Path, alice, null, null);
        (head.Status, head.ETag, head.Body.Length).ShouldBe((200, made.ETag, 0));

        Answer replaced = await host.PutAsync(Path, root, ServicesHost.ProfileOf(name: "two"));
        replaced.Status.ShouldBe(200);
        replaced.ETag.ShouldNotBe(made.ETag);
        (await host.DeleteAsync(Path, root)).Status.ShouldBe(200);
        (await host.DeleteAsync(Path, root)).Status.ShouldBe(404);
        (await host.GetAsync(Path, alice)).Status.ShouldBe(404);

        // Every change is recorded, each with what was before.
        List<XcapChangeRow> changes = await host.ReadAsync(
            context => context.Set<XcapChangeRow>().OrderBy(row => row.Sequence).ToListAsync());
        changes.Select(change => (Quoted(change.PreviousETag), Quoted(change.NewETag)))
            .ShouldBe([(null, made.ETag), (made.ETag, replaced.ETag), (replaced.ETag, null)]);
    }

    [Fact]
    public async Task Conditions_decide_over_reading_and_changing()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator(), alice = host.Token();
        (await PutIfAsync("If-Match", "*")).Status.ShouldBe(412);
        Answer made = await PutIfAsync("If-None-Match", "*");
        made.Status.ShouldBe(201);
        string etag = made.ETag!;
        (await PutIfAsync("If-None-Match", "*")).Status.ShouldBe(412);
        (await PutIfAsync("If-Match", "\"other\"")).Status.ShouldBe(412);
        (await PutIfAsync("If-Match", "W/" + etag)).Status.ShouldBe(412);
        (await PutIfAsync("If-None-Match", $"\"a\", {etag}")).Status.ShouldBe(412);
        (await PutIfAsync("If-None-Match", "W/" + etag)).Status.ShouldBe(412);
        (await PutIfAsync("If-Match", "not quoted")).Status.ShouldBe(400);
        (await host.DeleteAsync(Path, root, ("If-Match", "\"other\""))).Status.ShouldBe(412);

        Answer same = await host.GetAsync(Path, alice, ("If-None-Match", etag));
        (same.Status, same.ETag, same.Body.Length).ShouldBe((304, etag, 0));
        (await host.GetAsync(Path, alice, ("If-None-Match", "*"))).Status.ShouldBe(304);
        (await host.GetAsync(Path, alice, ("If-None-Match", "\"a\", W/" + etag))).Status.ShouldBe(304);
        (await host.GetAsync(Path, alice, ("If-None-Match", "\"a\""))).Status.ShouldBe(200);
        (await host.GetAsync(Path, alice, ("If-Match", "\"a\""))).Status.ShouldBe(412);

        Answer replaced = await PutIfAsync("If-Match", $"\"a\", {etag}");
        replaced.Status.ShouldBe(200);
        (await PutIfAsync("If-Match", etag)).Status.ShouldBe(412);
        (await host.DeleteAsync(Path, root, ("If-Match", replaced.ETag!))).Status.ShouldBe(200);

        Task<Answer> PutIfAsync(string header, string value) =>
            host.PutAsync(Path, root, ServicesHost.ProfileOf(), headers: (header, value));
    }

    [Fact]
    public async Task Nodes_are_made_read_replaced_and_deleted()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator(), alice = host.Token();
        string name = Path + "/~~/mcptt-user-profile/Name";
        Answer made = await host.PutAsync(Path, root, ServicesHost.ProfileOf());

        Answer element = await host.GetAsync(name, alice);
        (element.Status, element.MediaType, element.ETag).ShouldBe((200, Element, made.ETag));
        element.Text.ShouldBe("<Name xmlns=\"urn:3gpp:mcptt:user-profile:1.0\">one</Name>");

        Answer replaced = await host.PutAsync(name, root, "<Name>two</Name>", Element);
        replaced.Status.ShouldBe(200);
        Answer whole = await host.GetAsync(Path, alice);
        (whole.ETag, whole.Text.Contains("<Name>two</Name>", StringComparison.Ordinal)).ShouldBe((replaced.ETag, true));

        string attribute = Path + "/~~/mcptt-user-profile/@user-profile-index";
        Answer index = await host.GetAsync(attribute, alice);
        (index.Status, index.Text, index.MediaType).ShouldBe((200, "1", Attribute));
        (await host.PutAsync(attribute, root, "2", Attribute)).Status.ShouldBe(200);
        (await host.GetAsync(attribute, alice)).Text.ShouldBe("2");

        Answer extension = await host.PutAsync(
            Path + "/~~/mcptt-user-profile/v:x%5B@k=%221%22%5D?xmlns(v=urn:v)", root, "<x xmlns=\"urn:v\" k=\"1\"/>", Element);
        extension.Status.ShouldBe(201);
        Answer bindings = await host.GetAsync(Path + "/~~/mcptt-user-profile/Name/namespace::*", alice);
        (bindings.Status, bindings.MediaType, bindings.Text).ShouldBe(
            (200, "application/xcap-ns+xml", "<Name xmlns=\"urn:3gpp:mcptt:user-profile:1.0\"/>"));

        Answer deleted = await host.DeleteAsync(
            Path + "/~~/mcptt-user-profile/v:x?xmlns(v=urn:v)", root, ("If-Match", extension.ETag!));
        (deleted.Status, deleted.ETag == extension.ETag).ShouldBe((200, false));
        deleted.ETag.ShouldNotBeNull();
        (await host.GetAsync(Path + "/~~/mcptt-user-profile/v:x?xmlns(v=urn:v)", alice)).Status.ShouldBe(404);
        (await host.DeleteAsync(Path + "/~~/mcptt-user-profile/Nothing", root)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Every_conflict_has_its_error_element_and_changes_nothing()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator();
        string node = Path + "/~~/mcptt-user-profile";
        Answer early = await host.PutAsync(node + "/Name", root, "<Name/>", Element);
        (early.Status, early.Conflict.Kind, early.Conflict.Ancestor).ShouldBe((409, XcapErrorKind.NoParent, null));
        await host.PutAsync(Path, root, ServicesHost.ProfileOf());
        List<string> state = await host.StateAsync();

        await ExpectAsync(XcapErrorKind.NotWellFormed, host.PutAsync(Path, root, "<mcptt-user-profile"));
        await ExpectAsync(XcapErrorKind.NotWellFormed, host.PutAsync(Path, root, "<!DOCTYPE x []>" + ServicesHost.ProfileOf()));
        await ExpectAsync(XcapErrorKind.SchemaValidationError, host.PutAsync(Path, root, "<other/>"));
        await ExpectAsync(XcapErrorKind.NotUtf8, ServicesHost.SendAsync(
            host.Client, HttpMethod.Put, Path, root, [0x3c, 0xff], "application/vnd.3gpp.mcptt-user-profile+xml"));
        await ExpectAsync(XcapErrorKind.ConstraintFailure, host.PutAsync(
            Path, root, ServicesHost.ProfileOf(
                name: string.Concat(Enumerable.Repeat("<a>", 70)) + string.Concat(Enumerable.Repeat("</a>", 70)))));
        await ExpectAsync(XcapErrorKind.NotXmlFragment, host.PutAsync(node + "/Name", root, "<Name/><Name/>", Element));
        await ExpectAsync(XcapErrorKind.NotXmlAttributeValue, host.PutAsync(node + "/@user-profile-index", root, "<", Attribute));
        await ExpectAsync(XcapErrorKind.CannotInsert, host.PutAsync(node + "/Name", root, "<Status/>", Element));
        await ExpectAsync(XcapErrorKind.CannotDelete, host.DeleteAsync(node, root));
        await ExpectAsync(XcapErrorKind.SchemaValidationError, host.DeleteAsync(node + "/@user-profile-index", root));
        Answer orphan = await ExpectAsync(XcapErrorKind.NoParent, host.PutAsync(node + "/OnNetwork/a/b", root, "<b/>", Element));
        orphan.Conflict.Ancestor.ShouldBe(host.Address.GetLeftPart(UriPartial.Authority) + node);
        (await host.StateAsync()).ShouldBe(state);

        static async Task<Answer> ExpectAsync(XcapErrorKind kind, Task<Answer> sending)
        {
            Answer answer = await sending;
            (answer.Status, answer.MediaType).ShouldBe((409, XcapError.MediaType), kind.ToString());
            answer.Conflict.Kind.ShouldBe(kind);
            answer.Conflict.Phrase!.ShouldContain(answer.Headers.GetValues("X-Correlation-Id").Single());
            return answer;
        }
    }

    [Fact]
    public async Task What_is_no_request_of_XCAP_is_refused()
    {
        await using ServicesHost host = await StartAsync(("Services:Configuration:MaxDocumentOctets", "2048"));
        string root = host.Administrator();
        (await host.GetAsync("/cms/unknown/users/a/b", root)).Status.ShouldBe(404);
        (await host.GetAsync($"/cms/{ServicesHost.Profile}/users/a/other.xml", root)).Status.ShouldBe(404);
        (await host.GetAsync("/cms/a", root)).Status.ShouldBe(400);
        (await host.GetAsync("/cms/", root)).Status.ShouldBe(404);
        (await host.GetAsync("/elsewhere", root)).Status.ShouldBe(404);
        (await host.GetAsync(Path + "/~~/p:unbound", root)).Status.ShouldBe(400);
        (await host.GetAsync(Path + "?query", root)).Status.ShouldBe(400);
        (await host.GetAsync($"/cms/{ServicesHost.Profile}/users/../x", root)).Status.ShouldBe(400);
        (await host.PutAsync(Path, root, ServicesHost.ProfileOf(), "text/xml")).Status.ShouldBe(415);
        (await host.PutAsync(Path, root, ServicesHost.ProfileOf(), null)).Status.ShouldBe(415);
        (await host.PutAsync(
            Path, root, ServicesHost.ProfileOf(), "application/vnd.3gpp.mcptt-user-profile+xml;charset=latin1")).Status.ShouldBe(
                415);
        (await host.PutAsync(Path, root, new string('x', 2049))).Status.ShouldBe(413);
        (await host.PutAsync(Path, root, ServicesHost.ProfileOf())).Status.ShouldBe(201);

        Answer patch = await ServicesHost.SendAsync(host.Client, HttpMethod.Patch, Path, root, [], null);
        patch.Status.ShouldBe(405);
        Answer post = await ServicesHost.SendAsync(host.Client, HttpMethod.Post, Path, root, [], null);
        post.Status.ShouldBe(405);
        Answer bindings = await host.DeleteAsync(Path + "/~~/mcptt-user-profile/namespace::*", root);
        bindings.Status.ShouldBe(405);
        Answer capabilities = await host.DeleteAsync("/cms/xcap-caps/global/index", root);
        capabilities.Status.ShouldBe(405);
    }

    [Fact]
    public async Task The_capabilities_name_every_usage()
    {
        await using ServicesHost host = await StartAsync();
        Answer answer = await host.GetAsync("/cms/xcap-caps/global/index", host.Token());
        (answer.Status, answer.MediaType).ShouldBe((200, "application/xcap-caps+xml"));
        foreach (string auid in (
            string[])["xcap-caps", ServicesHost.Profile, "org.3gpp.mcdata.service-config", "org.3gpp.mcptt.ue-init-config"])
        {
            answer.Text.ShouldContain($"<auid>{auid}</auid>");
        }

        (await host.GetAsync("/cms/xcap-caps/global/index", host.Token(), ("If-None-Match", answer.ETag!))).Status.ShouldBe(304);
        (await host.GetAsync("/cms/xcap-caps/global/other", host.Token())).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Of_updates_at_once_none_is_lost()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator();
        await host.PutAsync(Path, root, ServicesHost.ProfileOf());

        // Each adds an element of its own; who loses the race against another reads and tries again.
        Task<int>[] writers = [.. Enumerable.Range(0, 8).Select(async i => (await host.PutAsync(
            Path + $"/~~/mcptt-user-profile/v:x%5B@k=%22{i}%22%5D?xmlns(v=urn:v)", root, $"<x xmlns=\"urn:v\" k=\"{i}\"/>",
                Element)).Status)];
        (await Task.WhenAll(writers)).ShouldAllBe(status => status == 201);
        string text = (await host.GetAsync(Path, root)).Text;
        Enumerable.Range(0, 8).ShouldAllBe(i => text.Contains($"k=\"{i}\"", StringComparison.Ordinal));

        // Of many with the same condition one gets through.
        string etag = (await host.GetAsync(Path, root)).ETag!;
        int[] statuses = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i => (await host.PutAsync(
            Path, root, ServicesHost.ProfileOf(name: $"{i}"), headers: ("If-Match", etag))).Status));
        statuses.Count(status => status == 200).ShouldBe(1);
        statuses.Count(status => status == 412).ShouldBe(7);
    }

    [Fact]
    public async Task The_directory_of_a_user_has_a_limit()
    {
        await using ServicesHost host = await StartAsync(("Services:Configuration:MaxDocumentsPerUser", "2"));
        string root = host.Administrator();
        (await host.PutAsync(ServicesHost.ProfilePath(index: 1), root, ServicesHost.ProfileOf())).Status.ShouldBe(201);
        (await host.PutAsync(ServicesHost.ProfilePath(index: 2), root, ServicesHost.ProfileOf())).Status.ShouldBe(201);
        Answer full = await host.PutAsync(ServicesHost.ProfilePath(index: 3), root, ServicesHost.ProfileOf());
        (full.Status, full.Conflict.Kind).ShouldBe((409, XcapErrorKind.ConstraintFailure));
        (await host.PutAsync(ServicesHost.ProfilePath(index: 2), root, ServicesHost.ProfileOf())).Status.ShouldBe(200);
        (await host.PutAsync(ServicesHost.ProfilePath("bob"), root, ServicesHost.ProfileOf("bob"))).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A_restart_keeps_documents()
    {
        await using ServicesHost host = await StartAsync();
        Answer made = await host.PutAsync(Path, host.Administrator(), ServicesHost.ProfileOf());
        await host.StartAgainAsync();
        Answer read = await host.GetAsync(Path, host.Token());
        (read.Status, read.ETag, read.Text).ShouldBe((200, made.ETag, ServicesHost.ProfileOf()));
    }

    [Fact]
    public async Task Nothing_of_identities_documents_and_tokens_is_logged()
    {
        await using ServicesHost host = await StartAsync();
        string root = host.Administrator();
        await host.PutAsync(Path, root, ServicesHost.ProfileOf(name: "secret-name"));
        await host.GetAsync(Path, host.Token());
        await host.GetAsync(Path, host.Token("bob"));
        await host.PutAsync(Path, root, "<x");
        string log = string.Join('\n', host.Log);
        log.ShouldContain("7204");
        log.ShouldNotContain("alice");
        log.ShouldNotContain("secret-name");
        log.ShouldNotContain(root);
    }

    private static string? Quoted(string? etag) => etag is null ? null : $"\"{etag}\"";
}

/// <summary>On SQLite.</summary>
public sealed class XcapOnSqliteTests() : XcapSuite(null);

/// <summary>On PostgreSQL.</summary>
public sealed class XcapOnPostgreSqlTests(PostgreSqlCluster cluster) : XcapSuite(cluster);
