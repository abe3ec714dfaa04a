using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.KeyManagement;

namespace Watchword.Lab.Walk;

/// <summary>Another security domain in the same KMS: keys of its own, and a call across.</summary>
internal sealed class PartnerWalk(WalkRunner runner, LabServers servers, LabDescription lab, string scratch, TimeProvider time)
{
    private readonly CertificateTakeOver _takeOver = new(servers);

    private string CourierUri => lab.Users[LabDomain.Courier].McpttId!;

    public async Task RunAsync(WalkProfile dispatcher, WalkProfile medic, CancellationToken cancellation)
    {
        using WalkProfile courier = await WalkProfile.CreateAsync(
            LabDomain.Courier, scratch, servers, time, kmsUrl: servers.Ports.PartnerKmsUrl, cancellation: cancellation);
        await KeyCourierAsync(courier, dispatcher, cancellation);
        await ExchangeAsync(courier, dispatcher, cancellation);
        await CallAsync(courier, dispatcher, cancellation);
        await new ServiceKeyWalk(runner, servers, lab, scratch, time).RunAsync(dispatcher, medic, courier, cancellation);
    }

    private Task KeyCourierAsync(WalkProfile courier, WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "courier belongs to another security domain and is keyed by it", "TS 33.180 5.2.1, 5.3.1: one home KMS for each user", async facts =>
        {
            await courier.LogInAsync(lab.Users[LabDomain.Courier].Password, cancellation);
            KmsCertificate certificate = (await courier.Keys.InitializeAsync(cancellation)).Certificate;
            facts.Require(certificate.KmsUri == lab.PartnerKmsUri, $"KMS URI {certificate.KmsUri} at {lab.PartnerKms}");
            facts.Require(
                certificate.ComputeFingerprint() != dispatcher.Store.RootCertificate!.ComputeFingerprint(), "with public keys of its own");
            IReadOnlyList<KeySetInfo> keySets = await courier.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(keySets is [var only] && only.UserUri == CourierUri, $"one key set, for {CourierUri}");
            AccessToken token = await dispatcher.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            string dispatcherUri = lab.Users[LabDomain.Dispatcher].McpttId!;
            (int status, string body) = await dispatcher.PostAsync(
                new Uri(lab.PartnerKms + AnnexDPaths.KeyProv(dispatcherUri)), token, null, cancellation);
            facts.Require(
                status == 403 && !KmsAnswers.HasKeySet(body), $"dispatcher is not keyed there: 403 with KmsError {KmsAnswers.ErrorCode(body)}");
        });

    private Task ExchangeAsync(WalkProfile courier, WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "the domains take over each other's KMS certificate", "TS 33.180 5.3.1, D.2.5: external KMS", async facts =>
        {
            await _takeOver.RunAsync(lab.KmsUri, courier.Store.RootCertificate!, facts, cancellation);
            await _takeOver.RunAsync(lab.PartnerKmsUri, dispatcher.Store.RootCertificate!, facts, cancellation);
            foreach (WalkProfile profile in (WalkProfile[])[dispatcher, courier])
            {
                Client.PartnerCertificates partners = await profile.Keys.FetchPartnerCertificatesAsync(cancellation);
                KmsCertificate only = partners.Certificates.Single(known => known.KmsUri is LabDomain.KmsUri or LabDomain.PartnerKmsUri);
                facts.Require(
                    only.Role == KmsCertificateRole.External,
                    string.Create(CultureInfo.InvariantCulture, $"{profile.Name}: certcache {partners.CacheNumber} with the certificate of {only.KmsUri}"));
                facts.Require(
                    !(await profile.Keys.FetchPartnerCertificatesAsync(cancellation)).Changed,
                    string.Create(CultureInfo.InvariantCulture, $"  asked again with {partners.CacheNumber}: nothing new"));
            }
        });

    private Task CallAsync(WalkProfile courier, WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher calls courier: a PCK from one domain to the other", "TS 33.180 D.2.7, 5.2.7, 5.6, E.3", async facts =>
        {
            string found = await dispatcher.Keys.FindDomainAsync(CourierUri, cancellation);
            facts.Require(found == lab.PartnerKmsUri, $"lookup: {CourierUri} is keyed by {found}");
            using PrivateCallKeys made = dispatcher.Calls.Create(CourierUri);
            runner.Capture?.Add(made.InitiatorUri, made.ReceiverUri, made.Message.Span);
            using PrivateCallKeys opened = courier.Calls.Open(made.Message.Span);
            facts.Require(
                opened.InitiatorUri == made.InitiatorUri && opened.PckId == made.PckId,
                $"courier opened it: signed by {opened.InitiatorUri}, verified with the certificate of {lab.KmsUri}");
            facts.Require(
                SrtpComparison.AreEqual(made.SentByInitiator, opened.SentByInitiator)
                    && SrtpComparison.AreEqual(made.SentByReceiver, opened.SentByReceiver),
                "both hold the same SRTP master keys and salts");
        });
}
