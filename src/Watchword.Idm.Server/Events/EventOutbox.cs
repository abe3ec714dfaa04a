using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Watchword.Identity;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Events;

/// <summary>
/// Writes security events in the transaction of the change that they tell of: either both are stored or neither is, and what is
/// stored is delivered, whatever happens to the process. Scoped.
/// </summary>
public sealed class EventOutbox(IdmDbContext database, EventSignal signal, TimeProvider time)
{
    private const int JtiSizeInBytes = 16;

    /// <summary>Tells the deliverers that a transaction with events was committed.</summary>
    public void Committed() => signal.Wake();

    /// <summary>The account is disabled, and the tokens that it has are void for good.</summary>
    internal Task AccountDisabledAsync(Account account, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.AccountDisabled, account.Subject, SubjectState.Disabled, endsTokens: true, ServiceIdsOf(account), cancellation);

    /// <summary>The account is enabled again.</summary>
    internal Task AccountEnabledAsync(Account account, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.AccountEnabled, account.Subject, SubjectState.Enabled, endsTokens: false, ServiceIdsOf(account), cancellation);

    /// <summary>The account is removed.</summary>
    internal Task AccountRemovedAsync(Account account, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.AccountPurged, account.Subject, SubjectState.Removed, endsTokens: true, ServiceIdsOf(account), cancellation);

    /// <summary>Every log-in of the account ended.</summary>
    internal Task LoggedOffAsync(Account account, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.SessionRevoked, account.Subject, null, endsTokens: true, ServiceIdsOf(account), cancellation);

    /// <summary>The MC service IDs changed; tokens end if one of the old ones is not among the new.</summary>
    internal Task ServiceIdsChangedAsync(Account account, JsonObject previous, CancellationToken cancellation)
    {
        JsonObject current = ServiceIdsOf(account);
        bool endsTokens = previous.Any(member => !JsonNode.DeepEquals(member.Value, current[member.Key]));
        JsonObject payload = new() { [SecurityEventNames.Claims] = current, [SecurityEventNames.PreviousClaims] = previous };
        return AppendAsync(SecurityEventTypes.TokenClaimsChange, account.Subject, null, endsTokens, payload, cancellation);
    }

    /// <summary>The network entity is removed.</summary>
    internal Task EntityRemovedAsync(string clientId, string entityUri, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.AccountPurged, clientId, SubjectState.Removed, endsTokens: true,
        new JsonObject { [McClaims.EntityUri] = entityUri }, cancellation);

    /// <summary>A network entity is registered under a <c>client_id</c> that was removed before; tells nobody of any
    /// other.</summary>
    internal async Task EntityReturnedAsync(string clientId, string entityUri, CancellationToken cancellation)
    {
        if (await database.Subjects.AnyAsync(record => record.Subject == clientId && record.State != SubjectState.Enabled, cancellation))
        {
            await AppendAsync(
                SecurityEventTypes.AccountEnabled, clientId, SubjectState.Enabled, endsTokens: false,
                new JsonObject { [McClaims.EntityUri] = entityUri }, cancellation);
        }
    }

    /// <summary>The user of a primary IdM server is blocked here.</summary>
    internal Task ForeignBlockedAsync(ForeignSubject foreign, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.AccountDisabled, foreign.Subject, SubjectState.Disabled, endsTokens: true, ServiceIdsOf(foreign), cancellation);

    /// <summary>The user of a primary IdM server is not blocked any more.</summary>
    internal Task ForeignUnblockedAsync(ForeignSubject foreign, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.AccountEnabled, foreign.Subject, SubjectState.Enabled, endsTokens: false, ServiceIdsOf(foreign), cancellation);

    /// <summary>Every token of the user of a primary IdM server ended.</summary>
    internal Task ForeignLoggedOffAsync(ForeignSubject foreign, CancellationToken cancellation) => AppendAsync(
        SecurityEventTypes.SessionRevoked, foreign.Subject, null, endsTokens: true, ServiceIdsOf(foreign), cancellation);

    /// <summary>The MC service IDs of an account, under the names that they have in tokens.</summary>
    internal static JsonObject ServiceIdsOf(Account account) => ServiceIdsOf(account.ServiceIdFor);

    private static JsonObject ServiceIdsOf(ForeignSubject foreign) => ServiceIdsOf(service => service switch
    {
        McService.Mcptt => foreign.McpttId,
        McService.McVideo => foreign.McVideoId,
        McService.McData => foreign.McDataId,
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    });

    private static JsonObject ServiceIdsOf(Func<McService, string?> idOf)
    {
        JsonObject ids = [];
        foreach (McService service in AnnexB.Services)
        {
            if (idOf(service) is { } id)
            {
                ids[McClaims.For(service)] = id;
            }
        }

        return ids;
    }

    /// <summary>A fresh <c>jti</c>.</summary>
    internal static string NewJti() =>
        Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(JtiSizeInBytes));

    private async Task AppendAsync(
        string type, string subject, SubjectState? state, bool endsTokens, JsonObject payload, CancellationToken cancellation)
    {
        if (database.Database.CurrentTransaction is null)
        {
            throw new InvalidOperationException("An event is written in the transaction of its change.");
        }

        DateTimeOffset now = time.GetUtcNow();
        if (await RecordAsync(subject, state, endsTokens ? now : null, now, cancellation) is { } ended)
        {
            payload[SecurityEventNames.TokensEnded] = ended.ToUnixTimeSeconds();
        }

        // The write lock of the transaction makes the numbers gapless. Streams count, not what is configured in this process: a
        // stream that stays in the database never misses an event.
        await database.EventStreams.ExecuteUpdateAsync(
            update => update.SetProperty(stream => stream.LastSequence, stream => stream.LastSequence + 1), cancellation);
        string text = payload.ToJsonString();
        foreach (EventStreamState stream in await database.EventStreams.AsNoTracking().ToListAsync(cancellation))
        {
            database.OutboundEvents.Add(new OutboundEvent
            {
                Audience = stream.Audience,
                Sequence = stream.LastSequence,
                Jti = NewJti(),
                Type = type,
                Subject = subject,
                OccurredAt = now,
                Payload = text,
            });
        }

        await database.SaveChangesAsync(cancellation);
    }

    /// <summary>Writes the standing of the subject and gives back until when its tokens are void.</summary>
    private async Task<DateTimeOffset?> RecordAsync(
        string subject, SubjectState? state, DateTimeOffset? ended, DateTimeOffset now, CancellationToken cancellation)
    {
        SubjectRecord? known = await database.Subjects.AsNoTracking().SingleOrDefaultAsync(
            record => record.Subject == subject, cancellation);
        if (known is null)
        {
            if (state is null or SubjectState.Enabled && ended is null)
            {
                return null;
            }

            await database.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO Subjects (Subject, State, ChangedAt, TokensEndedAt)
                VALUES ({subject}, {(int)(state ?? SubjectState.Enabled)}, {now.ToUnixTimeMilliseconds()}, {ended?.ToUnixTimeMilliseconds()})
                """,
                cancellation);
            return ended;
        }

        SubjectState after = state ?? known.State;
        DateTimeOffset changedAt = after == known.State ? known.ChangedAt : now;
        DateTimeOffset? tokensEndedAt = ended ?? known.TokensEndedAt;
        await database.Subjects.Where(record => record.Subject == subject).ExecuteUpdateAsync(
            update => update
                .SetProperty(record => record.State, after)
                .SetProperty(record => record.ChangedAt, changedAt)
                .SetProperty(record => record.TokensEndedAt, tokensEndedAt),
            cancellation);
        return tokensEndedAt;
    }
}
