using Watchword.Identity;
using Watchword.Sip;

namespace Watchword.Client.Tests;

/// <summary>The REGISTER that all MC clients of a UE share (TS 24.379 7.2.1; RFC 3261 §10).</summary>
public sealed class SipRegistrationTests
{
    private const string Device = "urn:uuid:5c6f2a3e-8a61-4d0b-9f5e-0d0b8a7f3c11";

    private static SipRegistration New => new()
    {
        PublicUserIdentity = "sip:alice@ims.example.org", Contact = "sip:alice@192.0.2.7:5060;transport=tcp", InstanceId = Device,
    };

    [Fact]
    public void It_goes_to_the_domain_with_the_feature_tags_of_every_service()
    {
        (SipRequest request, _) = New.CreateRegister([McService.McData, McService.Mcptt], 600);
        request.Headers.AddFirst(SipHeaderNames.Via, "SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK1");
        SipRequest read = SipRequest.Parse(request.ToArray());

        read.RequestUri.ToString().ShouldBe("sip:ims.example.org");
        (read.Headers.To!.Uri.ToString(), read.Headers.From!.Uri.ToString(), read.Headers.Expires).ShouldBe(
            ("sip:alice@ims.example.org", "sip:alice@ims.example.org", 600u));
        SipAddress contact = read.Headers.Contact.ShouldHaveSingleItem();
        contact.Uri.ToString().ShouldBe("sip:alice@192.0.2.7:5060;transport=tcp");
        contact.Parameters["+sip.instance"].ShouldBe($"<{Device}>");
        contact.Parameters["+g.3gpp.icsi-ref"].ShouldBe(
            "urn%3Aurn-7%3A3gpp-service.ims.icsi.mcptt,urn%3Aurn-7%3A3gpp-service.ims.icsi.mcdata");
        foreach (string tag in (string[])["+g.3gpp.mcptt", "+g.3gpp.mcdata.sds", "+g.3gpp.mcdata.fd", "+g.3gpp.mcdata.ipconn"])
        {
            contact.Parameters.Contains(tag).ShouldBeTrue(tag);
        }

        contact.Parameters.Contains("+g.3gpp.mcvideo").ShouldBeFalse();
        read.Body.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void The_next_one_is_of_the_same_registration()
    {
        (SipRequest first, SipRegistration after) = New.CreateRegister([McService.Mcptt], 600);
        (SipRequest second, SipRegistration last) = after.CreateRegister([], 0, SipBodyPart.Create("text/plain", "x"u8.ToArray()));

        second.Headers.CallId.ShouldBe(first.Headers.CallId);
        (first.Headers.CSeq!.Value.Number, second.Headers.CSeq!.Value.Number, last.CSeq).ShouldBe((1u, 2u, 2u));
        (second.Headers.Expires, second.Headers.ContentType!.Essence).ShouldBe((0u, "text/plain"));
        second.Headers.Contact[0].Parameters.Contains("+g.3gpp.icsi-ref").ShouldBeFalse();
    }

    [Fact]
    public void An_identity_without_a_domain_has_no_registrar() =>
        Should.Throw<ArgumentException>(() => (New with { PublicUserIdentity = "tel:+123" }).CreateRegister([McService.Mcptt], 600));
}
