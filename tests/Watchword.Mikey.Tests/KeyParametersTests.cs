using CsCheck;

namespace Watchword.Mikey.Tests;

/// <summary>The parameters associated with a key (TS 33.180 E.6), alone and in their messages.</summary>
public class KeyParametersTests
{
    private static readonly TestDomain _domain = TestDomain.Home;

    private static readonly Gen<string> _name = Gen.String[Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['\u00a1', '\u04ff']), 1, 40];

    private static readonly Gen<KeyParameters> _parameters =
        from type in Gen.Int[0, 6]
        from status in Gen.Int[0, 0xFFFF]
        from activation in Gen.Long[0, 253_402_300_798]
        from expiry in Gen.Long[0, 253_402_300_798]
        from text in Gen.OneOf(Gen.Const(""), _name)
        from groups in _name.HashSet[0, 5]
        from rest in Gen.Byte.Array[0, 20]
        select new KeyParameters((KeyPurpose)type)
        {
            Status = (KeyStatus)status,
            Activation = activation == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(activation),
            Expiry = expiry == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(expiry),
            Text = text,
            GroupIds = type is 0 or 4 or 6 ? [.. groups] : [],
            KeySpecific = rest,
        };

    private static readonly Gen<KeyParametersForm> _form =
        from element in Gen.OneOf(Gen.Const((byte?)null), Gen.Byte.Select(b => (byte?)b))
        from identifier in Gen.Byte
        select new KeyParametersForm { ElementIdentifier = element, GroupIdentifier = identifier };

    [Fact]
    public void What_is_written_is_read() => Gen.Select(_parameters, _form).Sample((parameters, form) =>
    {
        // The upper half of the status, where no release defines a bit, would be taken for the length of an element if it fitted.
        byte[] octets = parameters.Encode(form);
        KeyParameters read = KeyParameters.Parse(octets);
        (read.KeyType, read.Status, read.Activation, read.Expiry, read.Text)
            .ShouldBe((parameters.KeyType, parameters.Status, parameters.Activation, parameters.Expiry, parameters.Text));
        read.GroupIds.ShouldBe(parameters.GroupIds);
        read.KeySpecific.ToArray().ShouldBe(parameters.KeySpecific.ToArray());
        read.Encode(form).ShouldBe(octets);
    });

    [Theory]
    [InlineData("0000000001000000000000000000000000000100", KeyPurpose.Gmk)]
    [InlineData("0200000001000000000000000000000000", KeyPurpose.Csk)]
    public void What_deployed_peers_write_is_read_and_written_alike(string hex, KeyPurpose type)
    {
        byte[] octets = Convert.FromHexString(hex);
        KeyParameters read = KeyParameters.Parse(octets);
        read.Encode().ShouldBe(octets);
        (read.KeyType, read.IsRevoked, read.Activation, read.Expiry, read.Text).ShouldBe((type, false, null, null, ""));
        read.GroupIds.ShouldBeEmpty();
    }

    [Fact]
    public void Octets_are_as_the_table_says()
    {
        KeyParameters parameters = new(KeyPurpose.Musik)
        {
            Status = KeyStatus.None,
            Activation = DateTimeOffset.FromUnixTimeSeconds(0x0102030405),
            Expiry = DateTimeOffset.FromUnixTimeSeconds(5),
            Text = "ab",
            GroupIds = ["c"],
            KeySpecific = new byte[] { 9 },
        };
        parameters.IsRevoked.ShouldBeTrue();
        Convert.ToHexString(parameters.Encode()).ShouldBe("06000000000102030405000000000500026162000501000001" + "6309");
        Convert.ToHexString(parameters.Encode(new KeyParametersForm { ElementIdentifier = 0x7A, GroupIdentifier = 0x7B }))
            .ShouldBe("7A001B" + "060000000001020304050000000005000261620005017B0001" + "6309");
    }

    [Fact]
    public void A_key_is_used_between_activation_and_expiry_and_not_when_revoked()
    {
        DateTimeOffset now = TestDomain.Now;
        new KeyParameters(KeyPurpose.Gmk).IsUsableAt(now, now).ShouldBeTrue();
        new KeyParameters(KeyPurpose.Gmk).IsUsableAt(now.AddTicks(-1), now).ShouldBeFalse();
        new KeyParameters(KeyPurpose.Gmk) { Activation = now.AddHours(1) }.IsUsableAt(now, now).ShouldBeFalse();
        new KeyParameters(KeyPurpose.Gmk) { Activation = now.AddHours(1) }.IsUsableAt(now.AddHours(1), now).ShouldBeTrue();
        new KeyParameters(KeyPurpose.Gmk) { Expiry = now }.IsUsableAt(now, now).ShouldBeFalse();
        new KeyParameters(KeyPurpose.Gmk) { Status = KeyStatus.SharedWithSecurityGateway }.IsUsableAt(now, now).ShouldBeFalse();
    }

    [Fact]
    public void A_time_beyond_the_calendar_is_as_good_as_never()
    {
        byte[] octets = new KeyParameters(KeyPurpose.Pck).Encode();
        octets.AsSpan(10, 5).Fill(0xFF);
        KeyParameters.Parse(octets).Expiry.ShouldBe(DateTimeOffset.MaxValue);
    }

    [Theory]
    [InlineData("", MikeyFormatReason.Truncated)]
    [InlineData("07" + "00000001" + "0000000000" + "0000000000" + "0000", MikeyFormatReason.UndefinedValue)]
    [InlineData("FF" + "00000001" + "0000000000" + "0000000000" + "0000", MikeyFormatReason.UndefinedValue)]
    [InlineData("01" + "00000001" + "0000000000" + "0000000000", MikeyFormatReason.Truncated)]
    [InlineData("01" + "00000001" + "0000000000" + "0000000000" + "FFFF41", MikeyFormatReason.Truncated)]
    [InlineData("01" + "00000001" + "0000000000" + "0000000000" + "000100", MikeyFormatReason.InvalidText)]
    [InlineData("01" + "00000001" + "0000000000" + "0000000000" + "0001FF", MikeyFormatReason.InvalidText)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "0000", MikeyFormatReason.Truncated)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "000000", MikeyFormatReason.WrongLength)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "0001FF", MikeyFormatReason.WrongLength)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "FFFF00", MikeyFormatReason.Truncated)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "000201AA", MikeyFormatReason.WrongLength)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "00050100000000", MikeyFormatReason.InvalidText)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "0006010000016100", MikeyFormatReason.WrongLength)]
    [InlineData("00" + "00000001" + "0000000000" + "0000000000" + "0000" + "0009020000016100000161", MikeyFormatReason.Duplicate)]
    public void Hostile_parameters_are_refused(string hex, MikeyFormatReason reason)
    {
        byte[] octets = Convert.FromHexString(hex);
        KeyParameters.TryParse(octets, out _).ShouldBeFalse();
        MikeyFormatException e = Should.Throw<MikeyFormatException>(() => KeyParameters.Parse(octets));
        e.Reason.ShouldBe(reason);
        e.Offset.ShouldBeInRange(0, octets.Length);
    }

    [Fact]
    public void No_octets_give_another_exception_than_that_of_the_format() => Gen.Select(_parameters, Gen.Int, Gen.Byte).Sample((parameters, at, value) =>
    {
        byte[] octets = parameters.Encode();
        octets[(int)((uint)at % octets.Length)] = value;
        bool read = KeyParameters.TryParse(octets, out KeyParameters? changed);
        (changed is not null).ShouldBe(read);
        for (int length = 0; length < octets.Length; length++)
        {
            _ = KeyParameters.TryParse(octets.AsSpan(0, length), out _);
        }
    });

    [Fact]
    public void Parameters_that_do_not_fit_are_not_written()
    {
        Refused(new KeyParameters(KeyPurpose.Pck) { Text = "a\n" });
        Refused(new KeyParameters(KeyPurpose.Pck) { GroupIds = ["a"] });
        Refused(new KeyParameters(KeyPurpose.Gmk) { GroupIds = ["a", "a"] });
        Refused(new KeyParameters(KeyPurpose.Gmk) { GroupIds = [""] });
        Refused(new KeyParameters(KeyPurpose.Gmk) { GroupIds = [.. Enumerable.Range(0, 256).Select(i => $"{i}")] });
        Refused(new KeyParameters(KeyPurpose.Gmk) { Activation = DateTimeOffset.UnixEpoch });
        Refused(new KeyParameters(KeyPurpose.Gmk) { Text = new string('a', 65_000) });
        Refused(new KeyParameters(KeyPurpose.Pck) { Text = "ab", Status = (KeyStatus)(16 << 16) });
        Should.Throw<ArgumentOutOfRangeException>(() => new KeyParameters((KeyPurpose)7));
        KeyParameters.TryParse(new byte[KeyParameters.MaximumSizeInBytes + 1], out _).ShouldBeFalse();

        static void Refused(KeyParameters parameters) => Should.Throw<ArgumentException>(() => parameters.Encode());
    }

    [Fact]
    public void A_revoked_key_is_told_by_its_parameters()
    {
        KeyOpening opening = Open(_domain.Make(
            KeyDistribution.Gmk, new KeyMessageOptions { Parameters = new KeyParameters(KeyPurpose.Gmk) { Status = KeyStatus.None } }));
        opening.IsOpened.ShouldBeTrue();
        opening.Key!.Dispose();
        opening.Parameters!.IsRevoked.ShouldBeTrue();
    }

    [Fact]
    public void Nothing_of_the_parameters_shows_in_the_message_and_DPPK_ID_is_the_CSB_ID()
    {
        byte[] octets = _domain.Make(
            KeyDistribution.Gmk,
            new KeyMessageOptions { Parameters = new KeyParameters(KeyPurpose.Gmk) { Text = "secret plan", GroupIds = ["sip:hidden-group"] } });
        octets.AsSpan().IndexOf("secret plan"u8).ShouldBe(-1);
        octets.AsSpan().IndexOf("hidden-group"u8).ShouldBe(-1);
        MikeyMessage message = MikeyMessage.Parse(octets);
        McDataProtectedPayload.TryParse(
            message.FindExtension(MikeyGeneralExtension.KeyParameters)!.Data.Span, out McDataProtectedPayload? payload).ShouldBeTrue();
        payload!.DppkId.ShouldBe(message.Header.CsbId);
        (payload.Head.PayloadId, payload.Head.SequenceNumber, payload.Head.PayloadIdentifier).ShouldBe((0u, (byte)0, (byte)0));
    }

    [Fact]
    public void Parameters_that_a_true_initiator_protects_wrongly_are_refused_by_their_kind()
    {
        using MikeyKey gmk = MikeyKey.Generate(KeyPurpose.Gmk);
        uint csbId = gmk.IdFor(TestDomain.BobUri);
        McDataPayloadHead head = new() { SecondsSince1970 = 1 };
        byte[] good = new KeyParameters(KeyPurpose.Gmk).Encode();

        With(Protect(csbId, head, good)).ShouldBe(KeyOpenResult.Opened);
        With(Protect(gmk.KeyId, head, good)).ShouldBe(KeyOpenResult.CryptographicFailure);
        With(Protect(csbId, head with { PayloadId = 1 }, good)).ShouldBe(KeyOpenResult.ParametersNotValid);
        With(Protect(csbId, head with { SequenceNumber = 1 }, good)).ShouldBe(KeyOpenResult.ParametersNotValid);
        With(Protect(csbId, head with { MessageType = 4 }, good)).ShouldBe(KeyOpenResult.ParametersNotValid);
        With(Protect(csbId, head, new KeyParameters(KeyPurpose.Pck).Encode())).ShouldBe(KeyOpenResult.ParametersNotValid);
        With(Protect(csbId, head, [1, 2, 3])).ShouldBe(KeyOpenResult.ParametersNotValid);
        With(Protect(csbId, head, [])).ShouldBe(KeyOpenResult.ParametersNotValid);
        With([]).ShouldBe(KeyOpenResult.ParametersNotValid);
        byte[] bent = Protect(csbId, head, good);
        bent[^1] ^= 1;
        With(bent).ShouldBe(KeyOpenResult.CryptographicFailure);

        KeyOpenResult With(byte[] data)
        {
            byte[] message = _domain.Make(KeyDistribution.Gmk, gmk);
            return Open(_domain.Rewrite(
                message, KeyDistribution.Gmk, null, new MikeyGeneralExtension(MikeyGeneralExtension.KeyParameters, data))).Result;
        }

        byte[] Protect(uint id, McDataPayloadHead fields, byte[] parameters)
        {
            using DataPayloadCipherKey key = DataPayloadCipherKey.Derive(TestDomain.Secret(gmk), id);
            return key.Protect(fields, parameters);
        }
    }

    /// <summary>An old form of a deployed peer: in clear, key types from 1.</summary>
    [Fact]
    public void Parameters_in_clear_pass_only_on_request_and_are_reported()
    {
        byte[] clear = new KeyParameters(KeyPurpose.Gmk) { Text = "old" }.Encode();
        clear[0] = 1;
        byte[] message = _domain.Rewrite(
            _domain.Make(KeyDistribution.Gmk), KeyDistribution.Gmk, null, new MikeyGeneralExtension(MikeyGeneralExtension.KeyParameters, clear));
        Open(message).Result.ShouldBe(KeyOpenResult.ParametersNotValid);

        KeyOpening opening = KeyMessage.Open(message, _domain.Opener(KeyDistribution.Gmk, tolerances: MikeyTolerances.KeyParametersInClear));
        (opening.Result, opening.TolerancesUsed, opening.Parameters!.Text).ShouldBe((KeyOpenResult.Opened, MikeyTolerances.KeyParametersInClear, "old"));
        opening.Key!.Dispose();
    }

    private static KeyOpening Open(byte[] message) => KeyMessage.Open(message, _domain.Opener(KeyDistribution.Gmk));
}
