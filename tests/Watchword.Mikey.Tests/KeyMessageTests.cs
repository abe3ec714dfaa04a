namespace Watchword.Mikey.Tests;

/// <summary>Every key handed over between two parties, with everything that its message may carry.</summary>
public class KeyMessageTests
{
    private static readonly TestDomain _domain = TestDomain.Home;

    public static TheoryData<string> Distributions => [.. KeyDistribution.All.Select(d => d.Name)];

    public static KeyDistribution Named(string name) => KeyDistribution.All.Single(d => d.Name == name);

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Both_sides_hold_the_same_key(string name)
    {
        KeyDistribution distribution = Named(name);
        (string initiator, string receiver) = TestDomain.EndsOf(distribution);
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        KeyOpening opening = KeyMessage.Open(_domain.Make(distribution, key), _domain.Opener(distribution));

        opening.Result.ShouldBe(KeyOpenResult.Opened);
        opening.TolerancesUsed.ShouldBe(MikeyTolerances.None);
        using MikeyKey received = opening.Key!;
        TestDomain.Secret(received).ShouldBe(TestDomain.Secret(key));
        (received.KeyId, received.Purpose).ShouldBe((key.KeyId, distribution.Purpose));
        received.Random.ToArray().ShouldBe(key.Random.ToArray());
        opening.Claims!.CsbId.ShouldBe(key.IdFor(receiver));
        (opening.Claims.CsbId == key.KeyId).ShouldBe(!distribution.HasDiversity);
        opening.Claims.Time.ShouldBe(TestDomain.Now);
        (opening.Initiator!.Uri, opening.Initiator.KmsUri).ShouldBe((initiator, "kms.example.org"));
        opening.Initiator.Uid.ToArray().ShouldBe(TestDomain.Uid(initiator));
        (opening.Receiver!.Uri, opening.Receiver.KmsUri).ShouldBe((receiver, "kms.example.org"));
        opening.Receiver.Uid.ToArray().ShouldBe(TestDomain.Uid(receiver));
        opening.Parameters.ShouldBeNull();
        foreach (McCryptoSession session in distribution.Sessions)
        {
            uint? transmitter = distribution.HasDiversity ? key.IdFor(TestDomain.AliceUri) : null;
            using SrtpContext ours = key.DeriveSrtpContext(session, transmitter);
            using SrtpContext theirs = received.DeriveSrtpContext(session, transmitter);
            using SrtpKeys keys = received.DeriveSrtpKeys(session, transmitter);
            byte[] master = new byte[16];
            byte[] same = new byte[16];
            ours.ExportMasterKey(master);
            theirs.ExportMasterKey(same);
            same.ShouldBe(master);
            SrtpKeysTests.Key(keys).ShouldBe(master);
        }
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void A_message_carries_all_that_it_may_at_once(string name)
    {
        KeyDistribution distribution = Named(name);
        KeyParameters parameters = new(distribution.Purpose)
        {
            Text = "Fire brigade, Köln",
            Status = KeyStatus.NotRevoked | KeyStatus.SharedWithSecurityGateway,
            Activation = TestDomain.Now.AddHours(1),
            Expiry = TestDomain.Now.AddDays(30),
            GroupIds = distribution.HasGroups ? ["sip:group-a@example.org", "sip:group-b@example.org"] : [],
        };
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        byte[] message = _domain.Make(distribution, key, new KeyMessageOptions
        {
            Sessions = distribution.Sessions,
            Parameters = parameters,
            SakkeToSelf = true,
        });

        KeyOpening opening = KeyMessage.Open(message, _domain.Opener(distribution));
        opening.Result.ShouldBe(KeyOpenResult.Opened);
        using MikeyKey received = opening.Key!;
        TestDomain.Secret(received).ShouldBe(TestDomain.Secret(key));
        KeyParameters read = opening.Parameters!;
        (read.KeyType, read.Status, read.Text).ShouldBe((parameters.KeyType, parameters.Status, parameters.Text));
        read.GroupIds.ShouldBe(parameters.GroupIds);
        read.Activation.ShouldBe(new DateTimeOffset(2026, 6, 1, 13, 0, 0, TimeSpan.Zero));
        read.Expiry.ShouldBe(new DateTimeOffset(2026, 7, 1, 12, 0, 0, TimeSpan.Zero));
        MikeyGenericIdMap map = opening.Message!.Header.Map.ShouldBeOfType<MikeyGenericIdMap>();
        map.Sessions.Select(s => (McCryptoSession)s.CsId).ShouldBe(distribution.Sessions);
        map.Sessions.ShouldAllBe(s => s.Spi.Length == (distribution.HasDiversity ? 8 : 4));
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Another_device_of_the_initiator_takes_the_key_from_SAKKE_to_self(string name)
    {
        KeyDistribution distribution = Named(name);
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        byte[] message = _domain.Make(distribution, key, new KeyMessageOptions { SakkeToSelf = true });
        KeyOpening opening = KeyMessage.Open(message, _domain.Opener(distribution, own: true));

        opening.Result.ShouldBe(KeyOpenResult.Opened);
        using MikeyKey received = opening.Key!;
        TestDomain.Secret(received).ShouldBe(TestDomain.Secret(key));
        received.KeyId.ShouldBe(key.KeyId);
        opening.Receiver!.Uri.ShouldBe(TestDomain.EndsOf(distribution).Receiver);

        byte[] without = _domain.Make(distribution, key);
        KeyMessage.Open(without, _domain.Opener(distribution, own: true)).Result.ShouldBe(KeyOpenResult.ReceiverKeyUnavailable);
        KeyMessage.Open(message, _domain.Opener(distribution, own: true, uri: TestDomain.EveUri)).Result
            .ShouldBe(KeyOpenResult.NotForThisReceiver);
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Hidden_identities_open_for_who_takes_them_and_are_confirmed_afterwards(string name)
    {
        KeyDistribution distribution = Named(name);
        (string initiator, _) = TestDomain.EndsOf(distribution);
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        byte[] message = _domain.Make(distribution, key, new KeyMessageOptions { HideIdentities = true, SakkeToSelf = true });
        MikeyMessage.Parse(message).Payloads.OfType<MikeyIdentity>().Select(i => (int)i.Role).ShouldBe([8, 9, 6, 7]);
        KeyMessage.Open(message, _domain.Opener(distribution)).Result.ShouldBe(KeyOpenResult.IdentitiesHidden);

        KeyOpening opening = KeyMessage.Open(message, _domain.Opener(
            distribution, hidden: true, initiator: claims => InitiatorResolution.Of(new InitiatorKey(_domain.Authority, claims.InitiatorUid!.Value))));
        opening.Result.ShouldBe(KeyOpenResult.Opened);
        using MikeyKey received = opening.Key!;
        received.KeyId.ShouldBe(key.KeyId);
        opening.Initiator!.Uri.ShouldBeNull();
        opening.ConfirmInitiator(TestDomain.EveUri, TestDomain.Uid(TestDomain.EveUri)).ShouldBeFalse();
        opening.Initiator.Uri.ShouldBeNull();
        opening.ConfirmInitiator(initiator, TestDomain.Uid(initiator)).ShouldBeTrue();
        opening.Initiator.Uri.ShouldBe(initiator);
        opening.ConfirmInitiator(TestDomain.EveUri, TestDomain.Uid(initiator)).ShouldBeFalse();

        // A replica that was not told the receiver cannot undo his salt.
        KeyMessage.Open(message, _domain.Opener(distribution, hidden: true, own: true)).Result
            .ShouldBe(distribution.HasDiversity ? KeyOpenResult.IdentitiesHidden : KeyOpenResult.Opened);
    }

    [Fact]
    public void A_hidden_message_for_another_UID_or_of_another_initiator_is_refused()
    {
        byte[] message = _domain.Make(KeyDistribution.Pck, new KeyMessageOptions { HideIdentities = true });
        KeyMessage.Open(message, _domain.Opener(KeyDistribution.Pck, hidden: true, receiver: _ => [_domain.ReceiverKeyOf(TestDomain.EveUri)]))
            .Result.ShouldBe(KeyOpenResult.NotForThisReceiver);
        KeyMessage.Open(message, _domain.Opener(
            KeyDistribution.Pck, hidden: true, initiator: _ => InitiatorResolution.Of(_domain.InitiatorKeyOf(TestDomain.EveUri))))
            .Result.ShouldBe(KeyOpenResult.InitiatorKeyUnavailable);
        Should.Throw<InvalidOperationException>(() => KeyMessage.Open(message, _domain.Opener(KeyDistribution.Pck))
            .ConfirmInitiator(TestDomain.AliceUri, TestDomain.Uid(TestDomain.AliceUri)));
    }

    [Theory]
    [MemberData(nameof(Distributions))]
    public void A_message_goes_from_one_security_domain_to_another(string name)
    {
        KeyDistribution distribution = Named(name);
        TestDomain other = TestDomain.Other;
        (_, string receiver) = TestDomain.EndsOf(distribution);
        using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
        byte[] message = _domain.Make(distribution, key, to: other);
        KeyReceiver opener = _domain.Opener(
            distribution,
            receiver: _ => [other.ReceiverKeyOf(receiver)],
            isDomainAllowed: claims => claims is { InitiatorKmsUri: "kms.example.org", ReceiverKmsUri: "kms.example.net" });
        KeyOpening opening = KeyMessage.Open(message, opener);

        opening.Result.ShouldBe(KeyOpenResult.Opened);
        opening.Key!.Dispose();
        (opening.Initiator!.KmsUri, opening.Receiver!.KmsUri).ShouldBe(("kms.example.org", "kms.example.net"));
        KeyOpening refused = KeyMessage.Open(message, _domain.Opener(distribution));
        refused.Result.ShouldBe(KeyOpenResult.DomainNotAllowed);
        (refused.Claims!.InitiatorKmsUri, refused.Claims.ReceiverKmsUri).ShouldBe(("kms.example.org", "kms.example.net"));
    }

    [Fact]
    public void The_message_of_a_private_call_is_what_annex_E_3_says()
    {
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Pck);
        MikeyMessage message = MikeyMessage.Parse(_domain.Make(KeyDistribution.Pck, key));

        message.Payloads.Select(p => p.PayloadType).ShouldBe(
        [
            MikeyPayloadType.Timestamp, MikeyPayloadType.Random, MikeyPayloadType.Identity, MikeyPayloadType.Identity,
            MikeyPayloadType.Identity, MikeyPayloadType.Identity, MikeyPayloadType.SecurityPolicy, MikeyPayloadType.Sakke,
            MikeyPayloadType.Signature,
        ]);
        message.Payloads.OfType<MikeyIdentity>().Select(i => (int)i.Role).ShouldBe([1, 2, 6, 7]);
        message.Payloads.OfType<MikeyIdentity>().ShouldAllBe(i => i.IdentityType == MikeyIdentityType.Uri);
        message.Header.Map.MapType.ShouldBe(MikeyCsIdMapType.Empty);
        (message.Header.CsbId >> 28).ShouldBe(1u);
        message.Timestamp.Value.ShouldBe(MikeyTimestamp.FromDateTimeOffset(TestDomain.Now).Value);
        (message.Timestamp.Value & uint.MaxValue).ShouldBe(0x4000_0000UL);
        message.Random.Value.Length.ShouldBe(16);
        message.Sakke.Scheme.ShouldBe(MikeyIdentifierScheme.HashedUid);
        message.SignedOctets.ToArray()[^2..].ShouldBe([0x20, 0x81]);
        _domain.Authority.Verify(TestDomain.Uid(TestDomain.AliceUri), message.SignedOctets.Span, message.Signature.Value.Span).ShouldBeTrue();
    }

    [Fact]
    public void The_policy_can_be_left_to_the_empty_map_but_not_to_another()
    {
        byte[] without = _domain.Make(KeyDistribution.Pck, new KeyMessageOptions { IncludeSecurityPolicy = false });
        MikeyMessage.Parse(without).Payloads.OfType<MikeySecurityPolicy>().ShouldBeEmpty();
        KeyMessage.Open(without, _domain.Opener(KeyDistribution.Pck)).IsOpened.ShouldBeTrue();

        KeyMessageOptions sessions = new() { IncludeSecurityPolicy = false, Sessions = [McCryptoSession.McpttGroup] };
        MikeyMessage.Parse(_domain.Make(KeyDistribution.Gmk, sessions)).FindPolicy(0)!.Parameters
            .Select(p => p.ParameterType).ShouldBe([0, 1, 2, 4, 5, 6, 13, 18, 19, 20]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_group_is_keyed_in_one_call_and_each_member_has_an_identifier_of_his_own(int threads)
    {
        TestDomain other = TestDomain.Other;
        MikeyRecipient[] members =
        [
            .. Enumerable.Range(0, 9).Select(i => (i % 3 == 2 ? other : _domain).Recipient($"sip:member-{i}@example.org")),
        ];
        using MikeyKey gmk = MikeyKey.Generate(KeyPurpose.Gmk);
        KeyMessageOptions options = new()
        {
            Sessions = [McCryptoSession.McpttGroup],
            Parameters = new KeyParameters(KeyPurpose.Gmk) { GroupIds = ["sip:group@example.org"] },
            SakkeToSelf = true,
        };
        byte[][] messages = KeyMessage.CreateAll(
            KeyDistribution.Gmk, gmk, _domain.Sender(TestDomain.GmsUri), members, TestDomain.Now, options, threads);

        messages.Length.ShouldBe(members.Length);
        HashSet<uint> identifiers = [];
        byte[]? srtp = null;
        for (int i = 0; i < members.Length; i++)
        {
            string uri = members[i].Uri;
            KeyOpening opening = KeyMessage.Open(messages[i], _domain.Opener(
                KeyDistribution.Gmk,
                uri: uri,
                receiver: _ => [(i % 3 == 2 ? other : _domain).ReceiverKeyOf(uri)],
                isDomainAllowed: _ => true));
            opening.Result.ShouldBe(KeyOpenResult.Opened);
            using MikeyKey received = opening.Key!;
            (received.KeyId, opening.Parameters!.GroupIds[0]).ShouldBe((gmk.KeyId, "sip:group@example.org"));
            identifiers.Add(opening.Claims!.CsbId).ShouldBeTrue();

            // What the first member transmits, every member can open: RAND is that of the key, not of the message.
            using SrtpKeys keys = received.DeriveSrtpKeys(McCryptoSession.McpttGroup, gmk.IdFor(members[0].Uri));
            srtp ??= SrtpKeysTests.Key(keys);
            SrtpKeysTests.Key(keys).ShouldBe(srtp);
        }
    }

    [Fact]
    public void One_key_goes_to_two_identities_of_one_process()
    {
        MikeyReplayCache cache = new(new TestClock(TestDomain.Now));
        using MikeyKey musik = MikeyKey.Generate(KeyPurpose.Musik);
        foreach (byte[] message in KeyMessage.CreateAll(
            KeyDistribution.Musik, musik, _domain.Sender(TestDomain.ServerUri),
            [_domain.Recipient(TestDomain.AliceUri), _domain.Recipient(TestDomain.BobUri)], TestDomain.Now))
        {
            string uri = MikeyMessage.Parse(message).FindIdentity(MikeyIdentityRole.Responder)!.Text!;
            KeyMessage.Open(message, _domain.Opener(KeyDistribution.Musik, cache, uri: uri)).Result.ShouldBe(KeyOpenResult.Opened);
            KeyMessage.Open(message, _domain.Opener(KeyDistribution.Musik, cache, uri: uri)).Result.ShouldBe(KeyOpenResult.Replayed);
        }
    }

    [Fact]
    public void Every_key_has_its_own_identifier_and_random()
    {
        using MikeyKey first = MikeyKey.Generate(KeyPurpose.Pck);
        using MikeyKey second = MikeyKey.Generate(KeyPurpose.Pck);
        TestDomain.Secret(first).ShouldNotBe(TestDomain.Secret(second));
        first.KeyId.ShouldNotBe(second.KeyId);
        first.Random.ToArray().ShouldNotBe(second.Random.ToArray());
    }

    [Fact]
    public void Requests_that_do_not_fit_are_refused()
    {
        using MikeyKey pck = MikeyKey.Generate(KeyPurpose.Pck);
        MikeySender alice = _domain.Sender(TestDomain.AliceUri);
        MikeyRecipient bob = _domain.Recipient(TestDomain.BobUri);
        Refused(KeyDistribution.Gmk, alice, bob);
        Refused(KeyDistribution.Pck, alice, bob with { Uid = new byte[31] });
        Refused(KeyDistribution.Pck, alice, bob with { Uri = "" });
        Refused(KeyDistribution.Pck, alice, bob, new KeyMessageOptions { Sessions = [McCryptoSession.McpttGroup] });
        Refused(KeyDistribution.Pck, alice, bob, new KeyMessageOptions { Parameters = new KeyParameters(KeyPurpose.Gmk) });
        Refused(KeyDistribution.Pck, alice, bob, new KeyMessageOptions { Parameters = new KeyParameters(KeyPurpose.Pck) { GroupIds = ["a"] } });
        Refused(
            KeyDistribution.Pck,
            new MikeySender { SigningKey = alice.SigningKey, Uri = alice.Uri, KmsUri = alice.KmsUri },
            bob,
            new KeyMessageOptions { SakkeToSelf = true });
        Should.Throw<ArgumentException>(() => KeyMessage.Create(KeyDistribution.Pck, pck, alice, bob, DateTimeOffset.MinValue));
        Should.Throw<ArgumentException>(() => KeyMessage.CreateAll(
            KeyDistribution.Pck, pck, alice, [bob, bob with { Uri = "a\n" }], TestDomain.Now, maxDegreeOfParallelism: 2));
        Should.Throw<ArgumentOutOfRangeException>(() => KeyMessage.CreateAll(
            KeyDistribution.Pck, pck, alice, [bob], TestDomain.Now, maxDegreeOfParallelism: 0));

        void Refused(KeyDistribution distribution, MikeySender sender, MikeyRecipient recipient, KeyMessageOptions? options = null)
        {
            Should.Throw<ArgumentException>(() => KeyMessage.Create(distribution, pck, sender, recipient, TestDomain.Now, options));
            Should.Throw<ArgumentException>(() => KeyMessage.CreateAll(distribution, pck, sender, [recipient], TestDomain.Now, options));
        }
    }

    [Fact]
    public void A_key_is_exported_only_on_purpose_and_gone_when_disposed()
    {
        MikeyKey key = MikeyKey.Generate(KeyPurpose.Pck);
        key.ToString().ShouldBe(typeof(MikeyKey).FullName);
        Should.Throw<ArgumentException>(() => key.ExportSecret(new byte[17]));
        Should.Throw<ArgumentException>(() => key.DeriveSrtpKeys(McCryptoSession.McpttGroup));
        Should.Throw<ArgumentException>(() => key.DeriveSrtpKeys(McCryptoSession.McpttPrivateInitiator, key.KeyId ^ 1));
        Should.Throw<ArgumentException>(() => key.DeriveSrtpContext(McCryptoSession.McpttPrivateInitiator, key.KeyId));
        using MikeyKey gmk = MikeyKey.Generate(KeyPurpose.Gmk);
        Should.Throw<ArgumentException>(() => gmk.DeriveSrtpKeys(McCryptoSession.McpttGroup));
        Should.Throw<ArgumentException>(() => MikeyKey.Import(0x7000_0000, new byte[16], new byte[16]));
        Should.Throw<ArgumentException>(() => MikeyKey.Import(0, new byte[15], new byte[16]));
        Should.Throw<ArgumentException>(() => MikeyKey.Import(0, new byte[16], new byte[15]));
        Should.Throw<ArgumentOutOfRangeException>(() => MikeyKey.Generate((KeyPurpose)7));
        key.Dispose();
        Should.Throw<ObjectDisposedException>(() => key.ExportSecret(new byte[16]));
        Should.Throw<ObjectDisposedException>(() => key.DeriveSrtpKeys(McCryptoSession.McpttPrivateInitiator));
        Should.Throw<ObjectDisposedException>(() => key.DeriveDataPayloadCipherKey());
        Should.Throw<ObjectDisposedException>(() => _domain.Make(KeyDistribution.Pck, key));
    }
}
