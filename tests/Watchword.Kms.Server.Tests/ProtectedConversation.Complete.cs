using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <content>All six requests of Annex D, one after the other, as one client makes them in its life.</content>
public abstract partial class ProtectedConversation
{
    private const string Partner = "kms.other.example";
    private const string Carol = "sip:carol@other.example";
    private const string CertCache = AnnexDPaths.Root + "/certcache";
    private const string Redirect = AnnexDPaths.Root + "/redirect";

    private static readonly string Cert = AnnexDPaths.Root + "/cert/" + Partner;
    private static readonly string Lookup = AnnexDPaths.Root + "/lookup/" + AnnexDPaths.EscapeSegment(Carol);

    private static KmsRedirectResponse Refused { get; } =
        KmsRedirectResponse.Create(KmsHost.KmsUri, "kms.x.example", [Partner]);

    [Fact]
    public async Task The_whole_of_Annex_D_plain_then_signed_and_wrapped_then_rotated_with_a_lost_answer()
    {
        byte[] certificate = PartnerCertificate();
        await ImportPartnerAsync(certificate);
        List<byte[]> documents = [certificate];

        // Without a body, and with one that is not signed: the same answers.
        byte[]? secrets = null;
        foreach (bool hasBody in (bool[])[false, true])
        {
            Dictionary<string, Answer> plain = await AskPlainAsync(hasBody);
            documents.AddRange(plain.Values.Select(answer => answer.Body));
            CheckAboutPartners(plain.ToDictionary(answer => answer.Key, answer => answer.Value.Document));
            byte[] given = KmsHost.SecretsOf(plain[AnnexDPaths.KeyProv(Alice)].KeySets.Single());
            given.ShouldBe(secrets ?? given);
            secrets = given;
            foreach (Answer answer in plain.Values)
            {
                answer.Dispose();
            }
        }

        using ProtectedClient client = await EnrolAsync();
        await AskSignedAsync(client, secrets!);

        // New keys come with init and keyprov only; the answer that has them is lost, and the conversation goes on.
        TransportKeyClient rotated = await RotateAsync();
        await client.AskAsync(AnnexDPaths.KeyProv(Alice), isLost: true);
        using (KmsResponse cache = (await client.AskAsync(CertCache))!)
        {
            ProtectedClient.NewKeyIds(cache).ShouldBeEmpty();
        }

        using (KmsResponse delivered = (await client.AskAsync(AnnexDPaths.Init))!)
        {
            ProtectedClient.NewKeyIds(delivered).ShouldBe([rotated.Pending!.TransportKeyId, rotated.Pending.IntegrityKeyId]);
        }

        client.Pairs.Count.ShouldBe(2);
        await AskSignedAsync(client, secrets!);

        // A refusal under the old keys, which are gone now, and one that is signed.
        using Answer old = await Host.PostAsync(CertCache, Host.Token(), client.Sign(CertCache, pair: 0));
        (old.Status, old.Error).ShouldBe((HttpStatusCode.Forbidden, KmsError.TransportKeyUnknown));
        string unknown = AnnexDPaths.Root + "/cert/kms.none.example";
        using Answer none = await Host.PostAsync(unknown, Host.Token(), client.Sign(unknown));
        using KmsResponse refusal = client.Verify(none);
        (none.Status, refusal.Error!.ErrorCode).ShouldBe((HttpStatusCode.NotFound, (int)KmsError.PartnerUnknown));
        await CheckSchemaAsync([.. documents, .. client.Received, old.Body, none.Body]);
        (await AuditAsync()).Count(entry => entry is { Kind: AuditKind.Outcome, Result: 0 }).ShouldBe(5);
    }

    private async Task<Dictionary<string, Answer>> AskPlainAsync(bool hasBody)
    {
        Dictionary<string, Answer> answers = [];
        foreach (string path in (string[])[AnnexDPaths.Init, AnnexDPaths.KeyProv(Alice), CertCache, Cert, Lookup])
        {
            answers[path] = await Host.PostAsync(
                path, Host.Token(), hasBody ? Host.Request(path, url: PublicUrl + path) : null);
        }

        // An upload is nothing without its body.
        answers[Redirect] = await Host.PostAsync(Redirect, Host.Token(), UploadBody());
        answers.ShouldAllBe(answer => answer.Value.Status == HttpStatusCode.OK);
        return answers;
    }

    private async Task AskSignedAsync(ProtectedClient client, byte[] secrets)
    {
        Dictionary<string, KmsResponse> answers = [];
        foreach (string path in (string[])[AnnexDPaths.Init, AnnexDPaths.KeyProv(Alice), CertCache, Cert, Lookup, Redirect])
        {
            answers[path] = (await client.AskAsync(path, redirectResponses: path == Redirect ? [Refused] : null))!;
        }

        KmsHost.SecretsOf(client.Unwrap(answers[AnnexDPaths.KeyProv(Alice)]).Single()).ShouldBe(secrets);
        CheckAboutPartners(answers);
        foreach (KmsResponse answer in answers.Values)
        {
            answer.Dispose();
        }
    }

    private static void CheckAboutPartners(Dictionary<string, KmsResponse> answers)
    {
        ((KmsInit)answers[AnnexDPaths.Init].Message!).Certificate.KmsUri.ShouldBe(KmsHost.KmsUri);
        foreach (string path in (string[])[CertCache, Cert, Redirect])
        {
            KmsCertCache cache = (KmsCertCache)answers[path].Message!;
            (cache.CacheNumber, cache.Certificates.ShouldHaveSingleItem().KmsUri).ShouldBe((1L, Partner), path);
        }

        KmsLookup lookup = (KmsLookup)answers[Lookup].Message!;
        (lookup.UserUri, lookup.Services.ShouldHaveSingleItem()).ShouldBe((Carol, new KmsReference(Partner, KmsRelation.External)));
    }

    private byte[] UploadBody()
    {
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = Alice,
            KmsUri = KmsHost.KmsUri,
            Time = Host.Time.GetUtcNow(),
            ClientReqUrl = PublicUrl + Redirect,
            RedirectResponses = [Refused],
        }.WriteTo(body);
        return body.ToArray();
    }

    private async Task ImportPartnerAsync(byte[] certificate)
    {
        PartnerDirectory partners = Host.Services.GetRequiredService<PartnerServices>().Directory;
        PartnerRecord record = await partners.ImportAsync(
            Officer, KmsHost.KmsUri, new PartnerImport(certificate, PartnerKind.External), "c", Token);
        await partners.ApproveAsync(
            Officer with { Subject = "otto" }, KmsHost.KmsUri, record.Id, PartnerFingerprint.Of(record)!.Words, "c", Token);
    }

    private static byte[] PartnerCertificate()
    {
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        using MemoryStream document = new();
        new KmsCertificate
        {
            KmsUri = Partner,
            Schedule = new KeyPeriodSchedule(3600, 0),
            PublicEncryptionKey = sakke.PublicKey,
            PublicAuthenticationKey = eccsi.PublicKey,
            Domains = ["other.example"],
        }.WriteTo(document);
        return document.ToArray();
    }

    private async Task CheckSchemaAsync(IReadOnlyList<byte[]> documents)
    {
        List<string> files = [];
        foreach ((int index, byte[] document) in documents.Index())
        {
            files.Add(Path.Combine(Host.Directory, $"answer-{index}.xml"));
            await File.WriteAllBytesAsync(files[^1], document, Token);
        }

        string schema = Path.Combine(AppContext.BaseDirectory, "schemas", "kms-interface.xsd");
        (int exitCode, _, string errors) = await Tool.RunAsync("xmllint", ["--noout", "--nonet", "--schema", schema, .. files]);
        exitCode.ShouldBe(0, errors);
    }
}
