using System.Text;
using CsCheck;

namespace Watchword.Sip.Tests;

public sealed class BodyTests
{
    private static SipRequest Request() => SipRequest.Create(SipMethods.Publish, Stacks.Psi, Stacks.Alice, Stacks.Alice);

    [Fact]
    public void Parts_of_any_octets_come_back_octet_by_octet() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 400], Gen.Int[0, 3].Select(i => "\r\n-a"u8.ToArray()[i]).Array[0, 60]), Gen.Bool)
            .Array[1, 5].Sample(contents =>
            {
                SipBodyPart[] parts =
                    [.. contents.Select((c, i) => SipBodyPart.Create("application/mikey", c.Item1, c.Item2 ? $"part{i}@h"
                        : null))];
                SipRequest request = Request();
                SipBody.Write(request, parts);
                request.Headers.AddFirst("Via", "SIP/2.0/UDP h;branch=z9hG4bK1");
                IReadOnlyList<SipBodyPart> read = SipBody.Read(SipRequest.Parse(request.ToArray()));
                if (parts.Length == 1 && parts[0].Content.IsEmpty)
                {
                    read.ShouldBeEmpty();
                    return;
                }

                read.Count.ShouldBe(parts.Length);
                for (int i = 0; i < parts.Length; i++)
                {
                    read[i].Content.ToArray().ShouldBe(parts[i].Content.ToArray());
                    read[i].ContentId.ShouldBe(parts[i].ContentId);
                    read[i].ContentType.Essence.ShouldBe("application/mikey");
                }
            });

    [Fact]
    public void A_register_inside_a_third_party_register_is_read()
    {
        SipRequest inner = SipRequest.Create(SipMethods.Register, Stacks.Psi, Stacks.Alice, Stacks.Alice);
        inner.Headers.AddFirst("Via", "SIP/2.0/TCP ue;branch=z9hG4bK1");
        SipBody.Write(
            inner, SipBodyPart.Create("application/vnd.3gpp.mcptt-info+xml",
                "<a/>"u8.ToArray()), SipBodyPart.Create("application/mikey", new byte[] { 1, 26, 5 }));
        SipRequest outer = Request();
        SipBody.Write(outer, SipBodyPart.Create("message/sip", inner.ToArray()),
            SipBodyPart.Create("message/sip", inner.ToArray()));
        foreach (SipBodyPart part in SipBody.Read(outer))
        {
            part.ContentType.Is("MESSAGE/SIP").ShouldBeTrue();
            SipBody.Read(SipRequest.Parse(part.Content.Span)).Select(p => p.ContentType.Essence)
                .ShouldBe(["application/vnd.3gpp.mcptt-info+xml", "application/mikey"]);
        }
    }

    [Fact]
    public void Parts_as_other_stacks_write_them_are_read()
    {
        SipRequest request = Request();
        request.Headers.Add("Content-Type", "Multipart/Mixed; boundary=\"a b?c\"");
        request.Body = Encoding.UTF8.GetBytes(
            "preamble\r\n--a b?c\r\ncontent-type: application/mikey;\r\n x=\"1\"\r\n"
            + "Content-Transfer-Encoding: base64\r\nContent-ID: <1@h>\r\n\r\nARoF\r\n--a b?c\r\n"
            + "Content-Type: multipart/mixed;boundary=i\r\n\r\n"
            + "--i\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--i--\r\n--a b?c--\r\nepilogue");
        IReadOnlyList<SipBodyPart> parts = SipBody.Read(request);
        parts.Select(p => p.ContentType.Essence).ShouldBe(["application/mikey", "application/sdp"]);
        parts[0].Content.ToArray().ShouldBe([1, 26, 5]);
        parts[0].ContentId.ShouldBe("1@h");
        parts[0].ContentType.Parameters["x"].ShouldBe("1");
        parts[1].Content.ToArray().ShouldBe("v=0\r\n"u8.ToArray());
    }

    [Theory]
    [InlineData("multipart/mixed", "--x\r\n\r\na\r\n--x--")]
    [InlineData("multipart/mixed;boundary=x", "nothing")]
    [InlineData("multipart/mixed;boundary=x", "--x--\r\n")]
    [InlineData("multipart/mixed;boundary=x", "--x\r\nContent-Type: no type\r\n\r\na\r\n--x--")]
    [InlineData("multipart/mixed;boundary=x", "--x\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\na\r\n--x--")]
    public void What_is_no_multipart_is_refused(string type, string body)
    {
        SipRequest request = Request();
        request.Headers.Add("Content-Type", type);
        request.Body = Encoding.UTF8.GetBytes(body);
        Should.Throw<SipFormatException>(() => SipBody.Read(request));
        SipBody.TryRead(request, out _).ShouldBeFalse();
    }

    [Fact]
    public void Bounds_hold()
    {
        SipRequest many = Request();
        SipBody.Write(many, [.. Enumerable.Range(0, 17).Select(i => SipBodyPart.Create("a/b", new byte[] { (byte)i }))]);
        Should.Throw<SipFormatException>(() => SipBody.Read(many));
        SipBody.Read(many, new SipLimits { MaxParts = 17 }).Count.ShouldBe(17);

        SipRequest deep = Request();
        deep.Headers.Add("Content-Type", "multipart/mixed;boundary=b0");
        string inner = "Content-Type: a/b\r\n\r\nx";
        for (int i = 30; i >= 0; i--)
        {
            inner = $"{(i == 0 ? "" : $"Content-Type: multipart/mixed;boundary=b{i}\r\n\r\n")}--b{i}\r\n{inner}\r\n--b{i}--\r\n";
        }

        deep.Body = Encoding.UTF8.GetBytes(inner);
        Should.Throw<SipFormatException>(() => SipBody.Read(deep));
    }

    [Fact]
    public void A_body_without_type_or_with_an_encoding_is_refused()
    {
        SipRequest request = Request();
        request.Body = new byte[] { 1 };
        Should.Throw<SipFormatException>(() => SipBody.Read(request));
        request.Headers.Add("Content-Type", "a/b");
        SipBody.Read(request).Count.ShouldBe(1);
        request.Headers.Add("Content-Encoding", "gzip");
        Should.Throw<SipFormatException>(() => SipBody.Read(request));
    }
}
