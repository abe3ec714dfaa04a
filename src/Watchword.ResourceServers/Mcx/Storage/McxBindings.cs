using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Subscriptions;
using Watchword.ResourceServers.Storage;

namespace Watchword.ResourceServers.Mcx.Storage;

/// <summary>Questions about bindings and registrations, on the context of a transaction. What has expired is not seen.</summary>
internal static class McxBindings
{
    // Longer than any access token lives.
    private static readonly TimeSpan EndedTokensKept = TimeSpan.FromDays(1);

    /// <summary>The binding of a client; null if it has none.</summary>
    public static Task<BindingRow?> FindAsync(
        DbContext context, McServiceKind service, string serviceId, string clientId, DateTimeOffset now, CancellationToken ct) =>
        context.Set<BindingRow>().SingleOrDefaultAsync(
            row => row.Service == service && row.ServiceId == serviceId && row.ClientId == clientId && row.ExpiresAt > now, ct);

    /// <summary>All bindings of a public user identity for a service.</summary>
    public static Task<List<BindingRow>> OfImpuAsync(
        DbContext context, McServiceKind service, string impu, DateTimeOffset now, CancellationToken ct) =>
        context.Set<BindingRow>().Where(row => row.Service == service && row.Impu == impu && row.ExpiresAt > now).ToListAsync(ct);

    /// <summary>How many other clients of a user are authorised.</summary>
    public static Task<int> CountOthersAsync(
        DbContext context, McServiceKind service, string serviceId, string clientId, DateTimeOffset now, CancellationToken ct) =>
        context.Set<BindingRow>().CountAsync(
            row => row.Service == service && row.ServiceId == serviceId && row.ClientId != clientId && row.ExpiresAt > now, ct);

    /// <summary>How many clients are authorised, of all users and services.</summary>
    public static Task<int> CountAsync(DbContext context, DateTimeOffset now, CancellationToken ct) =>
        context.Set<BindingRow>().CountAsync(row => row.ExpiresAt > now, ct);

    /// <summary>
    /// Removes the bindings of a subject (disabled, or its tokens ended): all, or those whose token was issued until then. Who is
    /// subscribed to his settings is told; one who is barred no more after that.
    /// </summary>
    /// <returns>How many went.</returns>
    public static async Task<int> RemoveOfSubjectAsync(
        DbContext context, string issuer, string subject, DateTimeOffset? tokensEndedAt, DateTimeOffset now, CancellationToken ct)
    {
        List<BindingRow> rows = await context.Set<BindingRow>()
            .Where(row => row.Issuer == issuer && row.Subject == subject).ToListAsync(ct);
        List<BindingRow> gone = tokensEndedAt is { } ended
            ? rows.FindAll(row => row.TokenIssuedAt is null || row.TokenIssuedAt <= ended)
            : rows;
        await RemoveAsync(context, gone, now, ct, ends: tokensEndedAt is null);
        return gone.Count;
    }

    /// <summary>Removes bindings. Who is subscribed to the settings of their users is told.</summary>
    /// <param name="context">In a transaction.</param>
    /// <param name="rows">Which.</param>
    /// <param name="now">The time.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="ends">Whether those subscriptions end with it.</param>
    public static async Task RemoveAsync(
        DbContext context, IReadOnlyCollection<BindingRow> rows, DateTimeOffset now, CancellationToken ct, bool ends = false)
    {
        context.RemoveRange(rows);
        foreach ((McServiceKind service, string serviceId) in rows.Select(row => (row.Service, row.ServiceId)).Distinct())
        {
            await SettingsSubscriptions.TouchAsync(context, service, serviceId, now, ct, ends);
        }
    }

    /// <summary>Notes until when tokens of a subject bind nothing; a later time stays.</summary>
    public static async Task EndTokensAsync(
        DbContext context, string issuer, string subject, DateTimeOffset endedAt, CancellationToken ct)
    {
        EndedTokensRow? row = await context.Set<EndedTokensRow>()
            .SingleOrDefaultAsync(known => known.Issuer == issuer && known.Subject == subject, ct);
        if (row is null)
        {
            context.Add(new EndedTokensRow { Issuer = issuer, Subject = subject, EndedAt = endedAt });
        }
        else if (row.EndedAt < endedAt)
        {
            row.EndedAt = endedAt;
        }
    }

    /// <summary>
    /// Whether a security event ended a token meanwhile. One that does not say when it was issued counts as ended while the event
    /// is
    /// remembered, for a day.
    /// </summary>
    public static Task<bool> IsEndedAsync(
        DbContext context, string issuer, string subject, DateTimeOffset? issuedAt, CancellationToken ct) =>
        context.Set<EndedTokensRow>().AnyAsync(
            row => row.Issuer == issuer && row.Subject == subject && (issuedAt == null || row.EndedAt >= issuedAt), ct);

    /// <summary>Removes what has expired.</summary>
    /// <returns>How many bindings went.</returns>
    public static async Task<int> PurgeAsync(DbContext context, DateTimeOffset now, CancellationToken ct)
    {
        int gone = await context.Set<BindingRow>().Where(row => row.ExpiresAt <= now).ExecuteDeleteAsync(ct);
        DateTimeOffset dayBefore = now - EndedTokensKept;
        _ = await context.Set<EndedTokensRow>().Where(row => row.EndedAt <= dayBefore).ExecuteDeleteAsync(ct);
        _ = await context.Set<RegistrationRow>().Where(row => row.ExpiresAt <= now).ExecuteDeleteAsync(ct);
        _ = await context.Set<SettingsSubscriptionRow>()
            .Where(row => row.ExpiresAt <= now && row.DueAt == null).ExecuteDeleteAsync(ct);
        _ = await context.Set<OpenedMessageRow>().Where(row => row.ForgetAfter <= now).ExecuteDeleteAsync(ct);
        return gone;
    }
}
