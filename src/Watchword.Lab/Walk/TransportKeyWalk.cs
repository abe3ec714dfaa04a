using Watchword.Client;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Kms;

namespace Watchword.Lab.Walk;

/// <summary>A client whose requests are signed and whose keys come wrapped (TS 33.180 D.1).</summary>
internal sealed class TransportKeyWalk(WalkRunner runner, LabServers servers, LabDescription lab, string scratch, TimeProvider time)
{
    private const string Device = "radio-7";

    private readonly TransportKeyDirectory _keys = servers.Kms.Services.GetRequiredService<TransportKeyDirectory>();

    private string PilotUri => lab.Users[LabDomain.Pilot].McpttId!;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using WalkProfile pilot = await WalkProfile.CreateAsync(LabDomain.Pilot, scratch, servers, time, cancellation: cancellation);
        await EnrolAsync(pilot, cancellation);
        await ProvisionAsync(pilot, cancellation);
        await RotateAsync(pilot, cancellation);
    }

    private Task EnrolAsync(WalkProfile pilot, CancellationToken cancellation) => runner.StepAsync(
        "the radio of pilot is given a transport key, by a file", "TS 33.180 D.1, 5.3.1: out of band", async facts =>
        {
            await pilot.LogInAsync(lab.Users[LabDomain.Pilot].Password, cancellation);
            // At a second start of the lab the radio is a new one, and what the old one had is void.
            await _keys.EnrolAsync(
                LabOfficers.First, new TransportKeyEnrolment(lab.KmsUri, PilotUri, Device) { Replace = true }, LabOfficers.CorrelationId, cancellation);
            string path = Path.Combine(scratch, Device + ".keys");
            using (TransportKeyFile exported = await ExportAsync(cancellation))
            using (SecretText text = exported.ExportFile())
            {
                await File.WriteAllBytesAsync(path, text.Utf8.ToArray(), cancellation);
                facts.Add($"the KMS made {exported.TransportKey.Id} and {exported.IntegrityKey.Id} and gave them out");
                facts.Add($"as words: {string.Join(' ', exported.FingerprintWords)}");
            }

            using TransportKeyFile file = TransportKeyFile.Parse(await File.ReadAllBytesAsync(path, cancellation));
            pilot.Store.ImportTransportKeys(file);
            File.Delete(path);
            TransportKeyInfo held = pilot.Store.TransportKeys.Single();
            facts.Require(held.FingerprintWords.SequenceEqual(file.FingerprintWords), "the radio imported the file and shows the same words");
            KmsException refusal = await RefusalAsync(ExportAsync(cancellation));
            facts.Require(refusal.Error == KmsError.TransportKeysExported, $"they are given out once: KmsError {(int)refusal.Error}");
        });

    private Task ProvisionAsync(WalkProfile pilot, CancellationToken cancellation) => runner.StepAsync(
        "pilot: signed requests, signed answers, wrapped keys", "TS 33.180 D.2.2, D.3; RFC 3394", async facts =>
        {
            await pilot.Keys.InitializeAsync(cancellation);
            IReadOnlyList<KeySetInfo> keySets = await pilot.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(pilot.Wire.Sent.Contains("SignedKmsRequest"), "the request was a SignedKmsRequest");
            facts.Require(pilot.Wire.Received.Contains("SignedKmsResponse"), "the answer was a SignedKmsResponse, and its signature held");
            facts.Require(pilot.Wire.Received.Contains("EncryptedKey"), "its keys were wrapped: xenc:EncryptedKey");
            facts.Require(
                keySets is [var only] && only.UserUri == PilotUri && pilot.Store.Verify(only).Fault == KeySetFault.None,
                "one key set, unwrapped and validated");
            AccessToken token = await pilot.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            (int status, string body) = await pilot.PostAsync(
                new Uri(servers.Ports.KmsUrl + AnnexDPaths.KeyProv(PilotUri)), token, null, cancellation);
            facts.Require(
                status is >= 400 and < 500 && !KmsAnswers.HasKeySet(body),
                $"the same token without a signature: {status} with KmsError {KmsAnswers.ErrorCode(body)}");
        });

    private Task RotateAsync(WalkProfile pilot, CancellationToken cancellation) => runner.StepAsync(
        "the transport key of pilot is rotated", "TS 33.180 D.3: NewTransportKey, NewIntegrityKey", async facts =>
        {
            string before = pilot.Store.TransportKeys.Single().TransportKeyId;
            TransportKeyClient ordered = await _keys.RotateAsync(
                LabOfficers.First, lab.KmsUri, PilotUri, Device, LabOfficers.CorrelationId, cancellation);
            string next = ordered.Pending!.TransportKeyId;
            await pilot.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(
                pilot.Store.TransportKeys.Select(keys => keys.TransportKeyId).Order().SequenceEqual(new[] { before, next }.Order()),
                $"{next} came with the next answer, wrapped under {before}; the radio keeps both");
            await pilot.Keys.InitializeAsync(cancellation);
            facts.Require(
                pilot.Store.TransportKeys is [{ State: TransportKeyState.Current } held] && held.TransportKeyId == next,
                $"an answer under {next} came: the radio wiped {before}");
            TransportKeyClient? seen = await _keys.FindAsync(lab.KmsUri, PilotUri, Device, cancellation);
            facts.Require(
                seen!.Pairs is [var pair] && pair.TransportKeyId == next, $"the KMS saw {next} in use and takes {before} no more");
        });

    private Task<TransportKeyFile> ExportAsync(CancellationToken cancellation) => _keys.ExportAsync(
        LabOfficers.First, lab.KmsUri, PilotUri, Device, servers.Ports.KmsUrl, LabOfficers.CorrelationId, cancellation);

    private static async Task<KmsException> RefusalAsync(Task<TransportKeyFile> act)
    {
        try
        {
            (await act).Dispose();
        }
        catch (KmsException refusal)
        {
            return refusal;
        }

        throw new WalkException("what had to be refused was granted");
    }
}
