using Watchword.Client;
using Watchword.Client.Tests.Support;
using Watchword.Mikey;
using Watchword.ResourceServers.GroupManagement.Keys;

namespace Watchword.ResourceServers.Tests.Groups;

/// <summary>GMKs between the key store of a group management server and those of members (TS 33.180 5.7).</summary>
public sealed class GroupKeyMakerTests : IAsyncLifetime
{
    private const string Group = "sip:rescue@lab.example";
    private const string Stranger = "sip:stranger@elsewhere.example";
    private readonly TestProfile _profile = new();
    private readonly List<TestParty> _members = [];
    private TestParty _server = null!;
    private GroupKeyMaker _maker = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestParty.CreateAsync(_profile, TestParty.GroupServer, isEntity: true);
        _maker = new GroupKeyMaker(_server.Store, _server.Keys);
        foreach (string name in (string[])["alice", "bob", "carol"])
        {
            _members.Add(await TestParty.CreateAsync(_profile, $"sip:{name}@lab.example"));
        }
    }

    public ValueTask DisposeAsync()
    {
        _members.ForEach(member => member.Dispose());
        _server.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    private string[] Uris => [.. _members.Select(member => member.Uri)];

    [Fact]
    public void A_key_goes_to_every_member_under_an_identifier_of_his_own()
    {
        ServiceKeyInfo key = _maker.Make(Group, Uris);
        ServiceKeyInfo[] held = [.. _members.Zip(_maker.Repeat(key, Uris), (member, message) => member.Keys.Open(message.Octets.Span).Key)];

        held.ShouldAllBe(taken => taken.KeyId == key.KeyId && taken.GroupIds.Single() == Group);
        held.Select(taken => taken.UserKeyId).Distinct().Count().ShouldBe(held.Length);
        _maker.Find(Group, key.KeyId)!.KeyId.ShouldBe(key.KeyId);
        _maker.Find("sip:other@lab.example", key.KeyId).ShouldBeNull();
    }

    [Fact]
    public void A_message_of_one_member_opens_for_nobody_else()
    {
        ServiceKeyInfo key = _maker.Make(Group, Uris);
        ServiceKeyMessage message = _maker.Repeat(key, [Uris[0]]).Single();
        TestProfile.ShouldFail(ClientFault.MessageNotForUs, () => _members[1].Keys.Open(message.Octets.Span));
    }

    [Fact]
    public void Whoever_is_told_of_a_revocation_uses_the_key_no_more_and_the_server_has_it_no_more()
    {
        ServiceKeyInfo key = _maker.Make(Group, Uris);
        foreach ((TestParty member, ServiceKeyMessage message) in _members.Zip(_maker.Repeat(key, Uris)))
        {
            _ = member.Keys.Open(message.Octets.Span);
        }

        _profile.Time.Advance(TimeSpan.FromSeconds(1));
        IReadOnlyList<ServiceKeyMessage> revocations = _maker.Revoke(key, Uris[..2]);

        revocations.Select(message => message.ReceiverUri).ShouldBe(Uris[..2]);
        foreach ((TestParty member, ServiceKeyMessage message) in _members.Zip(revocations))
        {
            member.Keys.Open(message.Octets.Span).Change.ShouldBe(ServiceKeyChange.Revoked);
            member.Store.FindReceivingKeys(key.KeyId).ShouldBeEmpty();
        }

        _members[2].Store.FindReceivingKeys(key.KeyId).Count.ShouldBe(1);
        _maker.Find(Group, key.KeyId).ShouldBeNull();
        TestProfile.ShouldFail(ClientFault.ServiceKeyEnded, () => _maker.Repeat(key, Uris));
    }

    [Fact]
    public void A_member_whose_domain_is_not_known_keeps_nobody_else_waiting()
    {
        // A migrating partner that is named for that host and whose certificate is missing here.
        _server.Store.KeepKnownDomain(Stranger, "kms.elsewhere.example");
        ServiceKeyInfo key = _maker.Make(Group, [Stranger, .. Uris]);

        _maker.Repeat(key, [Stranger, .. Uris]).Select(message => message.ReceiverUri).ShouldBe(Uris);
        _maker.Revoke(key, [Stranger, .. Uris]).Select(message => message.ReceiverUri).ShouldBe(Uris);
        TestProfile.ShouldFail(ClientFault.DomainUnknown, () => _maker.Make(Group, [Stranger]));
    }

    [Fact]
    public async Task What_a_crash_left_in_the_key_store_is_forgotten_and_nothing_else()
    {
        ServiceKeyInfo known = _maker.Make(Group, Uris);
        ServiceKeyInfo orphan = _maker.Make(Group, Uris);
        ServiceKeyInfo other = _maker.Make("sip:other@lab.example", Uris);
        await _server.RestartAsync();
        _maker = new GroupKeyMaker(_server.Store, _server.Keys);

        _maker.ForgetOthers(Group, new HashSet<uint> { known.KeyId }).ShouldBe(1);

        _maker.Find(Group, orphan.KeyId).ShouldBeNull();
        _maker.Find(Group, known.KeyId).ShouldNotBeNull();
        _maker.Find("sip:other@lab.example", other.KeyId).ShouldNotBeNull();
    }
}
