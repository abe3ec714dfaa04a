using System.Globalization;
using System.Security.Cryptography;
using Watchword.Client;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms;
using Watchword.Kms.EntityFrameworkCore;

namespace Watchword.Lab.Walk;

/// <summary>The main job in real time, through the servers' HTTP interfaces only.</summary>
internal sealed class MainWalk(WalkRunner runner, RunningLab running, string scratch)
{
    private readonly LabServers _servers = running.Home.Servers;
    private readonly LabServices _services = running.Home.Services;
    private readonly LabDescription _lab = running.Home.Description;
    private readonly TimeProvider _time = running.Home.Site.Time;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using WalkProfile dispatcher = await WalkProfile.CreateAsync(LabDomain.Dispatcher, scratch, _servers, _time, cancellation: cancellation);
        using WalkProfile medic = await WalkProfile.CreateAsync(LabDomain.Medic, scratch, _servers, _time, cancellation: cancellation);
        await LogInAsync(dispatcher, cancellation);
        await NarrowTokensAsync(dispatcher, cancellation);
        await InitializeAsync(dispatcher, cancellation);
        await ProvisionAsync(dispatcher, cancellation);
        await ProvisionOneByOneAsync(dispatcher, cancellation);
        await VerifyAsync(dispatcher);
        await KeyMedicAsync(medic, cancellation);
        await KeyEntitiesAsync(cancellation);
        await CallAsync(dispatcher, medic);
        await new PartnerWalk(runner, _servers, _lab, scratch, _time).RunAsync(dispatcher, medic, cancellation);
        await new TransportKeyWalk(runner, _servers, _lab, scratch, _time).RunAsync(cancellation);
        await new ServicesWalk(runner, _servers, _services, _time).RunAsync(dispatcher, cancellation);
        await new DocumentsWalk(runner, _servers, _services, _lab, _time).RunAsync(dispatcher, medic, cancellation);
        await new InterDomainWalk(runner, running, scratch).RunAsync(dispatcher, medic, cancellation);
        await RefuseOthersKeyAsync(dispatcher, cancellation);
        await RefuseWrongTokensAsync(dispatcher, cancellation);
        await VerifyAuditAsync();
    }

    private Task LogInAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "dispatcher logs in at the IdM server", "TS 33.180 B.4, authorization code with PKCE", async facts =>
        {
            ClientIdentity identity = await dispatcher.LogInAsync(_lab.Users[LabDomain.Dispatcher].Password, cancellation);
            facts.Add($"the ID token is signed by {identity.Issuer} and names the user in each service:");
            foreach (McService service in AnnexB.Services)
            {
                facts.Require(identity.For(service) is not null, $"{McClaims.For(service),-10} = {identity.For(service)}");
            }
        });

    private Task NarrowTokensAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "one access token for each kind of server", "TS 33.180 B.5, B.2.2; RFC 9700 §2.3", async facts =>
        {
            foreach (McResource resource in AnnexB.Resources)
            {
                TokenFacts token = new(await dispatcher.Tokens.GetAccessTokenAsync(resource, cancellation));
                facts.Require(token.Audience == LabDomain.AudienceOf(resource), $"{resource}: aud = {token.Audience}, {token.Scopes.Count} scopes");
                facts.Require(
                    token.OpensKeyManagement == (resource == McResource.KeyManagement),
                    resource == McResource.KeyManagement ? "  it opens key management" : "  it does not open key management");
            }
        });

    private Task InitializeAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "init: the KMS certificate of the security domain", "TS 33.180 D.2.3", async facts =>
        {
            KmsCertificate certificate = (await dispatcher.Keys.InitializeAsync(cancellation)).Certificate;
            facts.Require(certificate.KmsUri == _lab.KmsUri, $"KMS URI {certificate.KmsUri}, role {certificate.Role}");
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"keys change every {certificate.Schedule.PeriodSeconds / 86400.0:0.##} days"));
        });

    private Task ProvisionAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "keyprov: a key set for every MC service ID in the token", "TS 33.180 5.1.3.1, D.2.4", async facts =>
        {
            IReadOnlyList<KeySetInfo> keySets = await dispatcher.Keys.ProvisionAsync(cancellationToken: cancellation);
            LabUser user = _lab.Users[LabDomain.Dispatcher];
            facts.Require(
                keySets.Select(set => set.UserUri).SequenceEqual([user.McpttId, user.McvideoId, user.McdataId], StringComparer.Ordinal),
                "three key sets, in the order MCPTT, MCVideo, MCData");
            AddKeySets(facts, keySets);
        });

    private Task ProvisionOneByOneAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "three tokens, each narrowed to one service, keyed one by one", "TS 33.180 5.1.3.1; issuing repeats octet by octet", async facts =>
        {
            byte[] before = Fingerprint(dispatcher.Store);
            foreach (McService service in AnnexB.Services)
            {
                IReadOnlyList<KeySetInfo> keySets = await dispatcher.Keys.ProvisionAsync(new KeyProvisionRequest { Service = service }, cancellation);
                facts.Require(
                    keySets is [var only] && only.UserUri == dispatcher.Store.Identity!.For(service), $"{service}: one key set, for its own identity");
            }

            facts.Require(CryptographicOperations.FixedTimeEquals(before, Fingerprint(dispatcher.Store)), "the same keys as before, to the octet");
        });

    private Task VerifyAsync(WalkProfile dispatcher) => runner.StepAsync(
        "the client validates what it was given", "RFC 6507 §5.1.2, RFC 6508 §6.1.2, TS 33.180 F.2.1", facts =>
        {
            foreach (KeySetCheck check in dispatcher.Store.Verify())
            {
                facts.Require(check.Fault == KeySetFault.None, $"{check.KeySet.UserUri}: UID recomputed, ECCSI relation and SAKKE pairing hold");
            }

            return Task.CompletedTask;
        });

    private Task KeyMedicAsync(WalkProfile medic, CancellationToken cancellation) => runner.StepAsync(
        "medic, who has MCPTT only, is keyed", "TS 33.180 5.1.3.1", async facts =>
        {
            await medic.LogInAsync(_lab.Users[LabDomain.Medic].Password, cancellation);
            await medic.Keys.InitializeAsync(cancellation);
            IReadOnlyList<KeySetInfo> keySets = await medic.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(keySets.Count == 1, "one key set");
            AddKeySets(facts, keySets);
        });

    private Task KeyEntitiesAsync(CancellationToken cancellation) => runner.StepAsync(
        "MCX server and group management server are keyed for their own URI", "TS 33.180 5.3.1, RFC 7523 §2.2", async facts =>
        {
            foreach ((string name, LabEntity entity) in _lab.Entities)
            {
                using WalkProfile profile = await WalkProfile.CreateAsync(name, scratch, _servers, _time, entity, cancellation: cancellation);
                await profile.Tokens.LogInEntityAsync(entity.Uri, cancellation);
                await profile.Keys.InitializeAsync(cancellation);
                IReadOnlyList<KeySetInfo> keySets = await profile.Keys.ProvisionAsync(cancellationToken: cancellation);
                facts.Require(keySets is [var only] && only.UserUri == entity.Uri, $"{name}: one key set, for {entity.Uri}");
            }
        });

    private Task CallAsync(WalkProfile dispatcher, WalkProfile medic) => runner.StepAsync(
        "dispatcher calls medic: a PCK in a MIKEY-SAKKE message", "TS 33.180 5.6, E.3, 7.4.1; RFC 3830 §4.1.3", facts =>
        {
            using PrivateCallKeys made = dispatcher.Calls.Create(_lab.Users[LabDomain.Medic].McpttId!);
            runner.Capture?.Add(made.InitiatorUri, made.ReceiverUri, made.Message.Span);
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"{made.Message.Length} octets, PCK-ID {made.PckId:X8}"));
            using PrivateCallKeys opened = medic.Calls.Open(made.Message.Span);
            facts.Require(opened.InitiatorUri == made.InitiatorUri && opened.PckId == made.PckId, $"medic opened it: signed by {opened.InitiatorUri}");
            facts.Require(SrtpComparison.AreEqual(made.SentByInitiator, opened.SentByInitiator), "both hold the same SRTP master key and salt for what dispatcher says");
            facts.Require(SrtpComparison.AreEqual(made.SentByReceiver, opened.SentByReceiver), "and for what medic says");
            return Task.CompletedTask;
        });

    private Task RefuseOthersKeyAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "refused: dispatcher asks for the key of medic", "TS 33.180 D.2.4, 5.3.3", async facts =>
        {
            AccessToken token = await dispatcher.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            (int status, string body) = await dispatcher.PostAsync(KeyProvUrl(_lab.Users[LabDomain.Medic].McpttId), token, null, cancellation);
            facts.Require(status == 403 && !KmsAnswers.HasKeySet(body), $"403 with KmsError {KmsAnswers.ErrorCode(body)}, no key set");
        });

    private Task RefuseWrongTokensAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "refused: a token for another server, no token, an asserted identity", "TS 33.180 B.10, B.11; TS 24.482 A.2.3", async facts =>
        {
            AccessToken other = await dispatcher.Tokens.GetAccessTokenAsync(McResource.GroupManagement, cancellation);
            (int status, string body) = await dispatcher.PostAsync(KeyProvUrl(null), other, null, cancellation);
            facts.Require(status == 401 && !KmsAnswers.HasKeySet(body), $"a token for group management: 401 with KmsError {KmsAnswers.ErrorCode(body)}");
            (status, body) = await dispatcher.PostAsync(KeyProvUrl(null), null, null, cancellation);
            facts.Require(status == 403 && !KmsAnswers.HasKeySet(body), $"no token: 403 with KmsError {KmsAnswers.ErrorCode(body)}");
            string asserted = $"\"{_lab.Users[LabDomain.Medic].McpttId}\"";
            (status, body) = await dispatcher.PostAsync(KeyProvUrl(null), null, ("X-3GPP-Asserted-Identity", asserted), cancellation);
            facts.Require(status == 403 && !KmsAnswers.HasKeySet(body), $"an identity asserted by a client: 403 with KmsError {KmsAnswers.ErrorCode(body)}");
        });

    private Task VerifyAuditAsync() => runner.StepAsync(
        "the audit chain of the KMS verifies", "intent and outcome of every key set", async facts =>
        {
            using KmsStore store = await KmsStore.OpenAsync(KmsDatabase.Sqlite(running.Home.Site.Directories.KmsDatabase), _time);
            AuditVerification verification = await AuditChain.VerifyAsync(store.ReadAuditAsync());
            facts.Require(
                verification.IsValid && verification.OpenIntents.Count == 0, $"{verification.Records} records, chained, every intent has its outcome");
        });

    private Uri KeyProvUrl(string? userUri) => new(_servers.Ports.KmsUrl + AnnexDPaths.KeyProv(userUri));

    private static void AddKeySets(WalkFacts facts, IReadOnlyList<KeySetInfo> keySets)
    {
        foreach (KeySetInfo set in keySets)
        {
            facts.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{set.UserUri}: period {set.Period.Number} until {set.Period.End:yyyy-MM-dd HH:mm}Z, UID {set.UserId.ToHex()[..16]}..."));
        }
    }

    /// <summary>SHA-256 over all keys of a store: enough to see whether anything changed, and nothing to learn from.</summary>
    private static byte[] Fingerprint(KeyStore store)
    {
        const int ssk = 32, pvt = 65, rsk = 257;
        byte[] keys = GC.AllocateArray<byte>(ssk + pvt + rsk, pinned: true);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (KeySetInfo set in store.KeySets.OrderBy(set => set.UserUri, StringComparer.Ordinal))
        {
            store.ExportKeys(set, keys.AsSpan(0, ssk), keys.AsSpan(ssk, pvt), keys.AsSpan(ssk + pvt));
            hash.AppendData(keys);
        }

        CryptographicOperations.ZeroMemory(keys);
        return hash.GetHashAndReset();
    }
}
