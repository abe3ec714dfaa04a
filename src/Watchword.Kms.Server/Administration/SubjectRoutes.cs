using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Watchword.Hosting;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>Requesters and the events of their issuers, the override of a moved identity, and the KMS in a few words.</summary>
internal static class SubjectRoutes
{
    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapPost(KmsAdminPaths.Subjects + "/state", StateAsync).Describe(
            "ShowSubject", "What is known of a requester by the events of his issuer.", AdminApi.UserAdministratorOrAuditor);
        routes.MapGet(KmsAdminPaths.Subjects + "/streams", StreamsAsync).Describe(
            "ListEventStreams", "How far the events of each issuer are known.", AdminApi.Anybody);
        routes.MapPost(AdminApi.DomainPath + "/overrides", OverrideAsync).Describe(
            "OverrideIdentity", "Lets an identity that moved be keyed for its new holder within the key period.",
            AdminApi.Officer, 404);
        routes.MapGet(KmsAdminPaths.Status, StatusAsync).Describe("ShowStatus", "The KMS in a few words.", AdminApi.Anybody);
    }

    private static async Task<Ok<SubjectView>> StateAsync(
        SubjectRequest request, AdminServices services, CancellationToken cancellationToken)
    {
        SubjectRecord? record = await services.Store.FindSubjectAsync(request.Issuer, request.Subject, cancellationToken);
        return TypedResults.Ok(new SubjectView
        {
            Issuer = request.Issuer,
            Subject = request.Subject,
            State = AdminJson.NameOf(record?.State ?? RequesterState.Enabled),
            TokensEndedAt = record?.TokensEndedAt,
            ChangedAt = record?.ChangedAt,
        });
    }

    private static async Task<Ok<IReadOnlyList<EventStreamView>>> StreamsAsync(
        AdminServices services, CancellationToken cancellationToken)
    {
        IReadOnlyList<IssuerEvents> streams = await services.Store.FindStreamsAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<EventStreamView>>([.. streams.Select(stream => new EventStreamView
        {
            Issuer = stream.Issuer,
            Epoch = stream.Epoch,
            Sequence = stream.Sequence,
            SnapshotComplete = stream.SnapshotComplete,
            CompleteAt = stream.CompleteAt,
        })]);
    }

    private static async Task<Ok<IdentityOverrideResult>> OverrideAsync(
        HttpContext context, string kmsUri, IdentityOverrideRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        DateTimeOffset time = request.Time ?? services.Time.GetUtcNow();
        if (request.UserUri.Split(':')[0] is not ("sip" or "sips" or "tel"))
        {
            throw new KmsException(KmsError.MalformedUri);
        }

        string reason = DomainText.Reason(request.Reason);
        DomainGeneration generation = domain.Issuer.Domain.Generations.At(time) is { State: GenerationState.Active } found
            ? found
            : throw new KmsException(KmsError.GenerationNotIssuing);
        if (!dryRun)
        {
            await domain.Issuer.AllowMovedIdentityAsync(
                AdminCaller.Of(context).Authority, request.UserUri, time, request.Issuer, request.Subject, reason,
                context.TraceIdentifier, cancellationToken);
            AdminApi.Log(context, "override identity");
        }

        return TypedResults.Ok(new IdentityOverrideResult
        {
            DryRun = dryRun, KeyPeriodNumber = generation.Record.Schedule.At(time).Number, AffectedIdentities = 1,
        });
    }

    private static async Task<Ok<KmsStatusView>> StatusAsync(
        HttpContext context, KmsSettings settings, KmsState state, HealthCheckService health, TimeProvider time,
        CancellationToken cancellationToken)
    {
        HealthReport report = await health.CheckHealthAsync(cancellationToken);
        return TypedResults.Ok(new KmsStatusView
        {
            Version = typeof(SubjectRoutes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion ?? string.Empty,
            Time = time.GetUtcNow(),
            Instance = settings.InstanceName,
            Store = AdminJson.NameOf(settings.Store.IsFile ? DatabaseKind.Sqlite : DatabaseKind.PostgreSql),
            Custody = settings.Custody.Kind,
            IsOpen = state.IsOpen,
            IsLab = settings.IsLab,
            Health = report.Entries.ToDictionary(entry => entry.Key, entry => AdminJson.NameOf(entry.Value.Status)),
            Domains = [.. state.Domains.Select(domain => domain.KmsUri)],
            Role = AdminCaller.Of(context).Authority.Role,
        });
    }
}
