using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.KeyManagement;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

/// <summary>Partner domains (TS 33.180 5.3.1, 5.2.7) and generations of the home domain, as a client sees them.</summary>
public sealed class PartnerTests : IAsyncLifetime
{
    private const string PartnerKms = "kms.partner.example";
    private const string Ally = "sip:ally@partner.example";

    private static readonly TestDomain Partner = new(PartnerKms);
    private static readonly TestDomain NextGeneration = new("kms.lab.example");

    private readonly TestProfile _profile = new();
    private readonly TestKms _kms;
    private KeyStore _store = null!;
    private KeyStore _ally = null!;
    private TokenCache _tokens = null!;

    public PartnerTests() => _kms = new TestKms(_profile.Time);

    public async ValueTask InitializeAsync()
    {
        _store = await _profile.OpenAsync();
        _tokens = await _profile.LogInToStoreAsync(_store);
        _ally = await KeyStore.CreateAsync(Path.Combine(_profile.Directory, "ally"), _profile.Unlock, _profile.Time);
        ClientIdentity identity = new(TestIdm.Issuer, "ally", TestIdm.ClientId, new Dictionary<McService, string> { [McService.Mcptt] = Ally });
        _ally.KeepLogIn(new TokenSet(identity, "r", "i", new HashSet<string>()));
        _ = _ally.KeepRootCertificate(Partner.Certificate);
        KeyPeriod period = Partner.Certificate.PeriodAt(Now);
        using KmsKeySet keySet = Partner.Issue(Ally, period.Number);
        _ally.KeepKeySets([StoredKeySet.From(keySet, period, _ally.Root!, Now)]);
    }

    public ValueTask DisposeAsync()
    {
        _ally.Dispose();
        _store.Dispose();
        _kms.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_cache_is_fetched_once_and_then_asked_for_by_its_number()
    {
        _kms.Partners.Add(External(Partner));
        using KmClient client = Client();
        _ = await client.InitializeAsync();

        PartnerCertificates first = await client.FetchPartnerCertificatesAsync();
        PartnerCertificates second = await client.FetchPartnerCertificatesAsync();

        first.Changed.ShouldBeTrue();
        first.Certificates.ShouldHaveSingleItem().KmsUri.ShouldBe(PartnerKms);
        second.Changed.ShouldBeFalse();
        second.Certificates.ShouldHaveSingleItem();
        _kms.Paths[^2..].ShouldBe(["/keymanagement/identity/v1/certcache", "/keymanagement/identity/v1/certcache/1"]);
    }

    [Fact]
    public async Task A_partner_that_is_missing_in_a_changed_cache_is_one_no_more_unless_the_KMS_sends_changes_only()
    {
        _kms.Partners.Add(External(Partner));
        using KmClient client = Client();
        _ = await client.FetchPartnerCertificatesAsync();
        _kms.Partners.Clear();
        _kms.CacheNumber = 2;
        using KmClient patient = Client(o => o with { CertificateCacheIsComplete = false });
        (await patient.FetchPartnerCertificatesAsync()).Certificates.Count.ShouldBe(1);
        _kms.CacheNumber = 3;

        (await client.FetchPartnerCertificatesAsync()).Certificates.ShouldBeEmpty();
        _store.PartnerCacheNumber.ShouldBe(3);
    }

    [Fact]
    public async Task A_Root_certificate_of_another_domain_is_refused_and_one_of_the_own_domain_is_no_partner()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _kms.Partners.Add(Partner.Certificate);
        await ShouldFailAsync(ClientFault.KmsCertificateUnusable, () => client.FetchPartnerCertificatesAsync());
        _kms.Partners[0] = External(TestDomain.Other);

        (await client.FetchPartnerCertificatesAsync()).Certificates.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_certificate_is_fetched_by_its_KMS_URI_and_an_unknown_one_is_said_to_be_unknown()
    {
        _kms.Partners.Add(External(Partner));
        using KmClient client = Client();

        (await client.FetchPartnerCertificateAsync(PartnerKms)).ShouldHaveSingleItem().KmsUri.ShouldBe(PartnerKms);
        _store.PartnerCertificates.Count.ShouldBe(1);
        _store.PartnerCacheNumber.ShouldBeNull();
        (await ShouldFailAsync(ClientFault.PartnerUnknown, () => client.FetchPartnerCertificateAsync("kms.stranger.example"))).KmsErrorCode.ShouldBe(40406);
    }

    [Fact]
    public async Task A_lookup_counts_for_a_day_and_brings_the_certificate()
    {
        _kms.Partners.Add(External(Partner));
        _kms.LookUp = uri => uri == Ally ? [new KmsReference(PartnerKms, KmsRelation.External)] : [];
        using KmClient client = Client();
        _ = await client.InitializeAsync();

        (await client.FindDomainAsync(Ally)).ShouldBe(PartnerKms);
        int before = _kms.Paths.Count;
        (await client.FindDomainAsync(Ally)).ShouldBe(PartnerKms);
        _kms.Paths.Count.ShouldBe(before);
        _profile.Time.Advance(TimeSpan.FromDays(1.1));
        _ = await client.FindDomainAsync(Ally);
        _kms.Paths.Count.ShouldBe(before + 1);
        await ShouldFailAsync(ClientFault.DomainNotFound, () => client.LookUpAsync("sip:nobody@nowhere.example"));
    }

    [Fact]
    public async Task Redirect_responses_go_to_the_home_KMS_whole_and_its_partners_come_back()
    {
        _kms.Partners.Add(External(Partner));
        using KmClient client = Client();
        _ = await client.InitializeAsync();

        IReadOnlyList<KmsCertificate> certificates = await client.UploadRedirectResponsesAsync(
            [KmsRedirectResponse.Create("kms.lab.example", "kms.lab.example", [PartnerKms])]);

        certificates.ShouldHaveSingleItem();
        KmsRequest request = KmsRequest.Parse(System.Text.Encoding.UTF8.GetBytes(_kms.Bodies[^1]));
        request.RedirectResponses.ShouldHaveSingleItem().ProposedKmsUris.ShouldBe([PartnerKms]);
        _store.PartnerCertificates.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("named")]
    [InlineData("looked up")]
    [InlineData("by its host")]
    public async Task A_call_to_a_partner_and_back_has_the_same_keys_on_both_sides(string how)
    {
        await ProvisionedAsync();
        _store.KeepPartnerCertificates([External(Partner, domains: how == "by its host" ? ["sip:partner.example"] : [])], 1, isComplete: true);
        _ally.KeepPartnerCertificates([External(TestDomain.Home)], 1, isComplete: true);
        if (how == "looked up")
        {
            _store.KeepKnownDomain(Ally, PartnerKms);
        }

        using PrivateCallKeys made = new PrivateCall(_store, _profile.Time).Create(Ally, receiverKmsUri: how == "named" ? PartnerKms : null);
        using PrivateCallKeys opened = new PrivateCall(_ally, _profile.Time).Open(made.Message.Span);
        Export(opened.SentByInitiator).ShouldBe(Export(made.SentByInitiator));

        using PrivateCallKeys answered = new PrivateCall(_ally, _profile.Time).Create(TestIdm.McpttId, receiverKmsUri: "kms.lab.example");
        using PrivateCallKeys back = new PrivateCall(_store, _profile.Time).Open(answered.Message.Span);
        back.InitiatorUri.ShouldBe(Ally);
    }

    [Fact]
    public async Task A_partner_that_is_unknown_revoked_or_has_ended_is_neither_called_nor_heard()
    {
        await ProvisionedAsync();
        PrivateCall calls = new(_store, _profile.Time);
        _ally.KeepPartnerCertificates([External(TestDomain.Home)], 1, isComplete: true);
        using PrivateCallKeys made = new PrivateCall(_ally, _profile.Time).Create(TestIdm.McpttId, receiverKmsUri: "kms.lab.example");

        ShouldFail(ClientFault.DomainUnknown, () => calls.Create(Ally, receiverKmsUri: PartnerKms));
        ShouldFail(ClientFault.DomainUnknown, () => calls.Open(made.Message.Span));
        foreach (KmsCertificate unusable in (KmsCertificate[])[External(Partner, revoked: true), External(Partner, validTo: Now.AddDays(-1))])
        {
            _store.KeepPartnerCertificates([unusable], 2, isComplete: true);
            ShouldFail(ClientFault.KmsCertificateUnusable, () => calls.Create(Ally, receiverKmsUri: PartnerKms));
            ShouldFail(ClientFault.KmsCertificateUnusable, () => calls.Open(made.Message.Span));
        }

        _store.KeepPartnerCertificates([External(Partner)], 3, isComplete: true);
        calls.Open(made.Message.Span).Dispose();
    }

    [Fact]
    public async Task A_partner_cannot_speak_for_a_user_of_the_home_domain()
    {
        await ProvisionedAsync();
        // The other domain names itself as the home domain does, and has other keys.
        _store.KeepPartnerCertificates([External(TestDomain.Other)], 1, isComplete: true);

        _store.CertificatesOf("kms.lab.example").ShouldHaveSingleItem().Certificate.PublicAuthenticationKey
            .ShouldBe(TestDomain.Home.Certificate.PublicAuthenticationKey);
    }

    [Fact]
    public async Task An_announced_generation_counts_from_its_first_moment_and_is_keyed_ahead()
    {
        DateTimeOffset change = TestDomain.Home.Certificate.PeriodAt(Now).End.AddDays(-3);
        KmsCertificate next = Root(NextGeneration, validFrom: change);
        _kms.Announced = [next];
        _kms.DomainAt = at => at >= change ? NextGeneration : TestDomain.Home;
        KeyRenewal renewal = new(Client(), _profile.Time, new KeyRenewalOptions { RenewPartnerCertificates = false });
        KeyRenewalPass pass = await renewal.RunOnceAsync();
        pass.Events.ShouldContain(e => e.Kind == KeyRenewalEventKind.CertificateAnnounced);
        _store.NextCertificate.ShouldNotBeNull();
        _store.RootCertificate!.PublicAuthenticationKey.ShouldBe(TestDomain.Home.Certificate.PublicAuthenticationKey);

        while (Now < change)
        {
            _profile.Time.SetUtcNow((pass = await renewal.RunOnceAsync()).NextAt is var at && at < change ? at : change);
        }

        _store.RootCertificate!.PublicAuthenticationKey.ShouldBe(next.PublicAuthenticationKey);
        string fingerprint = Convert.ToHexStringLower(_store.RootAt(change)!.Fingerprint);
        _store.KeySets.Count(k => k.CertificateFingerprint == fingerprint && k.ReceivedAt < change).ShouldBe(2);
        new PrivateCall(_store, _profile.Time).Create("sip:medic@lab.example").Dispose();
        KmsRequest request = KmsRequest.Parse(System.Text.Encoding.UTF8.GetBytes(_kms.Bodies[^1]));
        request.HeldCertificates.Select(h => h.Fingerprint).ShouldContain(next.ComputeFingerprint());
    }

    [Fact]
    public async Task An_announcement_that_is_taken_back_is_forgotten()
    {
        using KmClient client = Client();
        _kms.Announced = [Root(NextGeneration, validFrom: Now.AddDays(10))];
        _ = await client.InitializeAsync();
        _store.NextCertificate.ShouldNotBeNull();
        _kms.Announced = [];
        _ = await client.InitializeAsync();

        _store.NextCertificate.ShouldBeNull();
        _kms.Announced = [External(Partner)];
        await ShouldFailAsync(ClientFault.KmsUriMismatch, () => client.InitializeAsync());
    }

    [Fact]
    public async Task A_revoked_generation_is_not_used_any_more()
    {
        await ProvisionedAsync();
        using PrivateCallKeys made = new PrivateCall(_store, _profile.Time).Create("sip:medic@lab.example");
        using KmClient client = Client();
        _kms.BendCertificate = c => Root(TestDomain.Home, revoked: true);
        await ShouldFailAsync(ClientFault.KmsCertificateUnusable, () => client.InitializeAsync());

        _store.Verify().ShouldAllBe(c => c.Fault == KeySetFault.CertificateRevoked);
        ShouldFail(ClientFault.KmsCertificateUnusable, () => new PrivateCall(_store, _profile.Time).Create("sip:medic@lab.example"));
    }

    [Fact]
    public async Task The_hint_of_the_KMS_decides_when_the_next_key_set_is_fetched()
    {
        KeyPeriod period = TestDomain.Home.Certificate.PeriodAt(Now);
        DateTimeOffset from = period.End.AddDays(-2), to = period.End.AddDays(-1);
        _kms.PickUps = (uri, number) => number == period.Number ? [new KeyPickUp(from, to, uri)] : [];
        KeyRenewal renewal = new(Client(), _profile.Time);
        while (Now < period.End)
        {
            DateTimeOffset next = (await renewal.RunOnceAsync()).NextAt;
            _profile.Time.SetUtcNow(next < period.End ? next : period.End);
        }

        DateTimeOffset[] asked = [.. _kms.Requests.Where(r => r.Target.Time is not null).Select(r => r.At)];
        asked.Length.ShouldBe(2);
        asked.ShouldAllBe(at => at >= from && at <= to);
        _kms.Paths.ShouldContain("/keymanagement/identity/v1/certcache");
    }

    private DateTimeOffset Now => _profile.Time.GetUtcNow();

    private KmClient Client(Func<KmClientOptions, KmClientOptions>? change = null)
    {
        KmClientOptions options = new() { KmsUrl = TestKms.Url };
        return new KmClient(change?.Invoke(options) ?? options, _kms, _tokens, _profile.Time);
    }

    private async Task ProvisionedAsync()
    {
        using KmClient client = Client();
        _ = await client.ProvisionAsync();
    }

    private static KmsCertificate External(
        TestDomain domain, bool revoked = false, DateTimeOffset? validTo = null, IReadOnlyList<string>? domains = null) =>
        Copy(domain, KmsCertificateRole.External, revoked, null, validTo, domains ?? []);

    private static KmsCertificate Root(TestDomain domain, bool revoked = false, DateTimeOffset? validFrom = null) =>
        Copy(domain, KmsCertificateRole.Root, revoked, validFrom, null, []);

    private static KmsCertificate Copy(
        TestDomain domain, KmsCertificateRole role, bool revoked, DateTimeOffset? from, DateTimeOffset? to, IReadOnlyList<string> domains) => new()
        {
            Role = role,
            KmsUri = domain.Certificate.KmsUri,
            Schedule = domain.Certificate.Schedule,
            PublicAuthenticationKey = domain.Certificate.PublicAuthenticationKey,
            PublicEncryptionKey = domain.Certificate.PublicEncryptionKey,
            Revoked = revoked,
            ValidFrom = from,
            ValidTo = to,
            Domains = domains,
        };

    private static string Export(Mikey.SrtpKeys keys)
    {
        byte[] octets = new byte[28];
        keys.ExportMasterKey(octets.AsSpan(0, 16));
        keys.ExportMasterSalt(octets.AsSpan(16));
        return Convert.ToHexString(octets);
    }
}
