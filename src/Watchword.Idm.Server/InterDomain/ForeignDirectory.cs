using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.InterDomain;

/// <summary>
/// What an administrator does about users of primary IdM servers: lists them, and blocks one of them, or all of one server, at
/// once; the resource servers are told in the same transaction. Scoped.
/// </summary>
internal sealed class ForeignDirectory(
    IdmDbContext database, EventOutbox outbox, PrimaryServers primaries, ActingAdministrator acting, TimeProvider time,
    ILogger<ForeignDirectory> logger)
{
    /// <summary>The longest that an access token of a foreign user lives, and the leeway of who checks it.</summary>
    private static readonly TimeSpan LongestTokenLife = TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1);

    /// <summary>Every foreign user who was given a token, by the time of the last.</summary>
    public async Task<IReadOnlyList<ForeignSubjectView>> ListAsync(CancellationToken cancellation)
    {
        Dictionary<string, SubjectState> standing = await database.Subjects.AsNoTracking()
            .Where(record => record.State != SubjectState.Enabled)
            .ToDictionaryAsync(record => record.Subject, record => record.State, StringComparer.Ordinal, cancellation);
        List<ForeignSubject> rows = await database.ForeignSubjects.AsNoTracking()
            .OrderByDescending(row => row.LastGrantAt).ToListAsync(cancellation);
        return [.. rows.Select(row => View(row, standing.ContainsKey(row.Subject)))];
    }

    /// <summary>Every primary IdM server that is configured or blocked.</summary>
    public async Task<IReadOnlyList<PrimaryServerView>> ListPrimariesAsync(CancellationToken cancellation)
    {
        Dictionary<string, DateTimeOffset> blocked = await database.BlockedPrimaries.AsNoTracking()
            .ToDictionaryAsync(row => row.Issuer, row => row.BlockedAt, StringComparer.Ordinal, cancellation);
        return
        [
            .. primaries.Issuers.Union(blocked.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(
                issuer => new PrimaryServerView { Issuer = issuer, Blocked = blocked.ContainsKey(issuer) }),
        ];
    }

    /// <summary>Blocks a foreign user, whose tokens end for good, or lets him in again.</summary>
    /// <exception cref="IdmFaultException">There is no such user.</exception>
    public async Task<ForeignSubjectView> SetBlockedAsync(string subject, bool blocked, CancellationToken cancellation)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        ForeignSubject row = await database.ForeignSubjects.AsNoTracking().SingleOrDefaultAsync(found => found.Subject == subject, cancellation)
            ?? throw new IdmFaultException(IdmFault.ForeignSubjectUnknown);
        bool was = await database.Subjects.AnyAsync(
            record => record.Subject == subject && record.State != SubjectState.Enabled, cancellation);
        if (was != blocked)
        {
            await (blocked ? outbox.ForeignBlockedAsync(row, cancellation) : outbox.ForeignUnblockedAsync(row, cancellation));
        }

        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.ForeignSubjectChanged(logger, subject, blocked ? "blocked" : "unblocked", acting.Subject);
        return View(row, blocked);
    }

    /// <summary>Blocks a primary: what its users hold ends for good, and its security tokens are refused; or lets it in
    /// again.</summary>
    /// <exception cref="IdmFaultException">There is no such primary.</exception>
    public async Task<PrimaryServerView> SetPrimaryBlockedAsync(string issuer, bool blocked, CancellationToken cancellation)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        bool was = await database.BlockedPrimaries.AnyAsync(row => row.Issuer == issuer, cancellation);
        if (primaries.Find(issuer) is null && !was)
        {
            throw new IdmFaultException(IdmFault.PrimaryUnknown);
        }

        int ended = 0;
        if (blocked)
        {
            ended = await BlockAsync(issuer, was, cancellation);
        }
        else
        {
            await database.BlockedPrimaries.Where(row => row.Issuer == issuer).ExecuteDeleteAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.PrimaryChanged(logger, issuer, blocked ? "blocked" : "unblocked", acting.Subject, ended);
        return new PrimaryServerView { Issuer = issuer, Blocked = blocked };
    }

    private async Task<int> BlockAsync(string issuer, bool was, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (!was)
        {
            database.BlockedPrimaries.Add(new BlockedPrimary { Issuer = issuer, BlockedAt = now });
            await database.SaveChangesAsync(cancellation);
        }

        // Who was given nothing for that long has nothing that could still be used.
        DateTimeOffset since = now - LongestTokenLife;
        List<ForeignSubject> holders = await database.ForeignSubjects.AsNoTracking()
            .Where(row => row.Issuer == issuer && row.LastGrantAt >= since).ToListAsync(cancellation);
        foreach (ForeignSubject holder in holders)
        {
            await outbox.ForeignLoggedOffAsync(holder, cancellation);
        }

        return holders.Count;
    }

    private static ForeignSubjectView View(ForeignSubject row, bool blocked) => new()
    {
        Subject = row.Subject,
        Issuer = row.Issuer,
        IssuerSubject = row.IssuerSubject,
        McpttId = row.McpttId,
        McvideoId = row.McVideoId,
        McdataId = row.McDataId,
        FirstGrantAt = row.FirstGrantAt,
        LastGrantAt = row.LastGrantAt,
        Blocked = blocked,
    };
}
