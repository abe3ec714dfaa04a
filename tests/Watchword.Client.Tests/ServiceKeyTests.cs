using Watchword.Client.Tests.Support;
using Watchword.Mikey;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

/// <summary>Group keys between a group management server and members: rekeying, revocation, persistence (TS 33.180 5.7, 5.2.4).</summary>
public sealed class ServiceKeyTests : IAsyncLifetime
{
    private const string Group = "sip:rescue@lab.example";
    private const string Medic = "sip:medic@lab.example";
    private const string Pilot = "sip:pilot@lab.example";
    private readonly TestProfile _profile = new();
    private TestParty _server = null!;
    private TestParty _medic = null!;

    private static ServiceKeyScope Scope => ServiceKeyScope.ForGroup(Medic, Group);

    private DateTimeOffset Now => _profile.Time.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _server = await TestParty.CreateAsync(_profile, TestParty.GroupServer, isEntity: true);
        _medic = await TestParty.CreateAsync(_profile, Medic);
    }

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        _medic.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Members_hold_one_key_under_identifiers_of_their_own()
    {
        using TestParty pilot = await TestParty.CreateAsync(_profile, Pilot);
        MadeServiceKey made = _server.Keys.CreateGroupKey(Group, [Medic, Pilot], new ServiceKeyTerms { Text = "rescue" });

        ServiceKeyReceipt one = _medic.Keys.Open(made.Messages[0].Octets.Span);
        ServiceKeyReceipt other = pilot.Keys.Open(made.Messages[1].Octets.Span);

        one.Change.ShouldBe(ServiceKeyChange.Added);
        (one.Key.KeyId, other.Key.KeyId).ShouldBe((made.Key.KeyId, made.Key.KeyId));
        one.Key.UserKeyId.ShouldNotBe(other.Key.UserKeyId);
        one.Key.ShouldSatisfyAllConditions(
            k => k.Purpose.ShouldBe(KeyPurpose.Gmk),
            k => k.InitiatorUri.ShouldBe(TestParty.GroupServer),
            k => k.InitiatorKmsUri.ShouldBe("kms.lab.example"),
            k => k.GroupIds.ShouldBe([Group]),
            k => k.Text.ShouldBe("rescue"),
            k => k.IsOwn.ShouldBeFalse());
        using MikeyKey medic = _medic.Store.OpenServiceKey(one.Key);
        using MikeyKey partner = pilot.Store.OpenServiceKey(other.Key);
        using SrtpKeys said = medic.DeriveSrtpKeys(McCryptoSession.McpttGroup, one.Key.UserKeyId);
        using SrtpKeys heard = partner.DeriveSrtpKeys(McCryptoSession.McpttGroup, one.Key.UserKeyId);
        Export(heard).ShouldBe(Export(said));
    }

    [Fact]
    public void Rekeying_leaves_no_gap()
    {
        ServiceKeyInfo first = Receive(new ServiceKeyTerms { Expiry = Now.AddHours(3) });
        ServiceKeyInfo second = Receive(new ServiceKeyTerms { Activation = Now.AddHours(1) });

        _medic.Store.FindSendingKey(Scope)!.KeyId.ShouldBe(first.KeyId);
        _medic.Store.FindReceivingKeys(Scope).Select(k => k.KeyId).ShouldBe([first.KeyId]);
        _profile.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(10));
        _medic.Store.FindSendingKey(Scope)!.KeyId.ShouldBe(first.KeyId);
        _medic.Store.FindReceivingKeys(Scope).Select(k => k.KeyId).ShouldBe([second.KeyId, first.KeyId], "a sender's clock may be ahead");
        _profile.Time.Advance(TimeSpan.FromSeconds(10));
        _medic.Store.FindSendingKey(Scope)!.KeyId.ShouldBe(second.KeyId);
        _medic.Store.FindReceivingKeys(first.KeyId).ShouldHaveSingleItem("what is on its way under the old key still opens");
        _profile.Time.Advance(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(29));
        _medic.Store.FindReceivingKeys(first.KeyId).ShouldHaveSingleItem();
        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        _medic.Store.FindReceivingKeys(first.KeyId).ShouldBeEmpty();
        ShouldFail(ClientFault.ServiceKeyEnded, () => _medic.Store.OpenServiceKey(first).Dispose());
    }

    [Fact]
    public void A_key_that_gave_way_never_sends_again_not_even_when_the_newer_one_expires_or_is_revoked()
    {
        ServiceKeyInfo first = Receive();
        _profile.Time.Advance(TimeSpan.FromMinutes(1));
        ServiceKeyInfo second = Receive(new ServiceKeyTerms { Expiry = Now.AddHours(1) });
        _profile.Time.Advance(TimeSpan.FromHours(2));
        _medic.Store.WipeEndedServiceKeys().ShouldBeTrue();

        _medic.Store.FindSendingKey(Scope).ShouldBeNull();
        _medic.Store.FindReceivingKeys(Scope).Select(k => k.KeyId).ShouldBe([first.KeyId]);
        _medic.Store.ServiceKeys.Select(k => k.KeyId).ShouldContain(second.KeyId, "it is remembered, so that the older one stays behind it");

        _medic.Store.ForgetServiceKey(second);
        _medic.Store.FindSendingKey(Scope)!.KeyId.ShouldBe(first.KeyId);
    }

    [Fact]
    public async Task A_revoked_key_is_never_used_again()
    {
        MadeServiceKey made = _server.Keys.CreateGroupKey(Group, [Medic]);
        ServiceKeyInfo key = _medic.Keys.Open(made.Messages[0].Octets.Span).Key;
        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        byte[] again = [.. _server.Keys.Repeat(made.Key, [Medic]).Messages[0].Octets.Span];
        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        MadeServiceKey revoked = _server.Keys.Revoke(made.Key, [Medic]);

        ServiceKeyReceipt receipt = _medic.Keys.Open(revoked.Messages[0].Octets.Span);

        receipt.Change.ShouldBe(ServiceKeyChange.Revoked);
        receipt.Key.IsRevoked.ShouldBeTrue();
        revoked.Key.IsRevoked.ShouldBeTrue();
        await _medic.RestartAsync();
        ShouldBeGone(key);
        ServiceKeyReceipt late = _medic.Keys.Open(again);
        late.Change.ShouldBe(ServiceKeyChange.Unchanged);
        ShouldBeGone(key);
        ShouldFail(ClientFault.ServiceKeyEnded, () => _server.Keys.Repeat(made.Key, [Medic]));
    }

    [Fact]
    public void A_revocation_that_comes_before_its_key_holds()
    {
        MadeServiceKey made = _server.Keys.CreateGroupKey(Group, [Medic]);
        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        MadeServiceKey revoked = _server.Keys.Revoke(made.Key, [Medic]);

        _medic.Keys.Open(revoked.Messages[0].Octets.Span).Change.ShouldBe(ServiceKeyChange.Revoked);
        _medic.Keys.Open(made.Messages[0].Octets.Span).Change.ShouldBe(ServiceKeyChange.Unchanged);
        ShouldBeGone(made.Key);
    }

    [Fact]
    public void A_key_revoked_before_it_begins_takes_nobodys_place()
    {
        ServiceKeyInfo first = Receive();
        MadeServiceKey next = _server.Keys.CreateGroupKey(Group, [Medic], new ServiceKeyTerms { Activation = Now.AddHours(1) });
        _ = _medic.Keys.Open(next.Messages[0].Octets.Span);
        _ = _medic.Store.RevokeServiceKey(next.Key with { OwnerUri = Medic });
        _profile.Time.Advance(TimeSpan.FromHours(2));

        _medic.Store.FindSendingKey(Scope)!.KeyId.ShouldBe(first.KeyId);
    }

    [Fact]
    public void A_repeated_key_takes_the_newer_terms_and_keeps_its_place()
    {
        MadeServiceKey first = _server.Keys.CreateGroupKey(Group, [Medic]);
        _ = _medic.Keys.Open(first.Messages[0].Octets.Span);
        _profile.Time.Advance(TimeSpan.FromMinutes(1));
        ServiceKeyInfo second = Receive();
        _profile.Time.Advance(TimeSpan.FromMinutes(1));
        DateTimeOffset expiry = Now.AddMinutes(10);
        MadeServiceKey repeated = _server.Keys.Repeat(first.Key, [Medic], new ServiceKeyTerms { GroupIds = [Group], Expiry = expiry });

        ServiceKeyReceipt receipt = _medic.Keys.Open(repeated.Messages[0].Octets.Span);

        receipt.Change.ShouldBe(ServiceKeyChange.Renewed);
        receipt.Key.Expiry.ShouldBe(expiry);
        _medic.Store.FindSendingKey(Scope)!.KeyId.ShouldBe(second.KeyId, "said again, it did not become the newest");
    }

    [Fact]
    public async Task Who_joins_late_learns_when_the_older_key_began()
    {
        using TestParty pilot = await TestParty.CreateAsync(_profile, Pilot);
        MadeServiceKey first = _server.Keys.CreateGroupKey(Group, [Medic]);
        _profile.Time.Advance(TimeSpan.FromMinutes(1));
        MadeServiceKey second = _server.Keys.CreateGroupKey(Group, [Medic, Pilot]);
        _ = pilot.Keys.Open(second.Messages[1].Octets.Span);
        _profile.Time.Advance(TimeSpan.FromMinutes(1));
        _ = pilot.Keys.Open(_server.Keys.Repeat(first.Key, [Pilot]).Messages[0].Octets.Span);

        ServiceKeyScope scope = ServiceKeyScope.ForGroup(Pilot, Group);
        pilot.Store.FindSendingKey(scope)!.KeyId.ShouldBe(second.Key.KeyId);
        pilot.Store.FindReceivingKeys(scope).Select(k => k.KeyId).ShouldBe([second.Key.KeyId, first.Key.KeyId]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.2)]
    [InlineData(3600)]
    public async Task Who_hears_late_that_an_older_key_is_revoked_goes_on_with_the_newer_one(double seconds)
    {
        using TestParty pilot = await TestParty.CreateAsync(_profile, Pilot);
        MadeServiceKey first = _server.Keys.CreateGroupKey(Group, [Medic]);
        MadeServiceKey second = _server.Keys.CreateGroupKey(Group, [Medic, Pilot]);
        _profile.Time.Advance(TimeSpan.FromSeconds(seconds));
        MadeServiceKey revoked = _server.Keys.Revoke(first.Key, [Pilot]);
        _profile.Time.Advance(TimeSpan.FromSeconds(0.2));

        _ = pilot.Keys.Open(_server.Keys.Repeat(second.Key, [Pilot]).Messages[0].Octets.Span);
        pilot.Keys.Open(revoked.Messages[0].Octets.Span).Key.IsRevoked.ShouldBeTrue();

        pilot.Store.FindSendingKey(ServiceKeyScope.ForGroup(Pilot, Group))!.KeyId.ShouldBe(second.Key.KeyId);
    }

    [Fact]
    public void What_cannot_be_written_has_not_happened()
    {
        byte[] message = [.. _server.Keys.CreateGroupKey(Group, [Medic]).Messages[0].Octets.Span];
        string away = _medic.Store.Directory + "-away";
        Directory.Move(_medic.Store.Directory, away);

        ShouldFail(ClientFault.StoreNotWritten, () => _medic.Keys.Open(message));
        _medic.Store.ServiceKeys.ShouldBeEmpty();

        Directory.Move(away, _medic.Store.Directory);
        ServiceKeyInfo key = _medic.Keys.Open(message).Key;
        Directory.Move(_medic.Store.Directory, away);
        ShouldFail(ClientFault.StoreNotWritten, () => _medic.Store.RevokeServiceKey(key));
        Directory.Move(away, _medic.Store.Directory);
        Secret(_medic.Store, key).Length.ShouldBe(16);
    }

    [Fact]
    public async Task Keys_come_back_after_a_restart_and_are_not_on_the_disk_in_clear()
    {
        ServiceKeyInfo key = Receive(new ServiceKeyTerms { Text = "night watch", Expiry = Now.AddDays(1) });
        byte[] secret = Secret(_medic.Store, key);

        await _medic.RestartAsync();

        ServiceKeyInfo again = _medic.Store.ServiceKeys.ShouldHaveSingleItem();
        again.ShouldBe(key with { GroupIds = again.GroupIds });
        again.GroupIds.ShouldBe(key.GroupIds);
        Secret(_medic.Store, again).ShouldBe(secret);
        byte[] file = _medic.ReadFile();
        file.AsSpan().IndexOf(secret).ShouldBe(-1);
        file.AsSpan().IndexOf("rescue"u8).ShouldBe(-1);
        file.AsSpan().IndexOf("night watch"u8).ShouldBe(-1);
    }

    [Fact]
    public async Task An_older_copy_is_found_out_by_who_noted_the_generation()
    {
        byte[] before = _medic.ReadFile();
        MadeServiceKey made = _server.Keys.CreateGroupKey(Group, [Medic]);
        _ = _medic.Keys.Open(made.Messages[0].Octets.Span);
        long noted = _medic.Store.Generation;
        await _medic.RestartAsync(new KeyStoreOptions { MinimumGeneration = noted });
        _medic.Store.Dispose();
        _medic.WriteFile(before);

        await ShouldFailAsync(ClientFault.StoreRolledBack, () => _medic.RestartAsync(new KeyStoreOptions { MinimumGeneration = noted }));
        await _medic.RestartAsync();
        _medic.Store.ServiceKeys.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_store_has_room_for_so_many_keys_and_a_refused_message_may_come_again()
    {
        await _medic.RestartAsync(new KeyStoreOptions { MaxServiceKeys = 2 });
        ServiceKeyInfo first = Receive(group: "sip:one@lab.example");
        _ = Receive(group: "sip:two@lab.example");
        MadeServiceKey third = _server.Keys.CreateGroupKey("sip:three@lab.example", [Medic]);

        ShouldFail(ClientFault.ServiceKeysFull, () => _medic.Keys.Open(third.Messages[0].Octets.Span));
        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        MadeServiceKey revoked = _server.Keys.Revoke(first with { OwnerUri = TestParty.GroupServer }, [Medic]);
        _medic.Keys.Open(revoked.Messages[0].Octets.Span).Change.ShouldBe(ServiceKeyChange.Revoked);
        _medic.Keys.Open(third.Messages[0].Octets.Span).Change.ShouldBe(ServiceKeyChange.Added);
    }

    [Fact]
    public void Of_many_superseded_keys_of_a_group_the_newest_stay()
    {
        List<uint> made = [];
        for (int i = 0; i < 12; i++)
        {
            made.Add(Receive().KeyId);
            _profile.Time.Advance(TimeSpan.FromSeconds(1));
        }

        _medic.Store.FindReceivingKeys(Scope).Select(k => k.KeyId).ShouldBe(made.AsEnumerable().Reverse().Take(9));
    }

    private ServiceKeyInfo Receive(ServiceKeyTerms? terms = null, string group = Group) =>
        _medic.Keys.Open(_server.Keys.CreateGroupKey(group, [Medic], terms).Messages[0].Octets.Span).Key;

    private void ShouldBeGone(ServiceKeyInfo key)
    {
        _medic.Store.FindSendingKey(Scope).ShouldBeNull();
        _medic.Store.FindReceivingKeys(key.KeyId).ShouldBeEmpty();
        ShouldFail(ClientFault.ServiceKeyEnded, () => _medic.Store.OpenServiceKey(key with { OwnerUri = Medic }).Dispose());
    }

    private static byte[] Secret(KeyStore store, ServiceKeyInfo key)
    {
        using MikeyKey opened = store.OpenServiceKey(key);
        byte[] secret = new byte[MikeyKey.SecretSizeInBytes];
        opened.ExportSecret(secret);
        return secret;
    }

    private static string Export(SrtpKeys keys)
    {
        byte[] octets = new byte[28];
        keys.ExportMasterKey(octets.AsSpan(0, 16));
        keys.ExportMasterSalt(octets.AsSpan(16));
        return Convert.ToHexString(octets);
    }
}
