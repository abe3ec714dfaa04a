using Microsoft.AspNetCore.Http.HttpResults;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>Security domains and the life of their generations.</summary>
internal static class DomainRoutes
{
    private const string GenerationPath = AdminApi.DomainPath + "/generations/{generation:int}";

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet(KmsAdminPaths.Domains, ListAsync)
            .Describe("ListDomains", "The security domains of the installation.", AdminApi.Anybody);
        routes.MapGet(AdminApi.DomainPath, ShowAsync)
            .Describe("ShowDomain", "One security domain.", AdminApi.Anybody, 404);
        routes.MapGet(GenerationPath, MeasureAsync)
            .Describe("ShowGeneration", "One generation, and whom an act on it concerns.", AdminApi.Anybody, 404);
        routes.MapPost(AdminApi.DomainPath + "/generations", PrepareAsync).Describe(
            "PrepareGeneration", "Adds a generation from which nothing is issued yet.", AdminApi.Officer, 404, 409);
        routes.MapPost(GenerationPath + "/activate", ActivateAsync).Describe(
            "ActivateGeneration", "Has a prepared generation take over.", AdminApi.Officer, 404, 409);
        routes.MapPost(GenerationPath + "/taint", TaintAsync).Describe(
            "TaintGeneration", "From now on nothing is issued from the generation.", AdminApi.Officer, 404, 409);
        routes.MapPost(GenerationPath + "/revoke", RevokeAsync).Describe(
            "RevokeGeneration", "Ends a generation for good.", AdminApi.Officer, 404, 409);
    }

    private static async Task<Ok<IReadOnlyList<DomainView>>> ListAsync(
        AdminServices services, KmsState state, CancellationToken cancellationToken)
    {
        IReadOnlyList<DomainRecord> all = await services.Store.FindGenerationsAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<DomainView>>(
            [.. all.GroupBy(record => record.KmsUri, StringComparer.Ordinal).Select(domain => DomainText.View(domain, state))]);
    }

    private static async Task<Ok<DomainView>> ShowAsync(
        HttpContext context, string kmsUri, AdminServices services, KmsState state, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        IReadOnlyList<DomainRecord> generations =
            await services.Store.FindGenerationsAsync(AdminGuard.KmsUriOf(context)!, cancellationToken);
        return generations.Count > 0
            ? TypedResults.Ok(DomainText.View(generations, state))
            : throw new KmsException(KmsError.UnknownDomain);
    }

    private static async Task<Ok<GenerationView>> MeasureAsync(
        HttpContext context, string kmsUri, int generation, AdminServices services, KmsState state,
        CancellationToken cancellationToken)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        GenerationReach reach = await services.Generations().MeasureAsync(domain.KmsUri, generation, cancellationToken);
        DomainRecord record = (await services.Store.FindGenerationsAsync(domain.KmsUri, cancellationToken))
            .First(record => record.Generation == generation);
        return TypedResults.Ok(DomainText.View(record, state, reach));
    }

    private static async Task<Ok<GenerationActResult>> PrepareAsync(
        HttpContext context, string kmsUri, PrepareGenerationRequest request, AdminServices services, KmsState state,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        KeyPeriodSchedule newest = (await services.Store.FindGenerationsAsync(domain.KmsUri, cancellationToken))[^1].Schedule;
        GenerationPlan plan = new()
        {
            NewSecrets = request.NewSecrets,
            Schedule = request.PeriodSeconds is null && request.OffsetSeconds is null
                ? null
                : Schedule(request.PeriodSeconds ?? newest.PeriodSeconds, request.OffsetSeconds ?? newest.OffsetSeconds),
            CertUri = request.CertUri,
            Domains = request.Domains,
        };
        DomainRecord prepared = await services.Generations(dryRun).PrepareAsync(
            AdminCaller.Of(context).Authority, domain.KmsUri, plan, context.TraceIdentifier, cancellationToken);
        return Done(context, dryRun, "prepare generation", DomainText.View(prepared, state, reach: null), domain, reach: null);
    }

    private static Task<Ok<GenerationActResult>> ActivateAsync(
        HttpContext context, string kmsUri, int generation, ActivateGenerationRequest request, AdminServices services,
        KmsState state, CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        return ActAsync(
            context, generation, dryRun, "activate generation", services, state,
            (acts, by, domain) => acts.ActivateAsync(
                by, domain.KmsUri, generation, request.At, domain.Settings.Policy.KeyPeriods, context.TraceIdentifier,
                cancellationToken));
    }

    private static Task<Ok<GenerationActResult>> TaintAsync(
        HttpContext context, string kmsUri, int generation, ReasonRequest request, AdminServices services, KmsState state,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        return ActAsync(
            context, generation, dryRun, "taint generation", services, state,
            (acts, by, domain) => acts.TaintAsync(
                by, domain.KmsUri, generation, DomainText.Reason(request.Reason), context.TraceIdentifier, cancellationToken));
    }

    private static Task<Ok<GenerationActResult>> RevokeAsync(
        HttpContext context, string kmsUri, int generation, ReasonRequest request, AdminServices services, KmsState state,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        return ActAsync(
            context, generation, dryRun, "revoke generation", services, state,
            (acts, by, domain) => acts.RevokeAsync(
                by, domain.KmsUri, generation, DomainText.Reason(request.Reason), context.TraceIdentifier, cancellationToken));
    }

    private static async Task<Ok<GenerationActResult>> ActAsync(
        HttpContext context, int generation, bool isDryRun, string act, AdminServices services, KmsState state,
        Func<GenerationActs, Authority, ServedDomain, Task<DomainRecord>> change)
    {
        ServedDomain domain = services.Domain(context);
        GenerationActs acts = services.Generations(isDryRun);
        GenerationReach reach = await acts.MeasureAsync(domain.KmsUri, generation, context.RequestAborted);
        DomainRecord after = await change(acts, AdminCaller.Of(context).Authority, domain);
        return Done(context, isDryRun, act, DomainText.View(after, state, reach: null), domain, DomainText.View(reach));
    }

    private static Ok<GenerationActResult> Done(
        HttpContext context, bool isDryRun, string act, GenerationView after, ServedDomain domain, GenerationReachView? reach)
    {
        if (!isDryRun)
        {
            AdminApi.Log(context, act);
        }

        return TypedResults.Ok(new GenerationActResult
        {
            DryRun = isDryRun, KmsUri = domain.KmsUri, Generation = after, Reach = reach,
        });
    }

    private static KeyPeriodSchedule Schedule(long periodSeconds, long offsetSeconds)
    {
        try
        {
            return new KeyPeriodSchedule(periodSeconds, offsetSeconds);
        }
        catch (ArgumentException)
        {
            throw new KmsException(KmsError.MalformedHttp, "periodSeconds or offsetSeconds is out of range");
        }
    }
}
