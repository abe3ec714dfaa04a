using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// Records in the audit log what was refused before the engine saw it. Only of requesters and peers that are known: who shows
/// nothing must not be able to fill the log.
/// </summary>
internal sealed class DeniedRequests(KmsState state, ILogger<DeniedRequests> log)
{
    /// <summary>Records a refusal with status 403; anything else is none of a requester.</summary>
    /// <param name="context">The request.</param>
    /// <param name="error">Why it was refused.</param>
    /// <param name="issuer">Who vouches for the requester, or the peer; null if nobody is known, and nothing is recorded.</param>
    /// <param name="subject">The requester, if he is known.</param>
    public async Task RecordAsync(HttpContext context, KmsError error, string? issuer, string? subject)
    {
        if (issuer is null || !state.IsOpen || KmsErrorMapping.StatusOf(error) != StatusCodes.Status403Forbidden)
        {
            return;
        }

        ServedDomain? domain = state.Find(context.Request);
        AuditEntry entry = new()
        {
            Kind = AuditKind.Denied,
            KmsUri = domain?.KmsUri ?? string.Empty,
            Generation = 0,
            CorrelationId = context.TraceIdentifier,
            Issuer = issuer,
            Subject = subject,
            Result = (int)error,
        };
        try
        {
            await state.Store.AppendAuditAsync([entry], context.RequestAborted);
        }
        catch (KmsException fault)
        {
            // Nothing was issued and nothing will be: the refusal stands without its record.
            log.RefusalNotRecorded(context.TraceIdentifier, fault);
        }
    }

    /// <summary>The same of the requester who authenticated.</summary>
    public Task RecordAsync(HttpContext context, KmsException refusal)
    {
        if (refusal.IsRecorded)
        {
            return Task.CompletedTask;
        }

        (string? issuer, string? subject) = RequesterMapping.NameOf(context.User);
        return RecordAsync(context, refusal.Error, issuer, subject);
    }
}
