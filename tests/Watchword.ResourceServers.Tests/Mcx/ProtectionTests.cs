using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Client.Tests.Support;
using Watchword.KeyManagement;
using Watchword.McServices.Info;
using Watchword.Mikey;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Tests.Mcx.Support;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx;

/// <summary>The protected form: CSK, encrypted values, signed bodies (TS 33.180 5.4, 9.3; TS 24.379 7.3.1).</summary>
public sealed class ProtectionTests
{
    private const string Failed = "101 service authorisation failed";
    private const string NotDecrypted = "140 unable to decrypt XML content";
    private const string NotIntact = "139 integrity protection check failed";

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_CSK_comes_with_the_token_and_is_kept_sealed(bool encrypts, bool signs)
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));

        SipResponse response = await ue.SendAsync(ue.Publish(names, keys.Protect(ue, ue.Info(names), encrypts, signs)));

        response.StatusCode.ShouldBe(200);
        BindingRow row = (await host.BindingsAsync()).ShouldHaveSingleItem();
        row.CskId.ShouldBe(keys.CskId);
        byte[] secret = Secret(keys.Csk);
        row.Csk!.AsSpan().IndexOf(secret).ShouldBe(-1);
        using MikeyKey? kept = host.Services.GetRequiredService<KeyVault>()
            .TryOpen(row.Csk, new KeyOwner(row.Service, row.ServiceId, row.ClientId), keys.CskId);
        Secret(kept!).ShouldBe(secret);
    }

    [Fact]
    public async Task It_comes_with_a_REGISTER_too_and_a_second_identity_of_the_server_takes_it()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.McVideo;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names), McxHost.OtherIdentity);

        _ = await ue.SendAsync(ue.Register([names], keys.Protect(ue, ue.Info(names), profile: null)));

        (await host.BindingsAsync()).ShouldHaveSingleItem().CskId.ShouldBe(keys.CskId);
    }

    [Fact]
    public async Task Later_settings_and_log_off_are_protected_with_the_CSK_that_was_kept()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));
        _ = await ue.SendAsync(ue.Publish(names, keys.Protect(ue, ue.Info(names))));
        await host.RestartAsync();

        IReadOnlyList<SipBodyPart> settings = keys.Protect(ue, ue.SettingsInfo(names), sendsCsk: false, profile: 5);
        (await ue.SendAsync(ue.Publish(names, settings))).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).Single().ProfileIndex.ShouldBe(5);
        using MikeyKey other = MikeyKey.Generate(KeyPurpose.Csk);
        IReadOnlyList<SipBodyPart> forged = keys.Protect(ue, ue.SettingsInfo(names), sendsCsk: false, profile: 6, other: other);
        PublishTests.Refusal(await ue.SendAsync(ue.Publish(names, forged))).ShouldBe((403, NotIntact));
        (await host.BindingsAsync()).Single().ProfileIndex.ShouldBe(5);

        IReadOnlyList<SipBodyPart> off = keys.Protect(ue, ue.SettingsInfo(names), sendsCsk: false, profile: null);
        (await ue.SendAsync(ue.Publish(names, off, 0))).StatusCode.ShouldBe(200);
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_changed_missing_or_of_another_is_refused_and_nothing_is_kept()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));
        using TestProtection bobs = await TestProtection.CreateAsync(host, UserIds.Of("bob", Identity.McService.Mcptt));
        using TestProtection elsewhere = await TestProtection.CreateAsync(
            host, UserIds.Of("carol", Identity.McService.Mcptt), "sip:other@lab.example");
        using TestProtection stranger = await TestProtection.CreateAsync(
            host, UserIds.Of("dave", Identity.McService.Mcptt), domain: TestDomain.Other);
        IReadOnlyList<SipBodyPart> whole = keys.Protect(ue, ue.Info(names));
        IReadOnlyList<SipBodyPart> clear = keys.Protect(ue, ue.Info(names), encrypts: false, signs: false);

        // The signature covers info and settings as they were sent, both of them.
        await RefusedAsync(NotIntact, [whole[0], ue.SettingsPart(2), whole[2], whole[3]]);
        await RefusedAsync(NotIntact, [whole[0], whole[2], whole[3]]);
        await RefusedAsync(NotIntact, [Bent(whole[0]), whole[1], whole[2], whole[3]]);
        await RefusedAsync(NotIntact, [.. whole.Take(3)], "no CSK, none known");
        await RefusedAsync(NotDecrypted, [whole[0], whole[1]], "no CSK, none known");
        await RefusedAsync(NotDecrypted, [whole[0], whole[1], Csk(bobs)], "another's CSK");
        // CSKs in the clear form: of another user, to another server, of another KMS's keys, changed, no message at all.
        await RefusedAsync(Failed, [clear[0], clear[1], Csk(bobs)]);
        await RefusedAsync(Failed, [clear[0], clear[1], Csk(elsewhere)]);
        await RefusedAsync(Failed, [clear[0], clear[1], Csk(stranger)]);
        byte[] bent = keys.Message.ToArray();
        bent[^1] ^= 1;
        await RefusedAsync(Failed, [clear[0], clear[1], SipBodyPart.Create("application/mikey", bent)]);
        await RefusedAsync(Failed, [clear[0], clear[1], SipBodyPart.Create("application/mikey", new byte[] { 1, 2, 3 })]);
        await RefusedAsync(Failed, [.. clear, Csk(bobs)], "which of them?");
        (await host.BindingsAsync()).ShouldBeEmpty();
        (await ue.SendAsync(ue.Publish(names, whole))).StatusCode.ShouldBe(200, "a refusal spent nothing");

        async Task RefusedAsync(string warning, IReadOnlyList<SipBodyPart> parts, string? why = null) =>
            PublishTests.Refusal(await ue.SendAsync(ue.Publish(names, parts))).ShouldBe((403, warning), why);
    }

    [Fact]
    public async Task A_message_opens_once_and_only_while_it_is_fresh_but_a_repetition_finds_what_it_did()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));
        IReadOnlyList<SipBodyPart> parts = keys.Protect(ue, ue.Info(names));
        SipRequest Request() => ue.Publish(names, parts);

        (await ue.SendAsync(Request())).StatusCode.ShouldBe(200);
        (await ue.SendAsync(Request())).StatusCode.ShouldBe(200, "its answer was lost: what it asks for is there");
        _ = await ue.SendAsync(ue.Publish(names, [], 0));
        PublishTests.Refusal(await ue.SendAsync(Request())).ShouldBe((403, Failed), "logged off: a replay");
        await host.RestartAsync();
        PublishTests.Refusal(await ue.SendAsync(Request())).ShouldBe((403, Failed), "and after a restart");
        host.Time.Advance(TimeSpan.FromMinutes(6));
        await host.Upkeep.RunOnceAsync(TestContext.Current.CancellationToken);
        PublishTests.Refusal(await ue.SendAsync(Request())).ShouldBe((403, Failed), "stale");
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_protection_is_required_what_is_in_the_clear_or_unsigned_is_refused()
    {
        await using McxHost host = await McxHost.StartAsync(options => options.RequireProtection = true);
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));

        PublishTests.Refusal(await ue.PublishAsync(names)).ShouldBe((403, NotIntact));
        SipRequest unsigned = ue.Publish(names, keys.Protect(ue, ue.Info(names), signs: false));
        PublishTests.Refusal(await ue.SendAsync(unsigned)).ShouldBe((403, NotIntact));
        SipRequest clear = ue.Publish(names, keys.Protect(ue, ue.Info(names), encrypts: false));
        PublishTests.Refusal(await ue.SendAsync(clear)).ShouldBe((403, NotDecrypted));
        (await host.BindingsAsync()).ShouldBeEmpty();
        (await ue.SendAsync(ue.Publish(names, keys.Protect(ue, ue.Info(names))))).StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task A_hidden_initiator_is_the_one_of_the_token_or_nobody()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names), hides: true);
        string bob = host.Tokens.Create("bob", host.Now);

        SipRequest wrong = ue.Publish(names, keys.Protect(ue, ue.Info(names, bob), encrypts: false));
        PublishTests.Refusal(await ue.SendAsync(wrong)).ShouldBe((403, Failed));
        SipRequest right = ue.Publish(names, keys.Protect(ue, ue.Info(names), encrypts: false));
        (await ue.SendAsync(right)).StatusCode.ShouldBe(200);
    }

    [Fact]
    public async Task Without_keys_of_its_own_the_server_asks_to_come_again()
    {
        await using McxHost host = await McxHost.StartAsync(isKeyed: false);
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));

        SipResponse response = await ue.SendAsync(ue.Publish(names, keys.Protect(ue, ue.Info(names))));
        SipResponse registered = await ue.SendAsync(ue.Register([names], keys.Protect(ue, ue.Info(names), profile: null)));

        (response.StatusCode, response.Headers.RetryAfter!.Seconds).ShouldBe((500, 10u));
        (registered.StatusCode, registered.Headers.RetryAfter!.Seconds).ShouldBe((500, 10u));
        (await ue.PublishAsync(names)).StatusCode.ShouldBe(200, "in the clear it needs none");
    }

    [Fact]
    public async Task A_CSK_for_a_KMS_that_is_known_but_not_ours_is_redirected()
    {
        TestDomain partner = new("kms.partner.example");
        await using McxHost host = await McxHost.StartAsync();
        host.KeepPartner(partner.Certificate);
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names), domain: partner);

        SipResponse response = await ue.SendAsync(ue.Publish(names, keys.Protect(ue, ue.Info(names))));

        response.StatusCode.ShouldBe(488);
        response.Headers.ContentType!.Essence.ShouldBe("application/vnd.3gpp.kmsredirectresponse+xml");
        KmsRedirectResponse redirect = KmsRedirectResponse.Parse(response.Body.ToArray());
        redirect.RejectedReceiverKmsUri.ShouldBe("kms.partner.example");
        redirect.ProposedKmsUris.ShouldBe([TestDomain.Home.Certificate.KmsUri]);
        (await host.BindingsAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(-1, false)]
    public async Task The_redirect_response_bears_the_signature_of_a_certificate_that_is_valid(int untilDays, bool isSigned)
    {
        TestDomain partner = new("kms.partner.example");
        using X509Certificate2 signer = Signer(untilDays);
        await using McxHost host = await McxHost.StartAsync(options => options.RedirectSigner = Write(signer, options.CskKeyFile));
        host.KeepPartner(partner.Certificate);
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names), domain: partner);

        SipResponse response = await ue.SendAsync(ue.Publish(names, keys.Protect(ue, ue.Info(names))));

        KmsRedirectResponse redirect = KmsRedirectResponse.Parse(response.Body.ToArray());
        redirect.HasUnverifiedSignature.ShouldBe(isSigned);
        redirect.TryVerify(out X509Certificate2? by).ShouldBe(isSigned);
        (by?.RawData.AsSpan().SequenceEqual(signer.RawData) ?? false).ShouldBe(isSigned);
        by?.Dispose();
        string altered = Encoding.UTF8.GetString(response.Body.Span).Replace(
            TestDomain.Home.Certificate.KmsUri, "kms.evil.example", StringComparison.Ordinal);
        KmsRedirectResponse.Parse(Encoding.UTF8.GetBytes(altered)).TryVerify(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Where_nobody_is_bound_settings_under_a_key_of_before_are_of_an_unknown_user()
    {
        await using McxHost host = await McxHost.StartAsync();
        await using TestUe ue = TestUe.Create(host);
        McServiceNames names = McServiceNames.Mcptt;
        using TestProtection keys = await TestProtection.CreateAsync(host, ue.IdOf(names));
        _ = await ue.SendAsync(ue.Publish(names, keys.Protect(ue, ue.Info(names))));
        _ = await ue.SendAsync(ue.Publish(names, [], 0));

        IReadOnlyList<SipBodyPart> late = keys.Protect(ue, ue.SettingsInfo(names), sendsCsk: false);
        PublishTests.Refusal(await ue.SendAsync(ue.Publish(names, late))).ShouldBe((404, "141 user unknown to the participating function"));
        IReadOnlyList<SipBodyPart> asks = keys.Protect(ue, ue.Info(names), sendsCsk: false);
        PublishTests.Refusal(await ue.SendAsync(ue.Publish(names, asks))).ShouldBe((403, NotIntact), "a token needs its CSK");
    }

    private static X509Certificate2 Signer(int untilDays)
    {
        using TestProfile clock = new();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=mcx", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            clock.Time.GetUtcNow().AddDays(-30), clock.Time.GetUtcNow().AddDays(untilDays));
    }

    private static McxSignerOptions Write(X509Certificate2 signer, string beside)
    {
        string directory = Path.GetDirectoryName(beside)!;
        McxSignerOptions files = new()
        {
            CertificateFile = Path.Combine(directory, "signer.pem"), KeyFile = Path.Combine(directory, "signer.key"),
        };
        File.WriteAllText(files.CertificateFile, signer.ExportCertificatePem());
        if (!File.Exists(files.KeyFile))
        {
            using FileStream key = new(files.KeyFile, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            key.Write(Encoding.ASCII.GetBytes(signer.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
        }

        return files;
    }

    private static SipBodyPart Csk(TestProtection keys) => SipBodyPart.Create("application/mikey", keys.Message);

    private static SipBodyPart Bent(SipBodyPart part)
    {
        byte[] octets = part.Content.ToArray();
        int at = octets.AsSpan().LastIndexOf("</"u8);
        byte[] changed = [.. octets[..at], (byte)' ', .. octets[at..]];
        return SipBodyPart.Create(part.ContentType.ToString(), changed, part.ContentId);
    }

    private static byte[] Secret(MikeyKey key)
    {
        byte[] secret = new byte[MikeyKey.SecretSizeInBytes];
        key.ExportSecret(secret);
        return secret;
    }
}
