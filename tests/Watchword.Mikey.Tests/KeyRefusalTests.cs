using System.Buffers.Binary;
using System.Text;
using Watchword.Cryptography;

namespace Watchword.Mikey.Tests;

/// <summary>Each check of the receiver, failed on purpose while all the others hold.</summary>
public class KeyRefusalTests
{
    private static readonly TestDomain _domain = TestDomain.Home;
    private static readonly KeyDistribution _pck = KeyDistribution.Pck;
    private static readonly byte[] _message = _domain.Make(_pck);

    public static TheoryData<string> Distributions => KeyMessageTests.Distributions;

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Every_flipped_octet_is_refused_without_an_exception(string name)
    {
        KeyDistribution distribution = KeyMessageTests.Named(name);
        byte[] message = Full(distribution);
        KeyReceiver receiver = _domain.Opener(distribution);
        for (int i = 0; i < message.Length; i++)
        {
            byte[] flipped = [.. message];
            flipped[i] ^= (byte)(1 << (i % 8));
            Refused(flipped, receiver, $"octet {i}");
            flipped[i] = (byte)~message[i];
            Refused(flipped, receiver, $"octet {i}");
        }

        receiver.ReplayCache.Count.ShouldBe(0);
        KeyMessage.Open(message, receiver).IsOpened.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Every_truncation_and_every_extension_is_malformed(string name)
    {
        KeyDistribution distribution = KeyMessageTests.Named(name);
        byte[] message = Full(distribution);
        KeyReceiver receiver = _domain.Opener(distribution);
        for (int length = 0; length < message.Length; length++)
        {
            KeyMessage.Open(message.AsSpan(0, length), receiver).Result.ShouldBe(KeyOpenResult.Malformed);
            MikeyMessage.TryParse(message.AsSpan(0, length), out _).ShouldBeFalse();
        }

        KeyOpening opening = KeyMessage.Open([.. message, 0], receiver);
        opening.Result.ShouldBe(KeyOpenResult.Malformed);
        (opening.FormatReason, opening.FormatOffset).ShouldBe((MikeyFormatReason.TrailingOctets, message.Length));
        opening.Message.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void A_key_of_one_purpose_never_passes_for_another(string name)
    {
        KeyDistribution distribution = KeyMessageTests.Named(name);
        byte[] message = _domain.Make(distribution);
        IReadOnlyList<KeyDistribution> others = [.. KeyDistribution.All.Where(d => d.Purpose != distribution.Purpose).DistinctBy(d => d.Purpose)];
        KeyMessage.Open(message, _domain.Opener(distribution, expects: others)).Result.ShouldBe(KeyOpenResult.WrongPurpose);
        KeyMessage.Open(message, _domain.Opener(distribution, expects: [])).Result.ShouldBe(KeyOpenResult.WrongPurpose);
        byte[] undefined = [.. message];
        undefined[4] = 0xF0;
        KeyMessage.Open(_domain.SignAgain(undefined, distribution), _domain.Opener(distribution)).Result.ShouldBe(KeyOpenResult.WrongPurpose);
        Should.Throw<ArgumentException>(() => _domain.Opener(
            distribution, expects: [KeyDistribution.CskUpload, KeyDistribution.CskDownload]));
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void What_the_resolver_says_of_the_initiator_and_his_domain_counts(string name)
    {
        KeyDistribution distribution = KeyMessageTests.Named(name);
        byte[] message = _domain.Make(distribution);
        MikeyReplayCache cache = new(new TestClock(TestDomain.Now));
        KeyOpenResult With(InitiatorResolution answer) =>
            KeyMessage.Open(message, _domain.Opener(distribution, cache, initiator: _ => answer)).Result;

        With(InitiatorResolution.DomainUnknown).ShouldBe(KeyOpenResult.DomainUnknown);
        With(InitiatorResolution.DomainNotValid).ShouldBe(KeyOpenResult.DomainNotValid);
        With(InitiatorResolution.DomainRevoked).ShouldBe(KeyOpenResult.DomainRevoked);
        With(InitiatorResolution.NotAllowed).ShouldBe(KeyOpenResult.InitiatorNotAllowed);
        With(InitiatorResolution.Of()).ShouldBe(KeyOpenResult.InitiatorKeyUnavailable);
        KeyMessage.Open(message, _domain.Opener(distribution, cache, receiver: _ => [])).Result.ShouldBe(KeyOpenResult.ReceiverKeyUnavailable);
        cache.Count.ShouldBe(0);
        KeyMessage.Open(message, _domain.Opener(distribution, cache)).Result.ShouldBe(KeyOpenResult.Opened);
    }

    [Fact]
    public void The_resolvers_are_asked_with_what_the_message_says()
    {
        KeyClaims? asked = null;
        KeyMessage.Open(_message, _domain.Opener(_pck, initiator: claims =>
        {
            asked = claims;
            return InitiatorResolution.DomainUnknown;
        }));
        (asked!.Distribution, asked.InitiatorUri, asked.InitiatorKmsUri).ShouldBe((_pck, TestDomain.AliceUri, "kms.example.org"));
        (asked.ReceiverUri, asked.ReceiverKmsUri, asked.Time).ShouldBe((TestDomain.BobUri, "kms.example.org", TestDomain.Now));
        asked.InitiatorUid.ShouldBeNull();
        asked.ReceiverUid.ShouldBeNull();
    }

    /// <summary>Near the boundary of a period the neighbour's keys are candidates; a UID of no candidate is a failure.</summary>
    [Theory]
    [InlineData(0, KeyOpenResult.Opened)]
    [InlineData(1, KeyOpenResult.Opened)]
    [InlineData(2, KeyOpenResult.CryptographicFailure)]
    public void The_candidates_of_neighbouring_periods_are_tried(int period, KeyOpenResult result)
    {
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Pck);
        byte[] message = _domain.Make(_pck, key, period: period);
        KeyOpening opening = KeyMessage.Open(message, _domain.Opener(
            _pck,
            initiator: _ => InitiatorResolution.Of(_domain.InitiatorKeyOf(TestDomain.AliceUri), _domain.InitiatorKeyOf(TestDomain.AliceUri, 1)),
            receiver: _ => [_domain.ReceiverKeyOf(TestDomain.BobUri), _domain.ReceiverKeyOf(TestDomain.BobUri, 1)]));
        opening.Result.ShouldBe(result);
        if (opening.IsOpened)
        {
            opening.Initiator.Uid.ToArray().ShouldBe(TestDomain.Uid(TestDomain.AliceUri, period));
            opening.Receiver.Uid.ToArray().ShouldBe(TestDomain.Uid(TestDomain.BobUri, period));
        }

        // Without candidates the period of T alone counts.
        KeyMessage.Open(message, _domain.Opener(_pck)).Result.ShouldBe(period == 0 ? result : KeyOpenResult.CryptographicFailure);
    }

    [Theory]
    [InlineData(300.0, KeyOpenResult.Opened)]
    [InlineData(300.001, KeyOpenResult.Stale)]
    [InlineData(86400.0 * 365 * 40, KeyOpenResult.Stale)]
    [InlineData(-300.0, KeyOpenResult.Opened)]
    [InlineData(-300.001, KeyOpenResult.FromTheFuture)]
    [InlineData(-86400.0 * 365, KeyOpenResult.FromTheFuture)]
    public void T_must_lie_within_the_window(double clockAhead, KeyOpenResult result) =>
        KeyMessage.Open(_message, _domain.Opener(_pck, clock: new TestClock(TestDomain.Now.AddSeconds(clockAhead)))).Result.ShouldBe(result);

    [Fact]
    public void The_window_can_be_narrowed()
    {
        MikeyReplayCache cache = new(new TestClock(TestDomain.Now.AddSeconds(6)), TimeSpan.FromSeconds(5));
        KeyMessage.Open(_message, _domain.Opener(_pck, cache)).Result.ShouldBe(KeyOpenResult.Stale);
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void A_message_opens_once(string name)
    {
        KeyDistribution distribution = KeyMessageTests.Named(name);
        byte[] message = _domain.Make(distribution);
        TestClock clock = new(TestDomain.Now);
        KeyReceiver receiver = _domain.Opener(distribution, clock: clock);
        KeyMessage.Open(message, receiver).IsOpened.ShouldBeTrue();
        KeyMessage.Open(message, receiver).Result.ShouldBe(KeyOpenResult.Replayed);
        KeyMessage.Open(_domain.SignAgain(message, distribution), receiver).Result.ShouldBe(KeyOpenResult.Replayed);
        clock.Now += MikeyReplayCache.DefaultFreshnessWindow;
        KeyMessage.Open(message, receiver).Result.ShouldBe(KeyOpenResult.Replayed);
        clock.Now += TimeSpan.FromTicks(1);
        KeyMessage.Open(message, receiver).Result.ShouldBe(KeyOpenResult.Stale);
    }

    [Fact]
    public void Only_one_of_two_threads_opens_a_message()
    {
        MikeyReplayCache cache = new(new TestClock(TestDomain.Now));
        KeyOpenResult[] results = new KeyOpenResult[4];
        Parallel.For(0, results.Length, i => results[i] = KeyMessage.Open(_message, _domain.Opener(_pck, cache)).Result);
        results.Count(r => r == KeyOpenResult.Opened).ShouldBe(1);
        results.Count(r => r == KeyOpenResult.Replayed).ShouldBe(3);
    }

    [Fact]
    public void Somebody_elses_message_and_other_spellings_are_not_for_this_receiver()
    {
        foreach (string uri in new[] { "sip:carol@example.org", "sip:Bob@example.org", "sip:bob@example.org ", "bob@example.org" })
        {
            KeyMessage.Open(_message, _domain.Opener(_pck, uri: uri)).Result.ShouldBe(KeyOpenResult.NotForThisReceiver);
        }
    }

    [Theory]
    [InlineData(MikeyTimestampType.Ntp)]
    [InlineData(MikeyTimestampType.Counter)]
    public void T_must_be_NTP_UTC(MikeyTimestampType type)
    {
        ulong value = type == MikeyTimestampType.Counter ? 1 : MikeyTimestamp.FromDateTimeOffset(TestDomain.Now).Value;
        Open(Rewrite(p => p is MikeyTimestamp ? new MikeyTimestamp(type, value) : p)).ShouldBe(KeyOpenResult.UnsupportedTimestamp);
    }

    [Theory]
    [InlineData(MikeySrtpParameter.EncryptionAlgorithm, 1, KeyOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.EncryptionAlgorithm, 0, KeyOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.EncryptionKeyLength, 32, KeyOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.SaltLength, 14, KeyOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.KeyDerivationRate, 1, KeyOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.AeadTagLength, 8, KeyOpenResult.UnsupportedPolicy)]
    [InlineData(MikeySrtpParameter.AuthenticationAlgorithm, 4, KeyOpenResult.Opened)]
    [InlineData(MikeySrtpParameter.SrtpTagLength, 4, KeyOpenResult.Opened)]
    public void A_policy_must_be_the_profile_that_the_keys_are_for(MikeySrtpParameter parameter, byte value, KeyOpenResult result)
    {
        List<MikeyPolicyParameter> parameters =
        [
            .. MikeySecurityPolicy.PrivateCallDefault.Parameters.Where(p => p.ParameterType != (int)parameter),
            new((int)parameter, new[] { value }),
        ];
        Open(Rewrite(p => p is MikeySecurityPolicy ? new MikeySecurityPolicy(0, parameters) : p)).ShouldBe(result);
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void A_map_must_name_sessions_policies_and_identifiers_of_the_key(string name)
    {
        KeyDistribution distribution = KeyMessageTests.Named(name);
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        uint csbId = key.IdFor(TestDomain.EndsOf(distribution).Receiver);
        byte[] message = _domain.Make(distribution, key);
        int session = (int)distribution.Sessions[0];
        int foreign = (int)KeyDistribution.All.First(d => d.Purpose is KeyPurpose.Pck or KeyPurpose.Gmk && d != distribution).Sessions[0];

        With(Generic(session, 0, KeySpi.Of(distribution, key.KeyId, csbId))).ShouldBe(KeyOpenResult.Opened);
        With(Generic(session, 0, Octets(csbId))).ShouldBe(KeyOpenResult.Opened);
        With(Generic(session, 0, [])).ShouldBe(KeyOpenResult.Opened);
        With(Generic(session, 0, Octets(csbId ^ 1))).ShouldBe(KeyOpenResult.IdentifierMismatch);
        With(Generic(session, 0, [.. Octets(key.KeyId ^ 1), .. Octets(csbId)])).ShouldBe(KeyOpenResult.IdentifierMismatch);
        With(Generic(session, 0, [0])).ShouldBe(KeyOpenResult.IdentifierMismatch);
        With(Generic(session, 1, Octets(csbId))).ShouldBe(KeyOpenResult.UnsupportedPolicy);
        With(Generic(foreign, 0, Octets(csbId))).ShouldBe(KeyOpenResult.UnsupportedMap);
        With(Generic(200, 0, Octets(csbId))).ShouldBe(KeyOpenResult.UnsupportedMap);
        MikeySrtpIdMap legacy = new([new MikeySrtpSession(0, 1, 0)]);
        With(legacy).ShouldBe(KeyOpenResult.UnsupportedMap);
        KeyOpening tolerated = KeyMessage.Open(WithMap(legacy), _domain.Opener(distribution, tolerances: MikeyTolerances.SrtpIdMap));
        (tolerated.Result, tolerated.TolerancesUsed).ShouldBe((KeyOpenResult.Opened, MikeyTolerances.SrtpIdMap));

        KeyOpenResult With(MikeyCsIdMap map) => KeyMessage.Open(WithMap(map), _domain.Opener(distribution)).Result;

        byte[] WithMap(MikeyCsIdMap map) => _domain.SignAgain(
            MikeyMessage.Encode(new MikeyHeader(csbId, map), MikeyMessage.Parse(message).Payloads), distribution);
    }

    [Fact]
    public void The_identifier_scheme_of_other_peers_is_accepted() =>
        Open(Rewrite(p => p is MikeySakke s ? new MikeySakke(MikeyIdentifierScheme.TelephoneUri, s.Encapsulated) : p))
            .ShouldBe(KeyOpenResult.Opened);

    [Fact]
    public void Hidden_identities_are_refused_unless_asked_for() =>
        Open(Rewrite(p => p is MikeyIdentity { Role: MikeyIdentityRole.Initiator }
            ? MikeyIdentity.FromUid(MikeyIdentityRole.InitiatorUid, TestDomain.Uid(TestDomain.AliceUri))
            : p)).ShouldBe(KeyOpenResult.IdentitiesHidden);

    [Fact]
    public void A_UID_of_another_size_is_a_fault_of_the_caller()
    {
        Should.Throw<ArgumentException>(() => KeyMessage.Open(_message, _domain.Opener(
            _pck, initiator: _ => InitiatorResolution.Of(new InitiatorKey(_domain.Authority, new byte[33])))));
        Should.Throw<ArgumentException>(() => KeyMessage.Open(_message, _domain.Opener(
            _pck, receiver: _ => [new ReceiverKey(_domain.Receiving(TestDomain.BobUri), new byte[31])])));
    }

    [Fact]
    public void Every_cryptographic_failure_has_the_one_outcome()
    {
        TestDomain other = TestDomain.Other;
        KeyReceiver[] receivers =
        [
            _domain.Opener(_pck, initiator: _ => InitiatorResolution.Of(_domain.InitiatorKeyOf(TestDomain.AliceUri, 1))),
            _domain.Opener(_pck, initiator: _ => InitiatorResolution.Of(_domain.InitiatorKeyOf(TestDomain.EveUri))),
            _domain.Opener(_pck, initiator: _ => InitiatorResolution.Of(other.InitiatorKeyOf(TestDomain.AliceUri))),
            _domain.Opener(_pck, receiver: _ => [_domain.ReceiverKeyOf(TestDomain.BobUri, 1)]),
            _domain.Opener(_pck, receiver: _ => [_domain.ReceiverKeyOf(TestDomain.AliceUri)]),
            _domain.Opener(_pck, receiver: _ => [other.ReceiverKeyOf(TestDomain.BobUri)]),
        ];
        receivers.Select(r => KeyMessage.Open(_message, r))
            .ShouldAllBe(o => o.Result == KeyOpenResult.CryptographicFailure && o.Key == null && o.Initiator == null);
    }

    [Fact]
    public void Another_users_signature_does_not_pass_for_the_initiators() =>
        Open(_domain.SignAgain(_message, _pck, TestDomain.EveUri)).ShouldBe(KeyOpenResult.CryptographicFailure);

    [Fact]
    public void A_signature_without_type_and_length_passes_only_on_request()
    {
        byte[] octets = [.. _message];
        _domain.Signing(TestDomain.AliceUri).Sign(octets.AsSpan(0, octets.Length - 131), octets.AsSpan(octets.Length - 129));
        Open(octets).ShouldBe(KeyOpenResult.CryptographicFailure);

        KeyOpening opening = KeyMessage.Open(octets, _domain.Opener(_pck, tolerances: MikeyTolerances.SignatureWithoutLength));
        (opening.Result, opening.TolerancesUsed).ShouldBe((KeyOpenResult.Opened, MikeyTolerances.SignatureWithoutLength));
    }

    [Fact]
    public void A_signature_length_as_printed_passes_only_on_request()
    {
        byte[] octets = [.. _message];
        octets[^130] = 32;
        octets = _domain.SignAgain(octets, _pck);
        Open(octets).ShouldBe(KeyOpenResult.Malformed);

        KeyOpening opening = KeyMessage.Open(octets, _domain.Opener(_pck, tolerances: MikeyTolerances.SignatureLengthAsPrinted));
        (opening.Result, opening.TolerancesUsed).ShouldBe((KeyOpenResult.Opened, MikeyTolerances.SignatureLengthAsPrinted));
    }

    [Fact]
    public void Tolerances_that_were_not_needed_are_not_reported() =>
        KeyMessage.Open(_message, _domain.Opener(
            _pck,
            tolerances: MikeyTolerances.SignatureLengthAsPrinted | MikeyTolerances.SignatureWithoutLength
                | MikeyTolerances.KeyParametersInClear | MikeyTolerances.SrtpIdMap)).TolerancesUsed.ShouldBe(MikeyTolerances.None);

    [Fact]
    public void Unknown_extensions_are_covered_by_the_signature_and_otherwise_passed_over()
    {
        byte[] octets = _domain.Rewrite(_message, _pck, null, new MikeyGeneralExtension(200, new byte[60]), new MikeyGeneralExtension(200, default));
        Open(octets).ShouldBe(KeyOpenResult.Opened);
        octets[^140] ^= 1;
        Open(octets).ShouldBe(KeyOpenResult.CryptographicFailure);
    }

    /// <summary>Errors that public implementations have been seen with.</summary>
    [Fact]
    public void Errors_of_peers_are_refused()
    {
        // The signature under the URI instead of the UID.
        byte[] byUri = [.. _message];
        using (EccsiMasterKey master = EccsiMasterKey.Generate())
        using (EccsiSigningKey signing = master.IssueSigningKey(Encoding.UTF8.GetBytes(TestDomain.AliceUri)))
        {
            signing.Sign(byUri.AsSpan(0, byUri.Length - 129), byUri.AsSpan(byUri.Length - 129));
            KeyMessage.Open(byUri, _domain.Opener(
                _pck, initiator: _ => InitiatorResolution.Of(new InitiatorKey(master.PublicKey, TestDomain.Uid(TestDomain.AliceUri)))))
                .Result.ShouldBe(KeyOpenResult.CryptographicFailure);
        }

        // T in seconds since 1970, which the nearest era of NTP puts 66 years ahead.
        ulong unix = (ulong)TestDomain.Now.ToUnixTimeSeconds() << 32;
        Open(Rewrite(p => p is MikeyTimestamp ? new MikeyTimestamp(MikeyTimestampType.NtpUtc, unix) : p))
            .ShouldBe(KeyOpenResult.FromTheFuture);

        // A user salt of the most significant bits: with K-ID in the map it shows.
        using MikeyKey gmk = MikeyKey.Generate(KeyPurpose.Gmk);
        byte[] output = new byte[32];
        KeyDerivationFunction.Derive(
            TestDomain.Secret(gmk), KeyDerivationFunction.UserSalt, output, KeyDerivationFunction.Uri(TestDomain.BobUri));
        uint gukId = gmk.KeyId ^ (BinaryPrimitives.ReadUInt32BigEndian(output) >> 4);
        MikeyMessage made = MikeyMessage.Parse(_domain.Make(KeyDistribution.Gmk, gmk));
        byte[] salted = MikeyMessage.Encode(
            new MikeyHeader(gukId, Generic((int)McCryptoSession.McpttGroup, 0, KeySpi.Of(KeyDistribution.Gmk, gmk.KeyId, gukId))),
            made.Payloads);
        KeyMessage.Open(_domain.SignAgain(salted, KeyDistribution.Gmk), _domain.Opener(KeyDistribution.Gmk)).Result
            .ShouldBe(KeyOpenResult.IdentifierMismatch);
    }

    [Fact]
    public void A_full_cache_shows_as_its_own_result()
    {
        MikeyReplayCache cache = new(new TestClock(TestDomain.Now), capacity: 16);
        KeyMessage.Open(_domain.Make(_pck), _domain.Opener(_pck, cache)).IsOpened.ShouldBeTrue();
        KeyMessage.Open(_domain.Make(_pck), _domain.Opener(_pck, cache)).Result.ShouldBe(KeyOpenResult.ReplayCacheFull);
    }

    /// <summary>A message with everything in it.</summary>
    private static byte[] Full(KeyDistribution distribution) => _domain.Make(distribution, new KeyMessageOptions
    {
        Sessions = distribution.Sessions,
        Parameters = new KeyParameters(distribution.Purpose)
        {
            Text = "text",
            GroupIds = distribution.HasGroups ? ["sip:group@example.org"] : [],
        },
        SakkeToSelf = true,
    });

    private static KeyOpenResult Open(byte[] octets) => KeyMessage.Open(octets, _domain.Opener(_pck)).Result;

    private static byte[] Rewrite(Func<MikeyPayload, MikeyPayload> replace) => _domain.Rewrite(_message, _pck, replace);

    private static void Refused(byte[] octets, KeyReceiver receiver, string what)
    {
        KeyOpening opening = KeyMessage.Open(octets, receiver);
        opening.IsOpened.ShouldBeFalse(what);
        opening.Key.ShouldBeNull(what);
    }

    private static MikeyGenericIdMap Generic(int session, byte policy, byte[] spi) =>
        new([new MikeyGenericSession(session, SessionFlag: false, new[] { policy }, default, spi)]);

    private static byte[] Octets(uint id)
    {
        byte[] octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, id);
        return octets;
    }
}
