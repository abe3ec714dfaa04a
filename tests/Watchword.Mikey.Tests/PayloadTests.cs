namespace Watchword.Mikey.Tests;

/// <summary>Each field of each payload, replaced by what it may not be.</summary>
public class PayloadTests
{
    private const int T = 0;
    private const int Rand = 1;
    private const int Idr = 2;
    private const int Sp = 6;
    private const int Sakke = 7;
    private const int Sign = 8;

    [Theory]
    [InlineData(T, "03D6B4323200000000", MikeyFormatReason.UndefinedValue)]
    [InlineData(T, "FFD6B4323200000000", MikeyFormatReason.UndefinedValue)]
    [InlineData(Rand, "0F000102030405060708090A0B0C0D0E", MikeyFormatReason.WrongLength)]
    [InlineData(Rand, "00", MikeyFormatReason.WrongLength)]
    [InlineData(Idr, "000100017A", MikeyFormatReason.UndefinedValue)]
    [InlineData(Idr, "030100017A", MikeyFormatReason.UndefinedValue)]
    [InlineData(Idr, "040100017A", MikeyFormatReason.UndefinedValue)]
    [InlineData(Idr, "050100017A", MikeyFormatReason.UndefinedValue)]
    [InlineData(Idr, "0A0100017A", MikeyFormatReason.UndefinedValue)]
    [InlineData(Idr, "010200017A", MikeyFormatReason.UndefinedValue)]
    [InlineData(Idr, "010300017A", MikeyFormatReason.UndefinedValue)]
    [InlineData(Idr, "01010000", MikeyFormatReason.InvalidText)]
    [InlineData(Idr, "01010002C328", MikeyFormatReason.InvalidText)]
    [InlineData(Idr, "01010003ED A0 80", MikeyFormatReason.InvalidText)]
    [InlineData(Idr, "01010003610062", MikeyFormatReason.InvalidText)]
    [InlineData(Idr, "01010003610A62", MikeyFormatReason.InvalidText)]
    [InlineData(Idr, "010100027F61", MikeyFormatReason.InvalidText)]
    [InlineData(Idr, "080200017A", MikeyFormatReason.WrongLength)]
    [InlineData(Sp, "00010000", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sp, "0000000100", MikeyFormatReason.WrongLength)]
    [InlineData(Sp, "000000020000", MikeyFormatReason.WrongLength)]
    [InlineData(Sp, "00000003000206", MikeyFormatReason.WrongLength)]
    [InlineData(Sp, "00000006000106000106", MikeyFormatReason.Duplicate)]
    [InlineData(Sakke, "00020111", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sakke, "02020111", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sakke, "01000111", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sakke, "01030111", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sakke, "01020110", MikeyFormatReason.WrongLength)]
    [InlineData(Sakke, "01020112", MikeyFormatReason.WrongLength)]
    [InlineData(Sign, "1081", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sign, "0081", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sign, "3081", MikeyFormatReason.UndefinedValue)]
    [InlineData(Sign, "2080", MikeyFormatReason.WrongLength)]
    [InlineData(Sign, "2082", MikeyFormatReason.WrongLength)]
    [InlineData(Sign, "2181", MikeyFormatReason.WrongLength)]
    [InlineData(Sign, "2020", MikeyFormatReason.WrongLength)]
    public void A_wrong_field_is_refused(int index, string hex, MikeyFormatReason reason)
    {
        List<(byte Type, byte[] Body)> payloads = MessageFactory.RawPayloads();
        byte[] rest = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        byte[] tail = index is Sakke or Sign ? payloads[index].Body[rest.Length..] : [];
        payloads[index] = (payloads[index].Type, [.. rest, .. tail]);
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _).ShouldBe(reason);
    }

    [Fact]
    public void A_counter_has_four_octets()
    {
        List<MikeyPayload> payloads = MessageFactory.Payloads();
        payloads[0] = new MikeyTimestamp(MikeyTimestampType.Counter, 7);
        byte[] octets = MessageFactory.Encode(payloads);
        octets.Length.ShouldBe(MessageFactory.Message().Length - 4);
        MikeyMessage message = MikeyMessage.Parse(octets);
        message.Timestamp.Value.ShouldBe(7UL);
        Should.Throw<InvalidOperationException>(() => message.Timestamp.ToDateTimeOffset(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void A_RAND_longer_than_sixteen_octets_is_read()
    {
        List<MikeyPayload> payloads = MessageFactory.Payloads();
        payloads[1] = new MikeyRandom(new byte[255]);
        MikeyMessage.Parse(MessageFactory.Encode(payloads)).Random.Value.Length.ShouldBe(255);
    }

    [Fact]
    public void The_identifier_scheme_of_a_peer_that_writes_one_is_read()
    {
        List<MikeyPayload> payloads = MessageFactory.Payloads();
        payloads[Sakke] = new MikeySakke(MikeyIdentifierScheme.TelephoneUri, new byte[273]);
        MikeyMessage.Parse(MessageFactory.Encode(payloads)).Sakke.Scheme.ShouldBe(MikeyIdentifierScheme.TelephoneUri);
    }

    [Fact]
    public void Policy_parameters_are_kept_in_order_and_found()
    {
        MikeySecurityPolicy policy = MikeyMessage.Parse(MessageFactory.Message()).Payloads.OfType<MikeySecurityPolicy>().Single();
        policy.Parameters.Select(p => p.ParameterType).ShouldBe([0, 1, 4, 5, 6, 20]);
        policy.Find(MikeySrtpParameter.EncryptionAlgorithm)!.Value.ToArray().ShouldBe([6]);
        policy.Find(MikeySrtpParameter.AuthenticationAlgorithm).ShouldBeNull();
    }

    [Fact]
    public void Extensions_of_unknown_type_are_kept_and_may_repeat()
    {
        MikeyGeneralExtension vendor = new(0, "vendor"u8.ToArray());
        MikeyMessage message = MikeyMessage.Parse(MessageFactory.Message(vendor, new MikeyGeneralExtension(200, new byte[3]), vendor));
        message.Payloads.OfType<MikeyGeneralExtension>().Select(e => e.ExtensionType).ShouldBe([0, 200, 0]);
        message.FindExtension(200)!.Data.Length.ShouldBe(3);
        message.FindExtension(201).ShouldBeNull();
    }

    [Fact]
    public void Key_parameters_occur_once()
    {
        MikeyGeneralExtension parameters = new(MikeyGeneralExtension.KeyParameters, new byte[60]);
        List<(byte Type, byte[] Body)> payloads = MessageFactory.RawPayloads(parameters);
        payloads.Insert(8, payloads[8]);
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _).ShouldBe(MikeyFormatReason.Duplicate);
    }

    [Fact]
    public void Sakke_to_self_holds_a_whole_payload()
    {
        MikeySakke own = new(MikeyIdentifierScheme.HashedUid, MessageFactory.Octets(273, 99));
        MikeyMessage message = MikeyMessage.Parse(MessageFactory.Message(MikeyGeneralExtension.FromSakkeToSelf(own)));
        MikeyGeneralExtension extension = message.FindExtension(MikeyGeneralExtension.SakkeToSelf)!;
        extension.Data.Length.ShouldBe(278);
        extension.Data.Span[0].ShouldBe((byte)0);
        extension.Sakke!.Encapsulated.ToArray().ShouldBe(MessageFactory.Octets(273, 99));
    }

    [Theory]
    [InlineData(277, MikeyFormatReason.Truncated)]
    [InlineData(279, MikeyFormatReason.TrailingOctets)]
    [InlineData(0, MikeyFormatReason.Truncated)]
    public void Sakke_to_self_of_another_length_is_refused(int length, MikeyFormatReason reason)
    {
        byte[] data = new byte[length];
        new byte[] { 0, 1, 2, 1, 17 }.AsSpan(0, Math.Min(5, length)).CopyTo(data);
        List<(byte Type, byte[] Body)> payloads = MessageFactory.RawPayloads();
        payloads.Insert(8, (21, [6, (byte)(length >> 8), (byte)length, .. data]));
        MessageFactory.ReasonOf(MessageFactory.Chain([.. payloads]), out _).ShouldBe(reason);
    }

    [Fact]
    public void The_signature_length_as_printed_is_read_only_on_request()
    {
        byte[] octets = MessageFactory.Message();
        octets[^130] = 0x20;
        MessageFactory.ReasonOf(octets, out _).ShouldBe(MikeyFormatReason.WrongLength);

        MikeyMessage message = MikeyMessage.Parse(octets, MikeyTolerances.SignatureLengthAsPrinted);
        message.Signature.DeclaredLength.ShouldBe(32);
        MikeyMessage.Encode(message.Header, message.Payloads).ShouldBe(octets);
        MikeyMessage.TryParse(octets.AsSpan(0, octets.Length - 97), out _, MikeyTolerances.SignatureLengthAsPrinted).ShouldBeFalse();
        MikeyMessage.TryParse([.. octets, 0], out _, MikeyTolerances.SignatureLengthAsPrinted).ShouldBeFalse();
    }

    [Fact]
    public void Payloads_are_made_only_from_what_fits()
    {
        Should.Throw<ArgumentException>(() => new MikeyTimestamp((MikeyTimestampType)3, 0));
        Should.Throw<ArgumentException>(() => new MikeyTimestamp(MikeyTimestampType.Counter, 1UL << 32));
        Should.Throw<ArgumentException>(() => new MikeyRandom(new byte[15]));
        Should.Throw<ArgumentException>(() => new MikeyRandom(new byte[256]));
        Should.Throw<ArgumentException>(() => new MikeySakke(MikeyIdentifierScheme.None, new byte[273]));
        Should.Throw<ArgumentException>(() => new MikeySakke(MikeyIdentifierScheme.HashedUid, new byte[272]));
        Should.Throw<ArgumentException>(() => new MikeySignature(new byte[128]));
        Should.Throw<ArgumentException>(() => new MikeyGeneralExtension(MikeyGeneralExtension.SakkeToSelf, new byte[278]));
        Should.Throw<ArgumentException>(() => new MikeyGeneralExtension(256, default));
        Should.Throw<ArgumentException>(() => new MikeyGeneralExtension(7, new byte[65_536]));
        Should.Throw<ArgumentException>(() => MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, ""));
        Should.Throw<ArgumentException>(() => MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, "a\nb"));
        Should.Throw<ArgumentException>(() => MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, "a\uD800"));
        Should.Throw<ArgumentException>(() => MikeyIdentity.FromUri(MikeyIdentityRole.Initiator, new string('a', 65_536)));
        Should.Throw<ArgumentException>(() => MikeyIdentity.FromUri(MikeyIdentityRole.InitiatorUid, "a"));
        Should.Throw<ArgumentException>(() => MikeyIdentity.FromUid(MikeyIdentityRole.Initiator, new byte[32]));
        Should.Throw<ArgumentException>(() => MikeyIdentity.FromUid(MikeyIdentityRole.InitiatorUid, new byte[31]));
        Should.Throw<ArgumentException>(() => new MikeySecurityPolicy(256, []));
        Should.Throw<ArgumentException>(() => new MikeySecurityPolicy(0, [new(1, new byte[1]), new(1, new byte[1])]));
        Should.Throw<ArgumentException>(() => new MikeySecurityPolicy(0, [new(1, default)]));
    }
}
