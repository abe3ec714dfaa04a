namespace Watchword.Sip.Tests;

public sealed class HeaderTests
{
    [Fact]
    public void Names_are_compared_without_case_and_compact_forms_are_the_long_ones()
    {
        SipHeaders headers = [];
        headers.Add("f", "<sip:a@h>;tag=1");
        headers.Add("x-Odd", "1");
        headers.Add("X-ODD", "2");
        headers["FROM"].ShouldBe("<sip:a@h>;tag=1");
        headers[0].Name.ShouldBe("From");
        headers.GetAll("x-odd").ShouldBe(["1", "2"]);
        headers.Set("X-Odd", "3");
        headers.Select(h => h.Value).ShouldBe(["<sip:a@h>;tag=1", "3"]);
        headers.Remove("i").ShouldBe(0);
    }

    [Theory]
    [InlineData("X", "a\r\nEvil: b")]
    [InlineData("X", "a\0")]
    [InlineData("X: ", "a")]
    [InlineData("", "a")]
    [InlineData("Content-Length", "5")]
    [InlineData("l", "5")]
    public void Nothing_can_be_smuggled_into_a_field(string name, string value) =>
        Should.Throw<ArgumentException>(() => new SipHeaders().Add(name, value));

    [Fact]
    public void Half_a_character_is_no_text() =>
        Should.Throw<ArgumentException>(() => new SipHeaders().Add("X", new string((char)0xD800, 1)));

    [Fact]
    public void Typed_fields_are_read()
    {
        SipHeaders headers = new()
        {
            { "Accept-Contact", "*;+g.3gpp.mcptt;require;explicit" },
            { "P-Preferred-Service", "urn:urn-7:3gpp-service.ims.icsi.mcptt" },
            { "P-Asserted-Identity", "\"A, B\" <sip:a@h>" },
            { "P-Asserted-Identity", "<tel:+1>" },
            { "Warning", "399 host \"101 service authorisation failed\", 399 h:5060 \"quo\\\"te\"" },
            { "Retry-After", "120 (in a (meeting))" },
            { "Event", "xcap-diff;id=7;diff-processing=aggregate" },
            { "Subscription-State", "active;expires=10" },
            { "Accept", "application/xcap-diff+xml;q=0.5, text/*" },
            { "Allow", "PUBLISH,  MESSAGE" },
            { "Route", "<sip:a;lr>, <sip:b;lr>" },
            { "Route", "<sip:c;lr>" },
            { "Content-Type", "multipart/mixed;boundary=\"a b\"" },
            { "Contact", "*" },
        };
        headers.AcceptContact[0].Parameters.Contains("+G.3gpp.MCPTT").ShouldBeTrue();
        headers.PreferredService.ShouldBe(["urn:urn-7:3gpp-service.ims.icsi.mcptt"]);
        headers.AssertedIdentity.Select(i => i.Uri.ToString()).ShouldBe(["sip:a@h", "tel:+1"]);
        headers.AssertedIdentity[0].DisplayName.ShouldBe("A, B");
        headers.Warning.ShouldBe([new(399, "host", "101 service authorisation failed"), new(399, "h:5060", "quo\"te")]);
        headers.Warning[1].ToString().ShouldBe("399 h:5060 \"quo\\\"te\"");
        Should.Throw<SipFormatException>(() => headers.RetryAfter);
        headers.Event!.Parameters["id"].ShouldBe("7");
        headers.Accept[0].Covers("application/xcap-diff+xml").ShouldBeTrue();
        headers.Accept[1].Covers("text/plain").ShouldBeTrue();
        headers.Accept[1].Covers("textual/plain").ShouldBeFalse();
        headers.Allow.ShouldBe(["PUBLISH", "MESSAGE"]);
        headers.Route.Select(r => r.Uri.Host).ShouldBe(["a", "b", "c"]);
        headers.ContentType!.Parameters["boundary"].ShouldBe("a b");
        headers.ContentType.ToString().ShouldBe("multipart/mixed;boundary=\"a b\"");
        headers.HasWildcardContact.ShouldBeTrue();
        headers.Contact.ShouldBeEmpty();
        headers.Set("Retry-After", "120 (busy);duration=3600");
        headers.RetryAfter!.Seconds.ShouldBe(120u);
        headers.Expires.ShouldBeNull();
        headers.CSeq.ShouldBeNull();
    }

    [Fact]
    public void A_response_repeats_what_belongs_to_its_request()
    {
        SipRequest request = SipRequest.Create(SipMethods.Publish, Stacks.Psi, Stacks.Alice, Stacks.Alice);
        request.Headers.AddFirst("Via", "SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2");
        SipResponse response = request.CreateResponse(200, null, "t1");
        response.Headers.Via.Select(v => v.Host).ShouldBe(["a", "b"]);
        response.Headers.To!.Tag.ShouldBe("t1");
        response.Headers.From!.Tag.ShouldBe(request.Headers.From!.Tag);
        response.Headers.CallId.ShouldBe(request.Headers.CallId);
        response.Headers.CSeq.ShouldBe(new SipCSeq(1, "PUBLISH"));
        response.Headers.Contains("Max-Forwards").ShouldBeFalse();
        response.ReasonPhrase.ShouldBe("OK");
        SipMessage.Parse(response.ToArray()).ShouldBeOfType<SipResponse>().StatusCode.ShouldBe(200);
    }
}
