using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Accounts;

/// <summary>
/// Checks a user name and password. Whatever is wrong, the caller learns the same and after the same work: a hash is computed and
/// the row of the account is written for an unknown user as well.
/// </summary>
internal sealed class PasswordCheck(
    IdmDbContext database,
    IPasswordHasher<Account> hasher,
    ILookupNormalizer normalizer,
    DecoyHash decoy,
    TimeProvider time,
    IOptions<IdmOptions> options,
    ILogger<PasswordCheck> logger)
{
    private readonly LogInOptions options = options.Value.LogIn;

    /// <summary>The account, or null.</summary>
    public async Task<Account?> VerifyAsync(string userName, string password, string clientId, CancellationToken cancellation)
    {
        string normalized = normalizer.NormalizeName(userName);
        Account? account = await database.Users.AsNoTracking()
            .SingleOrDefaultAsync(candidate => candidate.NormalizedUserName == normalized, cancellation);
        bool admitted = await ReserveAttemptAsync(account?.Id ?? Guid.Empty, cancellation);
        PasswordVerificationResult result = hasher.VerifyHashedPassword(
            account ?? DecoyHash.Nobody, account?.PasswordHash ?? decoy.Value, password);
        LogInRefusal? refusal = account switch
        {
            null => LogInRefusal.UnknownUser,
            _ when !admitted => LogInRefusal.Locked,
            _ when result == PasswordVerificationResult.Failed => LogInRefusal.WrongPassword,
            { IsEnabled: false } => LogInRefusal.Disabled,
            _ => null,
        };
        if (refusal is { } reason)
        {
            Log.LogInRefused(logger, clientId, reason);
            return null;
        }

        await AcceptAsync(account!, result, password, cancellation);
        Log.LoggedIn(logger, account!.Subject, clientId);
        return account;
    }

    /// <summary>
    /// Counts the attempt before the password is looked at, in one statement: many guesses at the same moment cannot get past the
    /// limit. The attempt that reaches the limit sets the lock already; if it succeeds, <see cref="AcceptAsync"/> takes it off.
    /// </summary>
    private async Task<bool> ReserveAttemptAsync(Guid id, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset? until = now + options.LockoutDuration;
        int last = options.MaxFailures - 1;
        int admitted = await database.Users
            .Where(account => account.Id == id && (account.LockoutEnd == null || account.LockoutEnd <= now))
            .ExecuteUpdateAsync(
                update => update
                    .SetProperty(account => account.AccessFailedCount, account => account.LockoutEnd != null ? 1 : account.AccessFailedCount + 1)
                    .SetProperty(account => account.LockoutEnd, account => account.LockoutEnd == null && account.AccessFailedCount >= last ? until : null),
                cancellation);
        return admitted == 1;
    }

    private async Task AcceptAsync(Account account, PasswordVerificationResult result, string password, CancellationToken cancellation)
    {
        string? hash = result == PasswordVerificationResult.SuccessRehashNeeded
            ? hasher.HashPassword(account, password)
            : account.PasswordHash;
        await database.Users.Where(candidate => candidate.Id == account.Id).ExecuteUpdateAsync(
            update => update
                .SetProperty(candidate => candidate.AccessFailedCount, 0)
                .SetProperty(candidate => candidate.LockoutEnd, (DateTimeOffset?)null)
                .SetProperty(candidate => candidate.PasswordHash, hash),
            cancellation);
    }
}

/// <summary>A hash that no password has, made as all others are, so that checking against it takes as long.</summary>
internal sealed class DecoyHash(IPasswordHasher<Account> hasher)
{
    /// <summary>Who is checked where there is no account.</summary>
    public static readonly Account Nobody = new();

    /// <summary>The hash.</summary>
    public string Value { get; } = hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
}
