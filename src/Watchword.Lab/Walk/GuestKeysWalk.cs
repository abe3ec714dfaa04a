using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Kms;

namespace Watchword.Lab.Walk;

/// <summary>Who keys whom across two domains (TS 33.180 5.3.1): external certificates, and the migration KMS.</summary>
internal sealed class GuestKeysWalk(WalkRunner runner, RunningLab lab)
{
    private static readonly TimeSpan _stay = TimeSpan.FromDays(1);

    private readonly LabSite _home = lab.Home.Site;
    private readonly LabSite _allied = lab.Allied.Site;

    private string GuestUri => lab.Home.Description.Users[LabDomain.Dispatcher].McpttId!;

    /// <summary>The domains come to know each other, out of band.</summary>
    public async Task MeetAsync(WalkProfile ranger, WalkProfile dispatcher, WalkProfile medic, CancellationToken cancellation)
    {
        await KeyRangerAsync(ranger, dispatcher, cancellation);
        await ExchangeAsync(ranger, dispatcher, medic, cancellation);
    }

    /// <summary>A user of the one is taken in by the other for a time.</summary>
    public async Task MigrateAsync(GuestProfile guest, CancellationToken cancellation)
    {
        await RefuseStrangerAsync(guest, cancellation);
        await KeyGuestAsync(guest, cancellation);
    }

    private Task KeyRangerAsync(WalkProfile ranger, WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "ranger belongs to another complete domain, with an IdM server, a KMS and services of its own", "TS 33.180 5.1.4, 5.3.1; TS 24.482 A.2.2", async facts =>
        {
            ClientIdentity identity = await ranger.LogInAsync(lab.Allied.Description.Users[LabDomain.Ranger].Password, cancellation);
            facts.Require(identity.Issuer == _allied.Ports.IdmUrl, $"{identity.For(McService.Mcptt)} is vouched for by {identity.Issuer}");
            using TlsTrust trust = TlsTrust.FromCaFile(_allied.Ca.CaFile);
            KmClientOptions options = new()
            {
                KmsUrl = _allied.Ports.KmsUrl, HttpProxy = new HomeHttpProxy { Url = _allied.Ports.ProxyUrl },
            };
            using KmClient keys = new(options, trust, ranger.Tokens, _allied.Time);
            KmsCertificate certificate = (await keys.InitializeAsync(cancellation)).Certificate;
            facts.Require(certificate.KmsUri == _allied.Names.KmsUri, $"KMS URI {certificate.KmsUri}, over {_allied.Ports.ProxyUrl}");
            IReadOnlyList<KeySetInfo> sets = await keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(sets is [{ } only] && ranger.Store.Verify(only).Fault == KeySetFault.None, $"one key set, for {sets[0].UserUri}");
            AccessToken foreign = await dispatcher.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            (int status, string body) = await dispatcher.PostAsync(
                new Uri(_allied.Ports.KmsUrl + AnnexDPaths.Init), foreign, null, cancellation);
            facts.Require(status == 401 && !KmsAnswers.HasKeySet(body), $"a token of the home domain opens nothing there: {status}");
        });

    private Task ExchangeAsync(WalkProfile ranger, WalkProfile dispatcher, WalkProfile medic, CancellationToken cancellation) => runner.StepAsync(
        "the two domains take over each other's KMS certificate", "TS 33.180 5.3.1: one as external, one as migration KMS", async facts =>
        {
            await new CertificateTakeOver(lab.Home.Servers).RunAsync(
                _home.Names.KmsUri, ranger.Store.RootCertificate!, facts, cancellation, _allied.Ports.KmsUrl);
            await new CertificateTakeOver(lab.Allied.Servers).RunAsync(
                _allied.Names.KmsUri, dispatcher.Store.RootCertificate!, facts, cancellation);
            KmsReference migration = (await dispatcher.Keys.InitializeAsync(cancellation)).MigrationServices
                .Single(kms => kms.KmsUri == _allied.Names.KmsUri);
            facts.Require(migration.Address == _allied.Ports.KmsUrl, $"dispatcher may migrate to {migration.KmsUri} at {migration.Address}");
            foreach ((WalkProfile profile, string known) in ((WalkProfile, string)[])
                [(dispatcher, _allied.Names.KmsUri), (medic, _allied.Names.KmsUri), (ranger, _home.Names.KmsUri)])
            {
                Client.PartnerCertificates partners = await profile.Keys.FetchPartnerCertificatesAsync(cancellation);
                facts.Require(
                    partners.Certificates.Any(certificate => certificate.KmsUri == known && certificate.Role == KmsCertificateRole.External),
                    $"{profile.Name}: certcache with the certificate of {known}");
            }
        });

    private Task RefuseStrangerAsync(GuestProfile guest, CancellationToken cancellation) => runner.StepAsync(
        "refused: the other domain's KMS keys nobody whom no officer has let in", "TS 33.180 5.3.1; docs/flows/partner-domains.md", async facts =>
        {
            MigrationGrants grants = Grants();
            foreach (MigrationGrant old in (await grants.ListAsync(_allied.Names.KmsUri, GuestUri, cancellation)).Where(grant => grant.RevokedAt is null))
            {
                await grants.RevokeAsync(LabOfficers.First, _allied.Names.KmsUri, old.Id, LabOfficers.CorrelationId, cancellation);
            }

            ClientIdentity identity = await guest.Tokens.LogInPartnerAsync(cancellation);
            facts.Require(identity.Issuer == _allied.Ports.IdmUrl, $"dispatcher has a token for {_allied.Names.AudienceOf(McResource.KeyManagement)}");
            KmsCertificate certificate = (await guest.Keys.InitializeAsync(cancellation)).Certificate;
            facts.Require(certificate.KmsUri == _allied.Names.KmsUri, $"init: {certificate.KmsUri}");
            WatchwordClientException refusal = await Refusals.OfAsync(() => guest.Keys.ProvisionAsync(cancellationToken: cancellation));
            facts.Require(
                refusal.HttpStatus == 403 && refusal.KmsErrorCode == (int)KmsError.MigrationNotGranted, $"keyprov: 403 with KmsError {refusal.KmsErrorCode}");
        });

    private Task KeyGuestAsync(GuestProfile guest, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher is migrated: the other domain's KMS keys him, from proxy to proxy", "TS 33.180 5.3.1, D.2.3, D.2.4, F.2.1; TS 24.482 A.2.2", async facts =>
        {
            DateTimeOffset now = _allied.Time.GetUtcNow();
            MigrationGrant grant = await Grants().GrantAsync(
                LabOfficers.First, _allied.Names.KmsUri, GuestUri, _allied.Ports.IdmUrl, subject: null, now.AddMinutes(-1), now + _stay,
                LabOfficers.CorrelationId, cancellation);
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"an officer lets {grant.UserUri} in until {grant.ValidTo:yyyy-MM-dd HH:mm}Z"));
            IReadOnlyList<KeySetInfo> sets = await guest.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(
                sets is [{ } only] && only.UserUri == GuestUri && guest.Store.Verify(only).Fault == KeySetFault.None,
                $"{_allied.Ports.KmsUrl} by its Request-URI over {guest.ThroughHome.Url}: one key set, for {GuestUri}");
            KeySetInfo home = guest.Home.Store.KeySets.First(set => set.UserUri == GuestUri);
            facts.Require(
                !home.UserId.Equals(sets[0].UserId), $"UID {sets[0].UserId.ToHex()[..16]}..., at home {home.UserId.ToHex()[..16]}...");
            using KmClient local = guest.KeysOver(new HomeHttpProxy { Url = _allied.Ports.ProxyUrl });
            IReadOnlyList<KeySetInfo> again = await local.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(
                again is [{ } same] && same.UserId.Equals(sets[0].UserId), $"the same again over the proxy that he visits, {_allied.Ports.ProxyUrl}");
            facts.Require(
                (await local.LookUpAsync(GuestUri, cancellation))[0].KmsUri == _allied.Names.KmsUri,
                "who looks him up there is told that he is keyed there now");
        });

    private MigrationGrants Grants() => lab.Allied.Servers.Kms.Services.GetRequiredService<MigrationGrants>();
}
