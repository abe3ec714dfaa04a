using System.Buffers.Binary;
using System.Text;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>Key sets that are made ahead.</summary>
public abstract partial class KmsStoreContract
{
    private const string PreparedDomain = "kms.x.example";

    [Fact]
    public async Task A_preparation_is_kept_and_changed_by_one_node_at_a_time()
    {
        (KmsStore here, KmsStore there) = (await CreateAsync(), await CreateAsync());
        Preparation begun = await BeginAsync(here);
        begun.Id.ShouldBeGreaterThan(0);
        (await there.FindPreparationsAsync(PreparedDomain, Token)).ShouldHaveSingleItem().ShouldBe(begun);
        (await there.FindPreparationsAsync("kms.y.example", Token)).ShouldBeEmpty();
        (await BeginAsync(there)).ShouldBe(begun, "one of the same period is the same");

        Preparation?[] taken = await Task.WhenAll(TakeAsync(here, "one"), TakeAsync(there, "two"));
        taken.Count(one => one is not null).ShouldBe(1);
        Preparation one = taken.Single(one => one is not null)!;
        (await there.FindPreparationsAsync(null, Token)).ShouldHaveSingleItem().ShouldBe(one);

        async Task<Preparation?> TakeAsync(KmsStore store, string owner) => await store.ChangePreparationAsync(
            begun.Id, seen => seen.Owner is null ? new PreparationStep(seen with { Owner = owner }, []) : null, Token);
    }

    [Fact]
    public async Task Holders_come_in_order_each_once_and_those_keyed_later_too()
    {
        KmsStore store = await CreateAsync();
        for (int user = 0; user < 5; user++)
        {
            await RecordAsync(store, HolderOf(user));
            await RecordAsync(store, HolderOf(user) with { KmsUri = "kms.y.example", UserId = Uid(100 + user) });
            await RecordAsync(store, HolderOf(user) with { PeriodNumber = 99, UserId = Uid(50 + user) });
        }

        (long count, long first, long last) = await store.MeasureHoldersAsync(PreparedDomain, 1, 100, Token);
        (count, last > first).ShouldBe((5, true));
        (await store.MeasureHoldersAsync(PreparedDomain, 2, 100, Token)).Count.ShouldBe(0);
        Preparation one = (await BeginAsync(store)) with { Cursor = first - 1 };
        List<string> seen = [];
        IReadOnlyList<KeyHolder> part;
        do
        {
            (part, long cursor) = await store.ReadHoldersAsync(one, 2, Token);
            one = one with { Cursor = cursor };
            seen.AddRange(part.Select(holder => holder.UserUri));
        }
        while (part.Count > 0);

        seen.ShouldBe(Enumerable.Range(0, 5).Select(user => $"sip:{user}@x"));
        await RecordAsync(store, HolderOf(7));
        (await store.ReadHoldersAsync(one, 2, Token)).Holders.ShouldHaveSingleItem().UserUri.ShouldBe("sip:7@x");
    }

    [Fact]
    public async Task A_list_is_kept_until_it_has_been_gone_through()
    {
        KmsStore store = await CreateAsync();
        KeyHolder[] list = [.. Enumerable.Range(0, 3).Select(user => new KeyHolder(0, "i", $"s{user}", $"sip:{user}@x"))];
        Preparation one = await BeginAsync(store, list);
        (IReadOnlyList<KeyHolder> holders, long cursor) = await store.ReadHoldersAsync(one, 2, Token);
        holders.Select(holder => holder.Subject).ShouldBe(["s0", "s1"]);
        (holders, _) = await store.ReadHoldersAsync(one with { Cursor = cursor }, 2, Token);
        holders.ShouldHaveSingleItem().Subject.ShouldBe("s2");
        await store.ChangePreparationAsync(
            one.Id, seen => new PreparationStep(seen with { State = PreparationState.Finished }, []), Token);
        (await store.ReadHoldersAsync(one, 2, Token)).Holders.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_batch_is_written_once_and_the_same_again_is_the_same_row()
    {
        (KmsStore here, KmsStore there) = (await CreateAsync(), await CreateAsync());
        await here.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        Preparation one = await BeginAsync(here);
        SealedKeySet[] keys = [.. Enumerable.Range(0, 300).Select(user => SealedOf(user))];
        Preparation after = one with { Cursor = 300, Done = 300, LeftOut = 2 };
        (await here.WritePreparedAsync(Batch(one, after, keys), Token)).ShouldBe(after);
        (await there.WritePreparedAsync(Batch(one, after, keys), Token)).ShouldBeNull("another has been there");
        (await there.CountPreparedAsync(one.Id, Token)).ShouldBe(300);

        SealedKeySet[] changed = [SealedOf(1) with { Sealed = new byte[] { 9 } }, SealedOf(1) with { UserId = Uid(999) }];
        (await there.WritePreparedAsync(Batch(after, after with { Cursor = 301 }, changed), Token)).ShouldNotBeNull();
        (await here.CountPreparedAsync(one.Id, Token)).ShouldBe(301);
        IReadOnlyList<SealedKeySet> found = await here.FindPreparedAsync(one.Id, [Uid(1), Uid(2), Uid(5000)], Token);
        found.Count.ShouldBe(2);
        found.Single(key => key.UserId.Span.SequenceEqual(Uid(1))).Sealed.ToArray().ShouldBe([9]);
        SealedKeySet second = found.Single(key => key.UserId.Span.SequenceEqual(Uid(2)));
        second.Sealed.ToArray().ShouldBe(keys[2].Sealed.ToArray());
        second.Holder.ToArray().ShouldBe(keys[2].Holder.ToArray());

        // What was written anew since it was read stays; the rest goes in parts.
        await here.ErasePreparedAsync(one.Id, [SealedOf(1), SealedOf(2)], Token);
        (await here.CountPreparedAsync(one.Id, Token)).ShouldBe(300);
        (await here.ErasePreparedAsync(one.Id, 200, Token)).ShouldBe(200);
        (await here.ErasePreparedAsync(one.Id, 200, Token)).ShouldBe(100);
        (await here.CountPreparedAsync(one.Id, Token)).ShouldBe(0);
    }

    [Fact]
    public async Task An_erasure_does_not_wait_for_who_reads_the_log_at_leisure()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        Preparation one = await BeginAsync(store);
        (await store.WritePreparedAsync(Batch(one, one with { Cursor = 1 }, [SealedOf(1)]), Token)).ShouldNotBeNull();
        await using IAsyncEnumerator<AuditRecord> reader = store.ReadAuditAsync(0, Token).GetAsyncEnumerator(Token);
        (await reader.MoveNextAsync()).ShouldBeTrue();

        // Less than the ten seconds for which a statement waits for others.
        await store.ErasePreparedAsync(one.Id, [SealedOf(1)], Token).WaitAsync(TimeSpan.FromSeconds(9), Token);
        await store.AppendAuditAsync([Entry(AuditKind.Intent)], Token);
        (await store.CountPreparedAsync(one.Id, Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_is_barred_has_nothing_prepared_and_gets_nothing_prepared()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        Preparation one = await BeginAsync(store);
        SealedKeySet[] keys = [SealedOf(1), SealedOf(2), SealedOf(3)];
        Preparation after = (await store.WritePreparedAsync(Batch(one, one with { Cursor = 3 }, keys), Token)).ShouldNotBeNull();
        await BarPreparedAsync(store, 1, ("s1", RequesterState.Disabled), ("s2", RequesterState.Removed), ("s3", RequesterState.Enabled));
        (await store.CountPreparedAsync(one.Id, Token)).ShouldBe(1);
        (await store.WritePreparedAsync(Batch(after, after with { Cursor = 4 }, keys), Token)).ShouldNotBeNull();
        (await store.FindPreparedAsync(one.Id, [Uid(1), Uid(2), Uid(3)], Token)).ShouldHaveSingleItem()
            .UserId.ToArray().ShouldBe(Uid(3));

        // The same subject of another issuer is somebody else.
        SealedKeySet other = SealedOf(1) with { Holder = PreparedPlace.HashHolder("j", "s1") };
        PreparedBatch batch = Batch(after with { Cursor = 4 }, after with { Cursor = 5 }, [other]);
        (await store.WritePreparedAsync(batch, Token)).ShouldNotBeNull();
        (await store.CountPreparedAsync(one.Id, Token)).ShouldBe(2);
    }

    [Fact]
    public async Task A_transport_key_that_ends_takes_along_what_is_under_it()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        Preparation one = await BeginAsync(store);
        TransportKeyClient phone = KeyClient("sip:1@x", "phone") with { LastNumber = 1, Pairs = [KeyPair(1)] };
        await ChangeAsync(store, phone);
        string current = KeyPair(1).TransportKeyId;
        SealedKeySet[] keys =
        [
            SealedOf(1) with { TransportKeyId = current }, SealedOf(1) with { TransportKeyId = "tk.9.gone" }, SealedOf(1), SealedOf(2),
        ];
        Preparation after = (await store.WritePreparedAsync(Batch(one, one with { Cursor = 3 }, keys), Token)).ShouldNotBeNull();

        // Neither what is under a key that no client holds, nor under custody alone where a client holds one.
        (await store.FindPreparedAsync(one.Id, [Uid(1)], Token)).ShouldHaveSingleItem().TransportKeyId.ShouldBe(current);
        (await store.CountPreparedAsync(one.Id, Token)).ShouldBe(2);
        await ChangeAsync(store, phone with { LastSeenAt = Time.GetUtcNow() });
        (await store.CountPreparedAsync(one.Id, Token)).ShouldBe(2);
        await ChangeAsync(store, phone with { State = EnrolmentState.Revoked, Pairs = [] });
        (await store.FindPreparedAsync(one.Id, [Uid(1)], Token)).ShouldBeEmpty();
        (await store.CountPreparedAsync(after.Id, Token)).ShouldBe(1);
    }

    [Theory]
    [InlineData(GenerationState.Tainted)]
    [InlineData(GenerationState.Revoked)]
    public async Task A_generation_that_issues_no_more_has_nothing_prepared(GenerationState state)
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        Preparation one = await BeginAsync(store);
        Preparation after = (await store.WritePreparedAsync(Batch(one, one with { Cursor = 1 }, [SealedOf(1)]), Token)).ShouldNotBeNull();
        await store.ChangeGenerationsAsync(
            [new GenerationChange(PreparedDomain, 1, GenerationState.Active, state)], [Entry(AuditKind.Domain)], Token);
        (await store.CountPreparedAsync(one.Id, Token)).ShouldBe(0);
        (await store.FindPreparationsAsync(null, Token)).ShouldHaveSingleItem().State.ShouldBe(PreparationState.Erased);
        (await store.WritePreparedAsync(Batch(after, after with { Cursor = 2 }, [SealedOf(1)]), Token)).ShouldBeNull();
        (await store.CountPreparedAsync(one.Id, Token)).ShouldBe(0);
    }

    private static byte[] Uid(int number)
    {
        byte[] octets = new byte[32];
        BinaryPrimitives.WriteInt32BigEndian(octets, number);
        return octets;
    }

    private static IssuanceRecord HolderOf(int user) => Issuance() with
    {
        UserUri = $"sip:{user}@x", Subject = $"s{user}", UserId = Uid(user),
    };

    private static SealedKeySet SealedOf(int user) => new(
        Uid(user), string.Empty, PreparedPlace.HashHolder("i", $"s{user}"),
        PreparedPlace.HashIdentity(PreparedDomain, $"sip:{user}@x"), Encoding.UTF8.GetBytes($"sealed {user}"));

    private static PreparedBatch Batch(Preparation seen, Preparation after, IReadOnlyList<SealedKeySet> keys) => new(
        seen, after, [.. Enumerable.Range(0, 4).Select(user => new KeyHolder(user, "i", $"s{user}", $"sip:{user}@x"))], keys,
        Entry(AuditKind.Preparation));

    private Task<Preparation> BeginAsync(KmsStore store, IReadOnlyList<KeyHolder>? listed = null)
    {
        DateTimeOffset now = Time.GetUtcNow();
        return store.BeginPreparationAsync(
            PreparedDomain, 1, 101,
            existing => existing is not null ? null : new PreparationStep(
                new Preparation
                {
                    KmsUri = PreparedDomain,
                    Generation = 1,
                    PeriodNumber = 101,
                    Source = listed is null ? PreparationSource.Issued : PreparationSource.Listed,
                    SourceGeneration = 1,
                    SourcePeriod = 100,
                    State = PreparationState.Running,
                    StartedAt = now,
                    UpdatedAt = now,
                    RunSince = now,
                    LeaseUntil = now,
                    SealerId = "0123456789abcdef",
                    OrderedBy = new Authority("a", "officer", "crypto officer"),
                    CorrelationId = "c",
                },
                [Entry(AuditKind.Preparation)]),
            listed ?? [], Token);
    }

    private static Task BarPreparedAsync(
        KmsStore store, long number, params (string Subject, RequesterState State)[] changes) => store.AdvanceStreamAsync(
        "i",
        _ => new StreamStep(
            new IssuerEvents("i", 1, number, "e", SnapshotComplete: true, null),
            [.. changes.Select(change => new SubjectUpdate(change.Subject, change.State, null))], EndsSnapshot: false, []),
        Token);
}
