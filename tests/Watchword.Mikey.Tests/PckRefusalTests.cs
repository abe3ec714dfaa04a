namespace Watchword.Mikey.Tests;

/// <summary>Each check of the receiver, failed on purpose while all the others hold.</summary>
public class PckRefusalTests
{
    private static readonly TestDomain _domain = TestDomain.Home;
    private static readonly byte[] _message = Create();

    [Fact]
    public void Every_flipped_octet_is_refused_without_an_exception()
    {
        PckReceiver bob = _domain.Bob();
        for (int i = 0; i < _message.Length; i++)
        {
            byte[] flipped = [.. _message];
            flipped[i] ^= (byte)(1 << (i % 8));
            Refused(flipped, bob, $"octet {i}");
        }

        bob.ReplayCache.Count.ShouldBe(0);
        PckMessage.Open(_message, bob).IsOpened.ShouldBeTrue();
    }

    [Fact]
    public void Every_truncation_and_every_extension_is_malformed()
    {
        PckReceiver bob = _domain.Bob();
        for (int length = 0; length < _message.Length; length++)
        {
            PckMessage.Open(_message.AsSpan(0, length), bob).Result.ShouldBe(PckOpenResult.Malformed);
        }

        PckOpening opening = PckMessage.Open([.. _message, 0], bob);
        opening.Result.ShouldBe(PckOpenResult.Malformed);
        opening.FormatReason.ShouldBe(MikeyFormatReason.TrailingOctets);
        opening.FormatOffset.ShouldBe(_message.Length);
        opening.Message.ShouldBeNull();
    }

    [Theory]
    [InlineData(300.0, PckOpenResult.Opened)]
    [InlineData(300.001, PckOpenResult.Stale)]
    [InlineData(86400.0 * 365 * 40, PckOpenResult.Stale)]
    [InlineData(-300.0, PckOpenResult.Opened)]
    [InlineData(-300.001, PckOpenResult.FromTheFuture)]
    [InlineData(-86400.0 * 365, PckOpenResult.FromTheFuture)]
    public void T_must_lie_within_the_window(double clockAhead, PckOpenResult result) =>
        PckMessage.Open(_message, _domain.Bob(clock: new TestClock(TestDomain.Now.AddSeconds(clockAhead)))).Result.ShouldBe(result);

    [Fact]
    public void The_window_can_be_narrowed()
    {
        MikeyReplayCache cache = new(new TestClock(TestDomain.Now.AddSeconds(6)), TimeSpan.FromSeconds(5));
        PckMessage.Open(_message, _domain.Bob(cache)).Result.ShouldBe(PckOpenResult.Stale);
    }

    [Fact]
    public void A_message_opens_once()
    {
        TestClock clock = new(TestDomain.Now);
        PckReceiver bob = _domain.Bob(clock: clock);
        PckMessage.Open(_message, bob).IsOpened.ShouldBeTrue();
        PckMessage.Open(_message, bob).Result.ShouldBe(PckOpenResult.Replayed);
        clock.Now += MikeyReplayCache.DefaultFreshnessWindow;
        PckMessage.Open(_message, bob).Result.ShouldBe(PckOpenResult.Replayed);
        clock.Now += TimeSpan.FromTicks(1);
        PckMessage.Open(_message, bob).Result.ShouldBe(PckOpenResult.Stale);
    }

    [Fact]
    public void A_replay_with_a_new_signature_is_a_replay()
    {
        PckReceiver bob = _domain.Bob();
        PckMessage.Open(_message, bob).IsOpened.ShouldBeTrue();
        PckMessage.Open(_domain.SignAgain(_message), bob).Result.ShouldBe(PckOpenResult.Replayed);
    }

    [Fact]
    public async Task Of_many_openings_at_once_one_wins()
    {
        PckReceiver bob = _domain.Bob();
        PckOpening[] openings = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => PckMessage.Open(_message, bob), TestContext.Current.CancellationToken)));
        openings.Count(o => o.IsOpened).ShouldBe(1);
        openings.Count(o => o.Result == PckOpenResult.Replayed).ShouldBe(7);
    }

    [Fact]
    public void A_message_for_somebody_else_is_not_opened() =>
        PckMessage.Open(_message, _domain.Bob(uri: "sip:Bob@example.org")).Result.ShouldBe(PckOpenResult.NotForThisReceiver);

    [Theory]
    [InlineData(KeyPurpose.Gmk)]
    [InlineData(KeyPurpose.Csk)]
    [InlineData(KeyPurpose.Musik)]
    [InlineData((KeyPurpose)15)]
    public void A_key_of_another_purpose_is_not_a_PCK(KeyPurpose purpose)
    {
        byte[] octets = [.. _message];
        octets[4] = (byte)(((int)purpose << 4) | (octets[4] & 15));
        PckMessage.Open(_domain.SignAgain(octets), _domain.Bob()).Result.ShouldBe(PckOpenResult.WrongPurpose);
    }

    [Fact]
    public void T_of_another_type_is_refused()
    {
        byte[] octets = [.. _message];
        octets[11].ShouldBe((byte)MikeyTimestampType.NtpUtc);
        octets[11] = (byte)MikeyTimestampType.Ntp;
        PckMessage.Open(_domain.SignAgain(octets), _domain.Bob()).Result.ShouldBe(PckOpenResult.UnsupportedTimestamp);
    }

    [Theory]
    [InlineData(MikeyIdentityRole.InitiatorKms)]
    [InlineData(MikeyIdentityRole.ResponderKms)]
    public void A_domain_that_is_not_allowed_is_refused(MikeyIdentityRole role) =>
        Open(Rewrite(p => p is MikeyIdentity i && i.Role == role ? MikeyIdentity.FromUri(role, "kms.evil.example") : p))
            .ShouldBe(PckOpenResult.DomainNotAllowed);

    [Theory]
    [InlineData(MikeySrtpParameter.EncryptionAlgorithm, 1, PckOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.EncryptionAlgorithm, 0, PckOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.EncryptionKeyLength, 32, PckOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.SaltLength, 14, PckOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.KeyDerivationRate, 1, PckOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.AeadTagLength, 8, PckOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.AuthenticationAlgorithm, 4, PckOpenResult.Opened)]
    [InlineData(MikeySrtpParameter.SrtpTagLength, 4, PckOpenResult.Opened)]
    public void A_policy_must_be_the_profile_that_the_keys_are_for(MikeySrtpParameter parameter, byte value, PckOpenResult result)
    {
        List<MikeyPolicyParameter> parameters =
        [
            .. MikeySecurityPolicy.PrivateCallDefault.Parameters.Where(p => p.ParameterType != (int)parameter),
            new((int)parameter, new[] { value }),
        ];
        Open(Rewrite(p => p is MikeySecurityPolicy ? new MikeySecurityPolicy(0, parameters) : p)).ShouldBe(result);
    }

    [Fact]
    public void The_identifier_scheme_of_other_peers_is_accepted() =>
        Open(Rewrite(p => p is MikeySakke s ? new MikeySakke(MikeyIdentifierScheme.TelephoneUri, s.Encapsulated) : p))
            .ShouldBe(PckOpenResult.Opened);

    [Fact]
    public void Hidden_identities_are_refused_as_such() =>
        Open(Rewrite(p => p is MikeyIdentity { Role: MikeyIdentityRole.Initiator }
            ? MikeyIdentity.FromUid(MikeyIdentityRole.InitiatorUid, TestDomain.AliceUid)
            : p)).ShouldBe(PckOpenResult.IdentitiesHidden);

    [Fact]
    public void A_missing_key_on_either_side_has_its_own_result_and_can_be_tried_again()
    {
        MikeyReplayCache cache = new(new TestClock(TestDomain.Now));
        PckMessage.Open(_message, _domain.Bob(cache, initiator: _ => null)).Result.ShouldBe(PckOpenResult.InitiatorKeyUnavailable);
        PckMessage.Open(_message, _domain.Bob(cache, receiver: _ => null)).Result.ShouldBe(PckOpenResult.ReceiverKeyUnavailable);
        PckMessage.Open(_message, _domain.Bob(cache)).Result.ShouldBe(PckOpenResult.Opened);
    }

    [Fact]
    public void A_UID_of_another_size_is_a_fault_of_the_caller() =>
        Should.Throw<ArgumentException>(() => PckMessage.Open(
            _message, _domain.Bob(initiator: _ => new PckInitiatorKey(_domain.Authority, new byte[33]))));

    [Fact]
    public void The_finders_are_asked_with_what_the_message_says()
    {
        PckParties? asked = null;
        PckMessage.Open(_message, _domain.Bob(initiator: parties =>
        {
            asked = parties;
            return null;
        }));
        asked.ShouldBe(new PckParties(TestDomain.AliceUri, TestDomain.KmsUri, TestDomain.BobUri, TestDomain.KmsUri, TestDomain.Now));
    }

    [Fact]
    public void Every_cryptographic_failure_has_the_one_outcome()
    {
        TestDomain other = TestDomain.Other;
        PckReceiver[] receivers =
        [
            _domain.Bob(initiator: _ => new(_domain.Authority, TestDomain.Uid("alice, another period"))),
            _domain.Bob(initiator: _ => new(other.Authority, TestDomain.AliceUid)),
            _domain.Bob(receiver: _ => new(_domain.BobOtherPeriod, TestDomain.BobUidOtherPeriod)),
            _domain.Bob(receiver: _ => new(_domain.AliceReceiver, TestDomain.AliceUid)),
            _domain.Bob(receiver: _ => new(other.BobReceiver, TestDomain.BobUid)),
        ];
        receivers.Select(r => PckMessage.Open(_message, r))
            .ShouldAllBe(o => o.Result == PckOpenResult.CryptographicFailure && o.Key == null);
    }

    [Fact]
    public void Another_users_signature_does_not_pass_for_the_initiators()
    {
        byte[] octets = [.. _message];
        _domain.EveSigning.Sign(octets.AsSpan(0, octets.Length - 129), octets.AsSpan(octets.Length - 129));
        Open(octets).ShouldBe(PckOpenResult.CryptographicFailure);
    }

    [Fact]
    public void A_signature_without_type_and_length_passes_only_on_request()
    {
        byte[] octets = [.. _message];
        _domain.AliceSigning.Sign(octets.AsSpan(0, octets.Length - 131), octets.AsSpan(octets.Length - 129));
        Open(octets).ShouldBe(PckOpenResult.CryptographicFailure);

        PckOpening opening = PckMessage.Open(octets, _domain.Bob(tolerances: MikeyTolerances.SignatureWithoutLength));
        opening.IsOpened.ShouldBeTrue();
        opening.TolerancesUsed.ShouldBe(MikeyTolerances.SignatureWithoutLength);
    }

    [Fact]
    public void A_signature_length_as_printed_passes_only_on_request()
    {
        byte[] octets = [.. _message];
        octets[^130] = 32;
        octets = _domain.SignAgain(octets);
        Open(octets).ShouldBe(PckOpenResult.Malformed);

        PckOpening opening = PckMessage.Open(octets, _domain.Bob(tolerances: MikeyTolerances.SignatureLengthAsPrinted));
        opening.IsOpened.ShouldBeTrue();
        opening.TolerancesUsed.ShouldBe(MikeyTolerances.SignatureLengthAsPrinted);
    }

    [Fact]
    public void Tolerances_that_were_not_needed_are_not_reported() =>
        PckMessage.Open(_message, _domain.Bob(
            tolerances: MikeyTolerances.SignatureLengthAsPrinted | MikeyTolerances.SignatureWithoutLength))
            .TolerancesUsed.ShouldBe(MikeyTolerances.None);

    [Fact]
    public void Extensions_are_covered_by_the_signature_and_otherwise_passed_over()
    {
        byte[] octets = Rewrite(p => p, new MikeyGeneralExtension(MikeyGeneralExtension.KeyParameters, new byte[60]));
        Open(octets).ShouldBe(PckOpenResult.Opened);
        octets[^140] ^= 1;
        Open(octets).ShouldBe(PckOpenResult.CryptographicFailure);
    }

    private static byte[] Create()
    {
        using PckMessage sent = PckMessage.Create(_domain.Request());
        return sent.Octets.ToArray();
    }

    private static PckOpenResult Open(byte[] octets) => PckMessage.Open(octets, _domain.Bob()).Result;

    private static void Refused(byte[] octets, PckReceiver receiver, string what)
    {
        PckOpening opening = PckMessage.Open(octets, receiver);
        opening.IsOpened.ShouldBeFalse(what);
        opening.Key.ShouldBeNull(what);
    }

    /// <summary>The message with some payloads replaced and others added before the signature, properly signed by Alice.</summary>
    private static byte[] Rewrite(Func<MikeyPayload, MikeyPayload> replace, params MikeyPayload[] extra)
    {
        MikeyMessage message = MikeyMessage.Parse(_message);
        List<MikeyPayload> payloads = [.. message.Payloads.Select(replace)];
        payloads.InsertRange(payloads.Count - 1, extra);
        return _domain.SignAgain(MikeyMessage.Encode(message.Header, payloads));
    }
}
