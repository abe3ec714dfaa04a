using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Administration;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests.Administration;

/// <summary>What administrators do.</summary>
public sealed class AdminActTests
{
    private const string Client = """{"userUri":"sip:alice.ptt@mc.test.example","clientId":"ue-1"}""";

    [Fact]
    public async Task AClientIsEnrolledExportedOnceAndRevoked()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        string clients = KmsAdminPaths.Clients(KmsHost.KmsUri);
        (await host.AsUserAdministratorAsync(clients + "?dryRun=true", Client)).Status.ShouldBe(HttpStatusCode.OK);
        (await host.Kms.AuditAsync()).ShouldNotContain(record => record.Entry.Kind == AuditKind.TransportKey);
        AdminAnswer enrolled = await host.AsUserAdministratorAsync(clients, Client);
        ((bool)enrolled.Json["client"]!["isExportable"]!).ShouldBeTrue();
        AdminAnswer exported = await host.AsUserAdministratorAsync(clients + "/export", Client);
        exported.Status.ShouldBe(HttpStatusCode.OK);
        using (TransportKeyFile file = TransportKeyFile.Parse(exported.Body))
        {
            file.ClientId.ShouldBe("ue-1");
            file.KmsAddress.ShouldBe(host.Kms.Address.GetLeftPart(UriPartial.Authority));
        }

        (await host.AsUserAdministratorAsync(clients + "/export", Client)).Error.ShouldBe(KmsError.TransportKeysExported);
        string revoke = """{"userUri":"sip:alice.ptt@mc.test.example","clientId":"ue-1","reason":"lost"}""";
        AdminAnswer dry = await host.AsUserAdministratorAsync(clients + "/revoke?dryRun=true", revoke);
        ((int)dry.Json["affectedClients"]!).ShouldBe(1);
        AdminAnswer list = await host.AsAuditorAsync(clients + "/list", "{}");
        ((string)list.Json["clients"]![0]!["state"]!).ShouldBe("enrolled");
        (await host.AsUserAdministratorAsync(clients + "/revoke", revoke)).Status.ShouldBe(HttpStatusCode.OK);
        AuditRecord last = (await host.Kms.AuditAsync())[^1];
        last.Entry.Role.ShouldBe("user administrator");
        last.Entry.Subject.ShouldBe(KmsRoleScopes.UserAdministrator);
    }

    [Fact]
    public async Task AGenerationIsPreparedActivatedTaintedAndRevokedAndADryRunChangesNothing()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        string generations = KmsAdminPaths.Generations(KmsHost.KmsUri);
        int records = (await host.Kms.AuditAsync()).Count;
        AdminAnswer dry = await host.AsOfficerAsync(generations + "?dryRun=true", """{"newSecrets":true}""");
        dry.Status.ShouldBe(HttpStatusCode.OK);
        (await host.Kms.AuditAsync()).Count.ShouldBe(records);
        AdminAnswer prepared = await host.AsOfficerAsync(generations, """{"newSecrets":true}""");
        ((string)prepared.Json["generation"]!["state"]!).ShouldBe("prepared");
        AdminAnswer wouldBe = await host.AsOfficerAsync(generations + "/2/activate?dryRun=true", "{}");
        ((string)wouldBe.Json["generation"]!["state"]!).ShouldBe("active");
        wouldBe.Json["reach"]!["requesters"].ShouldNotBeNull();
        AdminAnswer shown = await host.AsAuditorAsync(generations + "/2");
        ((string)shown.Json["state"]!).ShouldBe("prepared");
        (await host.AsOfficerAsync(generations + "/2/activate", "{}")).Status.ShouldBe(HttpStatusCode.OK);
        (await host.AsOfficerAsync(generations + "/2/revoke", """{"reason":"test"}""")).Error.ShouldBe(KmsError.GenerationStateConflict);
        (await host.AsOfficerAsync(generations + "/2/taint", """{"reason":"test"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await host.AsOfficerAsync(generations + "/2/revoke", """{"reason":"test"}""")).Status.ShouldBe(HttpStatusCode.OK);
        (await host.AsOfficerAsync(generations + "/9/taint", """{"reason":"test"}""")).Error.ShouldBe(KmsError.UnknownGeneration);
        (await host.AsOfficerAsync(generations + "/1/taint", """{"reson":"test"}""")).Error.ShouldBe(KmsError.MalformedHttp);
    }

    [Fact]
    public async Task TheAuditLogIsVerifiedSignedExportedAndSearched()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        using (Answer keys = await host.Kms.KeyProvAsync(host.Kms.Token()))
        {
            keys.Status.ShouldBe(HttpStatusCode.OK);
        }

        AdminAnswer checkpoint = await host.AsAuditorAsync(KmsAdminPaths.Audit + "/checkpoint", "{}");
        byte[] key = Convert.FromBase64String((string)checkpoint.Json["publicKey"]!);
        AdminAnswer verified = await host.AsAuditorAsync(KmsAdminPaths.Audit + "/verify");
        ((bool)verified.Json["isValid"]!).ShouldBeTrue();
        AdminAnswer export = await host.AsAuditorAsync(KmsAdminPaths.Audit + "/export");
        using MemoryStream lines = new(export.Body);
        AuditExportVerification found = await AuditExport.VerifyAsync(
            lines, [AuditPublicKey.Import(key)], null, TestContext.Current.CancellationToken);
        found.Fault.ShouldBe(AuditFault.None);
        AdminAnswer query = await host.AsAuditorAsync(
            KmsAdminPaths.Audit + "/query", """{"userUri":"sip:alice.ptt@mc.test.example"}""");
        query.Json["records"]!.AsArray().ShouldContain(
            hit => (string)hit!["kind"]! == "outcome" && (string)hit["subject"]! == "alice");
        (await host.AsAuditorAsync(KmsAdminPaths.Audit + "/query", "{}")).Error.ShouldBe(KmsError.MalformedHttp);
        (await host.Kms.AuditAsync()).Count(record => record.Entry.Kind == AuditKind.Administration).ShouldBe(3);
    }

    [Fact]
    public async Task ALogBesideAHeadThatAnotherKeySignedIsNotCalledSound()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        using EnvelopeCustody other = new EphemeralCustody();
        using AuditSigningKey key = await other.OpenAuditSigningKeyAsync(TestContext.Current.CancellationToken);
        AuditRecord last = (await host.Kms.AuditAsync())[^1];
        await File.WriteAllBytesAsync(
            Path.Combine(host.Kms.DataDirectory, "audit-head"),
            SignedAuditHead.Sign(new AuditHead(last.Sequence, last.Hash, last.Time), key).Export(),
            TestContext.Current.CancellationToken);
        (await host.AsAuditorAsync(KmsAdminPaths.Audit + "/verify")).Error.ShouldBe(KmsError.AuditHeadMismatch);
    }

    [Fact]
    public async Task WhatOfficersSeeOfCustodyPartnersAndStatus()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        AdminAnswer custody = await host.AsOfficerAsync(KmsAdminPaths.Custody);
        custody.Json["documents"]!.AsArray().Count.ShouldBeGreaterThan(0);
        AdminAnswer plan = await host.AsOfficerAsync(KmsAdminPaths.Custody + "/rewrap?dryRun=true", "{}");
        plan.Json["rewrapped"]!.AsArray().Count.ShouldBe(0);
        (await host.AsOfficerAsync(KmsAdminPaths.Backups, "{}")).Error.ShouldBe(KmsError.NoRecoveryKey);
        (await host.AsOfficerAsync(KmsAdminPaths.Partners(KmsHost.KmsUri))).Json.AsArray().Count.ShouldBe(0);
        (await host.AsOfficerAsync(KmsAdminPaths.Partners("nowhere.test.example"))).Error.ShouldBe(KmsError.UnknownDomain);
        string import = $$"""{"kind":"external","certificate":"{{Convert.ToBase64String("<x/>"u8)}}"}""";
        (await host.AsOfficerAsync(KmsAdminPaths.Partners(KmsHost.KmsUri), import)).Error
            .ShouldBe(KmsError.PartnerCertificateMalformed);
        AdminAnswer status = await host.AsAuditorAsync(KmsAdminPaths.Status);
        ((bool)status.Json["isOpen"]!).ShouldBeTrue();
        ((string)status.Json["role"]!).ShouldBe("auditor");
    }

    [Fact]
    public async Task AParameterThatARouteDoesNotKnowIsRefusedAndNothingIsDone()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        string grants = KmsAdminPaths.Grants(KmsHost.KmsUri);
        string grant = """{"userUri":"sip:a@elsewhere.example","issuer":"https://i.example","subject":"s","validFrom":"2026-01-01T00:00:00Z","validTo":"2099-01-01T00:00:00Z"}""";
        AdminAnswer refused = await host.AsOfficerAsync(grants + "?dryRun=true", grant);
        (refused.Status, refused.Error).ShouldBe((HttpStatusCode.BadRequest, KmsError.MalformedHttp));
        (await host.AsOfficerAsync(grants)).Json.AsArray().Count.ShouldBe(0);
        (await host.AsOfficerAsync(KmsAdminPaths.Custody + "?dry=1")).Error.ShouldBe(KmsError.MalformedHttp);
        (await host.AsOfficerAsync(grants, grant)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task TheDescriptionInTheDocumentationIsWhatTheServerGives()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        AdminAnswer answer = await host.SendAsync(KmsAdminPaths.Description, token: null);
        answer.Status.ShouldBe(HttpStatusCode.OK, host.Kms.LogText);
        string given = Encoding.UTF8.GetString(answer.Body).ReplaceLineEndings("\n") + "\n";
        string copy = RepositoryRoot.PathOf("docs", "openapi", "kms-admin.json");
        if (Environment.GetEnvironmentVariable("WATCHWORD_UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            await File.WriteAllTextAsync(copy, given, TestContext.Current.CancellationToken);
        }

        given.ShouldBe(
            (await File.ReadAllTextAsync(copy, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"),
            "run this test once with WATCHWORD_UPDATE_DOCS=1 and look at the difference");
        foreach (JsonNode? operation in answer.Json["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .Select(pair => pair.Value))
        {
            operation!["security"].ShouldNotBeNull();
            operation["responses"]!["403"].ShouldNotBeNull();
        }
    }
}
