using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests;

public sealed class GenerationActsTests : IAsyncLifetime
{
    private const string Alice = "sip:a@x.example";

    private static readonly DateTimeOffset Start = LifeOfDomain.Start;
    private static readonly KeyPeriodSchedule Shorter = new(100, 7);

    private LifeOfDomain _life = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static DateTimeOffset Second { get; } = Start.AddSeconds(LifeOfDomain.PeriodSeconds);

    public async ValueTask InitializeAsync() => _life = await LifeOfDomain.CreateAsync(Token);

    public ValueTask DisposeAsync()
    {
        _life.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_prepared_generation_is_handed_out_ahead_and_issues_nothing()
    {
        DomainRecord prepared = await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        (prepared.Generation, prepared.SecretsGeneration, prepared.State).ShouldBe((2, 2, GenerationState.Prepared));
        _life.Time.Advance(KmsInstallation.RefreshInterval);
        (await GenerationOfAsync(0)).ShouldBe(1);
        (await GenerationOfAsync(0, Second.AddSeconds(-1))).ShouldBe(1);
        _life.Nodes[0].Find(LifeOfDomain.KmsUri)!.Next!.Number.ShouldBe(2);
    }

    [Fact]
    public async Task New_master_secrets_take_over_where_the_period_ends_and_every_node_follows_within_a_second()
    {
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        (await _life.ActivateAsync(2, at: null, Token)).ValidFrom.ShouldBe(Second);
        IReadOnlyList<DomainRecord> found = await _life.Store.FindGenerationsAsync(LifeOfDomain.KmsUri, Token);
        found.Select(record => (record.State, record.ValidFrom, record.ValidTo)).ShouldBe(
            [(GenerationState.Active, null, Second), (GenerationState.Active, (DateTimeOffset?)Second, null)]);

        // The key of the next period is of the new generation from its opening window on, at every node.
        _life.Time.Advance(TimeSpan.FromSeconds(750));
        (await GenerationOfAsync(0)).ShouldBe(1);
        (await GenerationOfAsync(0, Second)).ShouldBe(2);
        (await GenerationOfAsync(1, Second)).ShouldBe(2);

        // After it, the old one gives what it gave, to whom it gave it.
        _life.Time.Advance(TimeSpan.FromSeconds(250));
        (await GenerationOfAsync(1)).ShouldBe(2);
        (await GenerationOfAsync(1, Start)).ShouldBe(1);
        (await ErrorOfAsync(Start, subject: "bob", identity: "sip:b@x.example")).ShouldBe(KmsError.PeriodNotIssuedBefore);
    }

    [Fact]
    public async Task A_changed_schedule_keeps_the_secrets_and_cuts_its_first_period_at_the_take_over()
    {
        DomainRecord prepared = await _life.PrepareAsync(newSecrets: false, Shorter, Token);
        (prepared.SecretsGeneration, prepared.Schedule).ShouldBe((1, Shorter));
        await _life.ActivateAsync(2, Second, Token);
        _life.Time.Advance(TimeSpan.FromSeconds(800));

        // Both generations' key sets are to be had while the change lies in the window.
        using IssuedKeySets before = await _life.AskAsync(0, "alice", Alice, Second.AddTicks(-1), cancellationToken: Token);
        using IssuedKeySets after = await _life.AskAsync(0, "alice", Alice, Second, cancellationToken: Token);
        before.KeySets[0].KeyPeriodNumber.ShouldBe(new KeyPeriodSchedule(LifeOfDomain.PeriodSeconds, 0).At(Start).Number);
        after.KeySets[0].KeyPeriodNumber.ShouldBe(Shorter.At(Second).Number);
        KmsCertificate certificate = _life.Nodes[0].Find(LifeOfDomain.KmsUri)!.Domain.Generations.At(Second)!.Certificate;
        after.KeySets[0].TryValidate(certificate, out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
        validated.Dispose();
    }

    [Theory]
    [InlineData(749, 1000)]
    [InlineData(750, 2000)]
    public async Task Without_a_time_nobody_can_have_fetched_a_key_that_the_take_over_makes_useless(int now, int from)
    {
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        _life.Time.Advance(TimeSpan.FromSeconds(now));
        (await _life.ActivateAsync(2, at: null, Token)).ValidFrom.ShouldBe(Start.AddSeconds(from));
    }

    [Fact]
    public async Task A_take_over_within_a_period_is_refused_unless_it_is_at_once()
    {
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        (await ErrorOf(_life.ActivateAsync(2, Start.AddSeconds(500), Token))).ShouldBe(KmsError.NotAtPeriodBoundary);
        _life.Time.Advance(TimeSpan.FromSeconds(10));
        (await _life.ActivateAsync(2, Start, Token)).ValidFrom.ShouldBe(Start.AddSeconds(10));
        (await GenerationOfAsync(1)).ShouldBe(2);
    }

    [Fact]
    public async Task A_tainted_generation_gives_nothing_from_the_moment_it_is_tainted()
    {
        (await GenerationOfAsync(0)).ShouldBe(1);
        KeyIssuer issuer = _life.Nodes[1].Find(LifeOfDomain.KmsUri)!;
        IssuanceRequest request = new(
            new Requester(LifeOfDomain.Issuer, "alice", [new RequesterIdentity(Alice, "mcptt")]), null, null, "c");
        PreparedIssuance prepared = await issuer.PrepareAsync(request, Token);
        await _life.TaintAsync(1, Token);

        // The other node has not looked yet, but the transaction has.
        (await ErrorOf(issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.GenerationNotIssuing);
        _life.Time.Advance(KmsInstallation.RefreshInterval);
        (await ErrorOfAsync(null)).ShouldBe(KmsError.GenerationNotIssuing);
        _life.Nodes[0].Find(LifeOfDomain.KmsUri)!.GetGeneration().State.ShouldBe(GenerationState.Tainted);

        // The next one need not wait for the end of a period, and the past of the suspect one stays closed.
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        DateTimeOffset now = _life.Time.GetUtcNow();
        (await _life.ActivateAsync(2, at: null, Token)).ValidFrom.ShouldBe(now);
        _life.Time.Advance(KmsInstallation.RefreshInterval);
        (await GenerationOfAsync(0)).ShouldBe(2);
        (await ErrorOfAsync(Start)).ShouldBe(KmsError.GenerationNotIssuing);
    }

    [Fact]
    public async Task Whatever_else_uses_the_suspect_secrets_is_tainted_with_them()
    {
        await _life.PrepareAsync(newSecrets: false, new KeyPeriodSchedule(LifeOfDomain.PeriodSeconds * 2, 0), Token);
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        await _life.TaintAsync(1, Token);
        IReadOnlyList<DomainRecord> generations = await _life.Store.FindGenerationsAsync(LifeOfDomain.KmsUri, Token);
        generations.Select(record => record.State).ShouldBe(
            [GenerationState.Tainted, GenerationState.Tainted, GenerationState.Prepared]);
        (await ErrorOf(_life.ActivateAsync(2, at: null, Token))).ShouldBe(KmsError.GenerationStateConflict);
    }

    [Fact]
    public async Task Revoking_what_is_in_use_takes_two_acts_and_the_certificate_says_so()
    {
        (await ErrorOf(_life.RevokeAsync(1, Token))).ShouldBe(KmsError.GenerationStateConflict);
        await _life.TaintAsync(1, Token);
        await _life.RevokeAsync(1, Token);
        (await ErrorOf(_life.TaintAsync(1, Token))).ShouldBe(KmsError.GenerationStateConflict);
        _life.Time.Advance(KmsInstallation.RefreshInterval);
        await _life.Nodes[0].RefreshAsync(Token);
        KeyIssuer issuer = _life.Nodes[0].Find(LifeOfDomain.KmsUri)!;
        issuer.GetCertificate().Revoked.ShouldBeTrue();
        (await ErrorOfAsync(null)).ShouldBe(KmsError.GenerationNotIssuing);

        // A node starts all the same: somebody must be able to set a new one up.
        using KmsInstallation restarted = await _life.OpenNodeAsync(Token);
        restarted.Issuers.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_prepared_generation_that_is_withdrawn_has_no_time_of_its_own()
    {
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        await _life.RevokeAsync(2, Token);
        _life.Time.Advance(KmsInstallation.RefreshInterval);
        (await GenerationOfAsync(0)).ShouldBe(1);
        (await ErrorOf(_life.ActivateAsync(2, at: null, Token))).ShouldBe(KmsError.GenerationStateConflict);
    }

    [Fact]
    public async Task Acts_may_be_repeated_and_leave_one_record_each_with_their_authority()
    {
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        await _life.ActivateAsync(2, Second, Token);
        await _life.ActivateAsync(2, Second, Token);
        await _life.TaintAsync(1, Token);
        await _life.TaintAsync(1, Token);
        await _life.RevokeAsync(1, Token);
        await _life.RevokeAsync(1, Token);
        List<AuditRecord> log = await _life.Store.ReadAuditAsync(Token).ToListAsync(Token);
        AuditEntry[] acts = [.. log.Select(record => record.Entry).Where(entry => entry.Kind == AuditKind.Domain && entry.Role is not null)];
        acts.Select(entry => entry.Generation).ShouldBe([2, 2, 1, 1]);
        acts.ShouldAllBe(entry => entry.Subject == "officer" && entry.Role == "crypto officer" && entry.KmsUri == LifeOfDomain.KmsUri);
        AuditChain.Verify(log).IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task Of_two_officers_one_succeeds()
    {
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        Task<DomainRecord>[] acts = [_life.ActivateAsync(2, Second, Token), _life.ActivateAsync(3, Second, Token)];
        KmsError[] outcomes = await Task.WhenAll(acts.Select(OutcomeOf));
        outcomes.Count(outcome => outcome == KmsError.None).ShouldBe(1);
        outcomes.Single(outcome => outcome != KmsError.None)
            .ShouldBeOneOf(KmsError.GenerationStateConflict, KmsError.TakeoverPending);
        int last = (await _life.Store.FindGenerationsAsync(LifeOfDomain.KmsUri, Token))
            .Single(record => record.ValidFrom == Second).Generation;
        (await ErrorOf(_life.ActivateAsync(last == 2 ? 3 : 2, at: null, Token))).ShouldBe(KmsError.TakeoverPending);
    }

    [Fact]
    public async Task What_was_left_in_custody_is_neither_opened_nor_written_over()
    {
        using MasterSecrets left = MasterSecrets.Generate();
        await _life.Custody.StoreAsync(LifeOfDomain.KmsUri, 2, left, Token);
        DomainRecord prepared = await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        (prepared.Generation, prepared.SecretsGeneration).ShouldBe((2, 3));
        await _life.ActivateAsync(2, Start, Token);
        _life.Time.Advance(KmsInstallation.RefreshInterval);
        (await GenerationOfAsync(0)).ShouldBe(2);
    }

    [Fact]
    public async Task A_plan_that_changes_nothing_or_trusts_suspect_secrets_is_refused()
    {
        (await ErrorOf(_life.PrepareAsync(newSecrets: false, schedule: null, Token))).ShouldBe(KmsError.GenerationStateConflict);
        (await ErrorOf(_life.PrepareAsync(newSecrets: false, new KeyPeriodSchedule(5, 0), Token)))
            .ShouldBe(KmsError.GenerationStateConflict);
        await _life.TaintAsync(1, Token);
        (await ErrorOf(_life.PrepareAsync(newSecrets: false, Shorter, Token))).ShouldBe(KmsError.GenerationStateConflict);
    }

    [Fact]
    public async Task What_does_not_exist_cannot_be_acted_upon()
    {
        (await ErrorOf(_life.TaintAsync(7, Token))).ShouldBe(KmsError.UnknownGeneration);
        (await ErrorOf(_life.Acts.RevokeAsync(LifeOfDomain.Officer, "kms.y.example", 1, "r", "c", Token)))
            .ShouldBe(KmsError.UnknownDomain);
        (await ErrorOf(_life.Acts.MeasureAsync(LifeOfDomain.KmsUri, 7, Token))).ShouldBe(KmsError.UnknownGeneration);
    }

    [Fact]
    public async Task The_share_of_clients_that_hold_the_next_certificate_is_known_before_it_takes_over()
    {
        foreach (string subject in new[] { "alice", "bob", "carol" })
        {
            (await _life.AskAsync(0, subject, $"sip:{subject}@x.example", cancellationToken: Token)).Dispose();
        }

        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        KeyIssuer issuer = _life.Nodes[0].Find(LifeOfDomain.KmsUri)!;
        await issuer.RecordDeliveryAsync(RequesterOf("alice"), "phone", 2, Token);
        await issuer.RecordDeliveryAsync(RequesterOf("bob"), "phone", 2, Token);
        await issuer.RecordDeliveryAsync(RequesterOf("bob"), "tablet", 1, Token);
        await issuer.RecordDeliveryAsync(RequesterOf("dora"), "phone", 2, Token);

        // Bob's tablet does not hold it, carol was never seen, dora was not keyed.
        GenerationReach reach = await _life.Acts.MeasureAsync(LifeOfDomain.KmsUri, 2, Token);
        (reach.State, reach.KeyedIdentities, reach.Share).ShouldBe((GenerationState.Prepared, 0L, new GenerationShare(3, 1)));
        await issuer.RecordDeliveryAsync(RequesterOf("bob"), "tablet", 2, Token);
        await issuer.RecordDeliveryAsync(RequesterOf("bob"), "tablet", 1, Token);
        (await _life.Acts.MeasureAsync(LifeOfDomain.KmsUri, 2, Token)).Share.ShouldBe(new GenerationShare(3, 2));
        (await _life.Acts.MeasureAsync(LifeOfDomain.KmsUri, 1, Token)).KeyedIdentities.ShouldBe(3);
    }

    [Fact]
    public async Task A_key_set_comes_with_the_hint_when_to_fetch_the_next_one()
    {
        await _life.PrepareAsync(newSecrets: true, schedule: null, Token);
        await _life.ActivateAsync(2, Second, Token);
        _life.Time.Advance(KmsInstallation.RefreshInterval);
        using IssuedKeySets issued = await _life.AskAsync(0, "alice", Alice, cancellationToken: Token);
        KeyIssuer issuer = _life.Nodes[0].Find(LifeOfDomain.KmsUri)!;
        PickUp hint = issuer.NextPickUp(issued.KeySets[0], issuer.GetGeneration())!.Value;
        hint.ShouldBe(PickUpSchedule.For(
            LifeOfDomain.KmsUri, 2, issued.KeySets[0].KeyPeriodNumber + 1, Alice, Second.AddSeconds(-250), Second));
    }

    private static Requester RequesterOf(string subject) =>
        new(LifeOfDomain.Issuer, subject, [new RequesterIdentity($"sip:{subject}@x.example", "mcptt")]);

    private static async Task<KmsError> ErrorOf(Task task) => (await Should.ThrowAsync<KmsException>(task)).Error;

    private static async Task<KmsError> OutcomeOf(Task task)
    {
        try
        {
            await task;
            return KmsError.None;
        }
        catch (KmsException refusal)
        {
            return refusal.Error;
        }
    }

    private Task<KmsError> ErrorOfAsync(DateTimeOffset? time, string subject = "alice", string identity = Alice) =>
        ErrorOf(_life.AskAsync(0, subject, identity, time, cancellationToken: Token));

    private async Task<int> GenerationOfAsync(int node, DateTimeOffset? time = null)
    {
        using IssuedKeySets issued = await _life.AskAsync(node, "alice", Alice, time, cancellationToken: Token);
        return issued.Generation.Number;
    }
}
