using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>Preparing keys of the next period ahead.</summary>
internal static class PreparationRoutes
{
    private const string Path = AdminApi.DomainPath + "/preparations";

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet(Path, ListAsync).Describe(
            "ListPreparations", "What was prepared ahead, how far it is, its rate and estimated end.",
            AdminApi.OfficerOrAuditor, 404, 409);
        routes.MapPost(Path, StartAsync).Describe(
            "StartPreparation", "Begins or continues to prepare the keys of the next period.", AdminApi.Officer,
            404, 409, 413)
            .WithMetadata(new ListSize());
        routes.MapPost(Path + "/{id:long}/stop", StopAsync).Describe(
            "StopPreparation", "Stops a preparation; what it has made stays, and it can be continued.", AdminApi.Officer,
            404, 409);
    }

    private static async Task<Ok<IReadOnlyList<PreparationView>>> ListAsync(
        HttpContext context, string kmsUri, AdminServices services, PreparationServices preparations,
        CancellationToken cancellationToken)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        preparations.RequireOn();
        IReadOnlyList<Preparation> found = await services.Store.FindPreparationsAsync(domain.KmsUri, cancellationToken);
        return TypedResults.Ok<IReadOnlyList<PreparationView>>([.. found.Select(one => View(one, domain))]);
    }

    private static async Task<Ok<PreparationActResult>> StartAsync(
        HttpContext context, string kmsUri, StartPreparationRequest request, AdminServices services,
        PreparationServices preparations, KmsState state, CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        PreparationActs acts = preparations.Acts;
        await state.Installation.RefreshAsync(cancellationToken);
        KeyHolder[]? listed = request.Identities is null
            ? null
            : [.. request.Identities.Select(one => new KeyHolder(0, one.Issuer, one.Subject, one.UserUri))];
        PreparationPlan plan = await acts.PlanAsync(domain.Issuer.Domain, request.Generation, listed, cancellationToken);
        if (dryRun)
        {
            return Done(domain, true, plan.Identities - (plan.Existing?.Done ?? 0), View(plan));
        }

        Preparation begun = await acts.StartAsync(
            AdminCaller.Of(context).Authority, domain.Issuer.Domain, plan, listed, context.TraceIdentifier, cancellationToken);
        AdminApi.Log(context, "start preparation");
        return Done(domain, false, begun.Total - begun.Done, View(begun, domain));
    }

    private static async Task<Ok<PreparationActResult>> StopAsync(
        HttpContext context, string kmsUri, long id, AdminServices services, PreparationServices preparations,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        PreparationActs acts = preparations.Acts;
        Preparation one = (await services.Store.FindPreparationsAsync(domain.KmsUri, cancellationToken))
            .FirstOrDefault(one => one.Id == id && one.State == PreparationState.Running)
            ?? throw new KmsException(KmsError.PreparationNotRunning);
        if (!dryRun)
        {
            one = await acts.StopAsync(
                AdminCaller.Of(context).Authority, domain.KmsUri, id, context.TraceIdentifier, cancellationToken);
            AdminApi.Log(context, "stop preparation");
        }

        return Done(domain, dryRun, one.Total - one.Done, View(one, domain));
    }

    private static Ok<PreparationActResult> Done(ServedDomain domain, bool isDryRun, long affected, PreparationView view) =>
        TypedResults.Ok(new PreparationActResult
        {
            DryRun = isDryRun, KmsUri = domain.KmsUri, Affected = Math.Max(0, affected), Preparation = view,
        });

    private static PreparationView View(Preparation one, ServedDomain domain) => new()
    {
        Id = one.Id,
        Generation = one.Generation,
        PeriodNumber = one.PeriodNumber,
        PeriodBegins = domain.Issuer.Domain.Generations.All.FirstOrDefault(generation => generation.Number == one.Generation)
            is { } known ? known.Record.Schedule.FromNumber(one.PeriodNumber).Start : one.StartedAt,
        Source = AdminJson.NameOf(one.Source),
        State = AdminJson.NameOf(one.State),
        Total = one.Total,
        Done = one.Done,
        LeftOut = one.LeftOut,
        Rate = one.Rate is { } rate ? Math.Round(rate, 1) : null,
        EstimatedEnd = one.EstimatedEnd,
        StartedAt = one.StartedAt,
        UpdatedAt = one.UpdatedAt,
        Fault = one.Fault == 0 ? null : one.Fault,
    };

    private static PreparationView View(PreparationPlan plan) => new()
    {
        Id = plan.Existing?.Id ?? 0,
        Generation = plan.Generation.Number,
        PeriodNumber = plan.Period.Number,
        PeriodBegins = plan.Period.Start,
        Source = AdminJson.NameOf(plan.Source),
        State = plan.Existing is { } existing ? AdminJson.NameOf(existing.State) : "planned",
        Total = plan.Identities,
        Done = plan.Existing?.Done ?? 0,
        LeftOut = plan.Existing?.LeftOut ?? 0,
    };

    /// <summary>A list of identities is longer than what other acts say.</summary>
    private sealed class ListSize : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => 32 << 20;
    }
}
