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

    private static string Route => KmsAdminPaths.Preparations(KmsHost.KmsUri);

    [Fact]
    public async Task OffByDefaultEveryRouteSaysSoAndNothingIsPrepared()
    {
        await using AdminHost host = await AdminHost.StartAsync();
        (await host.AsOfficerAsync(Route, "{}")).Error.ShouldBe(KmsError.PreparationOff);
        AdminAnswer list = await host.AsAuditorAsync(Route);
        (list.Status, list.Error).ShouldBe((HttpStatusCode.Conflict, KmsError.PreparationOff));
        (await host.AsOfficerAsync(Route + "/1/stop", "{}")).Error.ShouldBe(KmsError.PreparationOff);
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

        AdminAnswer dry = await host.AsOfficerAsync(Route + "?dryRun=true", "{}");
        long affected = (long)dry.Json["affected"]!;
        affected.ShouldBeGreaterThan(0);
        ((string)dry.Json["preparation"]!["state"]!).ShouldBe("planned");
        (await host.AsAuditorAsync(Route)).Json.AsArray().Count.ShouldBe(0);

        (await host.AsAuditorAsync(Route, "{}")).Error.ShouldBe(KmsError.RoleMissing);
        (await host.AsUserAdministratorAsync(Route)).Error.ShouldBe(KmsError.RoleMissing);
        AdminAnswer begun = await host.AsOfficerAsync(Route, "{}");
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
        (await host.AsOfficerAsync(Route, """{"generation":9}""")).Error.ShouldBe(KmsError.UnknownGeneration);
        (await host.AsOfficerAsync(Route, """{"identities":[]}""")).Error.ShouldBe(KmsError.PreparationListRefused);
        (await host.AsOfficerAsync(Route, """{"identities":[{"issuer":"i","subject":""}]}""")).Error.ShouldBe(KmsError.MalformedHttp);
        (await host.AsOfficerAsync(Route + "/7/stop", "{}")).Error.ShouldBe(KmsError.PreparationNotRunning);
    }

    [Fact]
    public async Task AnInstallationThatWasMadeBeforeGetsItsSealingKeyWhenItIsTurnedOn()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        string document = Directory.GetFiles(host.DataDirectory, "custody-sealing-*-prepared-keys-1*").ShouldHaveSingleItem();
        File.Delete(document);
        await host.StartAgainAsync();
        File.Exists(document).ShouldBeFalse();
        await host.StopAsync();
        host.Change("Kms:Preparation:Enabled", "true");
        await host.StartAgainAsync();
        File.Exists(document).ShouldBeTrue(host.LogText);
    }

    [Theory]
    [InlineData("ProcessorShare", "0")]
    [InlineData("ProcessorShare", "1.5")]
    [InlineData("BatchSize", "0")]
    [InlineData("BatchSize", "10001")]
    public async Task WhatIsOutOfRangeIsAFaultOfTheConfiguration(string option, string value)
    {
        await using KmsHost host = KmsHost.With(($"Kms:Preparation:{option}", value));
        Should.Throw<Exception>(() => host.CreateApplication()).Message.ShouldContain($"Kms:Preparation:{option}");
    }

    private static async Task<JsonNode> FinishedAsync(AdminHost host)
    {
        for (int look = 0; look < 2400; look++)
        {
            JsonNode seen = (await host.AsAuditorAsync(Route)).Json.AsArray().ShouldHaveSingleItem()!;
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
