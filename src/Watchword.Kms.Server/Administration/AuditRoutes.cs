using Microsoft.AspNetCore.Http.HttpResults;
using Watchword.KeyManagement.Administration;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Administration;

/// <summary>The audit log, for auditors. Who looks into it is in it.</summary>
internal static class AuditRoutes
{
    private const int DefaultCount = 200;
    private const int MaxCount = 1000;

    /// <summary>Trailing header of an export: its last record, when it is whole.</summary>
    private const string HeadTrailer = "X-Audit-Sequence";

    public static void Map(RouteGroupBuilder routes)
    {
        routes.MapGet(KmsAdminPaths.Audit + "/export", ExportAsync).Describe(
            "ExportAudit", "The whole audit log, signed, one JSON object a line.", AdminApi.Auditor)
            .Produces(200, contentType: "application/jsonl");
        routes.MapGet(KmsAdminPaths.Audit + "/verify", VerifyAsync).Describe(
            "VerifyAudit", "Verifies the whole audit log.", AdminApi.Auditor);
        routes.MapPost(KmsAdminPaths.Audit + "/checkpoint", CheckpointAsync).Describe(
            "CheckpointAudit", "Signs the end of the audit log now.", AdminApi.Auditor);
        routes.MapPost(KmsAdminPaths.Audit + "/query", QueryAsync).Describe(
            "QueryAudit", "Who received what, by identity, key period or subject.", AdminApi.Auditor);
    }

    private static async Task ExportAsync(HttpContext context, AdminServices services, CancellationToken cancellationToken)
    {
        await RecordAsync(context, services, "export of the audit log");
        using AuditSigningKey signer = await services.Custody.OpenAuditSigningKeyAsync(cancellationToken);
        IReadOnlyList<AuditPublicKey> known = await services.Store.FindAuditKeysAsync(cancellationToken);
        IReadOnlyList<DomainRecord> domains = await services.Store.FindGenerationsAsync(cancellationToken);
        AuditExportHeader header = new(
            [.. domains.Select(record => record.KmsUri).Distinct(StringComparer.Ordinal)],
            [.. known.Append(signer.PublicKey).DistinctBy(key => key.KeyId)],
            services.Time.GetStoreTime());
        context.Response.ContentType = "application/jsonl";
        context.Response.Headers.CacheControl = "no-store";
        AuditHead head = await AuditExport.WriteAsync(
            context.Response.Body, header, services.Store.ReadAuditAsync(cancellationToken), signer, cancellationToken);
        if (context.Response.SupportsTrailers())
        {
            context.Response.AppendTrailer(HeadTrailer, FormattableString.Invariant($"{head.Sequence}"));
        }
    }

    private static async Task<Ok<AuditStateView>> VerifyAsync(
        HttpContext context, AdminServices services, KmsSettings settings, CancellationToken cancellationToken)
    {
        await RecordAsync(context, services, "verification of the audit log");
        using AuditSigningKey signer = await services.Custody.OpenAuditSigningKeyAsync(cancellationToken);
        AuditHead? expected = new AuditHeadFile(settings.Audit.HeadPath).ReadTrusted([signer.PublicKey])?.Head;

        // Keys that the store names itself prove nothing of it but for those that custody vouches for.
        AuditVerification found = await AuditChain.VerifyAsync(
            services.Store.ReadAuditAsync(cancellationToken), expected, [signer.PublicKey], cancellationToken);
        return TypedResults.Ok(new AuditStateView
        {
            IsValid = found.IsValid,
            Fault = found.IsValid ? null : AdminJson.NameOf(found.Fault),
            BrokenAt = found.BrokenAt,
            Records = found.Records,
            HeadSequence = found.Head.Sequence,
            HeadHash = Convert.ToHexStringLower(found.Head.Hash.Span),
            SignedUpTo = found.SignedUpTo,
            OpenIntents = found.OpenIntents.Count,
        });
    }

    private static async Task<Ok<CheckpointView>> CheckpointAsync(
        HttpContext context, AdminServices services, CancellationToken cancellationToken)
    {
        using AuditSigningKey signer = await services.Custody.OpenAuditSigningKeyAsync(cancellationToken);
        AuditCheckpoint made = (await new AuditCheckpoints(services.Store, signer, CheckpointDue.Default, services.Time).MakeAsync(
            AdminCaller.Of(context).Authority, context.TraceIdentifier, cancellationToken))!;
        AdminApi.Log(context, "checkpoint");
        return TypedResults.Ok(new CheckpointView
        {
            Sequence = made.Sequence, Time = made.Time, KeyId = made.KeyId, PublicKey = signer.PublicKey.Export(),
        });
    }

    private static async Task<Ok<AuditQueryResult>> QueryAsync(
        HttpContext context, AuditQuery request, AdminServices services, CancellationToken cancellationToken)
    {
        int count = request.Count ?? DefaultCount;
        if (count is < 1 or > MaxCount || (request.UserUri ?? request.Subject) is null && request.KeyPeriodNumber is null)
        {
            throw new KmsException(
                KmsError.MalformedHttp, $"one of userUri, keyPeriodNumber and subject is given; count is 1 to {MaxCount}");
        }

        await RecordAsync(context, services, "query of the audit log");
        List<AuditHit> hits = [];
        await foreach (AuditRecord record in services.Store.ReadAuditAsync(request.After ?? 0, cancellationToken))
        {
            if (!Matches(record.Entry, request))
            {
                continue;
            }

            if (hits.Count == count)
            {
                return TypedResults.Ok(new AuditQueryResult { Records = hits, HasMore = true });
            }

            hits.Add(View(record));
        }

        return TypedResults.Ok(new AuditQueryResult { Records = hits, HasMore = false });
    }

    private static bool Matches(AuditEntry entry, AuditQuery query) =>
        (query.KmsUri is null || query.KmsUri == entry.KmsUri)
        && (query.KeyPeriodNumber is null || query.KeyPeriodNumber == entry.KeyPeriodNumber)
        && (query.Subject is null || query.Subject == entry.Subject)
        && (query.UserUri is null || query.UserUri == entry.UserUri
            || entry.KeySets.Any(keySet => keySet.UserUri == query.UserUri));

    private static AuditHit View(AuditRecord record) => new()
    {
        Sequence = record.Sequence,
        Time = record.Time,
        Kind = AdminJson.NameOf(record.Entry.Kind),
        KmsUri = record.Entry.KmsUri,
        Generation = record.Entry.Generation,
        Issuer = record.Entry.Issuer,
        Subject = record.Entry.Subject,
        Role = record.Entry.Role,
        UserUris =
        [
            .. record.Entry.KeySets.Select(keySet => keySet.UserUri).Append(record.Entry.UserUri).OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ],
        KeyPeriodNumber = record.Entry.KeyPeriodNumber,
        Result = record.Entry.Result,
        Detail = record.Entry.Detail,
        CorrelationId = record.Entry.CorrelationId,
    };

    /// <summary>Before anything is read: who looks into the log cannot do so unseen.</summary>
    private static async Task RecordAsync(HttpContext context, AdminServices services, string act)
    {
        AuditEntry entry = AdminCaller.Of(context).Authority.ToEntry(
            AuditKind.Administration, string.Empty, 0, context.TraceIdentifier, act);
        await services.Store.AppendAuditAsync([entry], context.RequestAborted);
        AdminApi.Log(context, act);
    }
}
