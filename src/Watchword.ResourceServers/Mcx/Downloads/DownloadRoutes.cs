using System.Text.Json;
using System.Text.Json.Serialization;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Downloads;

/// <summary>What an administrator orders.</summary>
/// <param name="Service">MCPTT, MCVideo or MCData.</param>
/// <param name="ServiceId">The MC service ID.</param>
/// <param name="ClientId">The MC client ID.</param>
/// <param name="Key"><c>csk</c> or <c>musik</c>.</param>
/// <param name="Groups">The groups of a MuSiK; null for none.</param>
internal sealed record DownloadOrder(
    string Service, string ServiceId, string ClientId, string Key, IReadOnlyList<string>? Groups = null)
{
    /// <summary>The type's name.</summary>
    public override string ToString() => nameof(DownloadOrder);
}

/// <summary>How far a download is.</summary>
/// <param name="Id">Its number.</param>
/// <param name="State"><c>waiting</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="LastStatus">The status of the last response; null if none came.</param>
internal sealed record DownloadProgress(Guid Id, string State, int Attempts, int? LastStatus);

/// <summary>
/// Orders key downloads over HTTP (TS 33.180 5.8), for a token of this server's audience with the scope of administrators of the
/// services; ours, not 3GPP's: <c>POST /mcx/v1/downloads</c>, <c>GET /mcx/v1/downloads/ID</c>.
/// </summary>
internal static class DownloadRoutes
{
    private const string Path = "/mcx/v1/downloads";
    private const int MaxBodyOctets = 16 * 1024;
    private const int MaxGroups = 16;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Maps them where the MCX server is on.</summary>
    public static void MapDownloads(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<McxSettings>() is null)
        {
            return;
        }

        endpoints.MapPost(Path, (RequestDelegate)OrderAsync);
        endpoints.MapGet(Path + "/{id:guid}", (RequestDelegate)TellAsync);
    }

    private static async Task OrderAsync(HttpContext context)
    {
        if (!await RequireAdministratorAsync(context))
        {
            return;
        }

        DownloadOrder order = await ReadAsync(context);
        KeyDownloads downloads = context.RequestServices.GetRequiredService<KeyDownloads>();
        McServiceNames? names = McServiceNames.All.FirstOrDefault(
            known => string.Equals(known.Name, order.Service, StringComparison.OrdinalIgnoreCase));
        IReadOnlyList<string> groups = order.Groups ?? [];
        if (names is null || groups.Count > MaxGroups || !groups.All(McServiceId.IsValid)
            || (order.Key == "csk" && groups.Count > 0) || order.Key is not ("csk" or "musik"))
        {
            throw new ServicesException(ServicesError.RequestMalformed);
        }

        Guid id = await (order.Key == "csk"
                ? downloads.ReplaceCskAsync(names.Kind, order.ServiceId, order.ClientId, context.RequestAborted)
                : downloads.SendMusikAsync(names.Kind, order.ServiceId, order.ClientId, groups, context.RequestAborted))
            ?? throw new ServicesException(ServicesError.UnknownResource);
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.Headers.Location = $"{Path}/{id}";
        await context.Response.WriteAsJsonAsync(new DownloadProgress(id, "waiting", 0, null), Json, context.RequestAborted);
    }

    private static async Task TellAsync(HttpContext context)
    {
        if (!await RequireAdministratorAsync(context))
        {
            return;
        }

        KeyDownloads downloads = context.RequestServices.GetRequiredService<KeyDownloads>();
        KeyDownloadRow row = await downloads.FindAsync(Guid.Parse((string)context.GetRouteValue("id")!), context.RequestAborted)
            ?? throw new ServicesException(ServicesError.UnknownResource);
        string state = row.State switch
        {
            KeyDownloadState.Waiting => "waiting",
            KeyDownloadState.Delivered => "delivered",
            _ => "failed",
        };
        await context.Response.WriteAsJsonAsync(
            new DownloadProgress(row.Id, state, row.Attempts, row.LastStatus), Json, context.RequestAborted);
    }

    /// <summary>False where the refusal of a token has been written.</summary>
    private static async Task<bool> RequireAdministratorAsync(HttpContext context)
    {
        ServiceSettings service = context.RequestServices.GetRequiredService<ServicesSettings>().Enabled
            .First(enabled => enabled.Resource == McResource.Service);
        Sender? sender = await context.RequestServices.GetRequiredService<SenderReader>().ReadAsync(context, service);
        return sender is not null && (sender.Token?.Scopes.Contains(McScopes.ServicesAdministration) == true
            ? true
            : throw new ServicesException(ServicesError.InsufficientScope));
    }

    private static async Task<DownloadOrder> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength is not (> 0 and <= MaxBodyOctets) || !context.Request.HasJsonContentType())
        {
            throw new ServicesException(ServicesError.RequestMalformed);
        }

        try
        {
            return await context.Request.ReadFromJsonAsync<DownloadOrder>(Json, context.RequestAborted)
                ?? throw new ServicesException(ServicesError.RequestMalformed);
        }
        catch (JsonException)
        {
            throw new ServicesException(ServicesError.RequestMalformed);
        }
    }
}
