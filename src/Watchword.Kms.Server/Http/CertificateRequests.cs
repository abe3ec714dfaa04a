using System.Globalization;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// The requests about other KMSs: certcache, cert, lookup and redirect (TS 33.180 D.2.5 to D.2.8). The steps are those of
/// <c>docs/flows/partner-domains.md</c>, with the same numbers.
/// </summary>
internal sealed class CertificateRequests(
    KmsState state, KeyRequestReader reader, KmsAnswers answers, PartnerServices partners, ILogger<CertificateRequests> log)
{
    public async Task HandleAsync(HttpContext context)
    {
        // 1. Authenticated and in scope: the endpoint's policy saw to it.
        // 2. The principal becomes the KMS's own requester.
        Requester requester = RequesterMapping.Find(context.User) ?? throw new KmsException(KmsError.InsufficientScope);

        // 3. Domain, path and body, and whether the domain takes this requester: as for key sets.
        ServedDomain domain = await state.RequireAsync(context);
        AnnexDTarget target = KeyRequestReader.ReadTarget(context);
        KmsRequest? request = await reader.ReadBodyAsync(context, domain, target);
        await domain.Issuer.AdmitAsync(requester, context.TraceIdentifier, context.RequestAborted);

        // 4. The answer.
        string userUri = requester.Identities[0].Uri;
        if (target.Operation == AnnexDOperation.Lookup)
        {
            await AnswerLookupAsync(context, domain, userUri, target.Argument!);
            return;
        }

        PartnerAnswer answer = target.Operation switch
        {
            AnnexDOperation.CertCache => await partners.Certificates.SinceAsync(
                domain.KmsUri, NumberOf(target.Argument), context.RequestAborted),
            AnnexDOperation.Cert => await FindCertificateAsync(domain, target.Argument!, context.RequestAborted),
            AnnexDOperation.Redirect => await ReportAsync(context, domain, requester, request),
            _ => throw new KmsException(KmsError.UnknownResource),
        };
        using KmsCertCache message = new(answer.Current)
        {
            CacheNumber = answer.Number,
            NextCertificates = domain.Settings.SendExtensions ? answer.Next : [],
        };
        await answers.WriteAsync(context, userUri, message);
        log.CertificatesGiven(answer.Current.Count + answer.Next.Count, answer.Number, context.TraceIdentifier);
    }

    private static long? NumberOf(string? argument) =>
        argument is null ? null : long.Parse(argument, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Of the domain itself its Root certificate, the same as from init.</summary>
    private async Task<PartnerAnswer> FindCertificateAsync(
        ServedDomain domain, string kmsUri, CancellationToken cancellationToken)
    {
        if (!domain.IsNamedBy(kmsUri))
        {
            return await partners.Certificates.OfAsync(domain.KmsUri, kmsUri, cancellationToken);
        }

        PartnerList list = await partners.Certificates.GetAsync(domain.KmsUri, cancellationToken);
        return new PartnerAnswer(list.Version.Number, [domain.Issuer.GetCertificate()], []);
    }

    private async Task<PartnerAnswer> ReportAsync(
        HttpContext context, ServedDomain domain, Requester requester, KmsRequest? request)
    {
        IReadOnlyList<KmsRedirectResponse> responses = request?.RedirectResponses ?? [];
        PartnerAnswer answer = await partners.Redirects.ReportAsync(
            domain.KmsUri, requester, responses, context.TraceIdentifier, context.RequestAborted);
        log.RedirectsReported(responses.Count, context.TraceIdentifier);
        return answer;
    }

    private async Task AnswerLookupAsync(HttpContext context, ServedDomain domain, string userUri, string uri)
    {
        IReadOnlyList<ResponsibleKms> found = await partners.Lookup.FindAsync(domain.KmsUri, uri, context.RequestAborted);
        using KmsLookup message = new(uri, [.. found.Select(ReferenceTo)]);
        await answers.WriteAsync(context, userUri, message);
        log.LookedUp(found.Count, context.TraceIdentifier);
    }

    private static KmsReference ReferenceTo(ResponsibleKms kms) => kms.Partner switch
    {
        null => new KmsReference(kms.KmsUri, KmsRelation.Home),
        { Kind: PartnerKind.Migration } partner => new KmsReference(kms.KmsUri, KmsRelation.Migration, partner.Address),
        { } partner => new KmsReference(kms.KmsUri, KmsRelation.External, partner.Address),
    };
}
