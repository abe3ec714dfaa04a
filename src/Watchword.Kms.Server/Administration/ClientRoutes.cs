using Microsoft.AspNetCore.Http.HttpResults;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Administration;
using Watchword.Kms.Server.Hosting;

namespace Watchword.Kms.Server.Administration;

/// <summary>KM clients and their transport keys. Identities are in bodies only, never in a path.</summary>
internal static class ClientRoutes
{
    private const int MaxCount = 500;
    private const string Path = AdminApi.DomainPath + "/clients";

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapPost(Path + "/list", ListAsync).Describe(
            "ListClients", "Clients that have or had transport keys.", AdminApi.UserAdministratorOrAuditor, 404);
        routes.MapPost(Path, EnrolAsync).Describe(
            "EnrolClient", "Makes the first transport and integrity key of a client.", AdminApi.UserAdministrator, 404);
        routes.MapPost(Path + "/export", ExportAsync).Describe(
            "ExportClient", "Gives the first keys of a client out, once: a transport key file.", AdminApi.UserAdministrator, 404)
            .Produces(200, contentType: "application/json");
        routes.MapPost(Path + "/rotate", RotateAsync).Describe(
            "RotateClient", "Makes new keys for a client; its answers deliver them.", AdminApi.UserAdministrator, 404);
        routes.MapPost(Path + "/rotate-all", RotateAllAsync).Describe(
            "RotateClients", "Makes new keys for many clients.", AdminApi.UserAdministrator, 404);
        routes.MapPost(Path + "/revoke", RevokeAsync).Describe(
            "RevokeClient", "Ends the keys of a client; its identity must go on signing.", AdminApi.UserAdministrator, 404);
        routes.MapPost(Path + "/release", ReleaseAsync).Describe(
            "ReleaseClient", "Ends the keys of a client and lets its identity ask without signature.",
            AdminApi.UserAdministrator, 404);
    }

    private static async Task<Ok<TransportKeyClientPage>> ListAsync(
        HttpContext context, string kmsUri, ListClientsRequest request, AdminServices services,
        CancellationToken cancellationToken)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        int count = request.Count ?? MaxCount;
        if (count is < 1 or > MaxCount || request.AfterUserUri is null != request.AfterClientId is null)
        {
            throw new KmsException(
                KmsError.MalformedHttp, $"count is 1 to {MaxCount}; afterUserUri and afterClientId stand together");
        }

        IReadOnlyList<TransportKeyClient> found = request.UserUri is { } userUri
            ? await services.Store.FindTransportKeyClientsAsync(domain.KmsUri, [userUri], cancellationToken)
            : await services.Store.ReadTransportKeyClientsAsync(
                domain.KmsUri, request.AfterUserUri is { } after ? (after, request.AfterClientId!) : null, count + 1,
                cancellationToken);
        return TypedResults.Ok(new TransportKeyClientPage
        {
            Clients = [.. found.Take(count).Select(View)],
            HasMore = found.Count > count,
        });
    }

    private static Task<Ok<ClientActResult>> EnrolAsync(
        HttpContext context, string kmsUri, EnrolClientRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        return ActAsync(context, dryRun, "enrol client", services, (clients, by, domain) => clients.EnrolAsync(
            by,
            new TransportKeyEnrolment(domain.KmsUri, request.UserUri, request.ClientId)
            {
                WrapProfile = request.WrapProfile is { } profile
                    ? AdminJson.Parse<KeyWrapProfile>(profile, "wrapProfile")
                    : null,
                Replace = request.Replace,
            },
            context.TraceIdentifier,
            cancellationToken));
    }

    private static async Task ExportAsync(
        HttpContext context, string kmsUri, ClientRequest request, AdminServices services, CancellationToken cancellationToken)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        using TransportKeyFile file = await services.Clients().ExportAsync(
            AdminCaller.Of(context).Authority, domain.KmsUri, request.UserUri, request.ClientId, domain.Urls.First,
            context.TraceIdentifier, cancellationToken);
        AdminApi.Log(context, "export client");
        using SecretText text = file.ExportFile();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = text.Utf8.Length;

        // Into the memory of the server and on the wire before the text is wiped.
        text.Utf8.CopyTo(context.Response.BodyWriter.GetSpan(text.Utf8.Length));
        context.Response.BodyWriter.Advance(text.Utf8.Length);
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    private static Task<Ok<ClientActResult>> RotateAsync(
        HttpContext context, string kmsUri, ClientRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        return ActAsync(context, dryRun, "rotate client", services, (clients, by, domain) => clients.RotateAsync(
            by, domain.KmsUri, request.UserUri, request.ClientId, context.TraceIdentifier, cancellationToken));
    }

    private static async Task<Ok<RotateClientsResult>> RotateAllAsync(
        HttpContext context, string kmsUri, RotateClientsRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        ServedDomain domain = services.Domain(context);
        RotationChoice choice = new(request.CreatedBefore);
        RotationReach reach = dryRun
            ? await services.Clients().MeasureRotationAsync(domain.KmsUri, choice, cancellationToken)
            : await services.Clients().RotateAllAsync(
                AdminCaller.Of(context).Authority, domain.KmsUri, choice, context.TraceIdentifier, cancellationToken);
        if (!dryRun)
        {
            AdminApi.Log(context, "rotate clients");
        }

        return TypedResults.Ok(new RotateClientsResult
        {
            DryRun = dryRun, AffectedClients = reach.Chosen, WaitingClients = reach.Waiting,
        });
    }

    private static Task<Ok<ClientActResult>> RevokeAsync(
        HttpContext context, string kmsUri, ClientRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        return ActAsync(context, dryRun, "revoke client", services, (clients, by, domain) => clients.RevokeAsync(
            by, domain.KmsUri, request.UserUri, request.ClientId, DomainText.Reason(request.Reason), context.TraceIdentifier,
            cancellationToken));
    }

    private static Task<Ok<ClientActResult>> ReleaseAsync(
        HttpContext context, string kmsUri, ClientRequest request, AdminServices services,
        CancellationToken cancellationToken, bool dryRun = false)
    {
        _ = kmsUri;
        return ActAsync(context, dryRun, "release client", services, (clients, by, domain) => clients.ReleaseAsync(
            by, domain.KmsUri, request.UserUri, request.ClientId, DomainText.Reason(request.Reason), context.TraceIdentifier,
            cancellationToken));
    }

    private static async Task<Ok<ClientActResult>> ActAsync(
        HttpContext context, bool isDryRun, string act, AdminServices services,
        Func<TransportKeyDirectory, Authority, ServedDomain, Task<TransportKeyClient>> change)
    {
        ServedDomain domain = services.Domain(context);
        TransportKeyClient after = await change(services.Clients(isDryRun), AdminCaller.Of(context).Authority, domain);
        if (!isDryRun)
        {
            AdminApi.Log(context, act);
        }

        return TypedResults.Ok(new ClientActResult { DryRun = isDryRun, AffectedClients = 1, Client = View(after) });
    }

    private static TransportKeyClientView View(TransportKeyClient client) => new()
    {
        UserUri = client.UserUri,
        ClientId = client.ClientId,
        State = AdminJson.NameOf(client.State),
        StateChangedAt = client.StateChangedAt,
        LastSeenAt = client.LastSeenAt,
        IsExportable = client.IsExportable,
        WrapProfile = client.WrapProfile is { } profile ? AdminJson.NameOf(profile) : null,
        Keys =
        [
            .. client.Pairs.Select(pair => new TransportKeyPairView
            {
                TransportKeyId = pair.TransportKeyId,
                IntegrityKeyId = pair.IntegrityKeyId,
                State = AdminJson.NameOf(pair.State),
                Fingerprint = pair.Fingerprint,
                CreatedAt = pair.CreatedAt,
            }),
        ],
    };
}
