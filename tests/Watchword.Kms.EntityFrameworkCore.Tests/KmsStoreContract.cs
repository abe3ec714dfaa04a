using Microsoft.Extensions.Time.Testing;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>What every store must do; run on each database.</summary>
public abstract partial class KmsStoreContract : IAsyncLifetime
{
    private readonly List<KmsStore> _stores = [];

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The database of this test, empty at first.</summary>
    protected abstract KmsDatabase Database();

    /// <summary>A node: another store on the same database.</summary>
    protected async Task<KmsStore> CreateAsync()
    {
        KmsStore store = await KmsStore.CreateAsync(Database(), Time, Token);
        lock (_stores)
        {
            _stores.Add(store);
        }

        return store;
    }

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        _stores.ForEach(store => store.Dispose());
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_store_has_no_domain_and_an_empty_log()
    {
        KmsStore store = await CreateAsync();
        (await store.FindActiveAsync(cancellationToken: Token)).ShouldBeNull();
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(0);
        (await store.ReadAuditAsync(Token).ToListAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_domain_is_kept_with_its_first_audit_record()
    {
        KmsStore store = await CreateAsync();
        DomainRecord domain = Domain();
        await store.CreateDomainAsync(domain, Entry(AuditKind.Custody), Token);
        DomainRecord kept = (await store.FindActiveAsync(cancellationToken: Token)).ShouldNotBeNull();
        kept.KmsUri.ShouldBe(domain.KmsUri);
        kept.Schedule.ShouldBe(domain.Schedule);
        kept.PublicAuthenticationKey.ShouldBe(domain.PublicAuthenticationKey);
        kept.PublicEncryptionKey.ShouldBe(domain.PublicEncryptionKey);
        kept.Domains.ShouldBe(domain.Domains);
        (kept with { Schedule = domain.Schedule, PublicAuthenticationKey = domain.PublicAuthenticationKey,
            PublicEncryptionKey = domain.PublicEncryptionKey, Domains = domain.Domains }).ShouldBe(domain);
        (await store.ReadAuditAsync(Token).ToListAsync(Token)).ShouldHaveSingleItem().Entry.Kind.ShouldBe(AuditKind.Custody);
    }

    [Fact]
    public async Task A_second_domain_is_refused_and_leaves_no_record()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        (await ErrorOf(store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token))).ShouldBe(KmsError.DomainExists);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(1);
    }

    [Fact]
    public async Task A_store_holds_several_domains_with_several_generations()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain() with { KmsUri = "kms.y.example" }, Entry(AuditKind.Custody), Token);
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        DomainRecord second = Domain() with { Generation = 2, State = GenerationState.Prepared, ValidFrom = null, ValidTo = null };
        await store.AddGenerationAsync(second, Entry(AuditKind.Custody), Token);
        (await store.FindGenerationsAsync(Token)).Select(found => (found.KmsUri, found.Generation)).ShouldBe(
            [("kms.x.example", 1), ("kms.x.example", 2), ("kms.y.example", 1)]);
        (await store.FindGenerationsAsync("kms.x.example", Token)).Select(found => found.State).ShouldBe(
            [GenerationState.Active, GenerationState.Prepared]);
        (await store.FindGenerationsAsync("KMS.x.example", Token)).ShouldBeEmpty();
        (await store.FindActiveAsync("kms.x.example", Token))!.Generation.ShouldBe(1);
        (await ErrorOf(store.FindActiveAsync(cancellationToken: Token))).ShouldBe(KmsError.DomainNotChosen);
    }

    [Fact]
    public async Task A_generation_follows_the_one_before_in_its_domain()
    {
        KmsStore store = await CreateAsync();
        (await ErrorOf(store.AddGenerationAsync(Domain(), Entry(AuditKind.Custody), Token))).ShouldBe(KmsError.NoDomain);
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        foreach (int number in new[] { 1, 3 })
        {
            (await ErrorOf(store.AddGenerationAsync(Domain() with { Generation = number }, Entry(AuditKind.Custody), Token)))
                .ShouldBe(KmsError.GenerationChanged);
        }

        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(1);
    }

    [Fact]
    public async Task States_of_generations_change_together_and_only_from_what_was_expected()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Custody), Token);
        await store.AddGenerationAsync(
            Domain() with { Generation = 2, State = GenerationState.Prepared, ValidTo = null }, Entry(AuditKind.Custody), Token);
        DateTimeOffset end = Time.GetUtcNow().AddDays(1);
        GenerationChange[] activate =
        [
            new("kms.x.example", 2, GenerationState.Prepared, GenerationState.Active),
            new("kms.x.example", 1, GenerationState.Active, GenerationState.Tainted) { ValidTo = end },
        ];
        Time.Advance(TimeSpan.FromSeconds(5));
        await store.ChangeGenerationsAsync(activate, [Entry(AuditKind.Custody), Entry(AuditKind.Custody)], Token);
        IReadOnlyList<DomainRecord> found = await store.FindGenerationsAsync("kms.x.example", Token);
        found.Select(generation => generation.State).ShouldBe([GenerationState.Tainted, GenerationState.Active]);
        found[0].ValidTo.ShouldBe(end);
        found.ShouldAllBe(generation => generation.StateChangedAt == Time.GetUtcNow());
        (await store.FindActiveAsync(cancellationToken: Token))!.Generation.ShouldBe(2);

        GenerationChange[] late =
        [
            new("kms.x.example", 1, GenerationState.Tainted, GenerationState.Revoked),
            new("kms.x.example", 2, GenerationState.Prepared, GenerationState.Active),
        ];
        (await ErrorOf(store.ChangeGenerationsAsync(late, [Entry(AuditKind.Custody)], Token))).ShouldBe(KmsError.GenerationChanged);
        (await store.FindGenerationsAsync("kms.x.example", Token))[0].State.ShouldBe(GenerationState.Tainted);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(4);
    }

    [Fact]
    public async Task What_is_appended_is_a_chain_that_verifies_with_every_field()
    {
        KmsStore store = await CreateAsync();
        IReadOnlyList<AuditRecord> intents = await store.AppendAuditAsync(
            [Entry(AuditKind.Intent, "sip:a@x"), Entry(AuditKind.Intent, "sip:b@x")], Token);
        Time.Advance(TimeSpan.FromMilliseconds(7));
        await store.AppendAuditAsync([Entry(AuditKind.Outcome, "sip:b@x", intents[1].Sequence)], Token);
        List<AuditRecord> log = await store.ReadAuditAsync(Token).ToListAsync(Token);
        AuditVerification verification = AuditChain.Verify(log, await store.GetAuditHeadAsync(Token));
        (verification.Fault, verification.Records).ShouldBe((AuditFault.None, 3));
        verification.OpenIntents.ShouldBe([intents[0].Sequence]);
    }

    [Fact]
    public async Task Nothing_is_appended_by_a_clock_that_ran_backwards()
    {
        KmsStore store = await CreateAsync();
        await store.AppendAuditAsync([Entry(AuditKind.Custody)], Token);
        Time.AdjustTime(Time.GetUtcNow() - store.ClockTolerance - TimeSpan.FromMilliseconds(1));
        (await ErrorOf(store.AppendAuditAsync([Entry(AuditKind.Custody)], Token))).ShouldBe(KmsError.ClockBehindAudit);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(1);
    }

    [Fact]
    public async Task An_issuance_is_remembered_for_its_requester_identity_and_period_alone()
    {
        KmsStore store = await CreateAsync();
        await RecordAsync(store, Issuance());
        async Task<bool> Was(
            int generation = 1, long period = 100, string uri = "sip:a@x", string issuer = "i", string subject = "s",
            string domain = "kms.x.example") =>
            await store.WasIssuedAsync(domain, generation, period, uri, issuer, subject, Token);
        (await Was()).ShouldBeTrue();
        (await Was(domain: "kms.y.example")).ShouldBeFalse();
        (await Was(generation: 2)).ShouldBeFalse();
        (await Was(period: 101)).ShouldBeFalse();
        (await Was(uri: "sip:A@x")).ShouldBeFalse();
        (await Was(issuer: "I")).ShouldBeFalse();
        (await Was(subject: "S")).ShouldBeFalse();
    }

    [Fact]
    public async Task An_issuance_may_be_repeated()
    {
        KmsStore store = await CreateAsync();
        await RecordAsync(store, Issuance());
        await RecordAsync(store, Issuance());
        (await store.WasIssuedAsync("kms.x.example", 1, 100, "sip:a@x", "i", "s", Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_repeat_with_another_token_is_refused_whole()
    {
        KmsStore store = await CreateAsync();
        await RecordAsync(store, Issuance());
        AuditHead before = await store.GetAuditHeadAsync(Token);
        IssuanceRecord fine = Issuance() with { UserUri = "sip:b@x", UserId = Octets(7) };
        IssuanceRecord differs = Issuance() with { PublicTokenHash = Octets(9) };
        (await ErrorOf(RecordAsync(store, fine, differs))).ShouldBe(KmsError.RepeatDiffers);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(before.Sequence);
        (await store.WasIssuedAsync("kms.x.example", 1, 100, "sip:b@x", "i", "s", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task Writers_at_the_same_time_make_one_chain()
    {
        KmsStore store = await CreateAsync();
        await Task.WhenAll(
            Enumerable.Range(0, 20).Select(
                i => Task.Run(() => store.AppendAuditAsync([Entry(AuditKind.Denied, $"sip:{i}@x")], Token))));
        List<AuditRecord> log = await store.ReadAuditAsync(Token).ToListAsync(Token);
        log.Count.ShouldBe(20);
        AuditChain.Verify(log).IsValid.ShouldBeTrue();
        log.Select(record => record.Entry.UserUri).Distinct().Count().ShouldBe(20);
    }

    protected static AuditEntry Entry(AuditKind kind, string? uri = null, long? intent = null) => new()
    {
        Kind = kind,
        KmsUri = "kms.x.example",
        Generation = 1,
        CorrelationId = "c0ffee",
        Issuer = uri is null ? null : "i",
        Subject = uri is null ? null : "s",
        UserUri = uri,
        Service = uri is null ? null : "mcptt",
        KeyPeriodNumber = uri is null ? null : 100,
        UserId = uri is null ? default : Octets(1),
        PublicTokenHash = intent is null ? default : Octets(2),
        IntentSequence = intent,
        Result = kind == AuditKind.Denied ? 40303 : 0,
    };

    protected static async Task<KmsError> ErrorOf(Task task) => (await Should.ThrowAsync<KmsException>(task)).Error;

    protected static IssuanceRecord Issuance() => new("kms.x.example", 1, 1, 100, "sip:a@x", "i", "s", Octets(1), Octets(2));

    protected static byte[] Octets(byte value) => [.. Enumerable.Repeat(value, 32)];

    protected static Task<AuditRecord> RecordAsync(IKmsStore store, params IssuanceRecord[] issued) =>
        store.RecordIssuanceAsync(issued, Entry(AuditKind.Denied, issued[0].UserUri), new IssuanceConditions(), Token);

    protected static DomainRecord Domain() => new()
    {
        KmsUri = "kms.x.example",
        Generation = 1,
        SecretsGeneration = 1,
        Schedule = new KeyPeriodSchedule(3600, 60),
        PublicAuthenticationKey = Octets(3),
        PublicEncryptionKey = Octets(4),
        CertUri = "cert1.kms.x.example",
        Issuer = "Example",
        Domains = ["x.example", "y.example"],
        IsLabData = true,
        ValidFrom = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero),
        ValidTo = new DateTimeOffset(2027, 11, 24, 0, 0, 0, TimeSpan.Zero),
        State = GenerationState.Active,
        CreatedAt = new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
        StateChangedAt = new DateTimeOffset(2026, 11, 23, 12, 0, 1, TimeSpan.Zero),
    };
}
