using System.Text;

namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// A private call as it is: Alice sends a PCK in an I_MESSAGE, Bob opens it, and libsrtp2 protects under the keys of the one and
/// opens under the keys of the other.
/// </summary>
public sealed class PrivateCallMediaTests
{
    private const uint AliceSsrc = 0x11111111;
    private const uint BobSsrc = 0x22222222;

    [Fact]
    public void Voice_of_both_directions_is_heard_at_the_other_end()
    {
        (PckMessage sent, PrivateCallKey received) = DistributedKeys.PrivateCall();
        Talk(sent.Key.DeriveSrtpContext, received.DeriveSrtpContext, McCryptoSession.McpttPrivateInitiator, AliceSsrc);
        Talk(received.DeriveSrtpContext, sent.Key.DeriveSrtpContext, McCryptoSession.McpttPrivateReceiver, BobSsrc);
        Talk(sent.Key.DeriveSrtpContext, received.DeriveSrtpContext, McCryptoSession.McVideoPrivateInitiator, AliceSsrc);
        sent.Dispose();
        received.Dispose();
    }

    [Fact]
    public void A_packet_carries_the_PCK_ID_and_its_voice_is_not_to_be_seen()
    {
        (PckMessage sent, PrivateCallKey received) = DistributedKeys.PrivateCall();
        using SrtpSession alice = Session(sent.Key.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        byte[] voice = Packets.Voice(AliceSsrc, 1), packet = alice.Protect(voice);

        packet.Length.ShouldBe(voice.Length + 16 + 4, "tag of 16 octets, MKI of 4");
        packet[^4..].ShouldBe(BitConverter.GetBytes(sent.Key.PckId).Reverse().ToArray());
        packet[..12].ShouldBe(voice[..12]);
        packet.AsSpan().IndexOf(voice.AsSpan(12, 8)).ShouldBe(-1);
        sent.Dispose();
        received.Dispose();
    }

    [Theory]
    [InlineData(McCryptoSession.McpttPrivateReceiver)]
    [InlineData(McCryptoSession.McVideoPrivateInitiator)]
    [InlineData(McCryptoSession.McVideoPrivateReceiver)]
    public void Under_another_CS_ID_nothing_opens(McCryptoSession other)
    {
        (PckMessage sent, PrivateCallKey received) = DistributedKeys.PrivateCall();
        using SrtpSession alice = Session(sent.Key.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        using SrtpSession bob = Session(received.DeriveSrtpContext(other), AliceSsrc);
        bob.Open(alice.Protect(Packets.Voice(AliceSsrc, 1))).ShouldBeNull();
        bob.OpenControl(alice.ProtectControl(Packets.FloorGranted(AliceSsrc))).ShouldBeNull();
        sent.Dispose();
        received.Dispose();
    }

    [Fact]
    public void Under_the_key_of_another_call_nothing_opens()
    {
        (PckMessage sent, PrivateCallKey received) = DistributedKeys.PrivateCall();
        (PckMessage otherSent, PrivateCallKey otherReceived) = DistributedKeys.PrivateCall();
        using SrtpSession alice = Session(sent.Key.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        using SrtpSession bob = Session(otherReceived.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        bob.Open(alice.Protect(Packets.Voice(AliceSsrc, 1))).ShouldBeNull();
        sent.Dispose();
        received.Dispose();
        otherSent.Dispose();
        otherReceived.Dispose();
    }

    [Fact]
    public void A_packet_is_opened_once_and_unchanged_or_not_at_all()
    {
        (PckMessage sent, PrivateCallKey received) = DistributedKeys.PrivateCall();
        using SrtpSession alice = Session(sent.Key.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        using SrtpSession bob = Session(received.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        byte[] packet = alice.Protect(Packets.Voice(AliceSsrc, 1));
        byte[] control = alice.ProtectControl(Packets.FloorGranted(AliceSsrc));
        Refusals.OfEveryChange(packet, bob.Open);
        Refusals.OfEveryChange(control, bob.OpenControl);

        bob.Open(packet).ShouldBe(Packets.Voice(AliceSsrc, 1));
        bob.Open(packet).ShouldBeNull("replayed");
        bob.OpenControl(control).ShouldBe(Packets.FloorGranted(AliceSsrc));
        bob.OpenControl(control).ShouldBeNull("replayed");
        sent.Dispose();
        received.Dispose();
    }

    [Fact]
    public void Off_network_the_same_keys_protect_floor_control()
    {
        (PckMessage sent, PrivateCallKey received) = DistributedKeys.PrivateCall();
        using SrtpSession alice = Session(sent.Key.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        using SrtpSession bob = Session(received.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator), AliceSsrc);
        byte[] request = Packets.FloorRequest(AliceSsrc, TestDomain.AliceUri);
        byte[] packet = alice.ProtectControl(request);
        packet.AsSpan().IndexOf("sip:"u8).ShouldBe(-1);
        bob.OpenControl(packet).ShouldBe(request);
        sent.Dispose();
        received.Dispose();
    }

    [Fact]
    public void An_MCData_payload_of_one_end_is_read_at_the_other()
    {
        (PckMessage sent, PrivateCallKey received) = DistributedKeys.PrivateCall();
        using DataPayloadCipherKey alice = sent.Key.DeriveDataPayloadCipherKey();
        using DataPayloadCipherKey bob = received.DeriveDataPayloadCipherKey();
        McDataPayloadHead head = new()
        {
            SecondsSince1970 = TestDomain.Now.ToUnixTimeSeconds(),
            PayloadId = 0x01020304,
            SequenceNumber = 1,
            PayloadIdentifier = McDataPayloadHead.PayloadElement,
        };
        byte[] text = Encoding.UTF8.GetBytes("Standort bestätigt"), payload = alice.Protect(head, text);

        Protection.ProtectedPayloadTests.Open(bob, payload).ShouldBe(text);
        (PckMessage otherSent, PrivateCallKey otherReceived) = DistributedKeys.PrivateCall();
        using DataPayloadCipherKey other = otherReceived.DeriveDataPayloadCipherKey();
        Protection.ProtectedPayloadTests.Open(other, payload).ShouldBeNull();
        sent.Dispose();
        received.Dispose();
        otherSent.Dispose();
        otherReceived.Dispose();
    }

    internal static SrtpSession Session(SrtpContext context, uint ssrc)
    {
        using (context)
        {
            return new SrtpSession(context, ssrc);
        }
    }

    private static void Talk(
        Func<McCryptoSession, SrtpContext> sender,
        Func<McCryptoSession, SrtpContext> receiver,
        McCryptoSession session,
        uint ssrc)
    {
        using SrtpSession from = Session(sender(session), ssrc);
        using SrtpSession to = Session(receiver(session), ssrc);
        for (ushort sequence = 65530; sequence != 20; sequence++)
        {
            byte[] voice = Packets.Voice(ssrc, sequence);
            to.Open(from.Protect(voice)).ShouldBe(voice, $"frame {sequence}");
        }
    }
}
