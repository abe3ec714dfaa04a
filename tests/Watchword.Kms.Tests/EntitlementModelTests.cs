using System.Globalization;
using CsCheck;
using Watchword.KeyManagement;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests;

/// <summary>
/// Random histories of an installation with two nodes: users disabled, enabled, removed, identities moved, keys prepared ahead, old tokens, key periods past,
/// present and to come, generations prepared, activated, tainted and revoked. Whoever asks gets a key exactly if he is entitled to it at
/// that moment, by a model that knows nothing of how the KMS does it.
/// </summary>
public sealed class EntitlementModelTests
{
    private static readonly Gen<EntitlementModel.Step[]> Histories = Gen.Select(
        Gen.Int[0, EntitlementModel.Kinds - 1], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[-9, 9], (kind, subject, identity, detail) =>
            new EntitlementModel.Step(kind, subject, identity, detail)).Array[25, 40];

    // The model of what a fresh key takes knows nothing of preparing: whatever was made ahead, the answers are the same.
    [Fact]
    public async Task Nobody_gets_a_key_that_he_is_not_entitled_to_when_he_asks_and_who_is_gets_it()
    {
        int asked = 0;
        int issued = 0;
        long taken = 0;
        await Histories.SampleAsync(
            async history =>
            {
                using PreparedDomain domain = await PreparedDomain.CreateAsync(TestContext.Current.CancellationToken, periodSeconds: 100);
                EntitlementModel model = new(domain);
                foreach (EntitlementModel.Step step in history)
                {
                    await model.TakeAsync(step, TestContext.Current.CancellationToken);
                }

                Interlocked.Add(ref asked, model.Asked);
                Interlocked.Add(ref issued, model.Issued);
                Interlocked.Add(ref taken, domain.Taken);
            },
            iter: 14,
            threads: 2,
            print: history => string.Join(' ', history.Select(step => string.Create(
                CultureInfo.InvariantCulture, $"({step.Kind},{step.Subject},{step.Identity},{step.Detail})"))));

        // A model that never meets one of the two proves nothing.
        issued.ShouldBeGreaterThan(20);
        (asked - issued).ShouldBeGreaterThan(20);
        taken.ShouldBeGreaterThan(0);
    }
}
