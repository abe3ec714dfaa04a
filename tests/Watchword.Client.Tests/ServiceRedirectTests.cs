using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Watchword.Client.Tests.Support;
using Watchword.KeyManagement;
using Watchword.Mikey;
using Watchword.Sip;

namespace Watchword.Client.Tests;

/// <summary>488 with KMS redirect responses: which are believed, and what the client does then (TS 33.180 5.2.8, D.4.2).</summary>
public sealed class ServiceRedirectTests : IDisposable
{
    private const string PartnerKms = "kms.partner.example";
    private static readonly TestDomain Partner = new(PartnerKms);
    private static readonly string HomeKms = TestDomain.Home.Certificate.KmsUri;

    private readonly X509Certificate2 _authority = Certificate("CN=authority", null, -30, 300);
    private readonly List<X509Certificate2> _made = [];

    public void Dispose()
    {
        _authority.Dispose();
        _made.ForEach(certificate => certificate.Dispose());
    }

    [Fact]
    public async Task One_that_is_trusted_is_followed_and_the_server_opens_the_CSK_that_was_made_for_it()
    {
        await using AuthorizedClient party = await CreateAsync(knowsPartner: true);
        party.Answer = request => ReceiverKms(request) == PartnerKms
            ? AuthorizedClient.Taken()
            : Redirect(Response().Sign(Signer()));

        (await party.Client.AuthorizeAsync(AuthorizedClient.Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);

        (party.Sent.Count, party.Client.ServerKmsUri).ShouldBe((2, PartnerKms));
        party.Usable().ShouldBe([party.Client.Csk!.KeyId]);
        party.Server.Store.KeepPartnerCertificates([External(TestDomain.Home)], 1, isComplete: true);
        using TakenServiceKey taken = party.Server.With(o => o with { Expects = [KeyDistribution.CskUpload] })
            .Take(AuthorizedClient.Part(party.Sent[^1], "application/mikey")!.Content.Span);
        (taken.Key.KeyId, taken.Info.InitiatorUri).ShouldBe((party.Client.Csk.KeyId, party.UserId));

        party.Profile.Time.Advance(TimeSpan.FromSeconds(2));
        _ = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);
        party.Sent.Count.ShouldBe(3, "it is not forgotten");
    }

    [Fact]
    public async Task Without_the_certificate_of_that_KMS_it_is_reported_and_followed_once_the_certificate_is_there()
    {
        await using AuthorizedClient party = await CreateAsync(knowsPartner: false);
        party.Answer = request => ReceiverKms(request) == PartnerKms
            ? AuthorizedClient.Taken()
            : Redirect(Response().Sign(Signer()));

        ServiceAuthorizationResult result = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);

        (result.Outcome, party.Sent.Count).ShouldBe((ServiceAuthorizationOutcome.OtherSecurityDomain, 1));
        ServiceRedirect redirect = result.Redirects.ShouldHaveSingleItem();
        redirect.Standing.ShouldBe(RedirectStanding.Trusted);
        redirect.Response!.ProposedKmsUris.ShouldBe([PartnerKms]);
        party.Client.Csk.ShouldBeNull();
        party.Usable().ShouldBeEmpty();
        party.Store.KeepPartnerCertificates([External(Partner)], 1, isComplete: true);
        party.Profile.Time.Advance(TimeSpan.FromSeconds(2));
        (await party.Client.AuthorizeAsync(AuthorizedClient.Settings)).Outcome.ShouldBe(ServiceAuthorizationOutcome.Done);
    }

    [Fact]
    public async Task A_server_that_redirects_again_and_again_is_asked_twice()
    {
        await using AuthorizedClient party = await CreateAsync(knowsPartner: true);
        party.Answer = request => Redirect(KmsRedirectResponse.Create(
            HomeKms, ReceiverKms(request), [HomeKms, PartnerKms]).Sign(Signer()));

        (await party.Client.AuthorizeAsync(AuthorizedClient.Settings)).Outcome.ShouldBe(
            ServiceAuthorizationOutcome.OtherSecurityDomain);

        party.Sent.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(RedirectStanding.Malformed)]
    [InlineData(RedirectStanding.NotSigned)]
    [InlineData(RedirectStanding.SignatureInvalid)]
    [InlineData(RedirectStanding.SignerUntrusted)]
    [InlineData(RedirectStanding.SignerExpired)]
    [InlineData(RedirectStanding.OtherMessage)]
    [InlineData(RedirectStanding.Widened)]
    public async Task One_that_is_not_to_be_believed_is_not_followed_and_the_reason_is_said(RedirectStanding standing)
    {
        await using AuthorizedClient party = await CreateAsync(knowsPartner: true);
        party.Answer = _ => Redirect(standing switch
        {
            RedirectStanding.Malformed => "<KmsRedirectResponse"u8.ToArray(),
            RedirectStanding.NotSigned => Response().Octets,
            RedirectStanding.SignatureInvalid => Altered(Response().Sign(Signer()).Octets),
            RedirectStanding.SignerUntrusted => Response().Sign(Keep(Certificate("CN=stranger", null, -1, 1))).Octets,
            RedirectStanding.SignerExpired => Response().Sign(Signer(-20, -1)).Octets,
            RedirectStanding.OtherMessage => KmsRedirectResponse.Create(HomeKms, "kms.elsewhere.example", [PartnerKms])
                .Sign(Signer()).Octets,
            _ => KmsRedirectResponse.Create(
                HomeKms, HomeKms, [PartnerKms], KmsRedirectResponse.Create(HomeKms, HomeKms, ["kms.third.example"]))
                .Sign(Signer()).Octets,
        });

        ServiceAuthorizationResult result = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);

        (result.Outcome, party.Sent.Count).ShouldBe((ServiceAuthorizationOutcome.OtherSecurityDomain, 1));
        result.Redirects.ShouldHaveSingleItem().Standing.ShouldBe(standing);
        result.RedirectResponses.ShouldHaveSingleItem();
        (party.Client.ServerKmsUri, party.Client.Csk).ShouldBe((null, null));
        party.Usable().ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_nobody_is_trusted_none_is_followed()
    {
        await using AuthorizedClient party = await AuthorizedClient.CreateAsync();
        party.Store.KeepPartnerCertificates([External(Partner)], 1, isComplete: true);
        party.Answer = _ => Redirect(Response().Sign(Signer()));

        ServiceAuthorizationResult result = await party.Client.AuthorizeAsync(AuthorizedClient.Settings);

        result.Redirects.ShouldHaveSingleItem().Standing.ShouldBe(RedirectStanding.SignerUntrusted);
        party.Sent.Count.ShouldBe(1);
    }

    private async Task<AuthorizedClient> CreateAsync(bool knowsPartner)
    {
        AuthorizedClient party = await AuthorizedClient.CreateAsync(
            options => options with { RedirectSigners = [_authority] }, Partner);
        if (knowsPartner)
        {
            party.Store.KeepPartnerCertificates([External(Partner)], 1, isComplete: true);
        }

        return party;
    }

    private static KmsRedirectResponse Response() => KmsRedirectResponse.Create(HomeKms, HomeKms, [PartnerKms]);

    private static SipResponse Redirect(KmsRedirectResponse response) => Redirect(response.Octets);

    private static SipResponse Redirect(ReadOnlyMemory<byte> body)
    {
        SipResponse response = new(488);
        SipBody.Write(response, SipBodyPart.Create("application/vnd.3gpp.kmsredirectresponse+xml", body));
        return response;
    }

    private static byte[] Altered(ReadOnlyMemory<byte> octets) => Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(octets.Span).Replace($">{PartnerKms}<", ">kms.evil.example<", StringComparison.Ordinal));

    private static string ReceiverKms(SipRequest request) =>
        MikeyMessage.Parse(AuthorizedClient.Part(request, "application/mikey")!.Content.Span)
            .FindIdentity(MikeyIdentityRole.ResponderKms)!.Text!;

    private static KmsCertificate External(TestDomain domain) => new()
    {
        KmsUri = domain.Certificate.KmsUri,
        Schedule = domain.Certificate.Schedule,
        PublicEncryptionKey = domain.Certificate.PublicEncryptionKey,
        PublicAuthenticationKey = domain.Certificate.PublicAuthenticationKey,
        Role = KmsCertificateRole.External,
    };

    private X509Certificate2 Signer(int fromDays = -1, int untilDays = 1) =>
        Keep(Certificate("CN=mcx", _authority, fromDays, untilDays));

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _made.Add(certificate);
        return certificate;
    }

    /// <summary>Valid around the time of the profile's clock.</summary>
    private static X509Certificate2 Certificate(string name, X509Certificate2? issuer, int fromDays, int untilDays)
    {
        using TestProfile profile = new();
        DateTimeOffset now = profile.Time.GetUtcNow();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
        if (issuer is null)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request.CreateSelfSigned(now.AddDays(fromDays), now.AddDays(untilDays));
        }

        using X509Certificate2 signed = request.Create(
            issuer, now.AddDays(fromDays), now.AddDays(untilDays), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
