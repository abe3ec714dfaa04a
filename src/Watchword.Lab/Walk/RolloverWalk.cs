using System.Globalization;
using Watchword.Client;
using Watchword.KeyManagement;

namespace Watchword.Lab.Walk;

/// <summary>A key period ends and the next one begins.</summary>
internal sealed class RolloverWalk(WalkRunner runner, MovedLab moved)
{
    private const int MostPasses = 50;

    public async Task RunAsync(WalkProfile dispatcher, CancellationToken cancellation)
    {
        await WaitForWindowAsync(dispatcher, cancellation);
        await RenewAsync(dispatcher, cancellation);
        await NextPeriodAsync(dispatcher, cancellation);
    }

    private Task WaitForWindowAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "the next key period is closed before its window opens", "TS 33.180 4.3.3, 5.3.3: keys are bound to the period", async facts =>
        {
            await dispatcher.LogInAsync(moved.Lab.Users[LabDomain.Dispatcher].Password, cancellation);
            await dispatcher.Keys.InitializeAsync(cancellation);
            KeyPeriod now = Current(dispatcher);
            // Wherever real time is in its period, begin one day into the next: there, the window of the one after it is shut.
            await moved.MoveToAsync(now.End.AddDays(1), cancellation);
            KeyPeriod current = Current(dispatcher);
            await dispatcher.LogInAsync(moved.Lab.Users[LabDomain.Dispatcher].Password, cancellation);
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"the copy's clock shows {moved.Clock.GetUtcNow():yyyy-MM-dd HH:mm}Z, one day into period {current.Number}"));
            await dispatcher.Keys.ProvisionAsync(cancellationToken: cancellation);
            WatchwordClientException refusal = await Refusals.OfAsync(
                () => dispatcher.Keys.ProvisionAsync(new KeyProvisionRequest { PeriodNumber = current.Number + 1 }, cancellation));
            facts.Require(refusal.HttpStatus == 403, $"asked for period {current.Number + 1}: 403 with KmsError {refusal.KmsErrorCode}");
        });

    private Task RenewAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "the client renews its keys by itself before the period ends", "TS 33.180 5.3.3 step 6; docs/flows/key-renewal.md", async facts =>
        {
            KeyPeriod current = Current(dispatcher);
            int identities = dispatcher.Store.KeySets.Count(set => set.Period.Number == current.Number);
            List<KeyRenewalEvent> renewed = await RenewAllAsync(dispatcher, identities, cancellation);
            foreach (KeyRenewalEvent one in renewed)
            {
                facts.Add(string.Create(CultureInfo.InvariantCulture, $"{one.UserUri}: {one.At:yyyy-MM-dd HH:mm}Z, for period {one.Period!.Value.Number}"));
            }

            TimeSpan window = (current.End - current.Start) / 4;
            facts.Require(
                renewed.Count == identities && renewed.All(one => one.Period!.Value.Number == current.Number + 1
                    && one.At >= current.End - window && one.At < current.End),
                string.Create(CultureInfo.InvariantCulture, $"all {identities} in the last quarter, before {current.End:yyyy-MM-dd HH:mm}Z"));
            facts.Require(renewed.Select(one => one.At).Distinct().Count() == identities, "each at the moment that the KMS chose for it");
        });

    /// <summary>Lets the renewal run, and the time pass until it says that something is due again.</summary>
    private async Task<List<KeyRenewalEvent>> RenewAllAsync(WalkProfile dispatcher, int count, CancellationToken cancellation)
    {
        KeyRenewal renewal = new(dispatcher.Keys, moved.Clock, new KeyRenewalOptions { CheckInterval = TimeSpan.FromDays(7) });
        List<KeyRenewalEvent> renewed = [];
        for (int pass = 0; pass < MostPasses && renewed.Count < count; pass++)
        {
            KeyRenewalPass done = await renewal.RunOnceAsync(cancellation);
            if (done.Events.FirstOrDefault(one => one.Fault is not null) is { } fault)
            {
                throw new WalkException($"the renewal met {fault.Kind}: {fault.Fault!.Message}");
            }

            renewed.AddRange(done.Events.Where(one => one.Kind == KeyRenewalEventKind.KeySetRenewed));
            if (renewed.Count < count)
            {
                await moved.MoveToAsync(done.NextAt, cancellation);
            }
        }

        return renewed;
    }

    private Task NextPeriodAsync(WalkProfile dispatcher, CancellationToken cancellation) => runner.StepAsync(
        "the period turns: new keys, and the old ones still open late messages", "TS 33.180 F.2.1, 5.3.3", async facts =>
        {
            KeyPeriod before = Current(dispatcher);
            await moved.MoveToAsync(before.End.AddMinutes(5), cancellation);
            await dispatcher.LogInAsync(moved.Lab.Users[LabDomain.Dispatcher].Password, cancellation);
            IReadOnlyList<KeySetInfo> now = await dispatcher.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(now.All(set => set.Period.Number == before.Number + 1), $"the current period is {before.Number + 1}");
            IReadOnlyList<KeySetInfo> all = dispatcher.Store.KeySets;
            facts.Require(
                now.All(set => all.Any(old => old.UserUri == set.UserUri && old.Period.Number == before.Number && !old.UserId.Equals(set.UserId))),
                "each identity has another UID than before, and the old key set is still there");
            IReadOnlyList<KeySetInfo> again = await dispatcher.Keys.ProvisionAsync(new KeyProvisionRequest { PeriodNumber = before.Number }, cancellation);
            facts.Require(again.Count == 3, "the KMS repeats the past period for whom it was issued to");
            WatchwordClientException refusal = await Refusals.OfAsync(
                () => dispatcher.Keys.ProvisionAsync(new KeyProvisionRequest { PeriodNumber = before.Number - 5 }, cancellation));
            facts.Require(refusal.HttpStatus == 403, $"and no older one: 403 with KmsError {refusal.KmsErrorCode}");
        });

    private KeyPeriod Current(WalkProfile profile) => profile.Store.RootCertificate!.PeriodAt(moved.Clock.GetUtcNow());
}
