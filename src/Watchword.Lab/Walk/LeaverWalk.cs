using System.Diagnostics;
using System.Globalization;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Idm.Server.Accounts;
using Watchword.KeyManagement;
using Watchword.Kms;

namespace Watchword.Lab.Walk;

/// <summary>A user leaves: from then on nothing is given out to him.</summary>
internal sealed class LeaverWalk(WalkRunner runner, MovedLab moved)
{
    /// <summary>Before he leaves.</summary>
    public Task WorksAsync(WalkProfile leaver, CancellationToken cancellation) => runner.StepAsync(
        "in a copy of the domain: leaver is keyed while entitled", "TS 23.280 10.1.4.1: one identity for two services", async facts =>
        {
            ClientIdentity identity = await leaver.LogInAsync(moved.Lab.Users[LabDomain.Leaver].Password, cancellation);
            await leaver.Keys.InitializeAsync(cancellation);
            IReadOnlyList<KeySetInfo> keySets = await leaver.Keys.ProvisionAsync(cancellationToken: cancellation);
            facts.Require(
                keySets is [var only] && only.UserUri == identity.For(McService.Mcptt), "MCPTT ID and MCData ID are equal: one key set serves both");
        });

    /// <summary>He leaves.</summary>
    public async Task LeaveAsync(WalkProfile leaver, CancellationToken cancellation)
    {
        await DisableAsync(leaver, cancellation);
        await NoNewTokenAsync(leaver, cancellation);
        await DroppedOutAsync(leaver, cancellation);
    }

    private Task DisableAsync(WalkProfile leaver, CancellationToken cancellation) => runner.StepAsync(
        "leaver is disabled: his next key request is refused, under a token that is still good", "RFC 8417, RFC 8935: the IdM server tells the KMS", async facts =>
        {
            await leaver.LogInAsync(moved.Lab.Users[LabDomain.Leaver].Password, cancellation);
            await leaver.Keys.ProvisionAsync(cancellationToken: cancellation);
            AccessToken token = await leaver.Tokens.GetAccessTokenAsync(McResource.KeyManagement, cancellation);
            string userUri = moved.Lab.Users[LabDomain.Leaver].McpttId!;
            (int status, _) = await AskAsync(leaver, token, AnnexDPaths.KeyProv(userUri), cancellation);
            facts.Require(status == 200, "with his token he is keyed");
            await using (AsyncServiceScope scope = moved.Servers.Idm.Services.CreateAsyncScope())
            {
                await scope.ServiceProvider.GetRequiredService<AccountDirectory>().DisableAsync(LabDomain.Leaver, cancellation);
            }

            long disabled = Stopwatch.GetTimestamp();
            await moved.Servers.WaitForEventsAsync(cancellation);
            facts.Add(string.Create(
                CultureInfo.InvariantCulture, $"disabled; {Stopwatch.GetElapsedTime(disabled).TotalMilliseconds:0} ms later the KMS has heard of it"));
            KeyPeriod current = leaver.Store.RootCertificate!.PeriodAt(moved.Clock.GetUtcNow());
            foreach ((string what, string path) in ((string, string)[])[
                ("this period", AnnexDPaths.KeyProv(userUri)),
                ("the next one", AnnexDPaths.KeyProv(userUri, NtpTimestamp.FromDateTimeOffset(current.End))),
                ("the certificate", AnnexDPaths.Init)])
            {
                (int refused, string body) = await AskAsync(leaver, token, path, cancellation);
                string? error = KmsAnswers.ErrorCode(body);
                facts.Require(
                    refused == 403 && !KmsAnswers.HasKeySet(body)
                        && error == ((int)KmsError.RequesterDisabled).ToString(CultureInfo.InvariantCulture),
                    $"the same token, for {what}: 403 with KmsError {error}");
            }
        });

    private Task NoNewTokenAsync(WalkProfile leaver, CancellationToken cancellation) => runner.StepAsync(
        "nor does leaver get a new token", "TS 33.180 B.5: the account is checked at every refresh", async facts =>
        {
            WatchwordClientException refusal = await Refusals.OfAsync(() => leaver.Tokens.GetAccessTokenAsync(McResource.Service, cancellation));
            facts.Require(refusal.Fault == ClientFault.RefreshRefused, "the refresh is refused");
            refusal = await Refusals.OfAsync(() => leaver.LogInAsync(moved.Lab.Users[LabDomain.Leaver].Password, cancellation));
            facts.Require(refusal.Fault == ClientFault.CredentialsRefused, "so is the log-in");
        });

    private Task DroppedOutAsync(WalkProfile leaver, CancellationToken cancellation) => runner.StepAsync(
        "leaver has dropped out: the last access token ends, the keys end with the period", "TS 33.180 B.12, 4.3.3", async facts =>
        {
            await moved.MoveToAsync(moved.Clock.GetUtcNow().AddMinutes(11), cancellation);
            WatchwordClientException refusal = await Refusals.OfAsync(() => leaver.Keys.ProvisionAsync(cancellationToken: cancellation));
            facts.Require(refusal.Fault == ClientFault.RefreshRefused, "eleven minutes later there is no key for him");
            KeyPeriod current = leaver.Store.RootCertificate!.PeriodAt(moved.Clock.GetUtcNow());
            await moved.MoveToAsync(current.End.AddDays(1), cancellation);
            refusal = await Refusals.OfAsync(() => leaver.Keys.ProvisionAsync(cancellationToken: cancellation));
            facts.Require(refusal.Fault == ClientFault.RefreshRefused, $"nor in period {current.Number + 1}");
            KeyPeriod next = leaver.Store.RootCertificate!.PeriodAt(moved.Clock.GetUtcNow());
            facts.Require(leaver.Store.KeySets.All(set => set.Period.Number < next.Number), "his store holds keys of past periods only");
        });

    private static Task<(int Status, string Body)> AskAsync(
        WalkProfile leaver, AccessToken token, string path, CancellationToken cancellation) =>
        leaver.PostAsync(new Uri(leaver.KmsUrl + path), token, null, cancellation);
}
