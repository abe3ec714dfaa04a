using System.Text;
using Watchword.McServices;
using Watchword.McServices.Xcap;

namespace Watchword.Fuzz;

/// <summary>Path and query below an XCAP root. What is read is written in one form, which reads back as the same.</summary>
internal sealed class XcapSelectorTarget : IFuzzTarget
{
    public string Name => "xcap-selector";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            "/", "/~~/", "users/", "global/", "sip:a@b", "%3A", "%40", "%2F", "%5B", "%5D", "%22", "[1]", "[@a=\"b\"]",
                "[@p:a='b']",
            "*", "@a", "namespace::*", "?xmlns(p=urn:x)", "xmlns(q=urn:^(y^))", "p:e", "xml:lang", "..", "%26amp;", "%C3%A4",
                "~~",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        string text = Encoding.Latin1.GetString(input.Span);
        string[] parts = text.Split('?', 2);
        if (!XcapUri.TryParse(parts[0], parts.Length > 1 ? parts[1] : string.Empty, out XcapUri? uri))
        {
            return "refused";
        }

        string written = uri.ToString();
        string[] again = written.Split('?', 2);
        // Encoding may make it longer than what is read.
        if (written.Length <= XcapUri.MaximumLength)
        {
            FuzzTargets.Require(
                XcapUri.TryParse(again[0], again.Length > 1 ? again[1] : string.Empty, out XcapUri? same)
                    && same.ToString() == written
                    && same.Document.Equals(uri.Document),
                "a selector that was read is written so that it reads back the same");
        }

        return $"{uri.Document.Tree} {uri.Node?.Terminal} {uri.Node?.Steps.Count}";
    }
}

/// <summary>
/// A change of a document: the first line is a letter for what, then path and query of the node; the body follows. What was put
/// is found under the same selector, what was deleted is not, and the document stays one that can be read.
/// </summary>
internal sealed class XcapEditTarget : IFuzzTarget
{
    private static readonly byte[] Document =
        "<r xmlns='urn:d' xmlns:e='urn:e' a='1'><l n='x'/><l n='y'><i k='1'/><i k='2'/></l><e:o/><t>text</t></r>"u8.ToArray();

    public string Name => "xcap-edit";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        .. new[]
        {
            "P", "D", "G", "r/l", "r/l[1]", "r/l[2]/i[@k=\"1\"]", "r/*[3]", "r/t", "r/@a", "r/namespace::*", "?xmlns(p=urn:e)",
                "p:o", "\n", "r/@xml:lang", "r/@xml:space", "xmlns(p=http://www.w3.org/2000/xmlns/)",
            "<l n='x'/>", "<t>", "</t>", "<e:o/>", "xmlns='urn:d'", "xmlns:e='urn:f'", "&amp;", "&#x41;", "<![CDATA[x]]>",
                "<!-- x -->",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        int line = input.Span.IndexOf((byte)'\n');
        string head = Encoding.Latin1.GetString(line < 0 ? input.Span : input.Span[..line]);
        string[] parts = head.Length == 0 ? [""] : head[1..].Split('?', 2);
        if (head.Length == 0
            || !NodeSelector.TryParse(parts[0], parts.Length > 1 ? parts[1] : string.Empty, out NodeSelector? node))
        {
            return "no selector";
        }

        XcapDocument document = XcapDocument.Parse(Document, "urn:d");
        if (head[0] is not ('P' or 'D') || node.Terminal == NodeTerminal.Namespaces)
        {
            return document.Read(node) is null ? "nothing" : "read";
        }

        ReadOnlySpan<byte> body = line < 0 ? default : input.Span[(line + 1)..];
        XcapEdit edit = head[0] == 'P' ? document.Put(node, body) : document.Delete(node);
        if (edit.Outcome is not (XcapEditOutcome.NotFound or XcapEditOutcome.Refused))
        {
            Check(document, node, edit.Outcome);
        }

        return $"{edit.Outcome} {edit.Error}";
    }

    private static void Check(XcapDocument document, NodeSelector node, XcapEditOutcome outcome)
    {
        XcapDocument again;
        try
        {
            again = XcapDocument.Parse(document.Write(), "urn:d", XmlLimits.Default with { MaxOctets = 1 << 24, MaxDepth = 128 });
        }
        catch (McServicesFormatException)
        {
            throw new FuzzLawException("a document that was changed can be read");
        }

        FuzzTargets.Require(
            again.Read(node) is null == (outcome == XcapEditOutcome.Deleted), "what was put is found, what was deleted is not");
    }
}
