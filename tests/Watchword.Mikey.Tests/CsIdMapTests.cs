namespace Watchword.Mikey.Tests;

public class CsIdMapTests
{
    private static readonly MikeyGenericSession _group = new(4, false, new byte[] { 0 }, default, MessageFactory.Octets(8, 1));

    [Fact]
    public void A_generic_map_is_laid_out_and_read_back()
    {
        MikeyGenericIdMap map = new([_group, new(6, true, new byte[] { 1, 0 }, MessageFactory.Octets(300, 9), default)]);
        byte[] octets = MessageFactory.Encode(MessageFactory.Payloads(), map);
        Convert.ToHexString(octets.AsSpan(8, 16)).ShouldBe("0202" + "040001" + "00" + "0000" + "08" + "0102030405060708"[..14]);

        MikeyMessage message = MikeyMessage.Parse(octets);
        MikeyGenericIdMap read = message.Header.Map.ShouldBeOfType<MikeyGenericIdMap>();
        read.Count.ShouldBe(2);
        read.Sessions[0].Spi.ToArray().ShouldBe(MessageFactory.Octets(8, 1));
        read.Sessions[1].CsId.ShouldBe((int)McCryptoSession.CskMcpttSrtcp);
        read.Sessions[1].SessionFlag.ShouldBeTrue();
        read.Sessions[1].Policies.ToArray().ShouldBe([1, 0]);
        read.Sessions[1].SessionData.Length.ShouldBe(300);
        MikeyMessage.Encode(message.Header, message.Payloads).ShouldBe(octets);
    }

    [Fact]
    public void An_SRTP_map_is_laid_out_and_read_back()
    {
        MikeySrtpIdMap map = new([new(1, 0xAABBCCDD, 5), new(0, 1, 0xFFFFFFFF)]);
        byte[] octets = MessageFactory.Encode(MessageFactory.Payloads(), map);
        Convert.ToHexString(octets.AsSpan(8, 20)).ShouldBe("0200" + "01AABBCCDD00000005" + "0000000001FFFFFFFF");

        MikeyMessage message = MikeyMessage.Parse(octets);
        message.Header.Map.ShouldBeOfType<MikeySrtpIdMap>().Sessions.ShouldBe(map.Sessions);
        MikeyMessage.Encode(message.Header, message.Payloads).ShouldBe(octets);
    }

    [Fact]
    public void Every_truncation_inside_a_map_is_refused()
    {
        foreach (MikeyCsIdMap map in new MikeyCsIdMap[] { new MikeyGenericIdMap([_group]), new MikeySrtpIdMap([new(1, 2, 3)]) })
        {
            byte[] octets = MessageFactory.Encode(MessageFactory.Payloads(), map);
            for (int length = 0; length < 10 + map.SizeInBytes; length++)
            {
                MessageFactory.ReasonOf(octets.AsSpan(0, length), out _).ShouldBe(MikeyFormatReason.Truncated, $"length {length}");
            }
        }
    }

    [Fact]
    public void Another_protocol_than_SRTP_is_refused()
    {
        byte[] octets = MessageFactory.Encode(MessageFactory.Payloads(), new MikeyGenericIdMap([_group]));
        octets[11] = 1;
        MessageFactory.ReasonOf(octets, out int offset).ShouldBe(MikeyFormatReason.UndefinedValue);
        offset.ShouldBe(11);
    }

    [Fact]
    public void A_CS_ID_occurs_once()
    {
        byte[] octets = MessageFactory.Encode(MessageFactory.Payloads(), new MikeyGenericIdMap([_group, _group with { CsId = 5 }]));
        octets[10 + 15] = 4;
        MessageFactory.ReasonOf(octets, out int offset).ShouldBe(MikeyFormatReason.Duplicate);
        offset.ShouldBe(25);
    }

    [Fact]
    public void Maps_are_made_only_from_what_fits()
    {
        Should.Throw<ArgumentException>(() => new MikeyGenericIdMap([]));
        Should.Throw<ArgumentException>(() => new MikeyGenericIdMap([_group, _group]));
        Should.Throw<ArgumentException>(() => new MikeyGenericIdMap([_group with { CsId = 256 }]));
        Should.Throw<ArgumentException>(() => new MikeyGenericIdMap([_group with { Policies = new byte[128] }]));
        Should.Throw<ArgumentException>(() => new MikeyGenericIdMap([_group with { SessionData = new byte[65_536] }]));
        Should.Throw<ArgumentException>(() => new MikeyGenericIdMap([_group with { Spi = new byte[256] }]));
        Should.Throw<ArgumentException>(() => new MikeySrtpIdMap([new(256, 0, 0)]));
        Should.Throw<ArgumentException>(() => new MikeySrtpIdMap(Enumerable.Repeat(default(MikeySrtpSession), 256)));
    }
}
