using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Watchword.KeyManagement.Administration;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.EntityFrameworkCore;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Administration;

/// <summary>Custody and backups. What changes custody, or takes something out, is in the audit log before it happens.</summary>
internal static class CustodyRoutes
{
    private const string BackupAct = "backup";
    private const string DoneAct = "backup made:";

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet(KmsAdminPaths.Custody, StatusAsync).Describe(
            "ShowCustody", "The documents of custody and the key-encryption keys they are under.", AdminApi.OfficerOrAuditor);
        routes.MapPost(KmsAdminPaths.Custody + "/rewrap", RewrapAsync).Describe(
            "RewrapCustody", "Puts everything under the current key-encryption key.", AdminApi.Officer, 409);
        routes.MapPost(KmsAdminPaths.Backups, BackUpAsync).Describe(
            "CreateBackup", "A backup, encrypted to the recovery key; with withStore=true the store is in it.",
            AdminApi.Officer, 404, 409).Produces(200, contentType: "application/octet-stream");
        routes.MapGet(KmsAdminPaths.Backups, ListAsync).Describe(
            "ListBackups", "The backups that were made over this interface, with the hashes of their octets.",
            AdminApi.OfficerOrAuditor);
    }

    private static async Task<Ok<CustodyView>> StatusAsync(AdminServices services, CancellationToken cancellationToken)
    {
        IReadOnlyList<CustodyDocument> documents = await services.Custody.ListAsync(cancellationToken);
        return TypedResults.Ok(new CustodyView
        {
            IsUnsealed = true,
            Documents = [.. documents.Select(document => new CustodyDocumentView
            {
                Name = document.Name,
                Kind = AdminJson.NameOf(document.Kind),
                KmsUri = document.KmsUri,
                Generation = document.Generation,
                Purpose = document.Purpose,
                KeyEncryptionKey = document.Key.ToString()!,
                IsCurrent = document.IsCurrent,
            })],
            RecoveryKeyId = (await new RecoveryKeys(services.Custody).FindAsync(cancellationToken))?.KeyId,
        });
    }

    private static async Task<Ok<RewrapResult>> RewrapAsync(
        HttpContext context, AdminServices services, CancellationToken cancellationToken, bool dryRun = false,
        bool finish = false)
    {
        CustodyRewrapping rewrapping = new(services.Custody);
        if (dryRun)
        {
            return TypedResults.Ok(Result(await rewrapping.PlanAsync(cancellationToken), isDryRun: true, isFinished: false));
        }

        await RecordAsync(context, services, finish ? "re-wrapping finished" : "re-wrapping", cancellationToken);
        if (!finish)
        {
            return TypedResults.Ok(Result(await rewrapping.RunAsync(cancellationToken), isDryRun: false, isFinished: false));
        }

        await rewrapping.FinishAsync(cancellationToken);
        return TypedResults.Ok(Result(await rewrapping.PlanAsync(cancellationToken), isDryRun: false, isFinished: true));
    }

    private static async Task BackUpAsync(
        HttpContext context, AdminServices services, KmsSettings settings, CancellationToken cancellationToken,
        bool withStore = false)
    {
        if (withStore && !settings.Store.IsFile)
        {
            throw new KmsException(KmsError.StoreNotInBackup);
        }

        RecoveryPublicKey recovery = await new RecoveryKeys(services.Custody).FindAsync(cancellationToken)
            ?? throw new KmsException(KmsError.NoRecoveryKey);
        await RecordAsync(context, services, BackupAct, cancellationToken);
        string snapshot = Path.Combine(settings.Data.Path, $".snapshot-{Guid.NewGuid():N}");
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using HashingStream destination = new(context.Response.Body, hash);
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await new BackupWriter(services.Custody, services.Time).WriteAsync(
                destination,
                await services.Store.FindGenerationsAsync(cancellationToken),
                services.Store,
                withStore
                    ? async token =>
                    {
                        await SqliteSnapshot.WriteAsync(settings.Data.DatabasePath, snapshot, token);
                        return new FileStream(snapshot, FileMode.Open, FileAccess.Read);
                    }
                    : null,
                cancellationToken);
        }
        finally
        {
            File.Delete(snapshot);
        }

        string made = string.Create(
            CultureInfo.InvariantCulture,
            $"{DoneAct} {Convert.ToHexStringLower(hash.GetHashAndReset())} {destination.Octets} {recovery.KeyId} {(withStore ? 1 : 0)}");
        await RecordAsync(context, services, made, cancellationToken);
    }

    private static async Task<Ok<IReadOnlyList<BackupView>>> ListAsync(
        AdminServices services, CancellationToken cancellationToken)
    {
        List<BackupView> made = [];
        await foreach (AuditRecord record in services.Store.ReadAuditAsync(0, cancellationToken))
        {
            if (record.Entry is { Kind: AuditKind.Custody, Role: not null, Detail: { } detail }
                && detail.StartsWith(DoneAct, StringComparison.Ordinal)
                && detail[DoneAct.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var sha, var octets, var key, var store])
            {
                made.Add(new BackupView
                {
                    Time = record.Time,
                    Sha256 = sha,
                    Octets = long.Parse(octets, CultureInfo.InvariantCulture),
                    RecoveryKeyId = key,
                    HasStore = store == "1",
                });
            }
        }

        return TypedResults.Ok<IReadOnlyList<BackupView>>(made);
    }

    private static RewrapResult Result(IReadOnlyList<RewrapStep> steps, bool isDryRun, bool isFinished) => new()
    {
        DryRun = isDryRun,
        Documents = steps.Count,
        Rewrapped = [.. steps.Where(step => !step.IsCurrent).Select(step => step.Name)],
        IsFinished = isFinished,
    };

    private static async Task RecordAsync(
        HttpContext context, AdminServices services, string act, CancellationToken cancellationToken)
    {
        AuditEntry entry = AdminCaller.Of(context).Authority.ToEntry(
            AuditKind.Custody, string.Empty, 0, context.TraceIdentifier, act);
        await services.Store.AppendAuditAsync([entry], cancellationToken);
        AdminApi.Log(context, act.Split(':')[0]);
    }
}
