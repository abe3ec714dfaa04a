using Watchword.KeyManagement;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// The requests init and keyprov (TS 33.180 D.2.3, D.2.4). The steps are those of <c>docs/flows/key-provisioning.md</c>, with the
/// same numbers; 4 to 8 are in <see cref="KeyIssuer"/>.
/// </summary>
internal sealed class KeyProvisioning(
    KmsState state, KeyRequestReader reader, KmsAnswers answers, TimeProvider time, ILogger<KeyProvisioning> log)
{
    public async Task HandleAsync(HttpContext context)
    {
        // 1. Authenticated and in scope: the endpoint's policy saw to it.
        // 2. The principal becomes the KMS's own requester.
        Requester requester = RequesterMapping.Find(context.User) ?? throw new KmsException(KmsError.InsufficientScope);

        // 3. Path and body.
        AnnexDTarget target = KeyRequestReader.ReadTarget(context);
        await reader.CheckBodyAsync(context, target);

        if (target.Operation == AnnexDOperation.Init)
        {
            using KmsInit message = new(state.Issuer.Certificate);
            await answers.WriteAsync(context, requester.Identities[0].Uri, message);
            log.Initialized(context.TraceIdentifier);
            return;
        }

        await ProvisionAsync(context, requester, target);
    }

    private async Task ProvisionAsync(HttpContext context, Requester requester, AnnexDTarget target)
    {
        DateTimeOffset? wanted = target.Time is { } timestamp ? NtpTimestamp.ToDateTimeOffset(timestamp, time.GetUtcNow()) : null;
        IssuanceRequest request = new(requester, target.Argument, wanted, context.TraceIdentifier);

        // 4, 5. Identities, clock and key period.
        PreparedIssuance prepared = await state.Issuer.PrepareAsync(request, context.RequestAborted);

        // 6, 7, 8. Audit the intent, issue and check, audit the outcome.
        using IssuedKeySets issued = await state.Issuer.IssueAsync(prepared, context.RequestAborted);
        log.Issued(issued.KeySets.Count, prepared.PeriodNumber, context.TraceIdentifier);

        // 9. Render. 10. Wipe: leaving this method zeroes keys and rendered octets.
        using KmsKeyProv message = new(issued.KeySets);
        await answers.WriteAsync(context, issued.KeySets[0].UserUri, message);
    }
}
