using CsCheck;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Watchword.Client;
using Watchword.Client.Tests.Support;
using Watchword.Mikey;
using Watchword.ResourceServers.GroupManagement.Keys;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Tests.Groups;

/// <summary>The life of a group's key (TS 33.180 5.7) between documents, database, key store and the key stores of members.</summary>
public sealed class GroupKeyKeeperTests : IAsyncLifetime
{
    private const string Group = "sip:rescue@lab.example";
    private static readonly string[] Names = ["alice", "bob", "carol", "dave"];

    private readonly TestProfile _profile = new();
    private readonly SqliteConnection _database = new("Data Source=:memory:");
    private readonly Dictionary<string, TestParty> _people = [];
    private TestParty _server = null!;
    private GroupKeyKeeper _keeper = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _database.OpenAsync(Token);
        await using GroupKeyContext context = Context();
        _ = await context.Database.EnsureCreatedAsync(Token);
        _server = await TestParty.CreateAsync(_profile, TestParty.GroupServer, isEntity: true);
        _keeper = Keeper();
        foreach (string name in Names)
        {
            _people[Uri(name)] = await TestParty.CreateAsync(_profile, Uri(name));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.Dispose();
        _people.Values.ToList().ForEach(person => person.Dispose());
        _server.Dispose();
        _profile.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_member_who_is_removed_cannot_open_what_comes_after_him()
    {
        (await WishAsync("alice", "bob", "carol")).Act.ShouldBe(GroupKeyAct.Make);
        await FetchAsync("alice", "bob", "carol");
        ServiceKeyInfo first = Sending("alice")!;
        Sending("carol")!.KeyId.ShouldBe(first.KeyId);

        GroupKeyChange change = await WishAsync("alice", "bob");
        await FetchAsync("alice", "bob");

        change.Act.ShouldBe(GroupKeyAct.Replace);
        change.ToTell.ShouldBe([Uri("alice"), Uri("bob"), Uri("carol")], ignoreOrder: true);
        ServiceKeyInfo second = Sending("alice")!;
        second.KeyId.ShouldNotBe(first.KeyId);
        Sending("bob")!.KeyId.ShouldBe(second.KeyId);
        // Those who stay do not hear him under the key that he has.
        Party("alice").Store.FindReceivingKeys(first.KeyId).ShouldBeEmpty();
        // He hears no more than that his key is revoked, and what others are given does not open for him.
        ReadOnlyMemory<byte> news = (await TakeAsync("carol")).Single();
        Party("carol").Keys.Open(news.Span).Change.ShouldBe(ServiceKeyChange.Revoked);
        foreach (ReadOnlyMemory<byte> message in await TakeAsync("alice"))
        {
            TestProfile.ShouldFail(ClientFault.MessageNotForUs, () => Party("carol").Keys.Open(message.Span));
        }

        Party("carol").Store.FindReceivingKeys(second.KeyId).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_who_joins_gets_the_key_that_there_is_and_nobody_else_hears_of_it()
    {
        _ = await WishAsync("alice");
        await FetchAsync("alice");
        GroupKeyChange change = await WishAsync("alice", "bob");
        change.ToTell.ShouldBe([Uri("bob")]);
        await FetchAsync("bob");
        Sending("bob")!.KeyId.ShouldBe(Sending("alice")!.KeyId);
    }

    [Fact]
    public async Task A_key_that_served_its_time_gives_way_and_is_revoked_after_the_overlap()
    {
        _ = await WishAsync("alice", "bob");
        await FetchAsync("alice", "bob");
        ServiceKeyInfo first = Sending("alice")!;

        Advance(TimeSpan.FromDays(20));
        (await WishAsync("alice", "bob")).Act.ShouldBe(GroupKeyAct.Renew);
        await FetchAsync("alice");
        Sending("alice")!.KeyId.ShouldNotBe(first.KeyId);
        // Bob has not fetched yet: he is still heard.
        Party("alice").Store.FindReceivingKeys(first.KeyId).Count.ShouldBe(1);

        Advance(TimeSpan.FromHours(1));
        GroupKeyChange end = await WishAsync("alice", "bob");
        end.Act.ShouldBe(GroupKeyAct.None);
        end.ToTell.ShouldBe([Uri("alice"), Uri("bob")], ignoreOrder: true);
        await FetchAsync("alice", "bob");
        Party("alice").Store.FindReceivingKeys(first.KeyId).ShouldBeEmpty();
        Sending("bob")!.KeyId.ShouldBe(Sending("alice")!.KeyId);
    }

    [Fact]
    public async Task The_end_of_a_group_revokes_its_key_and_a_later_group_of_that_name_begins_anew()
    {
        _ = await WishAsync("alice", "bob");
        await FetchAsync("alice", "bob");
        (await WishAsync(needsKey: false, "alice", "bob")).Act.ShouldBe(GroupKeyAct.Revoke);
        await FetchAsync("alice", "bob");
        Sending("alice").ShouldBeNull();
        Sending("bob").ShouldBeNull();

        (await WishAsync("alice", "bob")).Act.ShouldBe(GroupKeyAct.Make);
        await FetchAsync("alice", "bob");
        Sending("alice")!.KeyId.ShouldBe(Sending("bob")!.KeyId);
    }

    [Fact]
    public async Task A_crash_between_key_store_and_database_costs_nothing_but_a_key_that_nobody_had()
    {
        await using (GroupKeyContext lost = Context())
        {
            // The changes are never committed.
            await using var transaction = await lost.Database.BeginTransactionAsync(Token);
            _ = await _keeper.ReconcileAsync(lost, Wish(true, ["alice"]), Token);
            await transaction.RollbackAsync(Token);
        }

        await _server.RestartAsync();
        _keeper.Dispose();
        _keeper = Keeper();
        (await WishAsync("alice")).Act.ShouldBe(GroupKeyAct.Make);
        _server.Store.ServiceKeys.Count(key => key.GroupIds.Contains(Group)).ShouldBe(1);
        await FetchAsync("alice");
        Sending("alice").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_key_store_that_lost_the_key_gives_the_group_another()
    {
        _ = await WishAsync("alice");
        await FetchAsync("alice");
        ServiceKeyInfo first = Sending("alice")!;
        _server.Store.ForgetServiceKey(_server.Store.ServiceKeys.Single());

        (await TakeAsync("alice")).ShouldBeEmpty();
        (await WishAsync("alice")).Act.ShouldBe(GroupKeyAct.Make);
        await FetchAsync("alice");
        Sending("alice")!.KeyId.ShouldNotBe(first.KeyId);
    }

    [Fact]
    public async Task Through_any_comings_and_goings_only_those_present_can_open_the_newest_key()
    {
        // One history for each run of the tests: keys cost milliseconds.
        bool[][] history = Gen.Bool.Array[Names.Length].Array[6].Single();
        foreach (bool[] present in history)
        {
            string[] members = [.. Names.Where((_, index) => present[index])];
            _ = await WishAsync(members);
            await FetchAsync(Names);

            uint[] sending = [.. members.Select(name => Sending(name)!.KeyId).Distinct()];
            sending.Length.ShouldBe(members.Length > 0 ? 1 : 0);
            foreach (string absent in Names.Except(members))
            {
                Sending(absent)?.KeyId.ShouldNotBe(sending.FirstOrDefault());
                (await TakeAsync(absent)).Count(octets => IsOfCurrent(octets, sending)).ShouldBe(0);
            }

            // Present members hear nobody under a key that somebody absent has.
            foreach (string member in members)
            {
                Party(member).Store.ServiceKeys.Where(key => !key.IsRevoked).ShouldAllBe(key => sending.Contains(key.KeyId));
            }
        }
    }

    private static bool IsOfCurrent(ReadOnlyMemory<byte> octets, uint[] sending) =>
        sending.Contains(MikeyMessage.Parse(octets.Span).Header.CsbId);

    private static string Uri(string name) => $"sip:{name}@lab.example";

    private static GroupKeyWish Wish(bool needsKey, string[] names) =>
        new(Group, needsKey, names.Select(Uri).ToHashSet(StringComparer.Ordinal));

    private TestParty Party(string name) => _people[Uri(name)];

    private ServiceKeyInfo? Sending(string name) => Party(name).Store.FindSendingKey(
        ServiceKeyScope.ForGroup(Uri(name), Group, KeyPurpose.Gmk));

    private Task<GroupKeyChange> WishAsync(params string[] names) => WishAsync(needsKey: true, names);

    private async Task<GroupKeyChange> WishAsync(bool needsKey, params string[] names)
    {
        Advance(TimeSpan.FromSeconds(2));
        await using GroupKeyContext context = Context();
        return await _keeper.ReconcileAsync(context, Wish(needsKey, names), Token);
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> TakeAsync(string name)
    {
        await using GroupKeyContext context = Context();
        return await _keeper.TakeMessagesAsync(context, Group, Uri(name), Token);
    }

    private async Task FetchAsync(params string[] names)
    {
        Advance(TimeSpan.FromSeconds(2));
        foreach (string name in names)
        {
            foreach (ReadOnlyMemory<byte> message in await TakeAsync(name))
            {
                _ = Party(name).Keys.Open(message.Span, new ServiceKeyMessageContext { IsFromDocument = true });
            }
        }
    }

    private void Advance(TimeSpan span)
    {
        _profile.Time.Advance(span);
        foreach (TestParty party in _people.Values.Append(_server))
        {
            party.Provision();
        }
    }

    private GroupKeyContext Context() => new(new DbContextOptionsBuilder<GroupKeyContext>().UseSqlite(_database).Options);

    private GroupKeyKeeper Keeper() => new(
        new GroupKeyMaker(_server.Store, _server.Keys), new GroupKeyLife { MaximumAge = TimeSpan.FromDays(20) }, _profile.Time);

    private sealed class GroupKeyContext(DbContextOptions<GroupKeyContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            GroupKeyConfiguration configuration = new();
            modelBuilder.ApplyConfiguration<GroupKeyRow>(configuration);
            modelBuilder.ApplyConfiguration<GroupKeyHolderRow>(configuration);
            modelBuilder.ApplyConfiguration<GroupKeyRevocationRow>(configuration);
        }
    }
}
