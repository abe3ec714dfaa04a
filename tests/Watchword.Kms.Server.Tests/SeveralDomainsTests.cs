using System.Net;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>Two security domains in one installation: each with its own secrets, URL and issuers.</summary>
public sealed class SeveralDomainsTests : IAsyncLifetime
{
    private const string OtherKmsUri = "kms.other.example";
    private const string OtherIssuer = "https://idm.other.example";
    private const string Alice = "sip:alice.ptt@mc.test.example";
    private const string Alias = "https://kms.other.example/keymanagement";

    private readonly KmsHost _host = KmsHost.With(
        ("Kms:PublicBaseUrl", ""),
        ("Kms:Domains:0:KmsUri", KmsHost.KmsUri),
        ("Kms:Domains:0:PublicBaseUrls:0", "https://localhost:0"),
        ("Kms:Domains:0:Issuers:0", TestIssuer.Name),
        ("Kms:Domains:1:KmsUri", OtherKmsUri),
        ("Kms:Domains:1:PublicBaseUrls:0", "https://localhost:7401"),
        ("Kms:Domains:1:PublicBaseUrls:1", "https://127.0.0.1:0"),
        ("Kms:Domains:1:KmsUriAliases:0", Alias),
        ("Kms:Domains:1:HistoryPeriods", "0"),
        ("Kms:Domains:1:KmsId", "other"),
        ("Authorization:Issuers:1:Issuer", OtherIssuer),
        ("Authorization:Issuers:1:SecurityEvents:Policy", "Off"),
        ("Authorization:Issuers:1:IdentityDomains:0", "mc.test.example"));

    private HttpClient _other = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host.Change("Authorization:Issuers:1:JwksFile", _host.JwksFile);
        await KmsInitialization.CreateDomainAsync(_host.Initialization(), _host.Time, Token);
        await KmsInitialization.CreateDomainAsync(Second(add: true), _host.Time, Token);
        await _host.StartAgainAsync();
        _other = _host.Certificates.CreateClient(new Uri($"https://127.0.0.1:{_host.Address.Port}"));
    }

    public ValueTask DisposeAsync()
    {
        _other.Dispose();
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task Scheme_host_and_port_choose_the_domain_and_each_has_secrets_of_its_own()
    {
        using Answer first = await _host.KeyProvAsync(_host.Token(), Alice);
        using Answer second = await AskOtherAsync(AnnexDPaths.KeyProv(Alice));
        first.Document.KmsUri.ShouldBe(KmsHost.KmsUri);
        (second.Document.KmsUri, second.Document.KmsId).ShouldBe((OtherKmsUri, "other"));
        KmsHost.SecretsOf(first.KeySets.Single()).ShouldNotBe(KmsHost.SecretsOf(second.KeySets.Single()));

        using Answer init = await AskOtherAsync(AnnexDPaths.Init);
        KmsCertificate certificate = ((KmsInit)init.Document.Message!).Certificate;
        second.KeySets.Single().TryValidate(certificate, out ValidatedKeySet? validated, out KeySetFault fault)
            .ShouldBeTrue(fault.ToString());
        validated.Dispose();
        second.KeySets.Single().TryValidate(await _host.CertificateAsync(), out _, out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Under_another_authority_there_is_no_domain()
    {
        using Answer answer = await _host.PostAsync(
            AnnexDPaths.Init, _host.Token(), headers: ("Host", $"localhost:{_host.Address.Port ^ 1}"));
        (answer.Status, answer.Error, answer.Document.KmsUri).ShouldBe(
            (HttpStatusCode.NotFound, KmsError.UnknownDomain, "kms.invalid"));
    }

    [Fact]
    public async Task Every_public_url_of_a_domain_chooses_it()
    {
        using Answer answer = await _host.PostAsync(
            AnnexDPaths.Init, _host.Token(), headers: ("Host", "localhost:7401"));
        answer.Document.KmsUri.ShouldBe(OtherKmsUri);
        answer.Document.ClientReqUrl.ShouldBe("https://localhost:7401" + AnnexDPaths.Init);
    }

    [Fact]
    public async Task A_token_of_an_issuer_that_the_domain_does_not_accept_gets_nothing_and_is_recorded()
    {
        string token = _host.Token(("iss", OtherIssuer));
        using Answer init = await _host.PostAsync(AnnexDPaths.Init, token);
        using Answer keys = await _host.KeyProvAsync(token, Alice);
        (init.Status, init.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.IssuerNotAccepted));
        keys.Error.ShouldBe(KmsError.IssuerNotAccepted);
        AuditEntry[] denied = [.. (await _host.AuditAsync()).Select(record => record.Entry).TakeLast(2)];
        denied.ShouldAllBe(entry => entry.Kind == AuditKind.Denied && entry.KmsUri == KmsHost.KmsUri
            && entry.Issuer == OtherIssuer && entry.Result == (int)KmsError.IssuerNotAccepted);

        // The other domain lists no issuers: it takes all that the server trusts.
        using Answer accepted = await KmsHost.SendAsync(_other, AnnexDPaths.KeyProv(Alice), token);
        accepted.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_body_names_the_domain_or_an_alias_of_it()
    {
        string url = $"https://127.0.0.1:{_host.Address.Port}{AnnexDPaths.Init}";
        using Answer named = await AskOtherAsync(
            AnnexDPaths.Init, _host.Request(AnnexDPaths.Init, kmsUri: OtherKmsUri, url: url));
        named.Status.ShouldBe(HttpStatusCode.OK);
        using Answer alias = await AskOtherAsync(AnnexDPaths.Init, _host.Request(AnnexDPaths.Init, kmsUri: Alias, url: url));
        alias.Document.KmsUri.ShouldBe(OtherKmsUri);
        using Answer first = await AskOtherAsync(AnnexDPaths.Init, _host.Request(AnnexDPaths.Init, url: url));
        first.Error.ShouldBe(KmsError.WrongKmsUri);
        using Answer elsewhere = await AskOtherAsync(AnnexDPaths.Init, _host.Request(AnnexDPaths.Init, kmsUri: OtherKmsUri));
        elsewhere.Error.ShouldBe(KmsError.WrongRequestUrl);
    }

    [Fact]
    public async Task Each_domain_has_a_policy_of_its_own()
    {
        DateTimeOffset start = _host.Time.GetUtcNow();
        (await _host.KeyProvAsync(_host.Token(), Alice)).Dispose();
        (await AskOtherAsync(AnnexDPaths.KeyProv(Alice))).Dispose();
        _host.Time.Advance(TimeSpan.FromSeconds(KmsHost.PeriodSeconds));
        using Answer kept = await _host.KeyProvAsync(_host.Token(), Alice, start);
        kept.Status.ShouldBe(HttpStatusCode.OK);
        using Answer closed = await AskOtherAsync(AnnexDPaths.KeyProv(Alice, NtpTimestamp.FromDateTimeOffset(start)));
        closed.Error.ShouldBe(KmsError.PeriodClosed);
    }

    [Fact]
    public async Task Another_domain_is_added_on_purpose_only()
    {
        KmsException refused = await Should.ThrowAsync<KmsException>(
            KmsInitialization.CreateDomainAsync(Second(add: false, "kms.third.example"), _host.Time, Token));
        refused.Error.ShouldBe(KmsError.DomainExists);
        refused = await Should.ThrowAsync<KmsException>(
            KmsInitialization.CreateDomainAsync(Second(add: true), _host.Time, Token));
        refused.Error.ShouldBe(KmsError.DomainExists);
        refused = await Should.ThrowAsync<KmsException>(
            KmsInitialization.CreateDomainAsync(Second(add: true, "kms.third.example", isLab: true), _host.Time, Token));
        refused.Error.ShouldBe(KmsError.LabData);
    }

    [Theory]
    [InlineData("Kms:Domains:1:KmsUri", "kms.third.example", KmsError.NoDomain)]
    [InlineData("Kms:Domains:1:KmsUri", KmsHost.KmsUri, KmsError.ConfigurationInvalid)]
    [InlineData("Kms:Domains:1:KmsUri", "", KmsError.ConfigurationInvalid)]
    [InlineData("Kms:Domains:1:PublicBaseUrls:0", "http://x.example", KmsError.ConfigurationInvalid)]
    [InlineData("Kms:Domains:1:PublicBaseUrls:0", "https://localhost:0", KmsError.ConfigurationInvalid)]
    [InlineData("Kms:Domains:0:Issuers:0", "https://stranger.example", KmsError.ConfigurationInvalid)]
    [InlineData("Kms:PublicBaseUrl", "https://localhost:0", KmsError.ConfigurationInvalid)]
    public async Task A_domain_that_cannot_be_served_as_configured_refuses_the_start(string key, string value, KmsError error)
    {
        await _host.StopAsync();
        _host.Change(key, value);
        (await Should.ThrowAsync<KmsException>(_host.StartAgainAsync)).Error.ShouldBe(error);
    }

    [Fact]
    public async Task Without_the_section_a_data_directory_with_two_domains_refuses_the_start()
    {
        await _host.StopAsync();
        _host.Forget("Kms:Domains:");
        _host.Change("Kms:PublicBaseUrl", "https://localhost:0");
        (await Should.ThrowAsync<KmsException>(_host.StartAgainAsync)).Error.ShouldBe(KmsError.DomainNotChosen);
    }

    private Task<Answer> AskOtherAsync(string path, byte[]? body = null) =>
        KmsHost.SendAsync(_other, path, _host.Token(), body);

    private KmsInitializationOptions Second(bool add, string kmsUri = OtherKmsUri, bool isLab = false) => new()
    {
        DataDirectory = _host.DataDirectory,
        KmsUri = kmsUri,
        KeyEncryptionKeyFile = _host.KeyFile,
        PeriodSeconds = KmsHost.PeriodSeconds,
        AddToInstallation = add,
        IsLabData = isLab,
    };
}
