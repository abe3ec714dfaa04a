using Watchword.Client.Tests.Support;
using Watchword.KeyManagement;
using Watchword.Mikey;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

/// <summary>Keys of every purpose between profiles, and what is refused (TS 33.180 5.2, 5.4 to 5.8).</summary>
public sealed class ServiceKeyExchangeTests : IAsyncLifetime
{
    private const string Medic = "sip:medic@lab.example";
    private const string Group = "sip:rescue@lab.example";
    private static readonly TestDomain Partner = new("kms.partner.example");
    private readonly TestProfile _profile = new();
    private TestParty _groups = null!;
    private TestParty _mcx = null!;
    private TestParty _medic = null!;

    public async ValueTask InitializeAsync()
    {
        _groups = await TestParty.CreateAsync(_profile, TestParty.GroupServer, isEntity: true);
        _mcx = await TestParty.CreateAsync(_profile, TestParty.McxServer, isEntity: true);
        _medic = await TestParty.CreateAsync(_profile, Medic);
    }

    public ValueTask DisposeAsync()
    {
        _groups.Dispose();
        _mcx.Dispose();
        _medic.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void A_CSK_goes_up_and_is_replaced_from_above()
    {
        MadeServiceKey up = _medic.Keys.UploadCsk(TestParty.McxServer);
        _mcx.Keys.Open(up.Messages[0].Octets.Span).Key.KeyId.ShouldBe(up.Key.KeyId);
        ServiceKeyScope ours = ServiceKeyScope.ForPeer(Medic, TestParty.McxServer);
        ServiceKeyScope theirs = ServiceKeyScope.ForPeer(TestParty.McxServer, Medic);
        _medic.Store.FindSendingKey(ours)!.KeyId.ShouldBe(up.Key.KeyId);
        _mcx.Store.FindSendingKey(theirs)!.KeyId.ShouldBe(up.Key.KeyId);

        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        MadeServiceKey down = _mcx.Keys.Create(KeyDistribution.CskDownload, [Medic]);
        _ = _medic.Keys.Open(down.Messages[0].Octets.Span);

        _medic.Store.FindSendingKey(ours)!.KeyId.ShouldBe(down.Key.KeyId);
        _mcx.Store.FindSendingKey(theirs)!.KeyId.ShouldBe(down.Key.KeyId);
        _medic.Store.FindReceivingKeys(ours).Count.ShouldBe(2);
    }

    public static TheoryData<string> Downloads => [.. KeyDistribution.All.Where(d => d.Receiver == KeyEntity.Client && d.Initiator != KeyEntity.Client).Select(d => d.Name)];

    [Theory]
    [MemberData(nameof(Downloads))]
    public void Every_key_that_servers_hand_out_arrives(string name)
    {
        KeyDistribution distribution = KeyDistribution.All.Single(d => d.Name == name);
        TestParty server = distribution.Initiator == KeyEntity.GroupManagementServer ? _groups : _mcx;
        ServiceKeyTerms terms = new() { GroupIds = distribution.HasGroups ? [Group] : [], Sessions = distribution.Sessions };

        MadeServiceKey made = server.Keys.Create(distribution, [Medic], terms);
        ServiceKeyInfo key = _medic.Keys.Open(made.Messages[0].Octets.Span).Key;

        (key.Purpose, key.KeyId).ShouldBe((distribution.Purpose, made.Key.KeyId));
        using MikeyKey ours = _medic.Store.OpenServiceKey(key);
        using MikeyKey theirs = server.Store.OpenServiceKey(made.Key);
        Secret(ours).ShouldBe(Secret(theirs));
        ours.Random.ToArray().ShouldBe(theirs.Random.ToArray());
    }

    [Fact]
    public void Keys_are_taken_only_from_those_who_hand_them_out()
    {
        byte[] gmk = Octets(_mcx.Keys.Create(KeyDistribution.Gmk, [Medic], new ServiceKeyTerms { GroupIds = [Group] }));
        ShouldFail(ClientFault.InitiatorNotAllowed, () => _medic.Keys.Open(gmk));
        byte[] musik = Octets(_groups.Keys.Create(KeyDistribution.Musik, [Medic]));
        ShouldFail(ClientFault.InitiatorNotAllowed, () => _medic.Keys.Open(musik));
        byte[] csk = Octets(_medic.Keys.UploadCsk(TestParty.GroupServer));
        ShouldFail(ClientFault.PurposeMismatch, () => _groups.With(o => o with { Expects = [KeyDistribution.Spk] }).Open(csk));
        ShouldFail(ClientFault.IdentityNotOwned, () => _medic.Keys.CreateGroupKey(Group, [Medic]));
        ShouldFail(ClientFault.IdentityNotOwned, () => _mcx.Keys.UploadCsk(TestParty.McxServer));

        _medic.With(o => o with { GroupManagementServers = [TestParty.McxServer] }).Open(gmk).Change.ShouldBe(ServiceKeyChange.Added);
        _medic.Store.ServiceKeys.Count.ShouldBe(2, "the GMK, and the CSK that medic made");
    }

    [Fact]
    public void A_look_keeps_nothing_notes_nothing_and_judges_nobody()
    {
        MadeServiceKey made = _mcx.Keys.Create(KeyDistribution.Gmk, [Medic], new ServiceKeyTerms { GroupIds = [Group] });
        ReadOnlySpan<byte> message = made.Messages[0].Octets.Span;
        for (int i = 0; i < 2; i++)
        {
            KeyOpening seen = _medic.Keys.Examine(message);
            using MikeyKey key = seen.Key!;
            (key.KeyId, seen.Initiator!.Uri).ShouldBe((made.Key.KeyId, TestParty.McxServer));
        }

        _medic.Store.ServiceKeys.ShouldBeEmpty();
        byte[] octets = message.ToArray();
        ShouldFail(ClientFault.InitiatorNotAllowed, () => _medic.Keys.Open(octets));
        ShouldFail(ClientFault.MessageNotForUs, () => _groups.Keys.Examine(octets));
        octets[^1] ^= 1;
        ShouldFail(ClientFault.MessageNotAuthentic, () => _medic.Keys.Examine(octets));

        byte[] hidden = _groups.Keys.Create(KeyDistribution.Gmk, [Medic], new ServiceKeyTerms { GroupIds = [Group], HideIdentities = true })
            .Messages[0].Octets.ToArray();
        KeyOpening opening = _medic.Keys.Examine(hidden);
        using MikeyKey behind = opening.Key!;
        opening.Initiator!.Uri.ShouldBeNull();
        _profile.Time.Advance(TimeSpan.FromDays(1));
        ShouldFail(ClientFault.MessageNotFresh, () => _medic.Keys.Examine(hidden));
    }

    [Fact]
    public void A_server_that_keeps_keys_elsewhere_takes_and_composes_without_its_store()
    {
        byte[] up = Octets(_medic.Keys.UploadCsk(TestParty.McxServer));
        byte[] bent = [.. up];
        bent[^1] ^= 1;

        ShouldFail(ClientFault.MessageNotAuthentic, () => _mcx.Keys.Take(bent));
        using TakenServiceKey taken = _mcx.Keys.Take(up);
        using TakenServiceKey again = _mcx.Keys.Take(up);
        (taken.Info.InitiatorUri, taken.Info.PeerUri, taken.Key.Purpose).ShouldBe((Medic, Medic, KeyPurpose.Csk));
        again.MessageDigest.ToArray().ShouldBe(taken.MessageDigest.ToArray(), "by which whoever keeps the key knows a replay");
        taken.ForgetAfter.ShouldBe(taken.Info.MessageTime + MikeyReplayCache.DefaultFreshnessWindow);
        using MikeyKey replacement = MikeyKey.Generate(KeyPurpose.Csk);
        byte[] down = Octets(_mcx.Keys.Compose(KeyDistribution.CskDownload, replacement, [Medic]));

        _medic.Keys.Open(down).Key.KeyId.ShouldBe(replacement.KeyId);
        _mcx.Store.ServiceKeys.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_message_opens_once_for_a_profile_and_a_changed_one_changes_nothing()
    {
        byte[] message = Octets(_groups.Keys.CreateGroupKey(Group, [Medic]));
        byte[] bent = [.. message];
        bent[^1] ^= 1;

        ShouldFail(ClientFault.MessageNotAuthentic, () => _medic.Keys.Open(bent));
        _medic.Store.ServiceKeys.ShouldBeEmpty();
        _ = _medic.Keys.Open(message);
        await _medic.RestartAsync();
        ShouldFail(ClientFault.MessageReplayed, () => _medic.Keys.Open(message));
        _profile.Time.Advance(TimeSpan.FromMinutes(6));
        ShouldFail(ClientFault.MessageNotFresh, () => _medic.Keys.Open(message));
        ShouldFail(ClientFault.MessageNotForUs, () => _mcx.Keys.Open(message));
        ShouldFail(ClientFault.MessageMalformed, () => _medic.Keys.Open([1, 2, 3]));
    }

    [Fact]
    public void A_message_in_a_document_is_taken_later_under_the_previous_periods_key_set_and_read_again()
    {
        byte[] message = Octets(_groups.Keys.CreateGroupKey(Group, [Medic]));
        _profile.Time.SetUtcNow(TestDomain.Home.Certificate.PeriodAt(_profile.Time.GetUtcNow()).End.AddDays(1));
        _medic.Provision();
        ServiceKeyMessageContext document = new() { IsFromDocument = true };

        ShouldFail(ClientFault.MessageNotFresh, () => _medic.Keys.Open(message));
        _medic.Keys.Open(message, document).Change.ShouldBe(ServiceKeyChange.Added);
        _medic.Keys.Open(message, document).Change.ShouldBe(ServiceKeyChange.Unchanged);
        ShouldFail(ClientFault.MessageNotFresh, () => _medic.With(o => o with { DocumentMaxAge = TimeSpan.FromDays(1) }).Open(message, document));

        _ = _medic.Store.RevokeServiceKey(_medic.Store.ServiceKeys.Single());
        _medic.Keys.Open(message, document).Change.ShouldBe(ServiceKeyChange.Unchanged);
        _medic.Store.FindSendingKey(ServiceKeyScope.ForGroup(Medic, Group)).ShouldBeNull();
    }

    [Fact]
    public void A_message_made_in_the_future_is_not_taken_from_a_document_either()
    {
        DateTimeOffset now = _profile.Time.GetUtcNow();
        _profile.Time.Advance(TimeSpan.FromMinutes(6));
        byte[] message = Octets(_groups.Keys.CreateGroupKey(Group, [Medic]));
        _profile.Time.AdjustTime(now);

        ShouldFail(ClientFault.MessageNotFresh, () => _medic.Keys.Open(message, new ServiceKeyMessageContext { IsFromDocument = true }));
    }

    [Fact]
    public void A_hidden_initiator_is_confirmed_before_his_key_is_kept()
    {
        ServiceKeyTerms hidden = new() { GroupIds = [Group], HideIdentities = true };
        byte[] message = Octets(_groups.Keys.Create(KeyDistribution.Gmk, [Medic], hidden));
        ShouldFail(ClientFault.MessageNotForUs, () => _medic.Keys.Open(message));
        ShouldFail(ClientFault.MessageNotAuthentic, () => _medic.Keys.Open(message, Reveal(TestParty.McxServer)));
        _medic.Store.ServiceKeys.ShouldBeEmpty();

        _medic.Keys.Open(message, Reveal(TestParty.GroupServer)).Key.InitiatorUri.ShouldBe(TestParty.GroupServer);

        byte[] foreign = Octets(_mcx.Keys.Create(KeyDistribution.Gmk, [Medic], hidden));
        ShouldFail(ClientFault.InitiatorNotAllowed, () => _medic.Keys.Open(foreign, Reveal(TestParty.McxServer)));
    }

    [Fact]
    public void Groups_come_from_the_document_where_the_message_names_none()
    {
        byte[] message = Octets(_groups.Keys.Create(KeyDistribution.Gmk, [Medic]));

        ServiceKeyInfo key = _medic.Keys.Open(message, new ServiceKeyMessageContext { GroupIds = [Group] }).Key;

        _medic.Store.FindSendingKey(ServiceKeyScope.ForGroup(Medic, Group))!.KeyId.ShouldBe(key.KeyId);
    }

    [Fact]
    public async Task Another_key_under_a_known_identifier_is_refused_from_its_maker_and_takes_nothing_from_others()
    {
        const string second = "sip:mcx2@lab.example";
        using TestParty other = await TestParty.CreateAsync(_profile, second, isEntity: true);
        MadeServiceKey made = _mcx.Keys.Create(KeyDistribution.CskDownload, [Medic]);
        _ = _medic.Keys.Open(made.Messages[0].Octets.Span);
        _profile.Time.Advance(TimeSpan.FromSeconds(1));

        byte[] same = Csk(_mcx, made.Key.KeyId);
        ShouldFail(ClientFault.ServiceKeyConflict, () => _medic.Keys.Open(same));
        byte[] elsewhere = Csk(other, made.Key.KeyId);
        _medic.With(o => o with { McxServers = [second] }).Open(elsewhere).Change.ShouldBe(ServiceKeyChange.Added);

        using MikeyKey held = _medic.Store.OpenServiceKey(_medic.Store.FindSendingKey(ServiceKeyScope.ForPeer(Medic, TestParty.McxServer))!);
        using MikeyKey original = _mcx.Store.OpenServiceKey(made.Key);
        Secret(held).ShouldBe(Secret(original));
        _medic.Store.FindReceivingKeys(made.Key.KeyId).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_replica_takes_a_key_from_SAKKE_to_self()
    {
        using TestProfile elsewhere = new();
        using TestParty replica = await TestParty.CreateAsync(elsewhere, TestParty.GroupServer, isEntity: true);
        byte[] message = Octets(_groups.Keys.CreateGroupKey(Group, [Medic], new ServiceKeyTerms { SakkeToSelf = true }));

        ServiceKeyReceipt receipt = replica.Keys.Open(message, new ServiceKeyMessageContext { IsOwn = true });

        receipt.Key.IsOwn.ShouldBeTrue();
        receipt.Key.KeyId.ShouldBe(_groups.Store.ServiceKeys.Single().KeyId);
        replica.Keys.Repeat(receipt.Key, [Medic]).Messages.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Domains_are_resolved_both_ways_and_an_unknown_or_revoked_one_is_refused()
    {
        using TestParty courier = await TestParty.CreateAsync(_profile, "sip:courier@partner.example", domain: Partner);
        _groups.Store.KeepPartnerCertificates([External(Partner, "partner.example")], 1, isComplete: true);
        byte[] message = Octets(_groups.Keys.CreateGroupKey(Group, [courier.Uri]));

        ShouldFail(ClientFault.DomainUnknown, () => courier.Keys.Open(message));
        courier.Store.KeepPartnerCertificates([External(TestDomain.Home, "lab.example", isRevoked: true)], 1, isComplete: true);
        ShouldFail(ClientFault.KmsCertificateUnusable, () => courier.Keys.Open(message));
        courier.Store.KeepPartnerCertificates([External(TestDomain.Home, "lab.example")], 2, isComplete: true);
        courier.Keys.Open(message).Key.InitiatorKmsUri.ShouldBe("kms.lab.example");
    }

    [Fact]
    public void Arguments_that_make_no_sense_are_refused()
    {
        Should.Throw<ArgumentException>(() => _groups.Keys.CreateGroupKey(Group, []));
        Should.Throw<ArgumentException>(() => _mcx.Keys.Create(KeyDistribution.CskDownload, [Medic, "sip:pilot@lab.example"]));
        Should.Throw<ArgumentException>(() => _mcx.Keys.Create(KeyDistribution.CskDownload, [Medic], new ServiceKeyTerms { GroupIds = [Group] }));
        ShouldFail(ClientFault.UriMalformed, () => _groups.Keys.CreateGroupKey(Group, ["medic"]));
        _profile.Time.Advance(TimeSpan.FromDays(30));
        ShouldFail(ClientFault.NoUsableKeySet, () => _groups.Keys.CreateGroupKey(Group, [Medic]));
    }

    /// <summary>A CSK with an identifier of one's choice, made with the keys of a party.</summary>
    private byte[] Csk(TestParty party, uint keyId)
    {
        DateTimeOffset now = _profile.Time.GetUtcNow();
        KmsCertificate domain = TestDomain.Home.Certificate;
        long period = domain.PeriodAt(now).Number;
        using UnlockedKeySet keys = party.Store.Unlock(party.Uri, period, party.Store.Root!)!;
        using MikeyKey key = MikeyKey.Import(keyId, new byte[16], new byte[16]);
        return KeyMessage.Create(
            KeyDistribution.CskDownload,
            key,
            new MikeySender { SigningKey = keys.SigningKey, Uri = party.Uri, KmsUri = domain.KmsUri },
            new MikeyRecipient(Medic, domain.KmsUri, domain.PublicEncryptionKey, domain.UserIdFor(Medic, period).Octets.ToArray()),
            now);
    }

    private static ServiceKeyMessageContext Reveal(string uri) => new() { RevealInitiator = _ => uri };

    private static byte[] Octets(MadeServiceKey made) => made.Messages[0].Octets.ToArray();

    private static byte[] Secret(MikeyKey key)
    {
        byte[] secret = new byte[MikeyKey.SecretSizeInBytes];
        key.ExportSecret(secret);
        return secret;
    }

    private static KmsCertificate External(TestDomain domain, string host, bool isRevoked = false) => new()
    {
        Role = KmsCertificateRole.External,
        KmsUri = domain.Certificate.KmsUri,
        Schedule = domain.Certificate.Schedule,
        PublicEncryptionKey = domain.Certificate.PublicEncryptionKey,
        PublicAuthenticationKey = domain.Certificate.PublicAuthenticationKey,
        Domains = [host],
        Revoked = isRevoked,
    };
}
