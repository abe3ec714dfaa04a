using System.Globalization;
using System.Net;
using Watchword.Cli.Commands.Ue;
using Watchword.Sip;

namespace Watchword.Cli.Tests;

/// <summary>Keys that a server sends to a UE by itself (TS 33.180 5.7, 5.8; RFC 3428), over the SIP core.</summary>
public sealed class UeSipAgentTests
{
    private const string Identity = "sip:alice@ims.example.org";

    [Theory]
    [InlineData(SipTransport.Tcp, "application/mikey", true, 200, 1)]
    [InlineData(SipTransport.Udp, "application/mikey", true, 200, 1)]
    [InlineData(SipTransport.Tcp, "application/mikey", false, 488, 1)]
    [InlineData(SipTransport.Tcp, "text/plain", true, 415, 0)]
    public async Task The_answer_to_a_message_says_whether_its_key_was_taken(
        SipTransport transport, string type, bool isGood, int status, int offered)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using SipStack core = new(new SipStackOptions { Listeners = [new SipListener(transport, new IPEndPoint(IPAddress.Loopback, 0))] });
        await core.StartAsync(cancellation);
        int seen = 0;
        string edge = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{core.Listeners[0].EndPoint.Port}");
        await using UeSipAgent agent = await UeSipAgent.StartAsync(
            new UeSipCore(edge, transport, null, null), null,
            message =>
            {
                seen += message.Span.SequenceEqual("key"u8) ? 1 : 100;
                return isGood;
            },
            cancellation);
        SipUri contact = SipUri.Parse(agent.ContactOf(Identity));
        SipRequest request = SipRequest.CreateMessage(contact, SipUri.Parse("sip:gms@example.org"), SipUri.Parse(Identity));
        SipBody.Write(request, SipBodyPart.Create(type, "key"u8.ToArray()));

        SipResponse response = await core.SendAsync(request, new SipDestination(transport, contact.Host!, contact.Port!.Value), cancellation);

        (response.StatusCode, seen).ShouldBe((status, offered));
    }

    [Fact]
    public async Task A_notification_of_no_subscription_is_refused()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using SipStack core = new(new SipStackOptions());
        await using UeSipAgent agent = await UeSipAgent.StartAsync(
            new UeSipCore("127.0.0.1:5060", SipTransport.Tcp, null, null), null, _ => false, cancellation);
        SipUri contact = SipUri.Parse(agent.ContactOf(Identity));
        SipRequest request = SipRequest.Create(SipMethods.Notify, contact, SipUri.Parse("sip:cms@example.org"), SipUri.Parse(Identity));

        SipResponse response = await core.SendAsync(
            request, new SipDestination(SipTransport.Tcp, contact.Host!, contact.Port!.Value), cancellation);

        response.StatusCode.ShouldBe(481);
    }
}
