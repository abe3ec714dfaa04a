namespace Watchword.Mikey.Tests.Srtp;

/// <summary>
/// Group media under a GMK: everybody transmits under keys of his own GUK-ID, and who joins late learns the roll-over counter.
/// </summary>
public sealed class GroupMediaTests
{
    private const uint AliceSsrc = 0x33333333;

    private static readonly RolloverCounterTrailer _trailer = new(1);

    [Theory]
    [InlineData(McCryptoSession.McpttGroup)]
    [InlineData(McCryptoSession.McVideoGroup)]
    public void Members_hear_the_transmitter_whose_GUK_ID_the_packet_names(McCryptoSession session)
    {
        using SrtpSession alice = PrivateCallMediaTests.Session(Context(TestDomain.AliceUri, session), AliceSsrc);
        byte[] voice = Packets.Voice(AliceSsrc, 1), packet = Send(alice, voice);

        // Bob reads who transmits from the MKI in front of the trailer.
        uint gmkId = BitConverter.ToUInt32([.. packet.AsSpan(packet.Length - 12, 4).ToArray().Reverse()]);
        uint gukId = BitConverter.ToUInt32([.. packet.AsSpan(packet.Length - 8, 4).ToArray().Reverse()]);
        gmkId.ShouldBe(DistributedKeys.Gmk.KeyId);
        UserKeyId.Apply(gukId, UserKeyId.Salt(DistributedKeys.Gmk.Key, TestDomain.AliceUri)).ShouldBe(gmkId);
        using SrtpSession bob = PrivateCallMediaTests.Session(Context(gukId, session), AliceSsrc);
        Receive(bob, packet).ShouldBe(voice);
    }

    [Fact]
    public void Who_joins_late_follows_the_counter_of_the_packet()
    {
        using SrtpSession alice = Session(TestDomain.AliceUri);
        using SrtpSession carol = Session(TestDomain.AliceUri);
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
        using SrtpSession alice = Session(TestDomain.AliceUri);
        using SrtpSession bob = Session(TestDomain.AliceUri);
        byte[] voice = Packets.Voice(AliceSsrc, 100), packet = Send(alice, voice);
        Refusals.OfEveryChange(packet, changed => Receive(bob, changed));

        Receive(bob, packet).ShouldBe(voice);
        Receive(bob, packet).ShouldBeNull("replayed");
        Receive(bob, Send(alice, Packets.Voice(AliceSsrc, 101))).ShouldBe(Packets.Voice(AliceSsrc, 101));
    }

    [Fact]
    public void Under_another_users_salt_another_service_or_another_GMK_nothing_opens()
    {
        using SrtpSession alice = Session(TestDomain.AliceUri);
        byte[] packet = Send(alice, Packets.Voice(AliceSsrc, 1));
        uint gukId = UserKeyId.Of(DistributedKeys.Gmk.KeyId, DistributedKeys.Gmk.Key, TestDomain.AliceUri);
        DistributedKey gmk = DistributedKeys.Gmk;
        SrtpContext[] others =
        [
            Context(TestDomain.BobUri, McCryptoSession.McpttGroup),
            Context(gmk.KeyId, McCryptoSession.McpttGroup),
            Context(gukId, McCryptoSession.McVideoGroup),
            SrtpContext.ForGroup(MessageFactory.Octets(16, 9), gmk.KeyId, gukId, McCryptoSession.McpttGroup, gmk.Random),
            SrtpContext.ForGroup(gmk.Key, gmk.KeyId, gukId, McCryptoSession.McpttGroup, MessageFactory.Octets(16, 9)),
        ];
        foreach (SrtpContext other in others)
        {
            using SrtpSession receiver = PrivateCallMediaTests.Session(other, AliceSsrc);
            Receive(receiver, packet).ShouldBeNull();
        }

        // The same with the MKI forged to the one that the receiver expects: then the tag decides.
        byte[] forged = (byte[])packet.Clone();
        Context(TestDomain.BobUri, McCryptoSession.McpttGroup).Mki.CopyTo(forged.AsMemory(forged.Length - 12));
        using SrtpSession deceived = Session(TestDomain.BobUri);
        Receive(deceived, forged).ShouldBeNull();
    }

    [Fact]
    public void An_MCData_payload_of_a_member_is_read_by_another()
    {
        using DataPayloadCipherKey alice = DataPayloadCipherKey.Derive(DistributedKeys.Gmk.Key, DistributedKeys.Gmk.KeyId);
        using DataPayloadCipherKey bob = DataPayloadCipherKey.Derive(DistributedKeys.Gmk.Key, DistributedKeys.Gmk.KeyId);
        byte[] payload = alice.Protect(new McDataPayloadHead { SecondsSince1970 = 1 }, "to all of you"u8);
        Protection.ProtectedPayloadTests.Open(bob, payload).ShouldBe("to all of you"u8.ToArray());
    }

    private static SrtpSession Session(string transmitterUri) =>
        PrivateCallMediaTests.Session(Context(transmitterUri, McCryptoSession.McpttGroup), AliceSsrc);

    private static SrtpContext Context(string transmitterUri, McCryptoSession session) =>
        Context(UserKeyId.Of(DistributedKeys.Gmk.KeyId, DistributedKeys.Gmk.Key, transmitterUri), session);

    private static SrtpContext Context(uint gukId, McCryptoSession session) =>
        SrtpContext.ForGroup(DistributedKeys.Gmk.Key, DistributedKeys.Gmk.KeyId, gukId, session, DistributedKeys.Gmk.Random);

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
