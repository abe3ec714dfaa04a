using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Events;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Accounts;

/// <summary>Makes and changes accounts; the admin API, initialisation and the lab all go through here. Scoped.</summary>
public sealed class AccountDirectory(
    IdmDbContext database,
    IPasswordHasher<Account> hasher,
    ILookupNormalizer normalizer,
    IOpenIddictTokenManager tokens,
    IOpenIddictAuthorizationManager authorizations,
    EventOutbox outbox,
    ActingAdministrator acting,
    IOptions<IdmOptions> options,
    ILogger<AccountDirectory> logger)
{
    /// <summary>Longest log-in name, in characters.</summary>
    public const int MaxUserNameLength = 255;

    private const int SqliteConstraint = 19;
    private const int MaxPasswordLength = 256;

    private readonly IdmOptions options = options.Value;

    /// <summary>Makes one account.</summary>
    /// <exception cref="IdmFaultException">The account is refused; nothing was changed.</exception>
    public async Task<AccountView> CreateAsync(NewAccount request, CancellationToken cancellation = default)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await AddAsync(request, cancellation);
        await transaction.CommitAsync(cancellation);
        Log.AccountMade(logger, account.Subject, acting.Subject);
        return View(account);
    }

    /// <summary>Makes every account of the list, or none.</summary>
    /// <exception cref="IdmFaultException">With one entry for each refused row.</exception>
    public async Task<ImportResult> ImportAsync(IReadOnlyList<NewAccount> rows, CancellationToken cancellation = default)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        List<ImportRowError> errors = [];
        List<string> subjects = [];
        for (int row = 0; row < rows.Count; row++)
        {
            try
            {
                subjects.Add((await AddAsync(rows[row], cancellation)).Subject);
            }
            catch (IdmFaultException refusal)
            {
                errors.Add(new ImportRowError { Row = row, Code = refusal.Fault.Code, Detail = refusal.Message });
            }
        }

        if (errors.Count > 0)
        {
            await transaction.RollbackAsync(cancellation);
            throw new IdmFaultException(IdmFault.ImportRefused, $"{errors.Count} of {rows.Count} rows are refused.") { Rows = errors };
        }

        await transaction.CommitAsync(cancellation);
        subjects.ForEach(subject => Log.AccountMade(logger, subject, acting.Subject));
        return new ImportResult { Created = rows.Count };
    }

    /// <summary>Every account, by user name.</summary>
    public async Task<IReadOnlyList<AccountView>> ListAsync(CancellationToken cancellation = default) =>
        [.. (await database.Users.AsNoTracking().OrderBy(account => account.NormalizedUserName).ToListAsync(cancellation)).Select(View)];

    /// <summary>One account.</summary>
    /// <exception cref="IdmFaultException">There is none.</exception>
    public async Task<AccountView> FindAsync(string userName, CancellationToken cancellation = default) =>
        View(await RequiredAsync(userName, cancellation));

    /// <summary>
    /// Replaces all three MC service IDs; access tokens that carry one that was taken away are void at resource servers that hear
    /// of it.
    /// </summary>
    /// <exception cref="IdmFaultException">No such account, or an identity is refused; nothing was changed.</exception>
    public async Task<AccountView> SetServiceIdsAsync(string userName, ServiceIds ids, CancellationToken cancellation = default)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await RequiredAsync(userName, cancellation);
        JsonObject previous = EventOutbox.ServiceIdsOf(account);
        await ClaimIdentitiesAsync(account, ids, cancellation);
        await SaveAsync(cancellation);
        if (!JsonNode.DeepEquals(previous, EventOutbox.ServiceIdsOf(account)))
        {
            await outbox.ServiceIdsChangedAsync(account, previous, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.ServiceIdsSet(logger, account.Subject, acting.Subject);
        return View(account);
    }

    /// <summary>Closes an account: no log-in, no refresh; tokens are revoked, and resource servers are told, at once.</summary>
    /// <exception cref="IdmFaultException">No such account, or the last administrator.</exception>
    public async Task<AccountView> DisableAsync(string userName, CancellationToken cancellation = default)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await RequiredAsync(userName, cancellation);
        await KeepAnAdministratorAsync(account, cancellation);
        if (account.IsEnabled)
        {
            account.IsEnabled = false;
            await SaveAsync(cancellation);
            await outbox.AccountDisabledAsync(account, cancellation);
        }

        long revoked = await RevokeTokensAsync(account, cancellation);
        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.AccountDisabled(logger, account.Subject, acting.Subject, revoked);
        return View(account);
    }

    /// <summary>Opens an account again; the user must log in anew.</summary>
    /// <exception cref="IdmFaultException">No such account.</exception>
    public async Task<AccountView> EnableAsync(string userName, CancellationToken cancellation = default)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await RequiredAsync(userName, cancellation);
        bool wasDisabled = !account.IsEnabled;
        account.IsEnabled = true;
        account.AccessFailedCount = 0;
        account.LockoutEnd = null;
        await SaveAsync(cancellation);
        if (wasDisabled)
        {
            // A request that was under way when the account was disabled may have made one since.
            await RevokeTokensAsync(account, cancellation);
            await outbox.AccountEnabledAsync(account, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.AccountEnabled(logger, account.Subject, acting.Subject);
        return View(account);
    }

    /// <summary>Ends every log-in of an account that stays enabled: refresh tokens and, at resource servers, access
    /// tokens.</summary>
    /// <exception cref="IdmFaultException">No such account.</exception>
    public async Task<AccountView> LogOffAsync(string userName, CancellationToken cancellation = default)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await RequiredAsync(userName, cancellation);
        await outbox.LoggedOffAsync(account, cancellation);
        long revoked = await RevokeTokensAsync(account, cancellation);
        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.AccountLoggedOff(logger, account.Subject, acting.Subject, revoked);
        return View(account);
    }

    /// <summary>Gives an account a role at the admin API of the KMS. One that it holds is left alone.</summary>
    /// <exception cref="IdmFaultException">No such account or role; or it holds another role and may not hold two.</exception>
    public async Task<AccountView> GrantKmsRoleAsync(string userName, string role, CancellationToken cancellation = default)
    {
        RequireKmsRole(role);
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await RequiredAsync(userName, cancellation);
        if (account.HasKmsRole(role))
        {
            return View(account);
        }

        if (account.KmsRoles.Length > 0 && !options.AllowCombinedKmsRoles)
        {
            throw new IdmFaultException(IdmFault.RoleConflict);
        }

        account.KmsRoles = string.Join(' ', KmsRoleScopes.Roles.Where(known => known == role || account.HasKmsRole(known)));
        await SaveAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        Log.KmsRoleChanged(logger, role, account.Subject, "granted", acting.Subject);
        return View(account);
    }

    /// <summary>Takes a role at the admin API of the KMS away, and ends every log-in of the account, so that no token of it has the role
    /// any more.</summary>
    /// <exception cref="IdmFaultException">No such account or role.</exception>
    public async Task<AccountView> RevokeKmsRoleAsync(string userName, string role, CancellationToken cancellation = default)
    {
        RequireKmsRole(role);
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await RequiredAsync(userName, cancellation);
        if (!account.HasKmsRole(role))
        {
            return View(account);
        }

        account.KmsRoles = string.Join(' ', KmsRoleScopes.Roles.Where(known => known != role && account.HasKmsRole(known)));
        await SaveAsync(cancellation);
        await outbox.LoggedOffAsync(account, cancellation);
        await RevokeTokensAsync(account, cancellation);
        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.KmsRoleChanged(logger, role, account.Subject, "revoked", acting.Subject);
        return View(account);
    }

    /// <summary>
    /// Removes an account for good. Its user name and MC service IDs are free again; its <c>sub</c> is never given to another.
    /// </summary>
    /// <returns>The account as it was.</returns>
    /// <exception cref="IdmFaultException">No such account, or the last administrator.</exception>
    public async Task<AccountView> RemoveAsync(string userName, CancellationToken cancellation = default)
    {
        await using IDbContextTransaction transaction = await database.Database.BeginTransactionAsync(cancellation);
        Account account = await RequiredAsync(userName, cancellation);
        await KeepAnAdministratorAsync(account, cancellation);
        await outbox.AccountRemovedAsync(account, cancellation);
        long revoked = await RevokeTokensAsync(account, cancellation);
        database.Identities.RemoveRange(
            await database.Identities.Where(identity => identity.AccountId == account.Id).ToListAsync(cancellation));
        database.Users.Remove(account);
        await SaveAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        outbox.Committed();
        Log.AccountRemoved(logger, account.Subject, acting.Subject, revoked);
        return View(account);
    }

    /// <summary>The account behind a <c>sub</c>, or null.</summary>
    internal async Task<Account?> FindBySubjectAsync(string? subject, CancellationToken cancellation) =>
        Guid.TryParseExact(subject, "N", out Guid id)
            ? await database.Users.AsNoTracking().SingleOrDefaultAsync(account => account.Id == id, cancellation)
            : null;

    /// <summary>Revokes every code, refresh token and grant of an account.</summary>
    internal async Task<long> RevokeTokensAsync(Account account, CancellationToken cancellation)
    {
        await authorizations.RevokeBySubjectAsync(account.Subject, cancellation);
        return await tokens.RevokeBySubjectAsync(account.Subject, cancellation);
    }

    /// <summary>True if any account is an administrator.</summary>
    internal Task<bool> HasAdministratorAsync(CancellationToken cancellation) =>
        database.Users.AnyAsync(account => account.IsAdministrator, cancellation);

    /// <summary>Checks a URI against the syntax and the identity domains of this issuer.</summary>
    /// <exception cref="IdmFaultException">The identity is refused.</exception>
    internal static void CheckIdentity(IdmOptions options, string identity, string member)
    {
        string domain = McServiceId.DomainOf(identity) ?? throw new IdmFaultException(IdmFault.IdentityInvalid, $"{member} is not valid.");
        if (!options.IdentityDomains.Contains(domain, StringComparer.Ordinal))
        {
            throw new IdmFaultException(IdmFault.IdentityForeign, $"{member} is outside the identity domains of this issuer.");
        }
    }

    private async Task KeepAnAdministratorAsync(Account account, CancellationToken cancellation)
    {
        if (account is { IsAdministrator: true, IsEnabled: true } && !await database.Users.AnyAsync(
            other => other.Id != account.Id && other.IsAdministrator && other.IsEnabled, cancellation))
        {
            throw new IdmFaultException(IdmFault.LastAdministrator);
        }
    }

    private async Task<Account> AddAsync(NewAccount request, CancellationToken cancellation)
    {
        CheckUserName(request.UserName);
        if (request.Password.Length < options.LogIn.MinimumPasswordLength || request.Password.Length > MaxPasswordLength)
        {
            throw new IdmFaultException(
                IdmFault.PasswordWeak,
                $"A password has {options.LogIn.MinimumPasswordLength} to {MaxPasswordLength} characters.");
        }

        string normalized = normalizer.NormalizeName(request.UserName);
        if (await database.Users.AnyAsync(other => other.NormalizedUserName == normalized, cancellation))
        {
            throw new IdmFaultException(IdmFault.UserNameTaken);
        }

        Account account = new()
        {
            Id = await NewIdAsync(cancellation),
            UserName = request.UserName,
            NormalizedUserName = normalized,
            IsAdministrator = request.Administrator,
            LockoutEnabled = true,
            SecurityStamp = Guid.NewGuid().ToString("N"),
        };
        ServiceIds ids = new() { McpttId = request.McpttId, McvideoId = request.McvideoId, McdataId = request.McdataId };
        await ClaimIdentitiesAsync(account, ids, cancellation);
        account.PasswordHash = hasher.HashPassword(account, request.Password);
        database.Users.Add(account);
        await SaveAsync(cancellation);
        return account;
    }

    /// <summary>A random number that was never the subject of another account, removed ones included.</summary>
    private async Task<Guid> NewIdAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Guid id = Guid.NewGuid();
            string subject = Account.SubjectOf(id);
            if (!await database.Subjects.AnyAsync(record => record.Subject == subject, cancellation))
            {
                return id;
            }
        }
    }

    /// <summary>Writes the IDs to the account and to the table of owners, whose key is the identity itself.</summary>
    private async Task ClaimIdentitiesAsync(Account account, ServiceIds ids, CancellationToken cancellation)
    {
        (string Member, string? Value)[] given = [("mcpttId", ids.McpttId), ("mcvideoId", ids.McvideoId), ("mcdataId", ids.McdataId)];
        foreach ((string member, string? value) in given)
        {
            if (value is not null)
            {
                CheckIdentity(options, value, member);
            }
        }

        HashSet<string> wanted = [.. given.Select(entry => entry.Value).OfType<string>()];
        if (await database.Identities.AnyAsync(
            identity => wanted.Contains(identity.Value) && identity.AccountId != account.Id, cancellation))
        {
            throw new IdmFaultException(IdmFault.IdentityTaken);
        }

        List<OwnedIdentity> held = await database.Identities.Where(identity => identity.AccountId == account.Id).ToListAsync(cancellation);
        database.Identities.RemoveRange(held.Where(identity => !wanted.Contains(identity.Value)));
        wanted.ExceptWith(held.Select(identity => identity.Value));
        database.Identities.AddRange(wanted.Select(value => new OwnedIdentity { Value = value, AccountId = account.Id }));
        account.McpttId = ids.McpttId;
        account.McVideoId = ids.McvideoId;
        account.McDataId = ids.McdataId;
    }

    private async Task SaveAsync(CancellationToken cancellation)
    {
        try
        {
            await database.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException conflict) when (conflict.InnerException is SqliteException { SqliteErrorCode: SqliteConstraint } inner)
        {
            // Two requests at the same moment: the database decides, by the unique indexes.
            database.ChangeTracker.Clear();
            bool identity = inner.Message.Contains("Identities", StringComparison.Ordinal);
            throw new IdmFaultException(identity ? IdmFault.IdentityTaken : IdmFault.UserNameTaken, inner: conflict);
        }
    }

    private async Task<Account> RequiredAsync(string userName, CancellationToken cancellation)
    {
        string normalized = normalizer.NormalizeName(userName);
        return await database.Users.SingleOrDefaultAsync(account => account.NormalizedUserName == normalized, cancellation)
            ?? throw new IdmFaultException(IdmFault.AccountUnknown);
    }

    private static void RequireKmsRole(string role)
    {
        if (!KmsRoleScopes.Roles.Contains(role, StringComparer.Ordinal))
        {
            throw new IdmFaultException(IdmFault.RoleUnknown);
        }
    }

    private static void CheckUserName(string userName)
    {
        if (userName.Length is 0 or > MaxUserNameLength || userName.Any(char.IsControl) || userName.Trim().Length != userName.Length)
        {
            throw new IdmFaultException(
                IdmFault.UserNameInvalid,
                $"A user name has 1 to {MaxUserNameLength} characters, no control characters, and no blank at either end.");
        }
    }

    private static AccountView View(Account account) => new()
    {
        UserName = account.UserName!,
        Subject = account.Subject,
        McpttId = account.McpttId,
        McvideoId = account.McVideoId,
        McdataId = account.McDataId,
        Administrator = account.IsAdministrator,
        KmsRoles = account.KmsRoles.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Enabled = account.IsEnabled,
    };
}
