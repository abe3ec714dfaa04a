namespace Watchword.Mikey.Tests;

public class PckMessageTests
{
    private static readonly TestDomain _domain = TestDomain.Home;

    [Fact]
    public void Both_sides_hold_the_same_key_and_SRTP_keys()
    {
        using PckMessage sent = PckMessage.Create(_domain.Request());
        PckOpening opening = PckMessage.Open(sent.Octets.Span, _domain.Bob());

        opening.Result.ShouldBe(PckOpenResult.Opened);
        opening.IsOpened.ShouldBeTrue();
        opening.TolerancesUsed.ShouldBe(MikeyTolerances.None);
        using PrivateCallKey received = opening.Key!;
        Secret(received).ShouldBe(Secret(sent.Key));
        received.PckId.ShouldBe(sent.Key.PckId);
        received.Random.ToArray().ShouldBe(sent.Key.Random.ToArray());
        received.Time.ShouldBe(TestDomain.Now);
        received.Initiator.ShouldBe(new MikeyParty(TestDomain.AliceUri, TestDomain.KmsUri, received.Initiator.Uid));
        received.Initiator.Uid.ToArray().ShouldBe(TestDomain.AliceUid);
        received.Receiver.Uri.ShouldBe(TestDomain.BobUri);
        received.Receiver.Uid.ToArray().ShouldBe(TestDomain.BobUid);
        foreach (McCryptoSession session in Enum.GetValues<McCryptoSession>().Where(s => s <= McCryptoSession.McVideoPrivateReceiver))
        {
            using SrtpKeys ours = sent.Key.DeriveSrtpKeys(session);
            using SrtpKeys theirs = received.DeriveSrtpKeys(session);
            SrtpKeysTests.Key(theirs).ShouldBe(SrtpKeysTests.Key(ours));
            SrtpKeysTests.Salt(theirs).ShouldBe(SrtpKeysTests.Salt(ours));
        }
    }

    [Fact]
    public void The_message_is_what_annex_E_3_says()
    {
        using PckMessage sent = PckMessage.Create(_domain.Request());
        MikeyMessage message = MikeyMessage.Parse(sent.Octets.Span);

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
        message.Header.CsbId.ShouldBe(sent.Key.PckId);
        message.Timestamp.Value.ShouldBe(MikeyTimestamp.FromDateTimeOffset(TestDomain.Now).Value);
        (message.Timestamp.Value & uint.MaxValue).ShouldBe(0x4000_0000UL);
        message.Random.Value.Length.ShouldBe(16);
        message.Sakke.Scheme.ShouldBe(MikeyIdentifierScheme.HashedUid);
        message.SignedOctets.ToArray()[^2..].ShouldBe([0x20, 0x81]);
        _domain.Authority.Verify(TestDomain.AliceUid, message.SignedOctets.Span, message.Signature.Value.Span).ShouldBeTrue();
    }

    [Fact]
    public void The_policy_can_be_left_to_the_empty_map()
    {
        using PckMessage sent = PckMessage.Create(_domain.Request(policy: false));
        MikeyMessage.Parse(sent.Octets.Span).Payloads.OfType<MikeySecurityPolicy>().ShouldBeEmpty();
        PckMessage.Open(sent.Octets.Span, _domain.Bob()).IsOpened.ShouldBeTrue();
    }

    [Fact]
    public void Sakke_to_self_gives_the_initiators_devices_the_same_key()
    {
        using PckMessage sent = PckMessage.Create(_domain.Request(toSelf: _domain.Encryption));
        MikeyMessage message = MikeyMessage.Parse(sent.Octets.Span);
        byte[] recovered = new byte[16];
        _domain.AliceReceiver.TryDecapsulate(
            message.FindExtension(MikeyGeneralExtension.SakkeToSelf)!.Sakke!.Encapsulated.Span, recovered).ShouldBeTrue();
        recovered.ShouldBe(Secret(sent.Key));
        PckMessage.Open(sent.Octets.Span, _domain.Bob()).IsOpened.ShouldBeTrue();
    }

    [Fact]
    public void Every_message_has_its_own_key_identifier_and_random()
    {
        using PckMessage first = PckMessage.Create(_domain.Request());
        using PckMessage second = PckMessage.Create(_domain.Request());
        Secret(first.Key).ShouldNotBe(Secret(second.Key));
        first.Key.PckId.ShouldNotBe(second.Key.PckId);
        first.Key.Random.ToArray().ShouldNotBe(second.Key.Random.ToArray());
    }

    [Fact]
    public void Requests_that_do_not_fit_are_refused()
    {
        Should.Throw<ArgumentException>(() => PckMessage.Create(_domain.Request(receiverUid: new byte[31])));
        Should.Throw<ArgumentException>(() => PckMessage.Create(_domain.Request(time: DateTimeOffset.MinValue)));
        PckRequest request = _domain.Request();
        Should.Throw<ArgumentException>(() => PckMessage.Create(new PckRequest
        {
            InitiatorKey = _domain.EveSigning,
            InitiatorUid = request.InitiatorUid,
            InitiatorUri = request.InitiatorUri,
            InitiatorKmsUri = request.InitiatorKmsUri,
            ReceiverDomain = request.ReceiverDomain,
            ReceiverUid = request.ReceiverUid,
            ReceiverUri = request.ReceiverUri,
            ReceiverKmsUri = request.ReceiverKmsUri,
            Time = request.Time,
        }));
    }

    [Fact]
    public void A_key_is_exported_only_on_purpose_and_gone_when_disposed()
    {
        PckMessage sent = PckMessage.Create(_domain.Request());
        sent.Key.ToString().ShouldBe(typeof(PrivateCallKey).FullName);
        Should.Throw<ArgumentException>(() => sent.Key.ExportSecret(new byte[17]));
        Should.Throw<ArgumentOutOfRangeException>(() => sent.Key.DeriveSrtpKeys(McCryptoSession.McpttGroup));
        sent.Dispose();
        Should.Throw<ObjectDisposedException>(() => sent.Key.ExportSecret(new byte[16]));
        Should.Throw<ObjectDisposedException>(() => sent.Key.DeriveSrtpKeys(McCryptoSession.McpttPrivateInitiator));
    }

    internal static byte[] Secret(PrivateCallKey key)
    {
        byte[] secret = new byte[PrivateCallKey.SecretSizeInBytes];
        key.ExportSecret(secret);
        return secret;
    }
}
