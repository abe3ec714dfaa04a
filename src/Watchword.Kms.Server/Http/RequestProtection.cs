using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// Lets a request through the security extension, or refuses it: verifies what is signed, and what is not only where the
/// domain's policy
/// bears with it. The steps are those of <c>docs/flows/transport-keys.md</c>, with the same numbers.
/// </summary>
internal sealed class RequestProtection(KmsState state, KmsSettings settings, KmsMetrics metrics, ILogger<RequestProtection> log)
{
    /// <summary>Admits a request; from then on the answer is protected as the client's keys allow.</summary>
    /// <param name="context">The request.</param>
    /// <param name="domain">The domain that it is to.</param>
    /// <param name="body">Its body; empty for none.</param>
    /// <param name="check">Refuses a request for its content.</param>
    /// <returns>The request; null if there is no body.</returns>
    /// <exception cref="KmsException">Why not.</exception>
    public async Task<KmsRequest?> AdmitAsync(
        HttpContext context, ServedDomain domain, ReadOnlyMemory<byte> body, Action<KmsRequest> check)
    {
        // 1. Signed or not is told by the root element alone.
        if (!body.IsEmpty && SignedKmsRequest.IsSigned(body))
        {
            return await AdmitSignedAsync(context, domain, Parse(body, SignedKmsRequest.Parse, isSigned: true), check);
        }

        KmsRequest? request = body.IsEmpty ? null : Parse(body, KmsRequest.Parse, isSigned: false);
        if (request is not null)
        {
            // A signature that was taken off must not be ignored: somebody relies on it.
            if (request.SignatureId is not null)
            {
                throw new KmsException(KmsError.SignatureMissing);
            }

            check(request);
        }

        if (await state.Gate.AdmitUnsignedAsync(ApplicantOf(context, domain), request, context.RequestAborted) is { } exchange)
        {
            AnswerProtection.Protect(context, exchange);
        }

        return request;
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
        HttpContext context, ServedDomain domain, SignedKmsRequest signed, Action<KmsRequest> check)
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
        check(request);
        await state.Gate.AcceptAsync(
            applicant, exchange, signed, request, request.Time + settings.RequestTimeSkew, context.RequestAborted);
        metrics.SignatureVerified();
        if (exchange.NewTransportKeys.Count > 0)
        {
            log.NewKeysDelivered(context.TraceIdentifier);
        }

        return request;
    }

    private static TransportKeyApplicant ApplicantOf(HttpContext context, ServedDomain domain)
    {
        (string? issuer, string? subject) = RequesterMapping.NameOf(context.User);
        return issuer is null || subject is null
            ? throw new KmsException(KmsError.InsufficientScope)
            : new TransportKeyApplicant(
                domain.KmsUri, domain.Issuer.Policy.TransportKeys, issuer, subject, RequesterMapping.IdentitiesOf(context.User),
                context.TraceIdentifier);
    }

    private static T Parse<T>(ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, AnnexDReadOptions?, T> parse, bool isSigned)
    {
        try
        {
            return parse(body, null);
        }
        catch (KeyManagementFormatException fault)
        {
            KmsError error = fault.Fault == KeyManagementFormatFault.TooLarge ? KmsError.BodyTooLarge
                : isSigned ? KmsError.SignedRequestMalformed : KmsError.MalformedRequest;
            throw new KmsException(error, $"{fault.Fault} at {fault.ElementPath}", fault);
        }
    }
}
