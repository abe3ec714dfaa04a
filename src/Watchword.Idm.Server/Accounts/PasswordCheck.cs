using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Accounts;

/// <summary>
/// Checks a user name and password. Whatever is wrong, the caller learns the same and after the same work: one hash is computed and
/// one row is written, for an unknown user and a locked account as well.
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
        if (admitted == 0)
        {
            await WriteForNobodyAsync(now, cancellation);
        }

        return admitted == 1;
    }

    /// <summary>
    /// A statement that matches no row commits nothing, and the missing write to the disk would tell an unknown user from a wrong
    /// password. So one row is written then, too. It must change, or SQLite leaves the page alone; it bears the name of no client,
    /// so it stands in nobody's way, and maintenance removes it like any expired assertion.
    /// </summary>
    private Task<int> WriteForNobodyAsync(DateTimeOffset now, CancellationToken cancellation) =>
        database.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO UsedAssertions (ClientId, Jti, ExpiresAt) VALUES ('', '', {now.ToUnixTimeMilliseconds()})
            ON CONFLICT (ClientId, Jti) DO UPDATE SET ExpiresAt = ExpiresAt + 1
            """,
            cancellation);

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
