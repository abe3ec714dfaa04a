using Microsoft.EntityFrameworkCore;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Mcx.Storage;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Work;

namespace Watchword.ResourceServers.Mcx.Affiliations;

/// <summary>
/// Implicit affiliation (TS 24.379 9.2.2.2.15; TS 24.281 and TS 24.282 likewise): a client that was authorised is affiliated to the
/// groups that its user profile names. Behind the answer, which waits for no other server; what is due survives a restart, and is
/// tried again while the configuration management server does not answer. The steps are those of
/// docs/flows/service-authorisation.md.
/// </summary>
internal sealed class AffiliationWork(
    IUserProfileSource profiles, AffiliationSignal signal, ServicesTransactions transactions, McxSettings settings,
    TimeProvider time, McxInstruments instruments, ILogger<AffiliationWork> log)
    : DueWork(signal, TimeSpan.FromSeconds(30))
{
    private const int Batch = 32;
    private const int MaxGroupIdLength = 1024;

    // Longer than the profiles of one client take to read.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    /// <summary>Looks up everything that is due now.</summary>
    /// <returns>When the next is due; null if none is waiting.</returns>
    public async Task<DateTimeOffset?> RunOnceAsync(CancellationToken cancellationToken)
    {
        while (await ClaimDueAsync(cancellationToken) is { Count: > 0 } due)
        {
            await Task.WhenAll(due.Select(binding => AffiliateAsync(binding, cancellationToken)));
        }

        DateTimeOffset now = time.GetUtcNow();
        return await transactions.ReadAsync(
            (context, ct) => context.Set<BindingRow>()
                .Where(row => row.AffiliationDueAt != null && row.ExpiresAt > now).MinAsync(row => row.AffiliationDueAt, ct),
            cancellationToken);
    }

    /// <inheritdoc/>
    protected override TimeProvider Clock => time;

    /// <inheritdoc/>
    protected override Task<DateTimeOffset?> WorkAsync(CancellationToken cancellationToken) => RunOnceAsync(cancellationToken);

    /// <inheritdoc/>
    protected override void Halted(Exception fault) => log.AffiliationHalted(fault);

    /// <summary>Takes what is due for this node: if it dies, another does it when the lease ends.</summary>
    private Task<List<BindingRow>> ClaimDueAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        async (context, ct) =>
        {
            DateTimeOffset now = time.GetUtcNow();
            List<BindingRow> due = await context.Set<BindingRow>()
                .Where(row => row.AffiliationDueAt <= now && row.ExpiresAt > now).OrderBy(row => row.AffiliationDueAt)
                .Take(Batch).ToListAsync(ct);
            // Whole seconds: the claim is known again by this time, and the database keeps less of it than the clock gives.
            DateTimeOffset until = DateTimeOffset.FromUnixTimeSeconds((now + Lease).ToUnixTimeSeconds());
            due.ForEach(row => row.AffiliationDueAt = until);
            return due;
        },
        cancellationToken);

    private async Task AffiliateAsync(BindingRow claimed, CancellationToken cancellationToken)
    {
        UserProfile? profile = null;
        bool isKnown = true;
        try
        {
            profile = await profiles.FindAsync(
                McServiceNames.Of(claimed.Service), claimed.ServiceId, claimed.ProfileIndex, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            isKnown = false;
            log.ProfileUnavailable(McServiceNames.Of(claimed.Service).Name, claimed.AffiliationAttempts + 1, fault);
        }

        AffiliationResult result = await transactions.RunAsync(
            (context, ct) => ApplyAsync(context, claimed, isKnown, profile, ct), cancellationToken);
        instruments.Affiliated(claimed.Service, result, isKnown);
        if (result.Made > 0 || result.LeftOut > 0)
        {
            log.Affiliated(McServiceNames.Of(claimed.Service).Name, result.Made, result.LeftOut);
        }
    }

    private async Task<AffiliationResult> ApplyAsync(
        DbContext context, BindingRow claimed, bool isKnown, UserProfile? profile, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        BindingRow? binding = await McxBindings.FindAsync(
            context, claimed.Service, claimed.ServiceId, claimed.ClientId, now, ct);
        if (binding is null || binding.AffiliationDueAt != claimed.AffiliationDueAt)
        {
            // Logged off, or authorised anew meanwhile: then it is due again, with what is selected now.
            return AffiliationResult.None;
        }

        if (!isKnown)
        {
            binding.AffiliationAttempts++;
            binding.AffiliationDueAt = now + Backoff.After(binding.AffiliationAttempts);
            return AffiliationResult.None;
        }

        binding.AffiliationDueAt = null;
        binding.AffiliationAttempts = 0;
        return await ReplaceAsync(context, binding, profile, now, ct);
    }

    /// <summary>
    /// The groups of the profile take the place of what the client had, in the order of the profile and as far as N2 goes, which
    /// counts the different groups of all clients of the user.
    /// </summary>
    private async Task<AffiliationResult> ReplaceAsync(
        DbContext context, BindingRow binding, UserProfile? profile, DateTimeOffset now, CancellationToken ct)
    {
        List<AffiliationRow> all = await GroupAffiliations.OfUserAsync(context, binding.Service, binding.ServiceId, now, ct);
        string[] wanted = [.. (profile?.ImplicitAffiliations ?? []).Where(group => group.Length <= MaxGroupIdLength).Distinct()];
        AffiliationRow[] own = [.. all.Where(row => row.ClientId == binding.ClientId)];
        context.RemoveRange(own.Where(row => !wanted.Contains(row.GroupId, StringComparer.Ordinal)));

        int limit = Math.Min(
            profile?.MaxAffiliations ?? int.MaxValue, settings.Find(binding.Service)?.MaxAffiliations ?? 0);
        HashSet<string> counted = [.. all.Except(own).Select(row => row.GroupId)];
        AffiliationResult result = AffiliationResult.None;
        foreach (string group in wanted)
        {
            AffiliationRow? held = own.FirstOrDefault(row => row.GroupId == group);
            if (!counted.Contains(group) && counted.Count >= limit)
            {
                result = result with { LeftOut = result.LeftOut + 1 };
                if (held is not null)
                {
                    context.Remove(held);
                }

                continue;
            }

            _ = counted.Add(group);
            if (held is null)
            {
                result = result with { Made = result.Made + 1 };
                context.Add(new AffiliationRow
                {
                    Service = binding.Service,
                    ServiceId = binding.ServiceId,
                    ClientId = binding.ClientId,
                    GroupId = group,
                    AffiliatedAt = now,
                });
            }
        }

        return result;
    }
}

/// <summary>What came of looking up a client's groups.</summary>
/// <param name="Made">How many affiliations are new.</param>
/// <param name="LeftOut">How many groups the limit left out.</param>
internal readonly record struct AffiliationResult(int Made, int LeftOut)
{
    /// <summary>Nothing.</summary>
    public static AffiliationResult None { get; }
}
