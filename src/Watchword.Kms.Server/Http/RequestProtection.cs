using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// Lets a request through the security extension, or refuses it: verifies what is signed, and what is not only where the
/// domain's policy bears with it. The steps are those of <c>docs/flows/transport-keys.md</c>, with the same numbers.
/// </summary>
internal sealed class RequestProtection(
    KmsState state, KmsSettings settings, ClientProfiles profiles, TimeProvider time, KmsMetrics metrics,
    ILogger<RequestProtection> log)
{
    /// <summary>Admits a request; from then on the answer is protected as the client's keys allow.</summary>
    /// <param name="context">The request.</param>
    /// <param name="domain">The domain that it is to.</param>
    /// <param name="body">Its body; empty for none.</param>
    /// <param name="check">Refuses a request for its content; is told whether it is signed.</param>
    /// <returns>The request; null if there is no body.</returns>
    /// <exception cref="KmsException">Why not.</exception>
    public async Task<KmsRequest?> AdmitAsync(
        HttpContext context, ServedDomain domain, ReadOnlyMemory<byte> body, Action<KmsRequest, bool> check)
    {
        // 1. Signed or not is told by the root element alone; the profile says how much of the form is borne with.
        ReceivedBody received = ReceivedBody.Read(body);
        ClientProfile profile = profiles.Choose(
            context, domain, BodyMarks.Of(received, domain, time.GetUtcNow(), settings.RequestTimeSkew));
        CheckForm(context, profile, received);
        if (received.Signed is { } signed)
        {
            return await AdmitSignedAsync(context, domain, signed, check);
        }

        if (received.Request is { } request)
        {
            // A signature that was taken off must not be ignored: somebody relies on it.
            if (request.SignatureId is not null)
            {
                throw new KmsException(KmsError.SignatureMissing);
            }

            check(request, false);
        }

        if (await state.Gate.AdmitUnsignedAsync(ApplicantOf(context, domain), received.Request, context.RequestAborted)
            is { } exchange)
        {
            AnswerProtection.Protect(context, exchange);
        }

        return received.Request;
    }

    /// <summary>Key material must not leave in the clear where the domain forbids it.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.TransportKeyRequired"/>.</exception>
    public static void RequireWrapping(HttpContext context, ServedDomain domain)
    {
        if (domain.Issuer.Policy.TransportKeys.RequireWrapping && AnswerProtection.Of(context) is null)
        {
            throw new KmsException(KmsError.TransportKeyRequired);
        }
    }

    private async Task<KmsRequest> AdmitSignedAsync(
        HttpContext context, ServedDomain domain, SignedKmsRequest signed, Action<KmsRequest, bool> check)
    {
        TransportKeyApplicant applicant = ApplicantOf(context, domain);
        KmsRequest request;
        TransportKeyExchange exchange;
        try
        {
            (request, exchange) = await state.Gate.VerifyAsync(applicant, signed, context.RequestAborted);
        }
        catch (KmsException refusal) when (refusal.Error is KmsError.TransportKeyUnknown or KmsError.SignatureInvalid)
        {
            log.SignatureRefused(refusal.Error, context.TraceIdentifier);
            throw;
        }

        AnswerProtection.Protect(context, exchange);
        check(request, true);
        await state.Gate.AcceptAsync(
            applicant, exchange, signed, request, request.Time + settings.RequestTimeSkew, context.RequestAborted);
        metrics.SignatureVerified();
        if (exchange.NewTransportKeys.Count > 0)
        {
            log.NewKeysDelivered(context.TraceIdentifier);
        }

        return request;
    }

    /// <summary>Whether the profile bears with an absent body (Q1) and with other namespaces (Q18).</summary>
    private void CheckForm(HttpContext context, ClientProfile profile, ReceivedBody received)
    {
        if (received.IsEmpty)
        {
            if (!profile.AcceptsEmptyBody)
            {
                KmsException refusal = new(KmsError.MalformedRequest, "there is no body");
                profiles.Refuse(context, StrictRule.RequestBody, refusal, isSigned: false);
            }

            profiles.Count(context, Quirk.EmptyBody);
        }
        else if (received.StrictFault is { } fault)
        {
            if (!profile.AcceptsAnyNamespace)
            {
                profiles.Refuse(context, StrictRule.Namespace, fault, isSigned: received.Signed is not null);
            }

            profiles.Count(context, Quirk.Namespace);
        }
    }

    /// <summary>The requester with the rules of his domain; how keys are wrapped may be his profile's (Q9).</summary>
    private TransportKeyApplicant ApplicantOf(HttpContext context, ServedDomain domain)
    {
        TransportKeyPolicy policy = domain.Issuer.Policy.TransportKeys;
        if (profiles.Of(context).WrapProfile is { } wrapping)
        {
            policy = policy with { WrapProfile = wrapping };
        }

        (string? issuer, string? subject) = RequesterMapping.NameOf(context.User);
        return issuer is null || subject is null
            ? throw new KmsException(KmsError.InsufficientScope)
            : new TransportKeyApplicant(
                domain.KmsUri, policy, issuer, subject, RequesterMapping.IdentitiesOf(context.User),
                context.TraceIdentifier);
    }
}
