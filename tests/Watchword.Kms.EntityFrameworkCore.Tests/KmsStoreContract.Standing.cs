using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>Who may be keyed at the moment of recording.</summary>
public abstract partial class KmsStoreContract
{
    [Fact]
    public async Task A_disabled_requester_gets_nothing_on_any_node_until_he_is_enabled()
    {
        KmsStore here = await CreateAsync();
        KmsStore there = await CreateAsync();
        await SetAsync(there, 1, new SubjectUpdate("s", RequesterState.Disabled, null));
        (await ErrorOf(RecordAsync(here, Issuance()))).ShouldBe(KmsError.RequesterDisabled);
        (await ErrorOf(here.BeginIssuanceAsync(
            [Issuance() with { PublicTokenHash = default }], Entry(AuditKind.Intent, "sip:a@x"), new IssuanceConditions(), Token)))
            .ShouldBe(KmsError.RequesterDisabled);
        await RecordAsync(here, Issuance() with { Subject = "S", UserId = Octets(11) });
        await RecordAsync(here, Issuance() with { Issuer = "j", UserId = Octets(12) });
        await SetAsync(here, 2, new SubjectUpdate("s", RequesterState.Enabled, null));
        await RecordAsync(there, Issuance());
        await SetAsync(here, 3, new SubjectUpdate("s", RequesterState.Removed, null));
        (await ErrorOf(RecordAsync(there, Issuance()))).ShouldBe(KmsError.RequesterDisabled);
        (await here.WasIssuedAsync("kms.x.example", 1, 100, "sip:a@x", "i", "s", Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Tokens_that_were_ended_give_nothing_and_later_ones_do()
    {
        KmsStore store = await CreateAsync();
        DateTimeOffset ended = Time.GetUtcNow();
        await SetAsync(store, 1, new SubjectUpdate("s", null, ended));
        await SetAsync(store, 2, new SubjectUpdate("s", null, ended.AddHours(-1)));
        Task<AuditRecord> Try(DateTimeOffset? issuedAt) => store.RecordIssuanceAsync(
            [Issuance()], Entry(AuditKind.Denied), new IssuanceConditions { TokenIssuedAt = issuedAt }, Token);
        foreach (DateTimeOffset? issuedAt in (DateTimeOffset?[])[null, ended.AddSeconds(-1), ended, ended.AddMilliseconds(900)])
        {
            (await ErrorOf(Try(issuedAt))).ShouldBe(KmsError.RequesterDisabled);
        }

        await Try(ended.AddSeconds(1));
        (await store.FindSubjectAsync("i", "s", Token)).ShouldBe(
            new SubjectRecord("i", "s", RequesterState.Enabled, ended, 1, Time.GetUtcNow()));
    }

    [Fact]
    public async Task An_identity_that_moved_is_not_keyed_for_another_in_the_period_unless_an_officer_allows_it()
    {
        KmsStore store = await CreateAsync();
        await RecordAsync(store, Issuance());
        IssuanceRecord moved = Issuance() with { Subject = "t" };
        (await ErrorOf(RecordAsync(store, moved))).ShouldBe(KmsError.IdentityMoved);
        (await ErrorOf(RecordAsync(store, Issuance() with { Issuer = "j" }))).ShouldBe(KmsError.IdentityMoved);
        await RecordAsync(store, moved with { PeriodNumber = 101, UserId = Octets(8) });

        IdentityOverride allowed = new(
            "kms.x.example", "sip:a@x", 100, Octets(1), "i", "t", new Authority("i", "officer", "crypto officer"));
        AuditEntry entry = allowed.OrderedBy.ToEntry(AuditKind.Override, "kms.x.example", 1, "c");
        await store.AddOverrideAsync(allowed, entry, Token);
        await store.AddOverrideAsync(allowed, entry, Token);
        await RecordAsync(store, moved);
        (await ErrorOf(RecordAsync(store, Issuance() with { Subject = "u" }))).ShouldBe(KmsError.IdentityMoved);

        // The one who had it before has it no more.
        (await ErrorOf(RecordAsync(store, Issuance()))).ShouldBe(KmsError.IdentityMoved);
        List<AuditRecord> log = await store.ReadAuditAsync(Token).ToListAsync(Token);
        log.Count(record => record.Entry is { Kind: AuditKind.Override, Role: "crypto officer", Subject: "officer" }).ShouldBe(2);
    }

    [Fact]
    public async Task Of_two_who_ask_for_one_identity_at_once_one_gets_it()
    {
        KmsStore[] nodes = [await CreateAsync(), await CreateAsync()];
        Task<AuditRecord>[] asked = [.. Enumerable.Range(0, 30).Select(
            i => Task.Run(() => RecordAsync(nodes[i % 2], Issuance() with { Subject = $"s{i % 3}" })))];
        await Task.WhenAll(asked.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        asked.Count(task => task.IsCompletedSuccessfully).ShouldBe(10);
        foreach (Task<AuditRecord> refused in asked.Where(task => task.IsFaulted))
        {
            (await ErrorOf(refused)).ShouldBe(KmsError.IdentityMoved);
        }
    }

    [Fact]
    public async Task An_entity_that_is_its_own_subject_may_be_asserted_by_several_peers()
    {
        KmsStore store = await CreateAsync();
        IssuanceRecord entity = Issuance() with { Issuer = "asserted:1", Subject = "sip:a@x" };
        await RecordAsync(store, entity);
        await RecordAsync(store, entity with { Issuer = "asserted:2" });
        (await ErrorOf(RecordAsync(store, entity with { Subject = "s" }))).ShouldBe(KmsError.IdentityMoved);

        // An issuer of tokens whose subject is called like the identity is somebody else.
        (await ErrorOf(RecordAsync(store, entity with { Issuer = "https://idm.example" }))).ShouldBe(KmsError.IdentityMoved);
    }

    [Fact]
    public async Task A_subject_that_is_called_like_its_identity_is_not_the_same_at_another_issuer_of_tokens()
    {
        KmsStore store = await CreateAsync();
        IssuanceRecord user = Issuance() with { Issuer = "https://idm.example", Subject = "sip:a@x" };
        await RecordAsync(store, user);
        await RecordAsync(store, user);
        (await ErrorOf(RecordAsync(store, user with { Issuer = "https://other.example" }))).ShouldBe(KmsError.IdentityMoved);
        (await ErrorOf(RecordAsync(store, user with { Issuer = "asserted:1" }))).ShouldBe(KmsError.IdentityMoved);
    }

    [Fact]
    public async Task An_issuer_that_was_silent_for_too_long_is_refused_if_that_matters()
    {
        KmsStore store = await CreateAsync();
        Task<AuditRecord> Try(double? seconds) => store.RecordIssuanceAsync(
            [Issuance()], Entry(AuditKind.Denied),
            new IssuanceConditions { LongestSilence = seconds is { } limit ? TimeSpan.FromSeconds(limit) : null }, Token);
        (await ErrorOf(Try(60))).ShouldBe(KmsError.IssuerSilent);
        await store.AdvanceStreamAsync("i", _ => new StreamStep(Events(1) with { CompleteAt = Time.GetUtcNow() }, [], false, []), Token);
        await Try(60);
        Time.Advance(TimeSpan.FromSeconds(60));
        await Try(60);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        (await ErrorOf(Try(60))).ShouldBe(KmsError.IssuerSilent);
        await Try(61);
        await Try(null);
    }

    [Fact]
    public async Task A_stream_is_decided_on_as_it_stands_and_written_with_its_records()
    {
        KmsStore store = await CreateAsync();
        List<IssuerEvents?> seen = [];
        await store.AdvanceStreamAsync("i", before => Seen(before, null), Token);
        await store.AdvanceStreamAsync(
            "i", before => Seen(before, new StreamStep(
                Events(1), [new("a", RequesterState.Disabled, null), new("b", RequesterState.Removed, null)], false,
                [Entry(AuditKind.Subject), Entry(AuditKind.Subject)])),
            Token);
        await store.AdvanceStreamAsync("i", before => Seen(before, null), Token);
        seen.ShouldBe([null, null, Events(1)]);
        (await store.FindStreamsAsync(Token)).ShouldBe([Events(1)]);
        (await store.FindStreamAsync("j", Token)).ShouldBeNull();
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(2);
        (await store.ReadSubjectsAsync("i", Token).ToListAsync(Token)).Select(subject => (subject.Subject, subject.State))
            .ShouldBe([("a", RequesterState.Disabled), ("b", RequesterState.Removed)]);

        (await ErrorOf(store.AdvanceStreamAsync("i", _ => throw new InvalidOperationException(), Token)))
            .ShouldBe(KmsError.InternalError);

        StreamStep? Seen(IssuerEvents? before, StreamStep? step)
        {
            seen.Add(before);
            return step;
        }
    }

    [Fact]
    public async Task A_step_whose_record_cannot_be_kept_fails_alone_and_changes_nothing()
    {
        KmsStore store = await CreateAsync();
        AuditEntry entry = new()
        {
            Kind = AuditKind.Subject, KmsUri = string.Empty, Generation = 0, CorrelationId = "c", Subject = "nul \0",
        };
        Task step = store.AdvanceStreamAsync(
            "i", _ => new StreamStep(Events(1), [new("s", RequesterState.Disabled, null)], false, [entry]), Token);
        Task other = store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        (await ErrorOf(step)).ShouldBe(KmsError.InternalError);
        await other;
        (await store.FindStreamAsync("i", Token)).ShouldBeNull();
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(1);
    }

    [Fact]
    public async Task The_end_of_a_snapshot_forgets_whom_it_did_not_name()
    {
        KmsStore store = await CreateAsync();
        await SetAsync(store, 1, new("a", RequesterState.Disabled, null), new("b", RequesterState.Disabled, null));
        IssuerEvents next = Events(1) with { Epoch = 2 };
        await store.AdvanceStreamAsync(
            "i", _ => new StreamStep(next, [new("b", RequesterState.Disabled, null)], EndsSnapshot: true, []), Token);
        (await store.ReadSubjectsAsync("i", Token).ToListAsync(Token)).ShouldHaveSingleItem().Subject.ShouldBe("b");
    }

    [Fact]
    public async Task Nothing_is_recorded_behind_a_disabling_whatever_runs_beside_it()
    {
        KmsStore[] nodes = [await CreateAsync(), await CreateAsync()];
        Task<int>[] load = [.. Enumerable.Range(0, 6).Select(i => Task.Run(() => IssueUntilRefusedAsync(nodes[i % 2], i)))];
        await WaitForRecordsAsync(nodes[0], 40);
        await nodes[1].AdvanceStreamAsync(
            "i", _ => new StreamStep(
                Events(1), [new("s", RequesterState.Disabled, null)], false, [Entry(AuditKind.Subject)]),
            Token);
        (await Task.WhenAll(load)).Sum().ShouldBeGreaterThan(0);
        List<AuditRecord> log = await nodes[0].ReadAuditAsync(Token).ToListAsync(Token);
        AuditChain.Verify(log).Fault.ShouldBe(AuditFault.None);
        long disabled = log.Single(record => record.Entry.Kind == AuditKind.Subject).Sequence;
        log.Where(record => record.Sequence > disabled).ShouldBeEmpty();
    }

    private static async Task<int> IssueUntilRefusedAsync(KmsStore node, int worker)
    {
        for (int count = 0; ; count++)
        {
            try
            {
                byte[] userId = Octets((byte)worker);
                userId[0] = (byte)count;
                userId[1] = (byte)(count >> 8);
                await RecordAsync(node, Issuance() with { UserId = userId, UserUri = $"sip:{worker}-{count}@x" });
            }
            catch (KmsException refusal) when (refusal.Error == KmsError.RequesterDisabled)
            {
                return count;
            }
        }
    }

    private static async Task WaitForRecordsAsync(KmsStore node, long records)
    {
        while ((await node.GetAuditHeadAsync(Token)).Sequence < records)
        {
            await Task.Yield();
        }
    }

    private static IssuerEvents Events(long sequence) => new("i", 1, sequence, $"id{sequence}", true, null);

    private static Task SetAsync(KmsStore store, long sequence, params SubjectUpdate[] updates) =>
        store.AdvanceStreamAsync("i", _ => new StreamStep(Events(sequence), updates, false, []), Token);
}
