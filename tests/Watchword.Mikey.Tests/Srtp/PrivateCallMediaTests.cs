using System.Text;

namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// A private call as it is: Alice sends a PCK in an I_MESSAGE, Bob opens it, and libsrtp2 protects under the keys of the one and
/// opens under the keys of the other.
/// </summary>
public sealed class PrivateCallMediaTests : IDisposable
{
    private const uint AliceSsrc = 0x11111111;
    private const uint BobSsrc = 0x22222222;

    private readonly MikeyKey _ofAlice;
    private readonly MikeyKey _ofBob;

    public PrivateCallMediaTests() => (_ofAlice, _ofBob) = DistributedKeys.Between(KeyDistribution.Pck);

    public void Dispose()
    {
        _ofAlice.Dispose();
        _ofBob.Dispose();
    }

    [Fact]
    public void Voice_of_both_directions_is_heard_at_the_other_end()
    {
        Talk(_ofAlice, _ofBob, McCryptoSession.McpttPrivateInitiator, AliceSsrc);
        Talk(_ofBob, _ofAlice, McCryptoSession.McpttPrivateReceiver, BobSsrc);
        Talk(_ofAlice, _ofBob, McCryptoSession.McVideoPrivateInitiator, AliceSsrc);
        Talk(_ofBob, _ofAlice, McCryptoSession.McVideoPrivateReceiver, BobSsrc);
    }

    [Fact]
    public void A_packet_carries_the_PCK_ID_and_its_voice_is_not_to_be_seen()
    {
        using SrtpSession alice = Session(_ofAlice, McCryptoSession.McpttPrivateInitiator);
        byte[] voice = Packets.Voice(AliceSsrc, 1), packet = alice.Protect(voice);

        packet.Length.ShouldBe(voice.Length + 16 + 4, "tag of 16 octets, MKI of 4");
        packet[^4..].ShouldBe(BitConverter.GetBytes(_ofAlice.KeyId).Reverse().ToArray());
        packet[..12].ShouldBe(voice[..12]);
        packet.AsSpan().IndexOf(voice.AsSpan(12, 8)).ShouldBe(-1);
    }

    [Theory]
    [InlineData(McCryptoSession.McpttPrivateReceiver)]
    [InlineData(McCryptoSession.McVideoPrivateInitiator)]
    [InlineData(McCryptoSession.McVideoPrivateReceiver)]
    public void Under_another_CS_ID_nothing_opens(McCryptoSession other)
    {
        using SrtpSession alice = Session(_ofAlice, McCryptoSession.McpttPrivateInitiator);
        using SrtpSession bob = Session(_ofBob, other);
        bob.Open(alice.Protect(Packets.Voice(AliceSsrc, 1))).ShouldBeNull();
        bob.OpenControl(alice.ProtectControl(Packets.FloorGranted(AliceSsrc))).ShouldBeNull();
    }

    [Fact]
    public void Under_the_key_of_another_call_nothing_opens()
    {
        (MikeyKey made, MikeyKey received) = DistributedKeys.Between(KeyDistribution.Pck);
        using SrtpSession alice = Session(_ofAlice, McCryptoSession.McpttPrivateInitiator);
        using SrtpSession bob = Session(received, McCryptoSession.McpttPrivateInitiator);
        bob.Open(alice.Protect(Packets.Voice(AliceSsrc, 1))).ShouldBeNull();
        made.Dispose();
        received.Dispose();
    }

    [Fact]
    public void A_packet_is_opened_once_and_unchanged_or_not_at_all()
    {
        using SrtpSession alice = Session(_ofAlice, McCryptoSession.McpttPrivateInitiator);
        using SrtpSession bob = Session(_ofBob, McCryptoSession.McpttPrivateInitiator);
        byte[] packet = alice.Protect(Packets.Voice(AliceSsrc, 1));
        byte[] control = alice.ProtectControl(Packets.FloorGranted(AliceSsrc));
        Refusals.OfEveryChange(packet, bob.Open);
        Refusals.OfEveryChange(control, bob.OpenControl);

        bob.Open(packet).ShouldBe(Packets.Voice(AliceSsrc, 1));
        bob.Open(packet).ShouldBeNull("replayed");
        bob.OpenControl(control).ShouldBe(Packets.FloorGranted(AliceSsrc));
        bob.OpenControl(control).ShouldBeNull("replayed");
    }

    [Fact]
    public void Off_network_the_same_keys_protect_floor_control()
    {
        using SrtpSession alice = Session(_ofAlice, McCryptoSession.McpttPrivateInitiator);
        using SrtpSession bob = Session(_ofBob, McCryptoSession.McpttPrivateInitiator);
        byte[] request = Packets.FloorRequest(AliceSsrc, TestDomain.AliceUri);
        byte[] packet = alice.ProtectControl(request);
        packet.AsSpan().IndexOf("sip:"u8).ShouldBe(-1);
        bob.OpenControl(packet).ShouldBe(request);
    }

    [Fact]
    public void An_MCData_payload_of_one_end_is_read_at_the_other()
    {
        using DataPayloadCipherKey alice = _ofAlice.DeriveDataPayloadCipherKey();
        using DataPayloadCipherKey bob = _ofBob.DeriveDataPayloadCipherKey();
        McDataPayloadHead head = new()
        {
            SecondsSince1970 = TestDomain.Now.ToUnixTimeSeconds(),
            PayloadId = 0x01020304,
            SequenceNumber = 1,
            PayloadIdentifier = McDataPayloadHead.PayloadElement,
        };
        byte[] text = Encoding.UTF8.GetBytes("Standort bestätigt"), payload = alice.Protect(head, text);

        Protection.ProtectedPayloadTests.Open(bob, payload).ShouldBe(text);
        using MikeyKey otherCall = MikeyKey.Generate(KeyPurpose.Pck);
        using DataPayloadCipherKey other = otherCall.DeriveDataPayloadCipherKey();
        Protection.ProtectedPayloadTests.Open(other, payload).ShouldBeNull();
    }

    private static SrtpSession Session(MikeyKey key, McCryptoSession session, uint ssrc = AliceSsrc) =>
        SrtpSession.Of(key.DeriveSrtpContext(session), ssrc);

    private static void Talk(MikeyKey sender, MikeyKey receiver, McCryptoSession session, uint ssrc)
    {
        using SrtpSession from = Session(sender, session, ssrc);
        using SrtpSession to = Session(receiver, session, ssrc);
        // Over the wrap of the sequence number.
        for (ushort sequence = 65530; sequence != 20; sequence++)
        {
            byte[] voice = Packets.Voice(ssrc, sequence);
            to.Open(from.Protect(voice)).ShouldBe(voice, $"frame {sequence}");
        }
    }
}
