using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Idm.Server.Accounts;
using Watchword.KeyManagement;

namespace Watchword.Lab.Walk;

/// <summary>The steps that need another time or break something: in a throw-away copy of the domain, under a clock of its own.</summary>
internal sealed class MovedClockWalk(WalkRunner runner, LabDirectories original, LabDescription lab, LabCertificateAuthority ca, string scratch)
{
    private readonly MovableClock _clock = new();

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!runner.Held)
        {
            return;
        }

        LabDirectories copy = new(Path.Combine(scratch, "copy"));
        LabFiles.CreateDirectory(copy.Root);
        LabFiles.CopyServerData(original.Idm, copy.Idm);
        LabFiles.CopyServerData(original.Kms, copy.Kms);
        LabFiles.CopyServerData(original.Keys, copy.Keys);
        string profiles = LabFiles.CreateDirectory(scratch, "moved");
        await using LabServers servers = await LabServers.StartAsync(copy, LabPorts.FindFree(before: null), ca, _clock, cancellation);
        using WalkProfile dispatcher = await WalkProfile.CreateAsync(LabDomain.Dispatcher, profiles, servers, _clock, cancellation: cancellation);
        using WalkProfile leaver = await WalkProfile.CreateAsync(LabDomain.Leaver, profiles, servers, _clock, cancellation: cancellation);
        await LeaverWorksAsync(leaver, cancellation);
        await WaitForWindowAsync(dispatcher, cancellation);
        await OpenWindowAsync(dispatcher, cancellation);
        await NextPeriodAsync(dispatcher, cancellation);
        await DisableAsync(leaver, servers, cancellation);
        await DroppedOutAsync(leaver, cancellation);
    }

    private Task LeaverWorksAsync(WalkProfile leaver, CancellationToken cancellation) => runner.StepAsync(
        "in a copy of the domain: leaver is keyed while entitled", "TS 23.280 10.1.4.1: one identity for two services", async facts =>
        {
            ClientIdentity identity = await leaver.LogInAsync(lab.Users[LabDomain.Leaver].Password, cancellation);
            await leaver.Keys.InitializeAsync(cancellation);
            IReadOnlyList<KeySetInfo> keySets = await leaver.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(
                keySets is [var only] && only.UserUri == identity.For(McService.Mcptt), "MCPTT ID and MCData ID are equal: one key set serves both");
        });

    private Task WaitForWindowAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "the next key period is closed before its window opens", "TS 33.180 4.3.3, 5.3.3: keys are bound to the period", async facts =>
        {
            await dispatcher.LogInAsync(lab.Users[LabDomain.Dispatcher].Password, cancellation);
            await dispatcher.Keys.InitializeAsync(cancellation);
            KeyPeriod now = Current(dispatcher);
            // Wherever real time is in its period, begin one day into the next: there, the window of the one after it is shut.
            _clock.MoveTo(now.End.AddDays(1));
            KeyPeriod current = Current(dispatcher);
            await dispatcher.LogInAsync(lab.Users[LabDomain.Dispatcher].Password, cancellation);
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"the copy's clock shows {_clock.GetUtcNow():yyyy-MM-dd HH:mm}Z, one day into period {current.Number}"));
            await dispatcher.Keys.ProvisionAsync(cancellationToken: cancellation);
            WatchwordClientException refusal = await RefusalAsync(
                () => dispatcher.Keys.ProvisionAsync(new KeyProvisionRequest { PeriodNumber = current.Number + 1 }, cancellation));
            facts.Require(refusal.HttpStatus == 403, $"asked for period {current.Number + 1}: 403 with KmsError {refusal.KmsErrorCode}");
        });

    private Task OpenWindowAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "in the last quarter of the period the next one's keys are ready", "TS 33.180 5.3.3 step 6: before the current one ends", async facts =>
        {
            KeyPeriod current = Current(dispatcher);
            _clock.MoveTo(current.End.AddDays(-2));
            await dispatcher.LogInAsync(lab.Users[LabDomain.Dispatcher].Password, cancellation);
            IReadOnlyList<KeySetInfo> next = await dispatcher.Keys.ProvisionAsync(
                new KeyProvisionRequest { PeriodNumber = current.Number + 1 }, cancellation);
            facts.Require(next.Count == 3 && next.All(set => set.Period.Number == current.Number + 1), $"three key sets for period {current.Number + 1}");
        });

    private Task NextPeriodAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "the period turns: new keys, and the old ones still open late messages", "TS 33.180 F.2.1, 5.3.3", async facts =>
        {
            KeyPeriod before = Current(dispatcher);
            _clock.MoveTo(before.End.AddMinutes(5));
            await dispatcher.LogInAsync(lab.Users[LabDomain.Dispatcher].Password, cancellation);
            IReadOnlyList<KeySetInfo> now = await dispatcher.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(now.All(set => set.Period.Number == before.Number + 1), $"the current period is {before.Number + 1}");
            IReadOnlyList<KeySetInfo> all = dispatcher.Store.KeySets;
            facts.Require(
                now.All(set => all.Any(old => old.UserUri == set.UserUri && old.Period.Number == before.Number && !old.UserId.Equals(set.UserId))),
                "each identity has another UID than before, and the old key set is still there");
            IReadOnlyList<KeySetInfo> again = await dispatcher.Keys.ProvisionAsync(new KeyProvisionRequest { PeriodNumber = before.Number }, cancellation);
            facts.Require(again.Count == 3, "the KMS repeats the past period for whom it was issued to");
            WatchwordClientException refusal = await RefusalAsync(
                () => dispatcher.Keys.ProvisionAsync(new KeyProvisionRequest { PeriodNumber = before.Number - 5 }, cancellation));
            facts.Require(refusal.HttpStatus == 403, $"and no older one: 403 with KmsError {refusal.KmsErrorCode}");
        });

    private Task DisableAsync(WalkProfile leaver, LabServers servers, CancellationToken cancellation) => runner.StepAsync(
        "leaver is disabled: no new token", "TS 33.180 B.5: the account is checked at every refresh", async facts =>
        {
            await leaver.LogInAsync(lab.Users[LabDomain.Leaver].Password, cancellation);
            await leaver.Keys.ProvisionAsync(cancellationToken: cancellation);
            await using (AsyncServiceScope scope = servers.Idm.Services.CreateAsyncScope())
            {
                await scope.ServiceProvider.GetRequiredService<AccountDirectory>().DisableAsync(LabDomain.Leaver, cancellation);
            }

            WatchwordClientException refusal = await RefusalAsync(() => leaver.Tokens.GetAccessTokenAsync(McResource.Service, cancellation));
            facts.Require(refusal.Fault == ClientFault.RefreshRefused, "the refresh is refused");
            refusal = await RefusalAsync(() => leaver.LogInAsync(lab.Users[LabDomain.Leaver].Password, cancellation));
            facts.Require(refusal.Fault == ClientFault.CredentialsRefused, "so is the log-in");
        });

    private Task DroppedOutAsync(WalkProfile leaver, CancellationToken cancellation) => runner.StepAsync(
        "leaver has dropped out: the last access token ends, the keys end with the period", "TS 33.180 B.12, 4.3.3", async facts =>
        {
            _clock.MoveTo(_clock.GetUtcNow().AddMinutes(11));
            WatchwordClientException refusal = await RefusalAsync(() => leaver.Keys.ProvisionAsync(cancellationToken: cancellation));
            facts.Require(refusal.Fault == ClientFault.RefreshRefused, "eleven minutes later there is no key for him");
            KeyPeriod current = leaver.Store.RootCertificate!.PeriodAt(_clock.GetUtcNow());
            _clock.MoveTo(current.End.AddDays(1));
            refusal = await RefusalAsync(() => leaver.Keys.ProvisionAsync(cancellationToken: cancellation));
            facts.Require(refusal.Fault == ClientFault.RefreshRefused, $"nor in period {current.Number + 1}");
            KeyPeriod next = leaver.Store.RootCertificate!.PeriodAt(_clock.GetUtcNow());
            facts.Require(leaver.Store.KeySets.All(set => set.Period.Number < next.Number), "his store holds keys of past periods only");
        });

    private KeyPeriod Current(WalkProfile profile) => profile.Store.RootCertificate!.PeriodAt(_clock.GetUtcNow());

    private static async Task<WatchwordClientException> RefusalAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (WatchwordClientException refusal)
        {
            return refusal;
        }

        throw new WalkException("what had to be refused was granted");
    }
}
