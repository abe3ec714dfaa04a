using System.Reflection;
using Watchword.KeyManagement;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests;

/// <summary>What was prepared opens in its place only, and is erased with the right to it.</summary>
public sealed class PreparedErasureTests : IAsyncLifetime
{
    private const string Tamper = "UPDATE PreparedKey SET Sealed = ";

    private PreparedDomain _domain = null!;
    private Preparation _done = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _domain = await PreparedDomain.CreateAsync(Token);
        await _domain.KeyAsync(3, Token);
    }

    public ValueTask DisposeAsync()
    {
        _domain.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(RequesterState.Disabled)]
    [InlineData(RequesterState.Removed)]
    public async Task Who_is_barred_leaves_nothing_in_the_files_of_the_database(RequesterState state)
    {
        _done = await _domain.PrepareAsync(Token);
        byte[] his = (await RowAsync(1))!.Sealed.ToArray();
        byte[] anothers = (await RowAsync(2))!.Sealed.ToArray();
        IsOnDisk(his).ShouldBeTrue();

        await BarAsync(1, state);
        (await RowAsync(1)).ShouldBeNull();
        (IsOnDisk(his), IsOnDisk(anothers)).ShouldBe((false, true));

        // What is prepared later leaves him out, and enabled again he gets what is made then.
        _done = await _domain.PrepareAsync(Token);
        (await CountAsync()).ShouldBe(2);
        _domain.OpenNextPeriod();
        (await Should.ThrowAsync<KmsException>(_domain.TakeAsync(1, Token))).Error.ShouldBe(KmsError.RequesterDisabled);
        if (state == RequesterState.Disabled)
        {
            await BarAsync(1, RequesterState.Enabled, 2);
            (await _domain.TakeAsync(1, Token)).ShouldBe(await _domain.MakeAsync(1, Token));
        }
    }

    [Fact]
    public async Task Who_is_barred_between_making_and_writing_is_left_out()
    {
        await _domain.StartAsync(Token);
        PreparationRunner runner = new(
            MeddledStore.Around(_domain.Life.Store, before: () => BarAsync(1, RequesterState.Disabled)), _domain.Node, _domain.Vault,
            _domain.TransportKeys, PreparedDomain.Settings, _domain.Life.Time);
        _done = (await runner.RunAsync(Token)).ShouldNotBeNull();
        (await CountAsync()).ShouldBe(2);
        (await RowAsync(1)).ShouldBeNull();
    }

    [Fact]
    public async Task An_identity_that_is_moved_is_made_for_its_new_holder()
    {
        _done = await _domain.PrepareAsync(Token);
        _domain.OpenNextPeriod();

        // Nobody was keyed under it in the next period: the new holder may be, and gets nothing that was made for the old one.
        byte[] taken = await _domain.TakeAsync(0, Token, subject: "another");
        taken.Length.ShouldBe(354);
        (_domain.Taken, _domain.Discarded).ShouldBe((0, 1));
        (await RowAsync(0)).ShouldBeNull();

        // An override erases at once.
        await _domain.Node.Find(LifeOfDomain.KmsUri)!.AllowMovedIdentityAsync(
            LifeOfDomain.Officer, PreparedDomain.UriOf(2), _domain.Life.Time.GetUtcNow(), LifeOfDomain.Issuer, "another", "moved", "c",
            Token);
        (await RowAsync(2)).ShouldBeNull();
        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_tainted_generation_leaves_nothing_and_is_prepared_no_more()
    {
        _done = await _domain.PrepareAsync(Token);
        byte[] stored = (await RowAsync(1))!.Sealed.ToArray();
        await _domain.Life.TaintAsync(1, Token);
        (await CountAsync()).ShouldBe(0);
        IsOnDisk(stored).ShouldBeFalse();
        (await StateAsync()).ShouldBe(PreparationState.Erased);
        _domain.Life.Time.Advance(KmsInstallation.RefreshInterval);
        (await Should.ThrowAsync<KmsException>(_domain.StartAsync(Token))).Error.ShouldBe(KmsError.GenerationStateConflict);
    }

    [Fact]
    public async Task A_generation_that_is_tainted_between_making_and_writing_stores_nothing()
    {
        await _domain.StartAsync(Token);
        PreparationRunner runner = new(
            MeddledStore.Around(_domain.Life.Store, before: () => _domain.Life.TaintAsync(1, Token)), _domain.Node, _domain.Vault,
            _domain.TransportKeys, PreparedDomain.Settings, _domain.Life.Time);
        _done = (await runner.RunAsync(Token)).ShouldNotBeNull();
        (await CountAsync()).ShouldBe(0);
        (await StateAsync()).ShouldBe(PreparationState.Erased);
    }

    [Fact]
    public async Task It_is_erased_when_the_history_of_its_period_ends_and_not_before()
    {
        _done = await _domain.PrepareAsync(Token);
        byte[] stored = (await RowAsync(1))!.Sealed.ToArray();
        TimeSpan period = TimeSpan.FromSeconds(LifeOfDomain.PeriodSeconds);

        // Ahead, current, and in the history of one period.
        for (int periods = 0; periods < 3; periods++)
        {
            (await _domain.SweepAsync(Token)).ShouldBe(0);
            (await CountAsync()).ShouldBe(3);
            _domain.Life.Time.Advance(period);
        }

        (await _domain.SweepAsync(Token)).ShouldBe(3);
        (await CountAsync()).ShouldBe(0);
        IsOnDisk(stored).ShouldBeFalse();
        (await StateAsync()).ShouldBe(PreparationState.Erased);
        (await _domain.AuditAsync(Token))[^1].Entry.Detail.ShouldBe("erased 3 prepared key sets: their time is over");
        (await _domain.SweepAsync(Token)).ShouldBe(0);
    }

    [Theory]
    [InlineData("zeroblob(395)")]
    [InlineData("zeroblob(0)")]
    [InlineData("(SELECT Sealed FROM PreparedKey ORDER BY UserId LIMIT 1)")]
    public async Task A_row_that_was_changed_or_moved_is_refused_counted_and_made_afresh(string octets)
    {
        _done = await _domain.PrepareAsync(Token);
        _domain.Life.Execute(Tamper + octets);
        _domain.OpenNextPeriod();
        for (int user = 0; user < 3; user++)
        {
            (await _domain.TakeAsync(user, Token)).ShouldBe(await _domain.MakeAsync(user, Token));
        }

        int moved = octets.Contains("SELECT", StringComparison.Ordinal) ? 1 : 0;
        (_domain.Taken, _domain.Discarded).ShouldBe((moved, 3 - moved));
        (await CountAsync()).ShouldBe(moved);
    }

    [Fact]
    public async Task Under_a_transport_key_it_takes_that_key_and_custody_to_open()
    {
        TransportKeyClient client = await EnrolAsync(1, "phone");
        TransportKeyClient other = await EnrolAsync(1, "tablet");
        _done = await _domain.PrepareAsync(Token);
        IReadOnlyList<SealedKeySet> rows = await RowsAsync(1);
        rows.Select(row => row.TransportKeyId).Order().ShouldBe(
            [client.Current!.TransportKeyId, other.Current!.TransportKeyId]);
        (await RowAsync(0))!.TransportKeyId.ShouldBeEmpty();

        SecretSealer custody = await _domain.Vault.OpenAsync(LifeOfDomain.KmsUri, Token);
        DomainGeneration generation = _domain.Domain.Generations.All[0];
        PreparedKey place = new(
            new RequesterIdentity(PreparedDomain.UriOf(1), "mcptt"),
            generation.Certificate.UserIdFor(PreparedDomain.UriOf(1), _done.PeriodNumber), Grant: null);
        byte[] holder = PreparedPlace.HashHolder(LifeOfDomain.Issuer, PreparedDomain.NameOf(1));
        Should.Throw<KmsException>(() => PreparedKeyVault.Open(
            custody, generation, _done.PeriodNumber, place, rows[0], holder, transportKey: null)).Error
            .ShouldBe(KmsError.SealedSecretNotOpened);

        _domain.OpenNextPeriod();
        using TransportKeyExchange exchange = await ExchangeAsync(client);
        (await _domain.TakeAsync(1, Token, exchange)).ShouldBe(await _domain.MakeAsync(1, Token));
        _domain.Taken.ShouldBe(1);

        // A client without keys has no part in it, and takes nothing away.
        await _domain.TakeAsync(1, Token);
        (_domain.Taken, _domain.Discarded, (await RowsAsync(1)).Count).ShouldBe((1, 0, 2));
    }

    [Fact]
    public async Task A_transport_key_that_was_rotated_takes_what_was_under_it_along()
    {
        TransportKeyClient client = await EnrolAsync(1, "phone");
        TransportKeyClient other = await EnrolAsync(1, "tablet");
        _done = await _domain.PrepareAsync(Token);
        TransportKeyDirectory keys = new(_domain.Life.Store, _domain.TransportKeys, _domain.Life.Time);
        byte[] before = (await RowsAsync(1)).Single(row => row.TransportKeyId == client.Current!.TransportKeyId).Sealed.ToArray();

        TransportKeyClient after = await keys.EnrolAsync(
            LifeOfDomain.Officer,
            new TransportKeyEnrolment(LifeOfDomain.KmsUri, PreparedDomain.UriOf(1), "phone") { Replace = true }, "c", Token);
        (await RowsAsync(1)).Select(row => row.TransportKeyId).ShouldBe([other.Current!.TransportKeyId]);
        IsOnDisk(before).ShouldBeFalse();
        _domain.OpenNextPeriod();
        using TransportKeyExchange exchange = await ExchangeAsync(after);
        (await _domain.TakeAsync(1, Token, exchange)).ShouldBe(await _domain.MakeAsync(1, Token));
        _domain.Taken.ShouldBe(0);

        // One more client makes what custody alone seals superfluous.
        (await RowAsync(0)).ShouldNotBeNull();
        await EnrolAsync(0, "phone");
        (await RowAsync(0)).ShouldBeNull();
    }

    [Fact]
    public async Task A_node_that_does_not_prepare_never_asks_for_what_was()
    {
        _done = await _domain.PrepareAsync(Token);
        _domain.OpenNextPeriod();
        IKmsStore watched = WatchedStore.Around(_domain.Life.Store, out Func<IReadOnlyCollection<string>> called);
        using SecurityDomain opened = await SecurityDomain.OpenAsync(watched, _domain.Life.Custody, LifeOfDomain.KmsUri, Token);
        KeyIssuer issuer = new(opened, watched, new DomainPolicy(), _domain.Life.Time);
        IssuanceRequest request = new(
            new Requester(LifeOfDomain.Issuer, "user1", [new RequesterIdentity(PreparedDomain.UriOf(1), "mcptt")]), null, null, "c");
        (await issuer.IssueAsync(await issuer.PrepareAsync(request, Token), Token)).Dispose();
        string[] ahead = [.. typeof(IPreparedKeyStore).GetMethods().Select(method => method.Name)];
        called().ShouldContain(nameof(IIssuanceStore.RecordIssuanceAsync));
        called().ShouldNotContain(name => ahead.Contains(name));
    }

    private async Task<TransportKeyClient> EnrolAsync(int user, string clientId) =>
        await new TransportKeyDirectory(_domain.Life.Store, _domain.TransportKeys, _domain.Life.Time).EnrolAsync(
            LifeOfDomain.Officer, new TransportKeyEnrolment(LifeOfDomain.KmsUri, PreparedDomain.UriOf(user), clientId), "c", Token);

    private async Task<TransportKeyExchange> ExchangeAsync(TransportKeyClient client) => new(
        await _domain.TransportKeys.OpenAsync(LifeOfDomain.KmsUri, Token), client, client.Current!, default);

    private Task BarAsync(int user, RequesterState state, long number = 1) => _domain.Life.Store.AdvanceStreamAsync(
        LifeOfDomain.Issuer,
        _ => new StreamStep(
            new IssuerEvents(LifeOfDomain.Issuer, 1, number, "e", SnapshotComplete: true, null),
            [new SubjectUpdate(PreparedDomain.NameOf(user), state, null)], EndsSnapshot: false, []),
        Token);

    private Task<long> CountAsync() => _domain.Life.Store.CountPreparedAsync(_done.Id, Token);

    private async Task<PreparationState> StateAsync() =>
        (await _domain.Life.Store.FindPreparationsAsync(null, Token)).ShouldHaveSingleItem().State;

    private async Task<SealedKeySet?> RowAsync(int user) => (await RowsAsync(user)).SingleOrDefault();

    private Task<IReadOnlyList<SealedKeySet>> RowsAsync(int user)
    {
        ReadOnlyMemory<byte> userId = _domain.Domain.Generations.All[0].Certificate
            .UserIdFor(PreparedDomain.UriOf(user), _done.PeriodNumber).Octets.ToArray();
        return _domain.Life.Store.FindPreparedAsync(_done.Id, [userId], Token);
    }

    /// <summary>The first octets of the ciphertext, which stand together wherever the row begins.</summary>
    private bool IsOnDisk(byte[] octets) => _domain.Life.ReadFiles().AsSpan().IndexOf(octets.AsSpan(1, 64)) >= 0;
}

/// <summary>A store that remembers what was asked of it.</summary>
public class WatchedStore : DispatchProxy
{
    private readonly HashSet<string> _called = [];
    private IKmsStore _store = null!;

    public static IKmsStore Around(IKmsStore store, out Func<IReadOnlyCollection<string>> called)
    {
        IKmsStore proxy = Create<IKmsStore, WatchedStore>();
        WatchedStore watched = (WatchedStore)(object)proxy;
        watched._store = store;
        called = () => watched._called;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        lock (_called)
        {
            _called.Add(targetMethod!.Name);
        }

        return targetMethod.Invoke(_store, args);
    }
}
