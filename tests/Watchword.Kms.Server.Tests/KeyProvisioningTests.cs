using System.Net;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

public sealed class KeyProvisioningTests : IAsyncLifetime
{
    private KmsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Init_gives_the_root_certificate_of_the_domain()
    {
        using Answer answer = await _host.PostAsync(AnnexDPaths.Init, _host.Token());
        answer.Status.ShouldBe(HttpStatusCode.OK);
        KmsCertificate certificate = ((KmsInit)answer.Document.Message!).Certificate;
        certificate.Role.ShouldBe(KmsCertificateRole.Root);
        certificate.KmsUri.ShouldBe(KmsHost.KmsUri);
        certificate.Schedule.ShouldBe(new KeyPeriodSchedule(KmsHost.PeriodSeconds, 0));
        certificate.Domains.ShouldBe(["mc.test.example"]);
        answer.Document.UserUri.ShouldBe("sip:alice.ptt@mc.test.example");
        answer.Document.ClientReqUrl.ShouldBe(_host.Address + "keymanagement/identity/v1/init");
    }

    [Fact]
    public async Task Three_identities_get_three_key_sets_in_the_order_mcptt_mcvideo_mcdata()
    {
        KmsCertificate certificate = await _host.CertificateAsync();
        using Answer answer = await _host.KeyProvAsync(_host.Token());
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe(
            ["sip:alice.ptt@mc.test.example", "sip:alice.video@mc.test.example", "sip:alice.data@mc.test.example"]);
        foreach (KmsKeySet keySet in answer.KeySets)
        {
            keySet.KeyPeriodNumber.ShouldBe(certificate.PeriodAt(_host.Time.GetUtcNow()).Number);
            keySet.TryValidate(certificate, out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
            validated.Dispose();
        }
    }

    [Theory]
    [InlineData("3gpp:mc:ptt_key_management_service", "sip:alice.ptt@mc.test.example")]
    [InlineData("3gpp:mc:video_key_management_service", "sip:alice.video@mc.test.example")]
    [InlineData("3gpp:mc:data_key_management_service", "sip:alice.data@mc.test.example")]
    public async Task A_token_narrowed_to_one_service_is_keyed_for_that_service_only(string scope, string uri)
    {
        string token = _host.Token(("scope", scope));
        using Answer answer = await _host.KeyProvAsync(token);
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe([uri]);

        // The other identities stand in the token too, but without their scope they are not the requester's to ask for.
        string other = uri.Contains("ptt", StringComparison.Ordinal)
            ? "sip:alice.data@mc.test.example"
            : "sip:alice.ptt@mc.test.example";
        using Answer refused = await _host.KeyProvAsync(token, other);
        refused.Status.ShouldBe(HttpStatusCode.Forbidden);
        refused.Error.ShouldBe(KmsError.IdentityNotRequesters);
    }

    [Fact]
    public async Task Equal_identities_give_one_key_set()
    {
        using Answer answer = await _host.KeyProvAsync(_host.Token(("mcvideo_id", "sip:alice.ptt@mc.test.example")));
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe(
            ["sip:alice.ptt@mc.test.example", "sip:alice.data@mc.test.example"]);
        (await _host.AuditAsync()).Single(record => record.Entry.Kind == AuditKind.Outcome).Entry.KeySets
            .Select(keySet => keySet.Service).ShouldBe(["mcptt mcvideo", "mcdata"]);
    }

    [Fact]
    public async Task Identities_that_differ_in_case_are_different()
    {
        using Answer answer = await _host.KeyProvAsync(
            _host.Token(("mcvideo_id", "sip:Alice.ptt@mc.test.example"), ("mcdata_id", null)));
        answer.KeySets.Count.ShouldBe(2);
        using Answer refused = await _host.KeyProvAsync(_host.Token(), "sip:Alice.ptt@mc.test.example");
        refused.Error.ShouldBe(KmsError.IdentityNotRequesters);
    }

    [Fact]
    public async Task A_uri_in_the_path_gives_exactly_that_key_set()
    {
        using Answer answer = await _host.KeyProvAsync(_host.Token(), "sip:alice.data@mc.test.example");
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:alice.data@mc.test.example"]);
        answer.Document.UserUri.ShouldBe("sip:alice.data@mc.test.example");
    }

    [Theory]
    [InlineData("sip:alice.ptt@mc.test.example")]
    [InlineData("sip%3Aalice.ptt%40mc.test.example")]
    [InlineData("sip%3aalice%2Eptt@mc.test.example")]
    public async Task A_uri_may_be_escaped_more_or_less(string segment)
    {
        using Answer answer = await _host.PostAsync("/keymanagement/identity/v1/keyprov/" + segment, _host.Token());
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:alice.ptt@mc.test.example"]);
    }

    [Theory]
    [InlineData("tel:+447700900123")]
    [InlineData("sip:m\u00fcller@mc.test.example")]
    [InlineData("sip:a/b;x=%2F@mc.test.example")]
    public async Task A_uri_is_keyed_octet_by_octet(string uri)
    {
        await using KmsHost host = await KmsHost.StartAsync(("Authorization:Issuers:0:IdentityDomains:1", "tel:"));
        using Answer answer = await host.KeyProvAsync(host.Token(("mcptt_id", uri)), uri);
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe([uri]);
    }

    [Theory]
    [InlineData("sip:bob.ptt@mc.test.example")]
    [InlineData("sip:mcx@mc.test.example")]
    [InlineData("tel:+447700900123")]
    public async Task The_uri_of_another_is_refused_and_the_refusal_is_audited(string uri)
    {
        using Answer answer = await _host.KeyProvAsync(_host.Token(), uri);
        answer.Status.ShouldBe(HttpStatusCode.Forbidden);
        answer.Error.ShouldBe(KmsError.IdentityNotRequesters);
        answer.Document.Message.ShouldBeNull();
        AuditEntry denied = (await _host.AuditAsync())[^1].Entry;
        (denied.Kind, denied.Subject, denied.UserUri, denied.Result).ShouldBe(
            (AuditKind.Denied, "alice", uri, (int)KmsError.IdentityNotRequesters));
    }

    [Fact]
    public async Task A_network_entity_is_keyed_for_exactly_its_uri()
    {
        string token = _host.Token(
            ("sub", null), ("mcptt_id", null), ("mcvideo_id", null), ("mcdata_id", null), (
                "mcx_entity_uri", "sip:mcx@mc.test.example"));
        using Answer answer = await _host.KeyProvAsync(token);
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:mcx@mc.test.example"]);

        // Defect 7 of deployed servers: a configured server identity could fetch the key of every user.
        using Answer refused = await _host.KeyProvAsync(token, "sip:alice.ptt@mc.test.example");
        refused.Error.ShouldBe(KmsError.IdentityNotRequesters);
    }

    [Fact]
    public async Task Keys_repeat_within_a_period_and_after_a_restart_and_differ_in_the_next()
    {
        using Answer first = await _host.KeyProvAsync(_host.Token());
        using Answer second = await _host.KeyProvAsync(_host.Token());
        await _host.StartAgainAsync();
        using Answer third = await _host.KeyProvAsync(_host.Token());
        byte[][] expected = [.. first.KeySets.Select(KmsHost.SecretsOf)];
        second.KeySets.Select(KmsHost.SecretsOf).ShouldBe(expected);
        third.KeySets.Select(KmsHost.SecretsOf).ShouldBe(expected);

        _host.Time.Advance(TimeSpan.FromSeconds(KmsHost.PeriodSeconds));
        using Answer next = await _host.KeyProvAsync(_host.Token());
        next.KeySets.Count.ShouldBe(3);
        for (int i = 0; i < 3; i++)
        {
            KmsHost.SecretsOf(next.KeySets[i]).ShouldNotBe(expected[i]);
        }
    }

    [Fact]
    public async Task Every_key_set_has_its_intent_and_outcome_in_a_chain_that_verifies()
    {
        using Answer answer = await _host.KeyProvAsync(_host.Token());
        List<AuditRecord> audit = await _host.AuditAsync();
        AuditChain.Verify(audit).ShouldSatisfyAllConditions(
            found => found.IsValid.ShouldBeTrue(),
            found => found.OpenIntents.ShouldBeEmpty());
        audit.Select(record => record.Entry.Kind).ShouldBe([AuditKind.Custody, AuditKind.Intent, AuditKind.Outcome]);
        audit[2].Entry.KeySets.Select(keySet => Convert.ToBase64String(keySet.UserId.Span))
            .ShouldBe(answer.KeySets.Select(keySet => keySet.UserId.ToBase64()));
        audit.Skip(1).ShouldAllBe(record => record.Entry.Issuer == TestIssuer.Name && record.Entry.Subject == "alice"
            && record.Entry.CorrelationId == answer.Headers.GetValues("X-Correlation-Id").Single());
    }

    [Fact]
    public async Task No_log_line_names_an_identity_or_holds_a_token_or_a_key()
    {
        string token = _host.Token();
        using Answer answer = await _host.KeyProvAsync(token, "sip:alice.ptt@mc.test.example");
        using Answer refused = await _host.KeyProvAsync(token, "sip:bob.ptt@mc.test.example");
        byte[] secret = new byte[32];
        answer.KeySets[0].ExportSigningSecret(secret);
        string log;
        lock (_host.Log)
        {
            log = string.Join('\n', _host.Log);
        }

        log.ShouldContain(" 2180 ");
        log.ShouldNotContain("alice");
        log.ShouldNotContain("bob");
        log.ShouldNotContain(token[^40..]);
        log.ShouldNotContain(Convert.ToHexString(secret), Case.Insensitive);
    }
}
