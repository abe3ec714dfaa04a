namespace Watchword.Mikey.Tests;

public class MikeyMessageTests
{
    [Fact]
    public void A_message_reads_back_as_it_was_written()
    {
        byte[] octets = MessageFactory.Message();
        MikeyMessage message = MikeyMessage.Parse(octets);

        message.Octets.ToArray().ShouldBe(octets);
        message.Header.CsbId.ShouldBe(MessageFactory.PckId);
        message.Purpose.ShouldBe(KeyPurpose.Pck);
        message.Header.Map.MapType.ShouldBe(MikeyCsIdMapType.Empty);
        message.Timestamp.Value.ShouldBe(0xD6B4_3232_8000_0000UL);
        message.Random.Value.ToArray().ShouldBe(MessageFactory.Octets(16, 0x40));
        message.FindIdentity(MikeyIdentityRole.Initiator)!.Text.ShouldBe("sip:alice@example.org");
        message.FindIdentity(MikeyIdentityRole.Responder)!.Text.ShouldBe("sip:bob@example.org");
        message.FindIdentity(MikeyIdentityRole.InitiatorKms)!.Text.ShouldBe("kms.example.org");
        message.FindIdentity(MikeyIdentityRole.ResponderKms)!.Text.ShouldBe("kms.example.net");
        message.FindIdentity(MikeyIdentityRole.InitiatorUid).ShouldBeNull();
        message.Sakke.Scheme.ShouldBe(MikeyIdentifierScheme.HashedUid);
        message.Sakke.Encapsulated.ToArray().ShouldBe(MessageFactory.Octets(273, 4));
        message.Signature.Value.ToArray().ShouldBe(MessageFactory.Octets(129, 1));
        MikeyMessage.Encode(message.Header, message.Payloads).ShouldBe(octets);
    }

    [Fact]
    public void The_octets_are_laid_out_as_the_annex_says()
    {
        byte[] octets = MessageFactory.Message();
        string text = Convert.ToHexString(octets);

        text.ShouldStartWith("011A0501" + "12345678" + "0001" + "0B00D6B4323280000000" + "0E10404142434445464748494A4B4C4D4E4F" + "0E01010015");
        text.ShouldContain("1A" + "0000" + "0012" + "000106" + "010110" + "04010C" + "050100" + "060100" + "140110");
        text.ShouldContain("04" + "01" + "02" + "0111" + "0405");
        text[^(2 * 131)..].ShouldStartWith("2081" + "0102");
    }

    [Fact]
    public void The_signature_covers_everything_before_it_with_type_and_length()
    {
        byte[] octets = MessageFactory.Message();
        MikeyMessage message = MikeyMessage.Parse(octets);

        message.SignedOctets.ToArray().ShouldBe(octets[..^129]);
        message.SignedOctets.ToArray()[^2..].ShouldBe([0x20, 0x81]);
    }

    [Fact]
    public void The_parsed_message_does_not_change_with_the_callers_buffer()
    {
        byte[] octets = MessageFactory.Message();
        byte[] copy = [.. octets];
        MikeyMessage message = MikeyMessage.Parse(octets);
        Array.Clear(octets);

        message.Octets.ToArray().ShouldBe(copy);
        message.FindIdentity(MikeyIdentityRole.Initiator)!.Octets.ToArray().ShouldBe("sip:alice@example.org"u8.ToArray());
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] octets = MessageFactory.Message(new MikeyGeneralExtension(MikeyGeneralExtension.KeyParameters, new byte[40]));
        for (int length = 0; length < octets.Length; length++)
        {
            MessageFactory.ReasonOf(octets.AsSpan(0, length), out int offset);
            offset.ShouldBeLessThanOrEqualTo(length);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(129)]
    [InlineData(1000)]
    public void Octets_after_the_signature_are_refused(int extra)
    {
        byte[] octets = MessageFactory.Message();
        MessageFactory.ReasonOf([.. octets, .. new byte[extra]], out int offset).ShouldBe(MikeyFormatReason.TrailingOctets);
        offset.ShouldBe(octets.Length);
    }

    [Fact]
    public void A_message_longer_than_the_limit_is_refused_before_it_is_read() =>
        MessageFactory.ReasonOf(new byte[MikeyMessage.MaximumSizeInBytes + 1], out _).ShouldBe(MikeyFormatReason.TooLong);

    [Theory]
    [InlineData(0, 0, MikeyFormatReason.UnsupportedVersion)]
    [InlineData(0, 2, MikeyFormatReason.UnsupportedVersion)]
    [InlineData(1, 0, MikeyFormatReason.UnsupportedDataType)]
    [InlineData(1, 27, MikeyFormatReason.UnsupportedDataType)]
    [InlineData(3, 0x81, MikeyFormatReason.ResponseRequested)]
    [InlineData(3, 0, MikeyFormatReason.UnsupportedPrf)]
    [InlineData(3, 2, MikeyFormatReason.UnsupportedPrf)]
    [InlineData(8, 1, MikeyFormatReason.WrongLength)]
    [InlineData(9, 3, MikeyFormatReason.UndefinedValue)]
    [InlineData(9, 2, MikeyFormatReason.WrongLength)]
    public void Header_fields_with_other_values_are_refused(int offset, byte value, MikeyFormatReason reason)
    {
        byte[] octets = MessageFactory.Message();
        octets[offset] = value;
        MessageFactory.ReasonOf(octets, out int at).ShouldBe(reason);
        at.ShouldBeLessThanOrEqualTo(9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(22)]
    [InlineData(255)]
    public void Payload_types_that_an_I_MESSAGE_does_not_hold_are_refused(byte type)
    {
        List<(byte, byte[])> payloads = MessageFactory.RawPayloads();
        payloads.Insert(7, (type, new byte[20]));
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _).ShouldBe(MikeyFormatReason.UnknownPayload);
    }

    [Fact]
    public void Payloads_between_RAND_and_SIGN_are_read_in_any_order()
    {
        List<(byte, byte[])> payloads = MessageFactory.RawPayloads();
        payloads.Reverse(2, payloads.Count - 3);
        MikeyMessage message = MikeyMessage.Parse(MessageFactory.Chain([.. payloads]));
        message.Payloads[2].ShouldBeOfType<MikeySakke>();
        message.FindIdentity(MikeyIdentityRole.Initiator)!.Text.ShouldBe("sip:alice@example.org");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(0, 5)]
    public void T_comes_first_and_RAND_second(int first, int second)
    {
        List<(byte, byte[])> payloads = MessageFactory.RawPayloads();
        (payloads[first], payloads[second]) = (payloads[second], payloads[first]);
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _).ShouldBe(MikeyFormatReason.WrongOrder);
    }

    [Theory]
    [InlineData(0, MikeyFormatReason.WrongOrder)]
    [InlineData(1, MikeyFormatReason.WrongOrder)]
    [InlineData(2, MikeyFormatReason.MissingPayload)]
    [InlineData(3, MikeyFormatReason.MissingPayload)]
    [InlineData(4, MikeyFormatReason.MissingPayload)]
    [InlineData(5, MikeyFormatReason.MissingPayload)]
    [InlineData(7, MikeyFormatReason.MissingPayload)]
    [InlineData(8, MikeyFormatReason.MissingPayload)]
    public void Mandatory_payloads_are_missed(int index, MikeyFormatReason reason)
    {
        List<(byte, byte[])> payloads = MessageFactory.RawPayloads();
        payloads.RemoveAt(index);
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _).ShouldBe(reason);
    }

    [Fact]
    public void The_policy_may_be_left_out()
    {
        List<(byte, byte[])> payloads = MessageFactory.RawPayloads();
        payloads.RemoveAt(6);
        MikeyMessage.TryParse(MessageFactory.Chain([.. payloads]), out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Duplicates_are_refused(int index)
    {
        List<(byte Type, byte[] Body)> payloads = MessageFactory.RawPayloads();
        payloads.Insert(index == 0 ? 1 : payloads.Count - 1, payloads[index]);
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _)
            .ShouldBe(index == 0 ? MikeyFormatReason.WrongOrder : MikeyFormatReason.Duplicate);
    }

    [Fact]
    public void A_URI_and_a_UID_for_the_same_party_are_a_duplicate()
    {
        List<(byte Type, byte[] Body)> payloads = MessageFactory.RawPayloads();
        payloads.Insert(4, (14, [8, 2, 0, 32, .. new byte[32]]));
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _).ShouldBe(MikeyFormatReason.Duplicate);
    }

    [Fact]
    public void UIDs_stand_in_for_URIs()
    {
        List<MikeyPayload> payloads = MessageFactory.Payloads();
        payloads[2] = MikeyIdentity.FromUid(MikeyIdentityRole.InitiatorUid, MessageFactory.Octets(32, 7));
        payloads[3] = MikeyIdentity.FromUid(MikeyIdentityRole.ResponderUid, MessageFactory.Octets(32, 9));
        MikeyMessage message = MikeyMessage.Parse(MessageFactory.Encode(payloads));

        MikeyIdentity uid = message.FindIdentity(MikeyIdentityRole.InitiatorUid)!;
        uid.Text.ShouldBeNull();
        uid.Octets.ToArray().ShouldBe(MessageFactory.Octets(32, 7));
    }

    [Fact]
    public void Policies_with_different_numbers_may_both_be_there()
    {
        MikeySecurityPolicy second = new(1, MikeySecurityPolicy.PrivateCallDefault.Parameters);
        MikeyMessage.Parse(MessageFactory.Message(second)).Payloads.OfType<MikeySecurityPolicy>().Count().ShouldBe(2);
    }

    [Fact]
    public void A_message_without_signature_is_refused_as_such()
    {
        List<(byte Type, byte[] Body)> payloads = MessageFactory.RawPayloads();
        payloads.RemoveAt(payloads.Count - 1);
        byte[] octets = MessageFactory.Chain([.. payloads]);
        MessageFactory.ReasonOf(octets, out int offset).ShouldBe(MikeyFormatReason.MissingPayload);
        offset.ShouldBe(octets.Length);
    }

    [Fact]
    public void Encoding_refuses_what_parsing_would_refuse()
    {
        MikeyHeader header = new(MessageFactory.PckId, MikeyCsIdMap.Empty);
        List<MikeyPayload> payloads = MessageFactory.Payloads();
        Should.Throw<ArgumentException>(() => MikeyMessage.Encode(header, payloads[..^1]));
        Should.Throw<ArgumentException>(() => MikeyMessage.Encode(header, [.. payloads, payloads[2]]));
        Should.Throw<ArgumentException>(() => MikeyMessage.Encode(header, payloads[1..]));
        Should.Throw<ArgumentException>(() => MikeyMessage.Encode(header, [.. payloads[..3], .. payloads[2..]]));
        Should.Throw<ArgumentException>(() => MikeyMessage.Encode(header, []));
        Should.Throw<ArgumentException>(() => MikeyMessage.Encode(header, MessageFactory.Payloads(
            new MikeyGeneralExtension(0, new byte[60_000]), new MikeyGeneralExtension(0, new byte[60_000]))));
    }
}
