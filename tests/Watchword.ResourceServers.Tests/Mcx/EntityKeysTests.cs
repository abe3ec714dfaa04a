using Microsoft.Extensions.Logging.Abstractions;
using Watchword.Client;
using Watchword.Client.Tests.Support;
using Watchword.Hosting;
using Watchword.KeyManagement;
using Watchword.Mikey;
using Watchword.ResourceServers.Keys;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>The server as KM client: it proves itself, is keyed, and what fails is tried again.</summary>
public sealed class EntityKeysTests : IDisposable
{
    private const string Uri = "sip:mdsi@lab.example";
    private readonly TestProfile _profile = new();
    private readonly TestKms _kms;
    private readonly string _directory;

    public EntityKeysTests()
    {
        _kms = new TestKms(_profile.Time) { Identities = [Uri], AnswerUserUri = Uri };
        _directory = Path.Combine(_profile.Directory, "entity");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _kms.Dispose();
        _profile.Dispose();
    }

    [Fact]
    public async Task A_first_start_makes_store_and_key_file_and_fetches_the_key_set()
    {
        using EntityKeys keys = Create(Options());
        await keys.OpenAsync(Token);
        keys.State.ShouldBe(EntityKeyState.Waiting);
        keys.Exchange.ShouldBeNull();

        await RunUntilAsync(keys, () => keys.State == EntityKeyState.Keyed);

        keys.Exchange.ShouldNotBeNull();
        keys.Store!.KeySets.ShouldHaveSingleItem().UserUri.ShouldBe(Uri);
        using MikeyKey key = MikeyKey.Generate(KeyPurpose.Csk);
        keys.Exchange.Compose(KeyDistribution.CskDownload, key, ["sip:alice@lab.example"]).Messages.Count.ShouldBe(1);
        keys.Store.ServiceKeys.ShouldBeEmpty("the caller keeps it");
    }

    [Fact]
    public async Task A_KMS_that_cannot_be_reached_is_asked_again()
    {
        int refused = 0;
        _kms.Intercept = _ => ++refused <= 2 ? throw new HttpRequestException(HttpRequestError.ConnectionError) : null;
        using EntityKeys keys = Create(Options());
        await keys.OpenAsync(Token);

        await RunUntilAsync(keys, () => keys.State == EntityKeyState.Keyed);

        refused.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task After_a_restart_it_is_keyed_at_once_without_any_server()
    {
        using (EntityKeys first = Create(Options()))
        {
            await first.OpenAsync(Token);
            await RunUntilAsync(first, () => first.State == EntityKeyState.Keyed);
        }

        using EntityKeys second = Create(Options());
        await second.OpenAsync(Token);

        second.State.ShouldBe(EntityKeyState.Keyed);
        _profile.Time.Advance(TimeSpan.FromDays(60));
        second.State.ShouldBe(EntityKeyState.Waiting, "its key period is over");
    }

    [Fact]
    public async Task It_asks_the_KMS_who_keys_users_of_other_domains_and_again_after_a_while()
    {
        const string Own = "sip:alice@lab.example", Guest = "sip:guest@other.example", Stranger = "sip:who@nowhere.example";
        const string Elsewhere = "kms.other.example";
        string home = _kms.Domain.Certificate.KmsUri;
        string keyedBy = home;
        _kms.BendCertificate = certificate => WithDomains(certificate, certificate.KmsUri, "lab.example");
        _kms.LookUp = uri => uri == Guest ? [new KmsReference(keyedBy, KmsRelation.Home)] : [];
        using EntityKeys keys = Create(Options());
        await keys.OpenAsync(Token);
        await keys.LearnDomainsAsync([Guest], Token);
        Asked().ShouldBeEmpty("it has no keys of its own yet");
        await RunUntilAsync(keys, () => keys.State == EntityKeyState.Keyed);

        await keys.LearnDomainsAsync([Own, Guest, Stranger], Token);
        Asked().ShouldBe([Guest, Stranger], "of its own users its certificate says enough");
        keys.Store!.FindDomainOf(Own, TimeSpan.Zero).ShouldBe(home);
        keys.Store.FindDomainOf(Guest, TimeSpan.FromMinutes(1)).ShouldBe(home, "he is migrated");
        keys.Store.FindDomainOf(Stranger, TimeSpan.FromMinutes(1)).ShouldBeNull();
        await keys.LearnDomainsAsync([Own, Guest, Stranger], Token);
        Asked().Length.ShouldBe(2, "it has just asked");

        keyedBy = Elsewhere;
        _kms.Partners.Add(WithDomains(_kms.Domain.Certificate, Elsewhere, "other.example", KmsCertificateRole.External));
        _profile.Time.Advance(TimeSpan.FromMinutes(11));
        await keys.LearnDomainsAsync([Guest], Token);
        Asked().ShouldBe([Guest, Stranger, Guest]);
        keys.Store.FindDomainOf(Guest, TimeSpan.FromMinutes(1)).ShouldBe(Elsewhere, "he went home");
        keys.Store.PartnerCertificates.ShouldHaveSingleItem().KmsUri.ShouldBe(Elsewhere);
    }

    [Fact]
    public async Task A_KMS_that_does_not_say_who_keys_a_user_is_left_alone_for_a_moment()
    {
        using EntityKeys keys = Create(Options());
        await keys.OpenAsync(Token);
        await RunUntilAsync(keys, () => keys.State == EntityKeyState.Keyed);
        int tried = 0;
        _kms.Intercept = _ => ++tried > 0 ? throw new HttpRequestException(HttpRequestError.ConnectionError) : null;
        await keys.LearnDomainsAsync(["sip:a@other.example", "sip:b@other.example"], Token);
        tried.ShouldBe(1, "no second one, and no second time");
        await keys.LearnDomainsAsync(["sip:a@other.example"], Token);
        tried.ShouldBe(1);
        _profile.Time.Advance(TimeSpan.FromSeconds(31));
        await keys.LearnDomainsAsync(["sip:a@other.example"], Token);
        tried.ShouldBe(2);
    }

    private string[] Asked() => [.. _kms.Requests.Where(request => request.Target.Operation == AnnexDOperation.Lookup)
        .Select(request => request.Target.Argument!)];

    private static KmsCertificate WithDomains(
        KmsCertificate certificate, string kmsUri, string domain, KmsCertificateRole role = KmsCertificateRole.Root) => new()
    {
        Role = role,
        KmsUri = kmsUri,
        Domains = [domain],
        Schedule = certificate.Schedule,
        PublicEncryptionKey = certificate.PublicEncryptionKey,
        PublicAuthenticationKey = certificate.PublicAuthenticationKey,
    };

    [Fact]
    public void Every_fault_of_the_configuration_is_named()
    {
        ConfigurationFaults faults = new();

        _ = EntityKeySettings.Check(new EntityKeyOptions { Uri = "mdsi", Idm = "http://idm", Kms = "kms" }, "X", faults);

        string[] named = [.. faults.Found.Select(fault => fault.Option)];
        foreach (string option in (string[])["Uri", "Idm", "Kms", "ClientId", "CredentialFile", "StoreDirectory", "StoreKeyFile"])
        {
            named.ShouldContain($"X:{option}");
        }

        ConfigurationFaults none = new();
        _ = EntityKeySettings.Check(Options(), "X", none);
        none.Any.ShouldBeFalse(none.Describe());
    }

    private EntityKeys Create(EntityKeyOptions options) => new(
        EntityKeySettings.Check(options, "X", new ConfigurationFaults()),
        new ServiceKeyExchangeOptions { Expects = [KeyDistribution.CskUpload] },
        _profile.Time, NullLogger<EntityKeys>.Instance, () => new BothServers(_profile.Idm, _kms));

    private EntityKeyOptions Options()
    {
        string credential = Path.Combine(_profile.Directory, "entity.pem");
        if (!File.Exists(credential))
        {
            File.WriteAllText(credential, _profile.Idm.EcKey.ExportPkcs8PrivateKeyPem());
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(credential, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }

        return new EntityKeyOptions
        {
            Uri = Uri, Idm = TestIdm.Issuer, Kms = TestKms.Url, ClientId = "mcx-server", CredentialFile = credential,
            StoreDirectory = _directory, StoreKeyFile = Path.Combine(_profile.Directory, "entity.key"),
        };
    }

    private async Task RunUntilAsync(EntityKeys keys, Func<bool> isSo)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task run = keys.RunAsync(stop.Token);
        for (int i = 0; !isSo(); i++)
        {
            i.ShouldBeLessThan(6000, "it does not come to pass");
            await Task.Delay(10, Token);
            _profile.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await stop.CancelAsync();
        await run.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>IdM server and KMS by their hosts. They outlive the connections.</summary>
    private sealed class BothServers(TestIdm idm, TestKms kms) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _idm = new(idm, disposeHandler: false);
        private readonly HttpMessageInvoker _kms = new(kms, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            (request.RequestUri!.Host == new System.Uri(TestKms.Url).Host ? _kms : _idm).SendAsync(request, cancellationToken);
    }
}
