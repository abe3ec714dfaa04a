using Microsoft.Extensions.DependencyInjection;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>A generation takes over while the server runs, and clients learn of it ahead.</summary>
public sealed class GenerationTests : IAsyncLifetime
{
    private const string Alice = "sip:alice.ptt@mc.test.example";

    private static readonly Authority Officer = new("admin", "officer", "crypto officer");

    private KmsHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await KmsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Init_gives_the_certificate_to_come_and_then_that_one()
    {
        DateTimeOffset boundary = _host.Time.GetUtcNow().AddSeconds(KmsHost.PeriodSeconds);
        GenerationActs acts = Acts();
        DomainRecord prepared = await PrepareAsync(acts);
        using (Answer init = await InitAsync())
        {
            KmsInit message = (KmsInit)init.Document.Message!;
            message.Certificate.ValidTo.ShouldBeNull();
            message.NextCertificates.ShouldHaveSingleItem().PublicEncryptionKey.Export().ShouldBe(prepared.PublicEncryptionKey);
        }

        await acts.ActivateAsync(Officer, KmsHost.KmsUri, 2, at: null, new KeyPeriodPolicy(), "c", Token);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        using (Answer init = await InitAsync())
        {
            KmsInit message = (KmsInit)init.Document.Message!;
            message.Certificate.ValidTo.ShouldBe(boundary);
            message.NextCertificates.ShouldHaveSingleItem().ValidFrom.ShouldBe(boundary);
        }

        (await acts.MeasureAsync(KmsHost.KmsUri, 2, Token)).Share.ShouldBe(new GenerationShare(0, 0));
        (await _host.KeyProvAsync(_host.Token(), Alice)).Dispose();
        (await acts.MeasureAsync(KmsHost.KmsUri, 2, Token)).Share.ShouldBe(new GenerationShare(1, 1));

        _host.Time.Advance(boundary - _host.Time.GetUtcNow());
        using Answer after = await InitAsync();
        KmsInit current = (KmsInit)after.Document.Message!;
        current.Certificate.PublicEncryptionKey.Export().ShouldBe(prepared.PublicEncryptionKey);
        current.NextCertificates.ShouldBeEmpty();
        using Answer keys = await _host.KeyProvAsync(_host.Token(), Alice);
        keys.KeySets.Single().TryValidate(current.Certificate, out ValidatedKeySet? validated, out KeySetFault fault)
            .ShouldBeTrue(fault.ToString());
        validated.Dispose();
        lock (_host.Log)
        {
            _host.Log.ShouldContain(line => line.Contains("2000", StringComparison.Ordinal)
                && line.Contains("generation 2", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Key_sets_come_with_the_time_at_which_to_fetch_the_next()
    {
        DateTimeOffset end = _host.Time.GetUtcNow().AddSeconds(KmsHost.PeriodSeconds);
        using Answer answer = await _host.KeyProvAsync(_host.Token());
        KmsKeyProv message = (KmsKeyProv)answer.Document.Message!;
        message.PickUps.Select(pickUp => pickUp.UserUri).ShouldBe(message.KeySets.Select(keySet => keySet.UserUri));
        message.PickUps.ShouldAllBe(pickUp => pickUp.NotBefore >= end.AddSeconds(-1800) && pickUp.NotAfter < end);
    }

    [Fact]
    public async Task Extension_elements_can_be_left_out()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:SendExtensions", "false"));
        using Answer answer = await host.KeyProvAsync(host.Token());
        ((KmsKeyProv)answer.Document.Message!).PickUps.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_client_that_names_the_certificate_it_holds_is_counted()
    {
        GenerationActs acts = Acts();
        DomainRecord prepared = await PrepareAsync(acts);
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        string path = AnnexDPaths.KeyProv(Alice);
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = Alice,
            KmsUri = KmsHost.KmsUri,
            Time = _host.Time.GetUtcNow(),
            ClientId = "phone",
            ClientReqUrl = _host.Address.GetLeftPart(UriPartial.Authority) + path,
            HeldCertificates = [new HeldCertificate(KmsHost.KmsUri, prepared.ToCertificate().ComputeFingerprint())],
        }.WriteTo(body);
        using Answer answer = await _host.PostAsync(path, _host.Token(), body.ToArray());
        answer.KeySets.Count.ShouldBe(1);
        (await acts.MeasureAsync(KmsHost.KmsUri, 2, Token)).Share.ShouldBe(new GenerationShare(1, 1));
    }

    private GenerationActs Acts()
    {
        KmsState state = _host.Services.GetRequiredService<KmsState>();
        return new GenerationActs(state.Store, state.Custody, _host.Time);
    }

    private static Task<DomainRecord> PrepareAsync(GenerationActs acts) => acts.PrepareAsync(
        Officer, KmsHost.KmsUri, new GenerationPlan { NewSecrets = true, CertUri = "cert2" }, "c", Token);

    /// <summary>A second later, so that the server has looked.</summary>
    private Task<Answer> InitAsync()
    {
        _host.Time.Advance(TimeSpan.FromSeconds(1));
        return _host.PostAsync(AnnexDPaths.Init, _host.Token());
    }
}
