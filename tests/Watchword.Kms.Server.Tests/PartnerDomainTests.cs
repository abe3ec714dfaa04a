using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The requests about other KMSs (TS 33.180 D.2.5 to D.2.8) against a running server.</summary>
public sealed class PartnerDomainTests : IAsyncLifetime
{
    private const string Other = "kms.other.example";
    private const string Root = AnnexDPaths.Root;
    private static readonly Authority Importer = new("https://idm.test.example", "importer", "crypto-officer");
    private static readonly Authority Approver = new("https://idm.test.example", "approver", "crypto-officer");

    private KmsHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PartnerServices Partners => _host.Services.GetRequiredService<PartnerServices>();

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync(
        ("Authorization:Issuers:0:IdentityDomains:1", "other.example"), ("Kms:Partners:RedirectsPerRequester", "2"));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_client_follows_the_list_by_its_number()
    {
        KmsCertCache empty = await CacheAsync();
        (empty.CacheNumber, empty.Certificates.Count).ShouldBe((0L, 0));
        PartnerRecord first = await ApprovedAsync(Certificate());
        KmsCertCache one = await CacheAsync(empty.CacheNumber);
        (one.CacheNumber, one.Certificates.ShouldHaveSingleItem().KmsUri).ShouldBe((1L, Other));
        one.Certificates[0].Role.ShouldBe(KmsCertificateRole.External);
        (await CacheAsync(1)).ShouldSatisfyAllConditions(
            cache => cache.CacheNumber.ShouldBe(1), cache => cache.Certificates.ShouldBeEmpty());
        (await CacheAsync(999_999_999_999_999_999)).Certificates.ShouldHaveSingleItem();

        // Defect 4 of public servers: a number that counts certificates hides a replacement.
        byte[] replacement = Certificate();
        PartnerRecord second = await Partners.Directory.ReplaceAsync(Importer, KmsHost.KmsUri, first.Id, replacement, "c", Token);
        await ApproveAsync(second);
        KmsCertCache replaced = await CacheAsync(1);
        replaced.CacheNumber.ShouldBe(2);
        replaced.Certificates.ShouldHaveSingleItem().ComputeFingerprint()
            .ShouldBe(KmsCertificate.Parse(replacement).ComputeFingerprint());

        await Partners.Directory.RevokeAsync(Importer, KmsHost.KmsUri, second.Id, null, "c", Token);
        KmsCertCache revoked = await CacheAsync(2);
        (revoked.CacheNumber, revoked.Certificates.ShouldHaveSingleItem().Revoked).ShouldBe((3L, true));
        await _host.StartAgainAsync();
        (await CacheAsync()).CacheNumber.ShouldBe(3);
    }

    [Fact]
    public async Task A_certificate_of_later_is_marked_as_such_and_expiry_changes_the_number()
    {
        DateTimeOffset now = _host.Time.GetUtcNow();
        await ApprovedAsync(Certificate(validFrom: now.AddHours(1), validTo: now.AddHours(2)));
        KmsCertCache ahead = await CacheAsync();
        (ahead.Certificates.Count, ahead.NextCertificates.Count).ShouldBe((0, 1));
        _host.Time.Advance(TimeSpan.FromHours(1));
        KmsCertCache valid = await CacheAsync(ahead.CacheNumber);
        (valid.CacheNumber, valid.Certificates.Count).ShouldBe((ahead.CacheNumber + 1, 1));
        _host.Time.Advance(TimeSpan.FromHours(2));
        KmsCertCache expired = await CacheAsync(valid.CacheNumber);
        (expired.CacheNumber, expired.Certificates.Count).ShouldBe((ahead.CacheNumber + 2, 0));
        using Answer cert = await AskAsync("/cert/" + Other);
        (cert.Status, cert.Error).ShouldBe((HttpStatusCode.NotFound, KmsError.PartnerExpired));
    }

    [Fact]
    public async Task One_certificate_is_given_by_its_kms_uri()
    {
        using (Answer unknown = await AskAsync("/cert/" + Other))
        {
            (unknown.Status, unknown.Error).ShouldBe((HttpStatusCode.NotFound, KmsError.PartnerUnknown));
        }

        PartnerRecord record = await ApprovedAsync(Certificate());
        using Answer known = await AskAsync("/cert/" + Other);
        KmsCertCache cache = (KmsCertCache)known.Document.Message!;
        (cache.CacheNumber, cache.Certificates.ShouldHaveSingleItem().KmsUri).ShouldBe((1L, Other));
        await Partners.Directory.RevokeAsync(Importer, KmsHost.KmsUri, record.Id, null, "c", Token);
        using Answer revoked = await AskAsync("/cert/" + Other);
        ((KmsCertCache)revoked.Document.Message!).Certificates.ShouldHaveSingleItem().Revoked.ShouldBeTrue();
        using Answer own = await AskAsync("/cert/" + KmsHost.KmsUri);
        KmsCertificate root = ((KmsCertCache)own.Document.Message!).Certificates.ShouldHaveSingleItem();
        root.Role.ShouldBe(KmsCertificateRole.Root);
        root.ComputeFingerprint().ShouldBe((await _host.CertificateAsync()).ComputeFingerprint());
    }

    [Fact]
    public async Task A_lookup_names_the_kms_of_a_user_or_group()
    {
        await ApprovedAsync(Certificate(), PartnerKind.Migration, "https://kms.other.example:7401");
        KmsLookup own = await LookupAsync("sip:group@mc.test.example");
        (own.UserUri, own.Services.ShouldHaveSingleItem()).ShouldBe(
            ("sip:group@mc.test.example", new KmsReference(KmsHost.KmsUri, KmsRelation.Home)));
        (await LookupAsync("sip:carol@other.example")).Services.ShouldHaveSingleItem().ShouldBe(
            new KmsReference(Other, KmsRelation.Migration, "https://kms.other.example:7401"));
        using Answer unknown = await AskAsync("/lookup/" + AnnexDPaths.EscapeSegment("sip:x@nowhere.example"));
        (unknown.Status, unknown.Error).ShouldBe((HttpStatusCode.NotFound, KmsError.LookupUnknown));
        using Answer malformed = await AskAsync("/lookup/nonsense");
        malformed.Error.ShouldBe(KmsError.MalformedUri);

        // The same KMS is told of with the Root certificate (5.3.1.2).
        using Answer init = await _host.PostAsync(AnnexDPaths.Init, _host.Token());
        ((KmsInit)init.Document.Message!).MigrationServices.ShouldHaveSingleItem().ShouldBe(
            new KmsReference(Other, KmsRelation.Migration, "https://kms.other.example:7401"));
    }

    [Fact]
    public async Task Redirect_responses_are_kept_within_bounds_and_never_believed()
    {
        await ApprovedAsync(Certificate());
        KmsRedirectResponse response = KmsRedirectResponse.Create(KmsHost.KmsUri, "kms.x.example", [Other, "kms.new.example"]);
        for (int i = 0; i < 3; i++)
        {
            using Answer answer = await UploadAsync(response);
            KmsCertCache cache = (KmsCertCache)answer.Document.Message!;
            (cache.CacheNumber, cache.Certificates.ShouldHaveSingleItem().KmsUri).ShouldBe((1L, Other));
        }

        (await Partners.Redirects.ListAsync(KmsHost.KmsUri, Token)).Count.ShouldBe(2);
        ProposedKms proposed = (await Partners.Redirects.ListProposedAsync(KmsHost.KmsUri, Token)).ShouldHaveSingleItem();
        (proposed.KmsUri, proposed.Count).ShouldBe(("kms.new.example", 3L));
        (await Partners.Directory.ListAsync(KmsHost.KmsUri, Token)).ShouldHaveSingleItem();
        AuditEntry entry = (await _host.AuditAsync())[^1].Entry;
        (entry.Kind, entry.Subject, entry.Role, entry.Detail).ShouldBe((AuditKind.Partner, "alice", "client", "redirect-report"));
    }

    [Fact]
    public async Task A_vendors_extension_in_a_redirect_response_is_not_refused()
    {
        KmsRedirectResponse vendor = KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(
            "<KmsRedirectResponse xmlns='urn:3gpp:ns:mcsecKMSKRR:1.0' xmlns:v='urn:vendor' v:level='3'>"
            + "<ProposedKmsUri>kms.new.example</ProposedKmsUri><v:Reason code='1'>because<v:More/></v:Reason></KmsRedirectResponse>"));
        using Answer answer = await UploadAsync(vendor);
        answer.Status.ShouldBe(HttpStatusCode.OK);
        (await Partners.Redirects.ListProposedAsync(KmsHost.KmsUri, Token)).ShouldHaveSingleItem().KmsUri.ShouldBe("kms.new.example");
    }

    [Fact]
    public async Task A_redirect_without_a_response_is_refused()
    {
        using Answer empty = await AskAsync("/redirect");
        (empty.Status, empty.Error).ShouldBe((HttpStatusCode.BadRequest, KmsError.MalformedRedirectResponse));
        using Answer none = await _host.PostAsync(Root + "/redirect", _host.Token(), _host.Request(Root + "/redirect"));
        none.Error.ShouldBe(KmsError.MalformedRedirectResponse);
        using Answer many = await UploadAsync(
            [.. Enumerable.Repeat(KmsRedirectResponse.Create("a", "b", ["c"]), RedirectReports.MaxResponses + 1)]);
        many.Error.ShouldBe(KmsError.MalformedRedirectResponse);
        (await Partners.Redirects.ListAsync(KmsHost.KmsUri, Token)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/certcache")]
    [InlineData("/certcache/0")]
    [InlineData("/cert/kms.test.example")]
    [InlineData("/lookup/sip%3Aalice.ptt%40mc.test.example")]
    public async Task Each_request_may_have_a_body_that_is_checked_like_every_other(string path)
    {
        using Answer absent = await AskAsync(path);
        absent.Status.ShouldBe(HttpStatusCode.OK);
        using Answer fits = await _host.PostAsync(Root + path, _host.Token(), _host.Request(Root + path));
        fits.Status.ShouldBe(HttpStatusCode.OK);
        using Answer other = await _host.PostAsync(Root + path, _host.Token(), _host.Request(Root + path, kmsUri: Other));
        other.Error.ShouldBe(KmsError.WrongKmsUri);
        using Answer elsewhere = await _host.PostAsync(Root + path, _host.Token(), _host.Request(AnnexDPaths.Init));
        elsewhere.Error.ShouldBe(KmsError.WrongRequestUrl);
        using Answer stranger = await _host.PostAsync(
            Root + path, _host.Token(), _host.Request(Root + path, userUri: "sip:bob.ptt@mc.test.example"));
        stranger.Error.ShouldBe(KmsError.UserUriNotRequesters);
        using Answer garbage = await _host.PostAsync(Root + path, _host.Token(), "garbage"u8.ToArray());
        garbage.Error.ShouldBe(KmsError.MalformedRequest);
    }

    [Theory]
    [InlineData("/certcache")]
    [InlineData("/cert/kms.test.example")]
    [InlineData("/lookup/sip%3Aalice.ptt%40mc.test.example")]
    [InlineData("/redirect")]
    public async Task Each_request_needs_a_token_for_key_management_and_POST(string path)
    {
        using Answer none = await _host.PostAsync(Root + path, token: null);
        (none.Status, none.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.NoToken));
        using Answer bad = await _host.PostAsync(Root + path, "bad");
        bad.Error.ShouldBe(KmsError.InvalidToken);
        using Answer scope = await _host.PostAsync(Root + path, _host.Token(("scope", "openid")));
        scope.Error.ShouldBe(KmsError.InsufficientScope);
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete])
        {
            using Answer refused = await _host.PostAsync(Root + path, _host.Token(), method: method);
            (refused.Status, refused.Error).ShouldBe((HttpStatusCode.MethodNotAllowed, KmsError.MethodNotAllowed));
        }
    }

    [Theory]
    [InlineData("/certupdatequery", KmsError.UnknownResource)]
    [InlineData("/certcache/x", KmsError.UnknownResource)]
    [InlineData("/certcache/1/2", KmsError.UnknownResource)]
    [InlineData("/cert", KmsError.UnknownResource)]
    [InlineData("/cert/a/b", KmsError.UnknownResource)]
    [InlineData("/cert/a%zz", KmsError.MalformedUri)]
    [InlineData("/lookup", KmsError.UnknownResource)]
    [InlineData("/lookup/%ff", KmsError.MalformedUri)]
    [InlineData("/redirect/x", KmsError.UnknownResource)]
    public async Task What_is_no_resource_is_answered_with_a_KmsError(string path, KmsError error)
    {
        using Answer answer = await AskAsync(path);
        ((int)answer.Status, answer.Error).ShouldBe(((int)error / 100, error));
        answer.Document.ClientReqUrl.ShouldEndWith(Root);
    }

    [Fact]
    public async Task The_limit_of_requests_holds_here_too()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:RequestsPerMinute", "2"));
        foreach (string path in (string[])["/certcache", "/cert/kms.test.example"])
        {
            (await host.PostAsync(Root + path, host.Token())).Dispose();
        }

        using Answer refused = await host.PostAsync(Root + "/certcache", host.Token());
        refused.Error.ShouldBe(KmsError.TooManyRequests);
    }

    [Fact]
    public async Task An_identity_of_another_domain_is_keyed_under_a_grant_only()
    {
        const string guest = "sip:guest@other.example";
        string token = _host.Token(("sub", "guest"), ("mcptt_id", guest));
        using Answer refused = await _host.KeyProvAsync(token, guest);
        (refused.Status, refused.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.MigrationNotGranted));
        AuditEntry denied = (await _host.AuditAsync())[^1].Entry;
        (denied.Kind, denied.Result, denied.UserUri).ShouldBe((AuditKind.Denied, (int)KmsError.MigrationNotGranted, guest));

        // Of all his identities those of this domain are keyed.
        using Answer all = await _host.KeyProvAsync(token);
        all.KeySets.Select(keySet => keySet.UserUri).ShouldBe(["sip:alice.video@mc.test.example", "sip:alice.data@mc.test.example"]);

        DateTimeOffset now = _host.Time.GetUtcNow();
        MigrationGrant grant = await Partners.Grants.GrantAsync(
            Importer, KmsHost.KmsUri, guest, TestIssuer.Name, "guest", now, now.AddDays(1), "c", Token);
        using Answer granted = await _host.KeyProvAsync(token, guest);
        granted.KeySets.ShouldHaveSingleItem().UserUri.ShouldBe(guest);
        await Partners.Grants.RevokeAsync(Importer, KmsHost.KmsUri, grant.Id, "c", Token);
        using Answer again = await _host.KeyProvAsync(token, guest);
        again.Error.ShouldBe(KmsError.MigrationNotGranted);
    }

    [Fact]
    public async Task Xmllint_accepts_every_answer_about_partners_and_our_reader_what_it_accepts()
    {
        DateTimeOffset now = _host.Time.GetUtcNow();
        await ApprovedAsync(Certificate(), PartnerKind.Migration, "https://kms.other.example");
        await ApprovedAsync(Certificate("kms.later.example", now.AddHours(1), domain: "later.example"));
        PartnerRecord revoked = await ApprovedAsync(Certificate("kms.bad.example", domain: "bad.example"));
        await Partners.Directory.RevokeAsync(Importer, KmsHost.KmsUri, revoked.Id, null, "c", Token);
        KmsRedirectResponse response = KmsRedirectResponse.Create(KmsHost.KmsUri, "kms.x.example", [Other]);
        Dictionary<string, Func<Task<Answer>>> kinds = new()
        {
            ["init-migration"] = () => _host.PostAsync(AnnexDPaths.Init, _host.Token()),
            ["certcache"] = () => AskAsync("/certcache"),
            ["certcache-unchanged"] = () => AskAsync("/certcache/4"),
            ["cert"] = () => AskAsync("/cert/" + Other),
            ["cert-own"] = () => AskAsync("/cert/" + KmsHost.KmsUri),
            ["cert-unknown"] = () => AskAsync("/cert/kms.none.example"),
            ["lookup"] = () => AskAsync("/lookup/sip%3Ax%40other.example"),
            ["lookup-unknown"] = () => AskAsync("/lookup/sip%3Ax%40nowhere.example"),
            ["redirect"] = () => UploadAsync(response),
            ["redirect-empty"] = () => AskAsync("/redirect"),
            ["certupdatequery"] = () => AskAsync("/certupdatequery"),
        };
        List<string> files = [];
        async Task KeepAsync(string name, byte[] document)
        {
            files.Add(Path.Combine(_host.Directory, name + ".xml"));
            await File.WriteAllBytesAsync(files[^1], document, Token);
        }

        foreach ((string name, Func<Task<Answer>> ask) in kinds)
        {
            using Answer answer = await ask();
            await KeepAsync(name, answer.Body);
            _ = answer.Document;
        }

        // The other direction: what a client uploads and what a partner hands over hold the schema as well.
        await KeepAsync("upload", UploadBody(response));
        await KeepAsync("partner", Certificate());
        string schema = Path.Combine(AppContext.BaseDirectory, "schemas", "kms-interface.xsd");
        (int exitCode, _, string errors) = await Tool.RunAsync("xmllint", ["--noout", "--nonet", "--schema", schema, .. files]);
        exitCode.ShouldBe(0, errors);
    }

    private static byte[] Certificate(
        string kmsUri = Other, DateTimeOffset? validFrom = null, DateTimeOffset? validTo = null, string domain = "other.example")
    {
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        using MemoryStream document = new();
        new KmsCertificate
        {
            KmsUri = kmsUri,
            ValidFrom = validFrom,
            ValidTo = validTo,
            Schedule = new KeyPeriodSchedule(3600, 0),
            PublicEncryptionKey = sakke.PublicKey,
            PublicAuthenticationKey = eccsi.PublicKey,
            Domains = [domain],
        }.WriteTo(document);
        return document.ToArray();
    }

    private async Task<PartnerRecord> ApprovedAsync(
        byte[] certificate, PartnerKind kind = PartnerKind.External, string? address = null)
    {
        PartnerRecord record = await Partners.Directory.ImportAsync(
            Importer, KmsHost.KmsUri, new PartnerImport(certificate, kind) { Address = address }, "c", Token);
        await ApproveAsync(record);
        return record;
    }

    private Task ApproveAsync(PartnerRecord record) => Partners.Directory.ApproveAsync(
        Approver, KmsHost.KmsUri, record.Id, PartnerFingerprint.Of(record)!.Hex, "c", Token);

    private Task<Answer> AskAsync(string path) => _host.PostAsync(Root + path, _host.Token());

    private async Task<KmsCertCache> CacheAsync(long? held = null)
    {
        using Answer answer = await AskAsync("/certcache" + (held is null ? "" : "/" + held));
        answer.Status.ShouldBe(HttpStatusCode.OK);
        return (KmsCertCache)answer.Document.Message!;
    }

    private async Task<KmsLookup> LookupAsync(string uri)
    {
        using Answer answer = await AskAsync("/lookup/" + AnnexDPaths.EscapeSegment(uri));
        return (KmsLookup)answer.Document.Message!;
    }

    private Task<Answer> UploadAsync(params KmsRedirectResponse[] responses) =>
        _host.PostAsync(Root + "/redirect", _host.Token(), UploadBody(responses));

    private byte[] UploadBody(params KmsRedirectResponse[] responses)
    {
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = "sip:alice.ptt@mc.test.example",
            KmsUri = KmsHost.KmsUri,
            Time = _host.Time.GetUtcNow(),
            ClientReqUrl = _host.Address.GetLeftPart(UriPartial.Authority) + Root + "/redirect",
            RedirectResponses = responses,
        }.WriteTo(body);
        return body.ToArray();
    }
}
