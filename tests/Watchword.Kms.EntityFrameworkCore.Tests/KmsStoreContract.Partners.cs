using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

public abstract partial class KmsStoreContract
{
    private const string Home = "kms.x.example";
    private const string Other = "kms.other.example";
    private static readonly Authority Officer = new("https://idm.x.example", "officer", "crypto-officer");

    [Fact]
    public async Task A_domain_without_partners_has_number_0_and_no_history()
    {
        KmsStore store = await CreateAsync();
        (await store.GetPartnerCacheAsync(Home, Token)).ShouldBe(PartnerCacheVersion.Empty);
        (await store.FindPartnersAsync(Home, Token)).ShouldBeEmpty();
        (await store.FindPartnerHistoryAsync(Home, null, Token)).ShouldBeEmpty();
        (await store.FindGrantsAsync(Home, null, Token)).ShouldBeEmpty();
        (await store.FindProposedAsync(Home, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_partner_is_kept_with_every_field_its_act_and_its_audit_record()
    {
        KmsStore store = await CreateAsync();
        PartnerRecord partner = Partner() with
        {
            Kind = PartnerKind.Migration, Address = "https://kms.other.example", Replaces = 7, ValidFrom = Time.GetUtcNow(),
            ValidTo = Time.GetUtcNow().AddDays(1), EndsAt = Time.GetUtcNow().AddHours(1),
        };
        long id = await AddAsync(store, partner);
        PartnerRecord kept = (await store.FindPartnersAsync(Home, Token)).ShouldHaveSingleItem();
        kept.Certificate.ToArray().ShouldBe(partner.Certificate.ToArray());
        kept.Fingerprint.ToArray().ShouldBe(partner.Fingerprint.ToArray());
        kept.IdentityDomains.ShouldBe(partner.IdentityDomains);
        (kept with { Certificate = partner.Certificate, Fingerprint = partner.Fingerprint, IdentityDomains = partner.IdentityDomains })
            .ShouldBe(partner with { Id = id });
        PartnerAct act = (await store.FindPartnerHistoryAsync(Home, Other, Token)).ShouldHaveSingleItem();
        act.ShouldBe(new PartnerAct(id, PartnerActKind.Imported, Time.GetUtcNow(), Officer, "because"));
        (await store.FindPartnerHistoryAsync(Home, "kms.third.example", Token)).ShouldBeEmpty();
        (await store.ReadAuditAsync(Token).ToListAsync(Token)).ShouldHaveSingleItem().Entry.Kind.ShouldBe(AuditKind.Partner);

        // Nobody is given it yet.
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(0);
        (await store.FindPartnersAsync("kms.y.example", Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_change_that_clients_see_increases_the_number_of_its_domain()
    {
        KmsStore store = await CreateAsync();
        long first = await AddAsync(store, Partner());
        await ChangeAsync(store, new PartnerChange(first, PartnerState.Pending, PartnerState.Approved));
        (await store.GetPartnerCacheAsync(Home, Token)).ShouldBe(new PartnerCacheVersion(1, Time.GetUtcNow(), null));
        long second = await AddAsync(store, Partner() with { Replaces = first });
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(1);
        Time.Advance(TimeSpan.FromSeconds(1));
        await ChangeAsync(
            store, new PartnerChange(first, PartnerState.Approved, PartnerState.Replaced, Time.GetUtcNow()),
            new PartnerChange(second, PartnerState.Pending, PartnerState.Approved));
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(2);
        await ChangeAsync(store, new PartnerChange(second, PartnerState.Approved, PartnerState.Revoked, Time.GetUtcNow()));
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(3);
        long third = await AddAsync(store, Partner());
        await ChangeAsync(store, new PartnerChange(third, PartnerState.Pending, PartnerState.Rejected));
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(3);
        (await store.GetPartnerCacheAsync("kms.y.example", Token)).Number.ShouldBe(0);
        (await store.FindPartnerHistoryAsync(Home, null, Token)).Select(act => act.CacheNumber)
            .ShouldBe([0, 1, 1, 2, 2, 3, 3, 3]);
    }

    [Fact]
    public async Task A_change_is_made_only_from_the_state_that_was_expected_and_whole()
    {
        KmsStore store = await CreateAsync();
        long first = await AddAsync(store, Partner());
        long second = await AddAsync(store, Partner());
        AuditHead before = await store.GetAuditHeadAsync(Token);
        (await ErrorOf(ChangeAsync(
            store, new PartnerChange(first, PartnerState.Pending, PartnerState.Approved),
            new PartnerChange(second, PartnerState.Approved, PartnerState.Revoked)))).ShouldBe(KmsError.PartnerChanged);
        (await ErrorOf(ChangeAsync(
            store, new PartnerChange(first, PartnerState.Pending, PartnerState.Approved),
            new PartnerChange(second, PartnerState.Pending, PartnerState.Approved)))).ShouldBe(KmsError.PartnerExists);
        (await ErrorOf(store.ChangePartnersAsync(
            "kms.y.example", [new PartnerChange(first, PartnerState.Pending, PartnerState.Approved)], [],
            [Entry(AuditKind.Partner)], Token))).ShouldBe(KmsError.PartnerChanged);
        (await store.FindPartnersAsync(Home, Token)).ShouldAllBe(partner => partner.State == PartnerState.Pending);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(before.Sequence);
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(0);
    }

    [Fact]
    public async Task Of_two_officers_at_two_nodes_one_succeeds()
    {
        KmsStore store = await CreateAsync(), other = await CreateAsync();
        long id = await AddAsync(store, Partner());
        PartnerChange approve = new(id, PartnerState.Pending, PartnerState.Approved);
        Task[] both = [ChangeAsync(store, approve), ChangeAsync(other, approve)];
        await Task.WhenAll(both).ContinueWith(_ => { }, Token, TaskContinuationOptions.None, TaskScheduler.Default);
        both.Count(task => task.IsCompletedSuccessfully).ShouldBe(1);
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(1);
    }

    [Fact]
    public async Task Time_changes_the_number_once_whichever_nodes_notice()
    {
        KmsStore store = await CreateAsync(), other = await CreateAsync();
        DateTimeOffset end = Time.GetUtcNow().AddHours(1);
        long id = await AddAsync(store, Partner() with { ValidTo = end });
        await ChangeAsync(store, new PartnerChange(id, PartnerState.Pending, PartnerState.Approved));
        PartnerCacheVersion seen = await other.GetPartnerCacheAsync(Home, Token);
        seen.NextChange.ShouldBe(end.AddMilliseconds(1));
        Time.Advance(TimeSpan.FromHours(2));
        PartnerCacheVersion[] now = await Task.WhenAll(
            ((KmsStore[])[store, other, store, other]).Select(
                node => node.AdvancePartnerCacheAsync(Home, seen, Entry(AuditKind.Partner), Token)));
        now.ShouldAllBe(version => version == new PartnerCacheVersion(2, Time.GetUtcNow(), null));
        AuditRecord[] log = [.. await store.ReadAuditAsync(Token).ToListAsync(Token)];
        log.Length.ShouldBe(3);
        AuditChain.Verify(log).IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task A_generation_of_a_linked_domain_changes_the_number_in_its_own_transaction()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain() with { ValidFrom = null, ValidTo = null }, Entry(AuditKind.Custody), Token);
        DomainRecord linked = Domain() with { KmsUri = Other, ValidFrom = null, ValidTo = null };
        await store.CreateDomainAsync(linked, Entry(AuditKind.Custody), Token);
        PartnerRecord link = Partner() with { State = PartnerState.Approved, IsLinked = true };
        await AddAsync(store, link);
        (await ErrorOf(AddAsync(store, link))).ShouldBe(KmsError.PartnerExists);
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(1);
        DateTimeOffset begin = Time.GetUtcNow().AddDays(3);
        await store.AddGenerationAsync(
            linked with { Generation = 2, State = GenerationState.Prepared, ValidFrom = begin }, Entry(AuditKind.Custody), Token);
        (await store.GetPartnerCacheAsync(Home, Token)).ShouldBe(new PartnerCacheVersion(2, Time.GetUtcNow(), begin));
        await store.ChangeGenerationsAsync(
            [new GenerationChange(Other, 2, GenerationState.Prepared, GenerationState.Active)], [Entry(AuditKind.Custody)], Token);
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(3);

        // A change of the domain itself is none of its partners'.
        await store.ChangeGenerationsAsync(
            [new GenerationChange(Home, 1, GenerationState.Active, GenerationState.Tainted)], [Entry(AuditKind.Custody)], Token);
        (await store.GetPartnerCacheAsync(Home, Token)).Number.ShouldBe(3);
        (await store.GetPartnerCacheAsync(Other, Token)).Number.ShouldBe(0);
    }

    [Fact]
    public async Task Under_a_grant_that_was_taken_back_or_has_ended_nothing_is_recorded()
    {
        KmsStore here = await CreateAsync();
        KmsStore there = await CreateAsync();
        MigrationGrant grant = new()
        {
            Domain = "kms.x.example", UserUri = "sip:a@x", Issuer = "i", Subject = "s", ValidFrom = Time.GetUtcNow(),
            ValidTo = Time.GetUtcNow().AddDays(1), GrantedBy = Officer, GrantedAt = Time.GetUtcNow(),
        };
        long id = await here.AddGrantAsync(grant, Entry(AuditKind.Partner), Token);
        long shorter = await here.AddGrantAsync(grant with { ValidTo = Time.GetUtcNow().AddHours(1) }, Entry(AuditKind.Partner), Token);
        await RecordAsync(there, Issuance() with { Grant = id });
        await RecordAsync(there, Issuance() with { Grant = shorter });
        (await ErrorOf(RecordAsync(there, Issuance() with { Grant = shorter + 1 }))).ShouldBe(KmsError.MigrationNotGranted);
        await here.RevokeGrantAsync("kms.x.example", id, Time.GetUtcNow(), Entry(AuditKind.Partner), Token);
        (await ErrorOf(RecordAsync(there, Issuance() with { Grant = id }))).ShouldBe(KmsError.MigrationNotGranted);
        Time.Advance(TimeSpan.FromHours(1));
        (await ErrorOf(RecordAsync(there, Issuance() with { Grant = shorter }))).ShouldBe(KmsError.MigrationNotGranted);
    }

    [Fact]
    public async Task A_grant_is_kept_and_taken_back_once()
    {
        KmsStore store = await CreateAsync();
        MigrationGrant grant = new()
        {
            Domain = Home, UserUri = "sip:guest@other.example", Issuer = "i", Subject = "guest", ValidFrom = Time.GetUtcNow(),
            ValidTo = Time.GetUtcNow().AddDays(1), GrantedBy = Officer, GrantedAt = Time.GetUtcNow(),
        };
        long id = await store.AddGrantAsync(grant, Entry(AuditKind.Partner), Token);
        (await store.FindGrantsAsync(Home, grant.UserUri, Token)).ShouldBe([grant with { Id = id }]);
        (await store.FindGrantsAsync(Home, "sip:Guest@other.example", Token)).ShouldBeEmpty();
        (await store.FindGrantsAsync("kms.y.example", null, Token)).ShouldBeEmpty();
        (await ErrorOf(store.RevokeGrantAsync("kms.y.example", id, Time.GetUtcNow(), Entry(AuditKind.Partner), Token)))
            .ShouldBe(KmsError.GrantUnknown);
        await store.RevokeGrantAsync(Home, id, Time.GetUtcNow(), Entry(AuditKind.Partner), Token);
        (await ErrorOf(store.RevokeGrantAsync(Home, id, Time.GetUtcNow(), Entry(AuditKind.Partner), Token)))
            .ShouldBe(KmsError.GrantUnknown);
        (await store.FindGrantsAsync(Home, null, Token)).ShouldBe([grant with { Id = id, RevokedAt = Time.GetUtcNow() }]);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task Redirect_reports_are_kept_within_their_limits_and_the_oldest_give_way()
    {
        KmsStore store = await CreateAsync();
        RedirectLimits limits = new(PerRequester: 2, PerDomain: 3, ProposedPerDomain: 2);
        string[] subjects = ["a", "a", "a", "b", "c"];
        for (int i = 0; i < subjects.Length; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            RedirectReport report = new(Home, "i", subjects[i], Time.GetUtcNow(), new[] { (byte)i });
            await store.RecordRedirectsAsync([report], [$"kms.{i % 4}.example"], limits, Entry(AuditKind.Partner), Token);
        }

        (await store.FindRedirectsAsync(Home, Token)).Select(report => (report.Subject, report.Content.Span[0]))
            .ShouldBe([("a", (byte)2), ("b", (byte)3), ("c", (byte)4)]);
        IReadOnlyList<ProposedKms> proposed = await store.FindProposedAsync(Home, Token);
        proposed.Select(kms => (kms.KmsUri, kms.Count)).ShouldBe([("kms.0.example", 1L), ("kms.3.example", 1L)]);
        await store.RecordRedirectsAsync(
            [new RedirectReport("kms.y.example", "i", "a", Time.GetUtcNow(), new byte[1])], [], limits, Entry(AuditKind.Partner), Token);
        (await store.FindRedirectsAsync(Home, Token)).Count.ShouldBe(3);
        await store.DismissProposedAsync(Home, "kms.0.example", Entry(AuditKind.Partner), Token);
        (await ErrorOf(store.DismissProposedAsync(Home, "kms.0.example", Entry(AuditKind.Partner), Token)))
            .ShouldBe(KmsError.PartnerUnknown);
        (await store.FindProposedAsync(Home, Token)).ShouldHaveSingleItem();
    }

    private Task<long> AddAsync(KmsStore store, PartnerRecord partner) => store.AddPartnerAsync(
        partner, new PartnerAct(0, PartnerActKind.Imported, Time.GetUtcNow(), Officer, "because"), Entry(AuditKind.Partner), Token);

    private Task ChangeAsync(KmsStore store, params PartnerChange[] changes) => store.ChangePartnersAsync(
        Home, changes, [.. changes.Select(change => new PartnerAct(change.Id, PartnerActKind.Approved, Time.GetUtcNow(), Officer))],
        [Entry(AuditKind.Partner)], Token);

    private PartnerRecord Partner() => new()
    {
        Domain = Home,
        KmsUri = Other,
        Kind = PartnerKind.External,
        State = PartnerState.Pending,
        Certificate = new byte[] { 1, 2, 3 },
        Fingerprint = Octets(5),
        IdentityDomains = ["other.example", "tel:+49"],
        ImportedBy = Officer,
        ImportedAt = Time.GetUtcNow(),
    };
}
