using Microsoft.AspNetCore.Http.HttpResults;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>KMS certificates of other security domains, grants to their users, and what clients reported of them.</summary>
internal static class PartnerRoutes
{
    private const string Path = AdminApi.DomainPath + "/partners";
    private const string GrantPath = AdminApi.DomainPath + "/grants";

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet(Path, ListAsync).Describe(
            "ListPartners", "All partner records, those of the past included.", AdminApi.OfficerOrAuditor, 404);
        routes.MapPost(Path, ImportAsync).Describe(
            "ImportPartner", "Imports a KMS certificate; nobody gets it before it is approved.", AdminApi.Officer, 404, 409);
        routes.MapPost(Path + "/link", LinkAsync).Describe(
            "LinkPartner", "Makes another domain of this installation a partner.", AdminApi.Officer, 404, 409);
        routes.MapPost(Path + "/{id:long}/approve", ApproveAsync).Describe(
            "ApprovePartner", "Approves a certificate after its fingerprint was compared.", AdminApi.Officer, 404, 409);
        routes.MapPost(Path + "/{id:long}/revoke", RevokeAsync).Describe(
            "RevokePartner", "Ends the use of a certificate, or withdraws it.", AdminApi.Officer, 404, 409);
        routes.MapGet(AdminApi.DomainPath + "/partner-history", HistoryAsync).Describe(
            "ListPartnerHistory", "What was done to the partners.", AdminApi.OfficerOrAuditor, 404);
        routes.MapGet(GrantPath, ListGrantsAsync).Describe(
            "ListGrants", "Identities of other domains that this one keys for a time.", AdminApi.OfficerOrAuditor, 404);
        routes.MapPost(GrantPath, GrantAsync).Describe("Grant", "Gives a migration grant.", AdminApi.Officer, 404);
        routes.MapPost(GrantPath + "/{id:long}/revoke", RevokeGrantAsync).Describe(
            "RevokeGrant", "Takes a migration grant back.", AdminApi.Officer, 404);
        routes.MapGet(AdminApi.DomainPath + "/proposed", ProposedAsync).Describe(
            "ListProposed", "KMSs that redirect responses of clients propose.", AdminApi.OfficerOrAuditor, 404);
        routes.MapPost(AdminApi.DomainPath + "/proposed/dismiss", DismissAsync).Describe(
            "DismissProposed", "Strikes a proposed KMS off the list.", AdminApi.Officer, 404);
    }

    private static async Task<Ok<IReadOnlyList<PartnerView>>> ListAsync(
        HttpContext context, string kmsUri, AdminServices services, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        IReadOnlyList<PartnerRecord> all =
            await services.Directory().ListAsync(services.Domain(context).KmsUri, cancellationToken);
        return TypedResults.Ok<IReadOnlyList<PartnerView>>([.. all.Select(View)]);
    }

    private static async Task<Ok<PartnerActResult>> ImportAsync(
        HttpContext context, string kmsUri, ImportPartnerRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        Authority by = AdminCaller.Of(context).Authority;
        PartnerDirectory directory = services.Directory(dryRun);
        PartnerRecord record = request.Replaces is { } replaced
            ? await directory.ReplaceAsync(
                by, domain.KmsUri, replaced, request.Certificate, context.TraceIdentifier, cancellationToken)
            : await directory.ImportAsync(
                by,
                domain.KmsUri,
                new PartnerImport(request.Certificate, AdminJson.Parse<PartnerKind>(request.Kind ?? string.Empty, "kind"))
                {
                    Address = request.Address,
                    IdentityDomains = request.IdentityDomains,
                    Reason = request.Reason,
                },
                context.TraceIdentifier,
                cancellationToken);
        return await DoneAsync(context, dryRun, "import partner", services, domain, record);
    }

    private static async Task<Ok<PartnerActResult>> LinkAsync(
        HttpContext context, string kmsUri, LinkPartnerRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        PartnerRecord record = await services.Directory(dryRun).LinkAsync(
            AdminCaller.Of(context).Authority, domain.KmsUri, request.KmsUri,
            AdminJson.Parse<PartnerKind>(request.Kind, "kind"), request.Address, context.TraceIdentifier, cancellationToken);
        return await DoneAsync(context, dryRun, "link partner", services, domain, record);
    }

    private static async Task<Ok<PartnerActResult>> ApproveAsync(
        HttpContext context, string kmsUri, long id, ApprovePartnerRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        await services.Directory(dryRun).ApproveAsync(
            AdminCaller.Of(context).Authority, domain.KmsUri, id, request.Fingerprint, context.TraceIdentifier,
            cancellationToken);
        return await DoneAsync(context, dryRun, "approve partner", services, domain, await FindAsync(services, domain, id));
    }

    private static async Task<Ok<PartnerActResult>> RevokeAsync(
        HttpContext context, string kmsUri, long id, ReasonRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        await services.Directory(dryRun).RevokeAsync(
            AdminCaller.Of(context).Authority, domain.KmsUri, id, DomainText.Reason(request.Reason), context.TraceIdentifier,
            cancellationToken);
        return await DoneAsync(context, dryRun, "revoke partner", services, domain, await FindAsync(services, domain, id));
    }

    private static async Task<Ok<IReadOnlyList<PartnerActView>>> HistoryAsync(
        HttpContext context, string kmsUri, AdminServices services, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        IReadOnlyList<PartnerAct> acts =
            await services.Directory().HistoryAsync(services.Domain(context).KmsUri, null, cancellationToken);
        return TypedResults.Ok<IReadOnlyList<PartnerActView>>([.. acts.Select(act => new PartnerActView
        {
            PartnerId = act.PartnerId,
            Kind = AdminJson.NameOf(act.Kind),
            Time = act.Time,
            Issuer = act.By.Issuer,
            Subject = act.By.Subject,
            Reason = act.Reason,
            CacheNumber = act.CacheNumber,
        })]);
    }

    private static async Task<Ok<IReadOnlyList<GrantView>>> ListGrantsAsync(
        HttpContext context, string kmsUri, AdminServices services, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        IReadOnlyList<MigrationGrant> grants =
            await services.Partners.Grants.ListAsync(services.Domain(context).KmsUri, null, cancellationToken);
        return TypedResults.Ok<IReadOnlyList<GrantView>>([.. grants.Select(View)]);
    }

    private static async Task<Ok<GrantView>> GrantAsync(
        HttpContext context, string kmsUri, GrantRequest request, AdminServices services, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        MigrationGrant grant = await services.Partners.Grants.GrantAsync(
            AdminCaller.Of(context).Authority, services.Domain(context).KmsUri, request.UserUri, request.Issuer,
            request.Subject, request.ValidFrom, request.ValidTo, context.TraceIdentifier, cancellationToken);
        AdminApi.Log(context, "grant migration");
        return TypedResults.Ok(View(grant));
    }

    private static async Task<NoContent> RevokeGrantAsync(
        HttpContext context, string kmsUri, long id, AdminServices services, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        await services.Partners.Grants.RevokeAsync(
            AdminCaller.Of(context).Authority, services.Domain(context).KmsUri, id, context.TraceIdentifier, cancellationToken);
        AdminApi.Log(context, "revoke grant");
        return TypedResults.NoContent();
    }

    private static async Task<Ok<IReadOnlyList<ProposedKmsView>>> ProposedAsync(
        HttpContext context, string kmsUri, AdminServices services, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        IReadOnlyList<ProposedKms> proposed =
            await services.Partners.Redirects.ListProposedAsync(services.Domain(context).KmsUri, cancellationToken);
        return TypedResults.Ok<IReadOnlyList<ProposedKmsView>>([.. proposed.Select(kms => new ProposedKmsView
        {
            KmsUri = kms.KmsUri, FirstSeen = kms.FirstSeen, LastSeen = kms.LastSeen, Count = kms.Count,
        })]);
    }

    private static async Task<NoContent> DismissAsync(
        HttpContext context, string kmsUri, DismissProposedRequest request, AdminServices services,
        CancellationToken cancellationToken)
    {
        _ = kmsUri;
        await services.Partners.Redirects.DismissAsync(
            AdminCaller.Of(context).Authority, services.Domain(context).KmsUri, request.KmsUri, context.TraceIdentifier,
            cancellationToken);
        AdminApi.Log(context, "dismiss proposed KMS");
        return TypedResults.NoContent();
    }

    private static async Task<PartnerRecord> FindAsync(AdminServices services, ServedDomain domain, long id) =>
        (await services.Directory().ListAsync(domain.KmsUri)).First(record => record.Id == id);

    private static async Task<Ok<PartnerActResult>> DoneAsync(
        HttpContext context, bool isDryRun, string act, AdminServices services, ServedDomain domain, PartnerRecord after)
    {
        if (!isDryRun)
        {
            AdminApi.Log(context, act);
        }

        return TypedResults.Ok(new PartnerActResult
        {
            DryRun = isDryRun,
            AffectedRequesters = await services.CountRequestersAsync(domain, context.RequestAborted),
            Partner = View(after),
        });
    }

    private static PartnerView View(PartnerRecord record)
    {
        PartnerFingerprint? fingerprint = PartnerFingerprint.Of(record);
        return new PartnerView
        {
            Id = record.Id,
            KmsUri = record.KmsUri,
            Kind = AdminJson.NameOf(record.Kind),
            State = AdminJson.NameOf(record.State),
            IsLinked = record.IsLinked,
            Fingerprint = fingerprint?.Hex,
            FingerprintWords = fingerprint?.Words.Replace('\n', ' '),
            Address = record.Address,
            IdentityDomains = record.IdentityDomains,
            ValidFrom = record.ValidFrom,
            ValidTo = record.ValidTo,
            EndsAt = record.EndsAt,
            Replaces = record.Replaces,
            ImportedAt = record.ImportedAt,
        };
    }

    private static GrantView View(MigrationGrant grant) => new()
    {
        Id = grant.Id,
        UserUri = grant.UserUri,
        Issuer = grant.Issuer,
        Subject = grant.Subject,
        ValidFrom = grant.ValidFrom,
        ValidTo = grant.ValidTo,
        RevokedAt = grant.RevokedAt,
    };
}
