using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Watchword.KeyManagement.Administration;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests.Administration;

/// <summary>Preparing ahead through the admin API of a running KMS.</summary>
public sealed class PreparationTests
{
    private static readonly (string, string?)[] On = [("Kms:Preparation:Enabled", "true"), ("Kms:Preparation:ProcessorShare", "1")];

    private static string Path => KmsAdminPaths.Preparations(KmsHost.KmsUri);

    [Fact]
    public async Task OffByDefaultEveryRouteSaysSoAndNothingIsPrepared()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        (await host.AsOfficerAsync(Path, "{}")).Error.ShouldBe(KmsError.PreparationOff);
        AdminAnswer list = await host.AsAuditorAsync(Path);
        (list.Status, list.Error).ShouldBe((HttpStatusCode.Conflict, KmsError.PreparationOff));
        (await host.AsOfficerAsync(Path + "/1/stop", "{}")).Error.ShouldBe(KmsError.PreparationOff);
        (await host.Kms.AuditAsync()).ShouldNotContain(record => record.Entry.Kind == AuditKind.Preparation);
    }

    [Fact]
    public async Task APreparationIsOrderedFollowedAndGivenOut()
    {
        await using AdminHost host = await AdminHost.StartAsync(On);
        using (Answer keyed = await host.Kms.KeyProvAsync(host.Kms.Token()))
        {
            keyed.Status.ShouldBe(HttpStatusCode.OK);
        }

        AdminAnswer dry = await host.AsOfficerAsync(Path + "?dryRun=true", "{}");
        long affected = (long)dry.Json["affected"]!;
        affected.ShouldBeGreaterThan(0);
        ((string)dry.Json["preparation"]!["state"]!).ShouldBe("planned");
        (await host.AsAuditorAsync(Path)).Json.AsArray().Count.ShouldBe(0);

        (await host.AsAuditorAsync(Path, "{}")).Error.ShouldBe(KmsError.RoleMissing);
        (await host.AsUserAdministratorAsync(Path)).Error.ShouldBe(KmsError.RoleMissing);
        AdminAnswer begun = await host.AsOfficerAsync(Path, "{}");
        begun.Status.ShouldBe(HttpStatusCode.OK, host.Kms.LogText);
        JsonNode seen = await FinishedAsync(host);
        ((long)seen["done"]!, (long)seen["total"]!).ShouldBe((affected, affected));

        // The next period, from its opening window on.
        DateTimeOffset next = (DateTimeOffset)seen["periodBegins"]!;
        host.Kms.Time.SetUtcNow(next.AddSeconds(5));
        using Answer taken = await host.Kms.KeyProvAsync(host.Kms.Token());
        taken.Status.ShouldBe(HttpStatusCode.OK, host.Kms.LogText);
        taken.KeySets.ShouldAllBe(keySet => keySet.KeyPeriodNumber == (long)seen["periodNumber"]!);
        AuditRecord last = (await host.Kms.AuditAsync())[^1];
        (last.Entry.Kind, last.Entry.Subject).ShouldBe((AuditKind.Outcome, "alice"));
    }

    [Fact]
    public async Task WhatCannotBeOrderedIsRefused()
    {
        await using AdminHost host = await AdminHost.StartAsync(On);
        (await host.AsOfficerAsync(Path, """{"generation":9}""")).Error.ShouldBe(KmsError.UnknownGeneration);
        (await host.AsOfficerAsync(Path, """{"identities":[]}""")).Error.ShouldBe(KmsError.PreparationListRefused);
        (await host.AsOfficerAsync(Path, """{"identities":[{"issuer":"i","subject":""}]}""")).Error.ShouldBe(KmsError.MalformedHttp);
        (await host.AsOfficerAsync(Path + "/7/stop", "{}")).Error.ShouldBe(KmsError.PreparationNotRunning);
    }

    private static async Task<JsonNode> FinishedAsync(AdminHost host)
    {
        for (int look = 0; look < 200; look++)
        {
            JsonNode seen = (await host.AsAuditorAsync(Path)).Json.AsArray().ShouldHaveSingleItem()!;
            if ((string)seen["state"]! == "finished")
            {
                return seen;
            }

            // The server looks for orders by the clock of the test.
            host.Kms.Time.Advance(TimeSpan.FromSeconds(2));
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }

        throw new InvalidOperationException(host.Kms.LogText);
    }
}
