using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests;

public sealed class KeyIssuerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly EphemeralCustody _custody = new();
    private readonly TemporaryStore _files = new();
    private KmsStore _store = null!;
    private SecurityDomain _domain = null!;
    private KeyIssuer _issuer = null!;

    private static DomainPolicy Policy { get; } = new() { FullCheckRate = 0 };

    private DomainRecord Record => _domain.Generations.All[0].Record;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await _files.OpenAsync(_time);
        await SecurityDomain.CreateAsync(Description(), _store, _custody, _time, Token);
        _domain = await SecurityDomain.OpenAsync(_store, _custody, cancellationToken: Token);
        _issuer = new KeyIssuer(_domain, _store, Policy, _time);
    }

    public ValueTask DisposeAsync()
    {
        _domain.Dispose();
        _custody.Dispose();
        _store.Dispose();
        _files.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_issued_passes_the_check_of_the_client()
    {
        using IssuedKeySets issued = await _issuer.IssueAsync(
            await _issuer.PrepareAsync(Request("sip:a@x.example", "sip:b@x.example"), Token), Token);
        issued.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:a@x.example", "sip:b@x.example"]);
        foreach (KmsKeySet keySet in issued.KeySets)
        {
            keySet.TryValidate(
                _issuer.GetCertificate(), out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
            validated.Dispose();
        }
    }

    [Fact]
    public async Task A_preparation_is_good_for_one_issue()
    {
        PreparedIssuance prepared = await _issuer.PrepareAsync(Request("sip:a@x.example"), Token);
        (await _issuer.IssueAsync(prepared, Token)).Dispose();
        await Should.ThrowAsync<InvalidOperationException>(_issuer.IssueAsync(prepared, Token));
        (await AuditAsync()).Count(record => record.Entry.Kind == AuditKind.Outcome).ShouldBe(1);
    }

    [Fact]
    public async Task Without_the_intent_in_the_audit_log_nothing_is_issued()
    {
        PreparedIssuance prepared = await _issuer.PrepareAsync(Request("sip:a@x.example"), Token);
        _files.RefuseAuditAfter(1);
        (await ErrorOf(_issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.StoreUnavailable);
        (await AuditAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_the_outcome_in_the_audit_log_nothing_leaves()
    {
        PreparedIssuance prepared = await _issuer.PrepareAsync(Request("sip:a@x.example"), Token);
        _files.RefuseAuditAfter(2);
        (await ErrorOf(_issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.StoreUnavailable);
        AuditChain.Verify(await AuditAsync()).OpenIntents.ShouldBe([2L]);
        (await _store.WasIssuedAsync("kms.x.example", 1, prepared.PeriodNumber, "sip:a@x.example", "issuer", "subject", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_refusal_that_cannot_be_audited_is_still_a_refusal()
    {
        _files.RefuseAuditAfter(1);
        await Should.ThrowAsync<KmsException>(
            _issuer.PrepareAsync(Request("sip:a@x.example") with { UserUri = "sip:b@x.example" }, Token));
    }

    [Fact]
    public async Task A_key_that_fails_its_check_does_not_leave_and_is_recorded_as_failed()
    {
        // The certificate of one domain with the secrets of another: what a mixed-up restore would give.
        using MasterSecrets others = MasterSecrets.Generate();
        using OpenSecrets secrets = new(others);
        using SecurityDomain mixed = new(
            Record.KmsUri, new DomainGenerations([new DomainGeneration(Record, Record.ToCertificate(), secrets, fault: null)]));
        KeyIssuer issuer = new(mixed, _store, Policy, _time);
        PreparedIssuance prepared = await issuer.PrepareAsync(Request("sip:a@x.example"), Token);
        (await ErrorOf(issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.SelfCheckFailed);
        AuditEntry outcome = (await AuditAsync())[^1].Entry;
        (outcome.Kind, outcome.Result,
        outcome.KeySets[0].PublicTokenHash.Length).ShouldBe((AuditKind.Outcome, (int)KmsError.SelfCheckFailed, 0));
        AuditChain.Verify(await AuditAsync()).IsValid.ShouldBeTrue();
    }

    [Fact]
    public void The_first_key_set_after_a_start_is_validated_as_the_client_does_it()
    {
        const string uri = "sip:a@x.example";
        byte[] uid = _issuer.GetCertificate().UserIdFor(uri, 1_000_000).Octets.ToArray();
        MasterSecrets secrets = _domain.Generations.All[0].Secrets!.Secrets;
        using EccsiSigningKey signing = secrets.Eccsi.IssueSigningKey(uid, secrets.Derivation);
        using SakkeReceiverKey receiver = secrets.Sakke.IssueReceiverKey(uid);
        using KmsKeySet keySet = KmsKeySet.Create(_issuer.GetCertificate(), uri, 1_000_000, signing, receiver);
        using MasterSecrets others = MasterSecrets.Generate();
        DomainRecord other = Record with { PublicEncryptionKey = others.Sakke.PublicKey.Export() };

        // Cheap checks see nothing wrong with it; the pairing does. It stays the first until one has passed.
        SelfCheck wrong = new(other.ToCertificate(), 0);
        wrong.Passes(isSound: true, keySet).ShouldBeFalse();
        wrong.Passes(isSound: true, keySet).ShouldBeFalse();
        SelfCheck right = new(_issuer.GetCertificate(), 0);
        right.Passes(isSound: true, keySet).ShouldBeTrue();
        right.Passes(isSound: false, keySet).ShouldBeFalse();
    }

    [Fact]
    public async Task Secrets_that_are_not_those_of_the_domain_do_not_open()
    {
        using TemporaryStore files = new();
        using KmsStore store = await files.OpenAsync(_time);
        using EphemeralCustody custody = new();
        using MasterSecrets others = MasterSecrets.Generate();
        await custody.StoreAsync(Record.KmsUri, 1, others, Token);
        await store.CreateDomainAsync(
            Record, new AuditEntry { Kind = AuditKind.Custody, KmsUri = "k", Generation = 1, CorrelationId = "c" },
            Token);
        (await ErrorOf(SecurityDomain.OpenAsync(store, custody, cancellationToken: Token))).ShouldBe(KmsError.CustodyMismatch);
    }

    [Fact]
    public async Task A_pair_that_comes_out_differently_is_destroyed()
    {
        PreparedIssuance prepared = await _issuer.PrepareAsync(Request("sip:a@x.example"), Token);
        await _store.RecordIssuanceAsync(
            [new IssuanceRecord(
                "kms.x.example", 1, 1, prepared.PeriodNumber, "sip:a@x.example", "issuer", "subject", _issuer.GetCertificate().UserIdFor(
                    "sip:a@x.example", prepared.PeriodNumber).Octets.ToArray(), new byte[32])],
            Other(AuditKind.Denied),
            new IssuanceConditions(),
            Token);
        (await ErrorOf(_issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.RepeatDiffers);
        (await AuditAsync())[^1].Entry.Result.ShouldBe((int)KmsError.RepeatDiffers);
    }

    [Fact]
    public async Task One_intent_and_one_outcome_list_all_key_sets_of_an_answer()
    {
        using IssuedKeySets issued = await _issuer.IssueAsync(
            await _issuer.PrepareAsync(Request("sip:a@x.example", "sip:b@x.example"), Token), Token);
        List<AuditRecord> log = await AuditAsync();
        log.Select(record => record.Entry.Kind).ShouldBe([AuditKind.Custody, AuditKind.Intent, AuditKind.Outcome]);
        AuditEntry outcome = log[2].Entry;
        (outcome.Issuer, outcome.Subject, outcome.KeyPeriodNumber).ShouldBe(("issuer", "subject", log[1].Entry.KeyPeriodNumber));
        outcome.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:a@x.example", "sip:b@x.example"]);
        byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        issued.KeySets[1].ExportPublicToken(token);
        outcome.KeySets[1].PublicTokenHash.ToArray().ShouldBe(SHA256.HashData(token));
        outcome.KeySets[1].UserId.ToArray().ShouldBe(issued.KeySets[1].UserId.Octets.ToArray());
    }

    [Fact]
    public async Task A_disabled_requester_is_refused_before_any_key_exists_and_the_refusal_is_recorded()
    {
        await DisableAsync();
        PreparedIssuance prepared = await _issuer.PrepareAsync(Request("sip:a@x.example"), Token);
        (await ErrorOf(_issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.RequesterDisabled);
        AuditEntry denied = (await AuditAsync())[^1].Entry;
        (denied.Kind, denied.Result, denied.Subject).ShouldBe((AuditKind.Denied, (int)KmsError.RequesterDisabled, "subject"));
    }

    [Fact]
    public async Task A_requester_who_is_disabled_while_his_keys_are_made_gets_none()
    {
        // Whoever disables him waits for the intent and is faster than the outcome.
        IKmsStore store = InterruptedStore.Around(_store, DisableAsync);
        KeyIssuer issuer = new(_domain, store, Policy, _time);
        PreparedIssuance prepared = await issuer.PrepareAsync(Request("sip:a@x.example"), Token);
        (await ErrorOf(issuer.IssueAsync(prepared, Token))).ShouldBe(KmsError.RequesterDisabled);
        List<AuditRecord> log = await AuditAsync();
        (log[^1].Entry.Kind, log[^1].Entry.Result).ShouldBe((AuditKind.Outcome, (int)KmsError.RequesterDisabled));
        log[^1].Entry.KeySets.ShouldHaveSingleItem().PublicTokenHash.IsEmpty.ShouldBeTrue();
        AuditVerification found = AuditChain.Verify(log);
        (found.IsValid, found.OpenIntents.Count).ShouldBe((true, 0));
        (await _store.WasIssuedAsync("kms.x.example", 1, prepared.PeriodNumber, "sip:a@x.example", "issuer", "subject", Token))
            .ShouldBeFalse();
    }

    [Fact]
    public async Task An_identity_that_moved_is_refused_until_the_next_period()
    {
        (await _issuer.IssueAsync(await _issuer.PrepareAsync(Request("sip:a@x.example"), Token), Token)).Dispose();
        IssuanceRequest other = new(
            new Requester("issuer", "other", [new RequesterIdentity("sip:a@x.example", "mcptt")]), null, null, "c0ffee");
        (await ErrorOf(_issuer.IssueAsync(await _issuer.PrepareAsync(other, Token), Token))).ShouldBe(KmsError.IdentityMoved);
        _time.Advance(TimeSpan.FromHours(1));
        (await _issuer.IssueAsync(await _issuer.PrepareAsync(other, Token), Token)).Dispose();
    }

    [Fact]
    public async Task A_record_that_another_request_writes_meanwhile_does_not_look_like_a_clock_gone_back()
    {
        // The engine's clock: right after it was read, another request writes a record with a later time.
        MeddledClock clock = new(_time, () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _store.AppendAuditAsync([Other(AuditKind.Denied)], Token).GetAwaiter().GetResult();
        });
        KeyIssuer issuer = new(_domain, _store, Policy, clock);
        (await issuer.PrepareAsync(Request("sip:a@x.example"), Token)).ShouldNotBeNull();
        (await AuditAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_clock_behind_the_audit_log_stops_preparing()
    {
        _time.AdjustTime(_time.GetUtcNow().AddMilliseconds(-1));
        (await ErrorOf(_issuer.PrepareAsync(Request("sip:a@x.example"), Token))).ShouldBe(KmsError.ClockBehindAudit);
    }

    [Fact]
    public async Task A_time_before_the_first_period_is_closed_and_audited_like_any_other()
    {
        IssuanceRequest request = Request("sip:a@x.example") with { UserUri = "sip:a@x.example", Time = DateTimeOffset.MinValue };
        (await ErrorOf(_issuer.PrepareAsync(request, Token))).ShouldBe(KmsError.PeriodClosed);
        (await AuditAsync())[^1].Entry.Kind.ShouldBe(AuditKind.Denied);
    }

    [Fact]
    public async Task A_domain_is_created_once()
    {
        (await ErrorOf(SecurityDomain.CreateAsync(Description(), _store, _custody, _time, Token))).ShouldBe(KmsError.DomainExists);
        using TemporaryStore files = new();
        using KmsStore empty = await files.OpenAsync(_time);
        (await ErrorOf(SecurityDomain.OpenAsync(empty, _custody, cancellationToken: Token))).ShouldBe(KmsError.NoDomain);
    }

    [Theory]
    [InlineData("")]
    [InlineData("kms x")]
    [InlineData("kms\nx")]
    [InlineData("kms\ud800")]
    public void A_kms_uri_has_characters_that_a_uid_can_be_made_of(string kmsUri) =>
        Should.Throw<ArgumentException>(() => new DomainDescription(kmsUri, new KeyPeriodSchedule(3600, 0)));

    [Fact]
    public void A_requester_has_each_identity_once()
    {
        Should.Throw<ArgumentException>(() => new Requester("i", "s", []));
        Should.Throw<ArgumentException>(
            () =>
                new Requester("i", "s", [new RequesterIdentity("sip:a@x", "mcptt"), new RequesterIdentity("sip:a@x", "mcdata")]));
    }

    private Task DisableAsync() => _store.AdvanceStreamAsync(
        "issuer", _ => new StreamStep(
            new IssuerEvents("issuer", 1, 1, "id", true, null), [new SubjectUpdate("subject", RequesterState.Disabled, null)], false, []),
        Token);

    private async Task<List<AuditRecord>> AuditAsync() => await _store.ReadAuditAsync(Token).ToListAsync(Token);

    private static AuditEntry Other(AuditKind kind) =>
        new() { Kind = kind, KmsUri = "kms.x.example", Generation = 1, CorrelationId = "other" };

    private static async Task<KmsError> ErrorOf(Task task) => (await Should.ThrowAsync<KmsException>(task)).Error;

    private static DomainDescription Description() => new("kms.x.example", new KeyPeriodSchedule(3600, 0));

    private static IssuanceRequest Request(params string[] uris) =>
        new(
            new Requester(
                "issuer", "subject", [.. uris.Select(uri => new RequesterIdentity(uri, "mcptt"))]), null, null, "c0ffee");

    /// <summary>A clock after whose reading something happens.</summary>
    private sealed class MeddledClock(TimeProvider clock, Action meanwhile) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            DateTimeOffset now = clock.GetUtcNow();
            meanwhile();
            return now;
        }
    }
}
