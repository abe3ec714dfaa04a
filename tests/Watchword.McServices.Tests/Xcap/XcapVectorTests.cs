using System.Text;
using System.Text.Json;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.McServices.Xcap;

namespace Watchword.McServices.Tests.Xcap;

/// <summary>The vectors of selectors and of operations on nodes.</summary>
public sealed class XcapVectorTests
{
    private static readonly JsonElement Selectors = Load("xcap_selectors.json");
    private static readonly JsonElement Edits = Load("xcap_edits.json");

    public static IEnumerable<TheoryDataRow<int>> SelectorIds => Ids(Selectors);

    public static IEnumerable<TheoryDataRow<int>> EditIds => Ids(Edits);

    [Theory]
    [MemberData(nameof(SelectorIds))]
    public void Selectors_are_read_by_the_grammar_and_written_back(int id)
    {
        JsonElement vector = Find(Selectors, id);
        string path = vector.GetProperty("path").GetString()!, query = Text(vector, "query") ?? "";
        bool isRead = XcapUri.TryParse(path, query, out XcapUri? uri);
        isRead.ShouldBe(vector.GetProperty("result").GetString() == "valid");
        if (!isRead)
        {
            return;
        }

        string written = uri!.ToString();
        written.ShouldBe(Text(vector, "canonical") ?? path);
        (uri.Node?.Steps.Count ?? 0).ShouldBe(vector.TryGetProperty("steps", out JsonElement steps) ? steps.GetInt32() : 0);
        (uri.Node?.Terminal ?? NodeTerminal.Element).ToString().ShouldBe(Text(vector, "terminal") ?? "Element");
        string[] parts = written.Split('?', 2);
        XcapUri.TryParse(parts[0], parts.Length > 1 ? parts[1] : "", out XcapUri? again).ShouldBeTrue();
        again!.ToString().ShouldBe(written);
        again.Document.ShouldBe(uri.Document);
    }

    [Theory]
    [MemberData(nameof(EditIds))]
    public void Nodes_are_read_and_changed_by_the_rules(int id)
    {
        JsonElement vector = Find(Edits, id);
        XcapDocument document = XcapDocument.Parse(Encoding.UTF8.GetBytes(Edits.GetProperty("document").GetString()!), "urn:d");
        NodeSelector node = Node(vector.GetProperty("node").GetString()!, Text(vector, "query"));
        string? body = Text(vector, "body");
        if (vector.GetProperty("op").GetString() == "get")
        {
            (document.Read(node) is { } read ? Encoding.UTF8.GetString(read) : null).ShouldBe(body);
            return;
        }

        XcapEdit edit = body is null ? document.Delete(node) : document.Put(node, Encoding.UTF8.GetBytes(body));
        (edit.Error is { } kind ? XcapError.NameOf(kind) : null).ShouldBe(Text(vector, "error"));
        edit.Outcome.ToString().ShouldBe(Text(vector, "outcome") ?? "Refused");
        edit.ExistingSteps.ShouldBe(vector.TryGetProperty("steps", out JsonElement steps) ? steps.GetInt32() : 0);
        if (edit.Outcome is XcapEditOutcome.Created or XcapEditOutcome.Replaced)
        {
            // What was put is found under the same URL, also by whoever reads the document anew.
            byte[] selected = document.Read(node)!;
            XcapDocument again = XcapDocument.Parse(document.Write(), "urn:d");
            again.Read(node).ShouldBe(selected);
            Encoding.UTF8.GetString(selected).ShouldBe(Text(vector, "reads") ?? Encoding.UTF8.GetString(selected));
            if (Text(vector, "after") is { } place)
            {
                again.Read(Node(place, null)).ShouldBe(selected);
            }
        }
        else if (edit.Outcome == XcapEditOutcome.Deleted)
        {
            document.Read(node).ShouldBeNull();
        }
    }

    [Fact]
    public void Names_without_prefix_belong_to_the_namespace_of_the_document_where_its_usage_has_several()
    {
        ApplicationUsage usage = ApplicationUsage.Of(DocumentKind.UserProfile, McServiceKind.McVideo);
        usage.Namespaces.Count.ShouldBe(2);
        foreach (string known in usage.Namespaces)
        {
            byte[] document = Encoding.UTF8.GetBytes($"<mcvideo-user-profile xmlns=\"{known}\"><Name>one</Name></mcvideo-user-profile>");
            XcapDocument.Of(usage, document, XmlLimits.Document).Read(Node("mcvideo-user-profile/Name", null)).ShouldNotBeNull(known);
        }

        XcapDocument.Of(usage, "<mcvideo-user-profile xmlns=\"urn:other\"/>"u8.ToArray(), XmlLimits.Document)
            .Read(Node("mcvideo-user-profile", null)).ShouldBeNull();
    }

    [Fact]
    public void Namespace_bindings_cannot_be_changed()
    {
        XcapDocument document = XcapDocument.Parse("<r/>"u8.ToArray(), "");
        Should.Throw<ArgumentException>(() => document.Put(Node("r/namespace::*", null), "<r/>"u8));
        Should.Throw<ArgumentException>(() => document.Delete(Node("r/namespace::*", null)));
    }

    [Fact]
    public void Octets_that_are_no_UTF_8_are_told_apart()
    {
        XcapDocument document = XcapDocument.Parse("<r><a/></r>"u8.ToArray(), "");
        document.Put(Node("r/a", null), [0x3c, 0x61, 0x3e, 0xff]).Error.ShouldBe(XcapErrorKind.NotUtf8);
        XcapDocument.IsUtf8([0xff, 0xfe]).ShouldBeFalse();
        XcapDocument.IsUtf8("<?xml version='1.0' encoding='ISO-8859-1'?><r/>"u8).ShouldBeFalse();
        XcapDocument.IsUtf8("<?xml version='1.0' encoding='UTF-8'?><r/>"u8).ShouldBeTrue();
        XcapDocument.IsUtf8("<r/>"u8).ShouldBeTrue();
    }

    [Fact]
    public void Every_error_is_written_and_read_back()
    {
        foreach (XcapErrorKind kind in Enum.GetValues<XcapErrorKind>())
        {
            XcapError error = new()
            {
                Kind = kind,
                Phrase = "why \"<&",
                Ancestor = kind == XcapErrorKind.NoParent ? "https://x/r/~~/a" : null,
                Fields = kind == XcapErrorKind.UniquenessFailure ? [new XcapUniquenessField("r/@uri", "sip:b@x", "sip:c@x")] : [],
            };
            XcapError read = XcapError.Parse(error.Write());
            (read.Kind, read.Phrase, read.Ancestor).ShouldBe((kind, error.Phrase, error.Ancestor));
            read.Fields.Select(field => (field.Field, string.Join('|', field.AlternativeValues)))
                .ShouldBe(error.Fields.Select(field => (field.Field, string.Join('|', field.AlternativeValues))));
        }
    }

    [Theory]
    [InlineData("<xcap-error xmlns='urn:ietf:params:xml:ns:xcap-error'/>")]
    [InlineData("<xcap-error xmlns='urn:ietf:params:xml:ns:xcap-error'><what/></xcap-error>")]
    [InlineData("<xcap-error xmlns='urn:ietf:params:xml:ns:xcap-error'><no-parent/><no-parent/></xcap-error>")]
    [InlineData("<xcap-error/>")]
    [InlineData("no XML")]
    public void Errors_of_another_form_are_refused(string body) =>
        Should.Throw<McServicesFormatException>(() => XcapError.Parse(Encoding.UTF8.GetBytes(body)));

    private static NodeSelector Node(string path, string? query) => NodeSelector.TryParse(
        path.Replace("\"", "%22", StringComparison.Ordinal), query ?? "", out NodeSelector? node)
        ? node
        : throw new InvalidOperationException(path);

    private static IEnumerable<TheoryDataRow<int>> Ids(JsonElement file) =>
        file.GetProperty("vectors").EnumerateArray().Select(vector => new TheoryDataRow<int>(vector.GetProperty("id").GetInt32()));

    private static JsonElement Find(JsonElement file, int id) =>
        file.GetProperty("vectors").EnumerateArray().Single(vector => vector.GetProperty("id").GetInt32() == id);

    private static string? Text(JsonElement vector, string name) =>
        vector.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static JsonElement Load(string name) => JsonDocument.Parse(File.ReadAllBytes(
        RepositoryRoot.PathOf("tests", "vectors", "mcservices", name))).RootElement;
}
