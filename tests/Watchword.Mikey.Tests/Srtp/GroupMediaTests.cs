using System.Buffers.Binary;

namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// Group media under a GMK that the group management server made and each member opened from a message of his own: everybody
/// transmits under keys of his own GUK-ID, and who joins late learns the roll-over counter.
/// </summary>
public sealed class GroupMediaTests : IDisposable
{
    private const string CarolUri = "sip:carol@example.org";
    private const uint AliceSsrc = 0x33333333;

    private static readonly RolloverCounterTrailer _trailer = new(1);

    private readonly MikeyKey[] _members;

    public GroupMediaTests()
    {
        (MikeyKey made, _members) = DistributedKeys.ToAll(KeyDistribution.Gmk, TestDomain.AliceUri, TestDomain.BobUri, CarolUri);
        // The group management server hands the key out and takes no part in the call.
        made.Dispose();
    }

    private MikeyKey OfAlice => _members[0];

    private MikeyKey OfBob => _members[1];

    private MikeyKey OfCarol => _members[2];

    public void Dispose() => Array.ForEach(_members, key => key.Dispose());

    [Theory]
    [InlineData(McCryptoSession.McpttGroup)]
    [InlineData(McCryptoSession.McVideoGroup)]
    public void Members_hear_the_transmitter_whose_GUK_ID_the_packet_names(McCryptoSession session)
    {
        using SrtpSession alice = Session(OfAlice, TestDomain.AliceUri, session);
        byte[] voice = Packets.Voice(AliceSsrc, 1), packet = Send(alice, voice);

        // The others read who transmits from the MKI in front of the trailer.
        uint gmkId = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(packet.Length - 12));
        uint gukId = BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(packet.Length - 8));
        foreach (MikeyKey key in new[] { OfBob, OfCarol })
        {
            gmkId.ShouldBe(key.KeyId);
            gukId.ShouldBe(key.IdFor(TestDomain.AliceUri));
            using SrtpSession member = SrtpSession.Of(key.DeriveSrtpContext(session, gukId), AliceSsrc);
            Receive(member, packet).ShouldBe(voice);
        }
    }

    [Fact]
    public void Who_joins_late_follows_the_counter_of_the_packet()
    {
        using SrtpSession alice = Session(OfAlice, TestDomain.AliceUri);
        using SrtpSession carol = Session(OfCarol, TestDomain.AliceUri);
        alice.RolloverCounter = 7;
        for (ushort sequence = 65530; sequence != 10; sequence++)
        {
            byte[] voice = Packets.Voice(AliceSsrc, sequence), packet = Send(alice, voice);
            _trailer.TryRemove(packet, out int length, out uint? counter).ShouldBeTrue();
            counter.ShouldBe(sequence >= 65530 ? 7u : 8u);
            if (sequence == 65530)
            {
                carol.Open(packet[..length]).ShouldBeNull("without the counter she is lost");
            }

            Receive(carol, packet).ShouldBe(voice, $"frame {sequence}");
        }

        carol.RolloverCounter.ShouldBe(8u);
    }

    [Fact]
    public void A_packet_is_opened_once_and_unchanged_or_not_at_all()
    {
        using SrtpSession alice = Session(OfAlice, TestDomain.AliceUri);
        using SrtpSession bob = Session(OfBob, TestDomain.AliceUri);
        byte[] voice = Packets.Voice(AliceSsrc, 100), packet = Send(alice, voice);
        Refusals.OfEveryChange(packet, changed => Receive(bob, changed));

        Receive(bob, packet).ShouldBe(voice);
        Receive(bob, packet).ShouldBeNull("replayed");
        Receive(bob, Send(alice, Packets.Voice(AliceSsrc, 101))).ShouldBe(Packets.Voice(AliceSsrc, 101));
    }

    [Fact]
    public void Under_another_users_salt_another_service_or_another_GMK_nothing_opens()
    {
        using SrtpSession alice = Session(OfAlice, TestDomain.AliceUri);
        byte[] packet = Send(alice, Packets.Voice(AliceSsrc, 1)), secret = TestDomain.Secret(OfBob);
        uint gukId = OfBob.IdFor(TestDomain.AliceUri);
        using MikeyKey otherSecret = MikeyKey.Import(OfBob.KeyId, MessageFactory.Octets(16, 9), OfBob.Random.Span);
        using MikeyKey otherRandom = MikeyKey.Import(OfBob.KeyId, secret, MessageFactory.Octets(16, 9));
        SrtpContext[] others =
        [
            OfBob.DeriveSrtpContext(McCryptoSession.McpttGroup, OfBob.IdFor(TestDomain.BobUri)),
            OfBob.DeriveSrtpContext(McCryptoSession.McpttGroup, OfBob.KeyId),
            OfBob.DeriveSrtpContext(McCryptoSession.McVideoGroup, gukId),
            otherSecret.DeriveSrtpContext(McCryptoSession.McpttGroup, gukId),
            otherRandom.DeriveSrtpContext(McCryptoSession.McpttGroup, gukId),
        ];
        foreach (SrtpContext other in others)
        {
            using SrtpSession receiver = SrtpSession.Of(other, AliceSsrc);
            Receive(receiver, packet).ShouldBeNull();
        }

        // The same with the MKI forged to the one that the receiver expects: then the tag decides.
        using SrtpContext ofBob = OfBob.DeriveSrtpContext(McCryptoSession.McpttGroup, OfBob.IdFor(TestDomain.BobUri));
        byte[] forged = (byte[])packet.Clone();
        ofBob.Mki.CopyTo(forged.AsMemory(forged.Length - 12));
        using SrtpSession deceived = new(ofBob, AliceSsrc);
        Receive(deceived, forged).ShouldBeNull();
    }

    [Fact]
    public void An_MCData_payload_of_a_member_is_read_by_the_others()
    {
        using DataPayloadCipherKey alice = OfAlice.DeriveDataPayloadCipherKey();
        using DataPayloadCipherKey bob = OfBob.DeriveDataPayloadCipherKey();
        using DataPayloadCipherKey carol = OfCarol.DeriveDataPayloadCipherKey();
        byte[] payload = alice.Protect(new McDataPayloadHead { SecondsSince1970 = 1 }, "to all of you"u8);
        Protection.ProtectedPayloadTests.Open(bob, payload).ShouldBe("to all of you"u8.ToArray());
        Protection.ProtectedPayloadTests.Open(carol, payload).ShouldBe("to all of you"u8.ToArray());
    }

    private static SrtpSession Session(
        MikeyKey key, string transmitterUri, McCryptoSession session = McCryptoSession.McpttGroup) =>
        SrtpSession.Of(key.DeriveSrtpContext(session, key.IdFor(transmitterUri)), AliceSsrc);

    private static byte[] Send(SrtpSession session, byte[] voice)
    {
        byte[] packet = session.Protect(voice), buffer = [.. packet, .. new byte[RolloverCounterTrailer.SizeInBytes]];
        return buffer[.._trailer.Append(buffer, packet.Length, session.RolloverCounter)];
    }

    /// <summary>RFC 4771 §2: the counter of the packet is tried, and taken over only if the packet opens under it.</summary>
    private static byte[]? Receive(SrtpSession session, byte[] packet)
    {
        if (!_trailer.TryRemove(packet, out int length, out uint? counter))
        {
            return null;
        }

        uint before = session.RolloverCounter;
        if (counter is { } value && value != before)
        {
            session.RolloverCounter = value;
        }

        byte[]? opened = session.Open(packet[..length]);
        if (opened is null)
        {
            session.RolloverCounter = before;
        }

        return opened;
    }
}
