using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.InterDomain;

namespace Watchword.Idm.Server.Administration;

/// <summary>The admin API: thin; the directories hold the rules. <see cref="AdministratorGuard"/> stands before it.</summary>
internal static class AdminApi
{
    private static AdministrationJson Json => AdministrationJson.Default;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(AdministrationPaths.Bootstrap, async (HttpContext context, AdministratorBootstrap bootstrap) =>
            Created(await bootstrap.RedeemAsync(await ReadAsync(context, Json.BootstrapRequest), context.RequestAborted), Json.AccountView));

        routes.MapGet(AdministrationPaths.Accounts, async (AccountDirectory accounts, CancellationToken cancellation) =>
            Results.Json(await accounts.ListAsync(cancellation), Json.IReadOnlyListAccountView));
        routes.MapPost(AdministrationPaths.Accounts, async (HttpContext context, AccountDirectory accounts) =>
            Created(await accounts.CreateAsync(await ReadAsync(context, Json.NewAccount), context.RequestAborted), Json.AccountView));
        routes.MapPost(AdministrationPaths.AccountImport, async (HttpContext context, AccountDirectory accounts) =>
            Created(await accounts.ImportAsync(await ReadAsync(context, Json.IReadOnlyListNewAccount), context.RequestAborted), Json.ImportResult));
        const string account = AdministrationPaths.Accounts + "/{userName}";
        routes.MapPost(account + "/disable", (string userName, HttpContext context, AccountDirectory accounts) =>
            ChangeAsync(context, () => accounts.DisableAsync(userName, context.RequestAborted)));
        routes.MapPost(account + "/enable", (string userName, HttpContext context, AccountDirectory accounts) =>
            ChangeAsync(context, () => accounts.EnableAsync(userName, context.RequestAborted)));
        routes.MapPost(account + "/log-off", (string userName, HttpContext context, AccountDirectory accounts) =>
            ChangeAsync(context, () => accounts.LogOffAsync(userName, context.RequestAborted)));
        routes.MapDelete(account, (string userName, HttpContext context, AccountDirectory accounts) =>
            ChangeAsync(context, () => accounts.RemoveAsync(userName, context.RequestAborted)));
        routes.MapPut(account + "/ids", (string userName, HttpContext context, AccountDirectory accounts) => ChangeAsync(
            context, async () => await accounts.SetServiceIdsAsync(userName, await ReadAsync(context, Json.ServiceIds), context.RequestAborted)));

        routes.MapPut(account + "/kms-roles/{role}", (string userName, string role, HttpContext context, AccountDirectory accounts) =>
            ChangeAsync(context, () => accounts.GrantKmsRoleAsync(userName, role, context.RequestAborted)));
        routes.MapDelete(account + "/kms-roles/{role}", (string userName, string role, HttpContext context, AccountDirectory accounts) =>
            ChangeAsync(context, () => accounts.RevokeKmsRoleAsync(userName, role, context.RequestAborted)));

        routes.MapGet(AdministrationPaths.Clients, async (ClientDirectory clients, CancellationToken cancellation) =>
            Results.Json(await clients.ListAsync(cancellation), Json.IReadOnlyListClientView));
        routes.MapPost(AdministrationPaths.Clients, async (HttpContext context, ClientDirectory clients) =>
            Created(await clients.CreateAsync(await ReadAsync(context, Json.NewClient), context.RequestAborted), Json.ClientView));
        routes.MapDelete($"{AdministrationPaths.Clients}/{{clientId}}", async (string clientId, ClientDirectory clients, CancellationToken cancellation) =>
        {
            await clients.DeleteAsync(clientId, cancellation);
            return Results.NoContent();
        });
        MapInterDomain(routes);
    }

    private static void MapInterDomain(IEndpointRouteBuilder routes)
    {
        routes.MapGet(AdministrationPaths.ForeignSubjects, async (ForeignDirectory foreign, CancellationToken cancellation) =>
            Results.Json(await foreign.ListAsync(cancellation), Json.IReadOnlyListForeignSubjectView));
        routes.MapGet(AdministrationPaths.PrimaryServers, async (ForeignDirectory foreign, CancellationToken cancellation) =>
            Results.Json(await foreign.ListPrimariesAsync(cancellation), Json.IReadOnlyListPrimaryServerView));
        foreach (bool block in (bool[])[true, false])
        {
            routes.MapPost(
                $"{AdministrationPaths.ForeignSubjects}/{{subject}}/{(block ? "block" : "unblock")}",
                async (string subject, ForeignDirectory foreign, CancellationToken cancellation) =>
                    Results.Json(await foreign.SetBlockedAsync(subject, block, cancellation), Json.ForeignSubjectView));
            routes.MapPost(AdministrationPaths.BlockPrimary(block), async (HttpContext context, ForeignDirectory foreign) =>
                Results.Json(
                    await foreign.SetPrimaryBlockedAsync(
                        (await ReadAsync(context, Json.PrimaryServerName)).Issuer, block, context.RequestAborted),
                    Json.PrimaryServerView));
        }
    }

    /// <summary>
    /// A change of which resource servers are told. With the query <c>wait</c> the answer says which of them have acknowledged
    /// it, after that many seconds at most.
    /// </summary>
    private static async Task<IResult> ChangeAsync(HttpContext context, Func<Task<AccountView>> change)
    {
        string? wait = context.Request.Query[AdministrationPaths.WaitParameter];
        int seconds = 0;
        if (wait is not null && !(int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out seconds)
            && seconds <= AdministrationPaths.LongestWait))
        {
            throw new IdmFaultException(
                IdmFault.RequestInvalid, $"'{AdministrationPaths.WaitParameter}' is a number of seconds, at most {AdministrationPaths.LongestWait}.");
        }

        AccountView view = await change();
        if (wait is not null)
        {
            EventStreams streams = context.RequestServices.GetRequiredService<EventStreams>();
            view.Receivers = await context.RequestServices.GetRequiredService<EventProgress>().WaitAsync(
                await streams.ListAsync(context.RequestAborted), TimeSpan.FromSeconds(seconds), context.RequestAborted);
        }

        return Results.Json(view, Json.AccountView);
    }

    private static IResult Created<T>(T value, JsonTypeInfo<T> type) => Results.Json(value, type, statusCode: StatusCodes.Status201Created);

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new IdmFaultException(IdmFault.MediaTypeRefused);
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
                ?? throw new IdmFaultException(IdmFault.BodyInvalid);
        }
        catch (JsonException fault)
        {
            // The path names members of ours, never a value; the exception's own text could quote the body.
            throw new IdmFaultException(IdmFault.BodyInvalid, $"At {fault.Path ?? "$"}.", fault);
        }
    }
}
