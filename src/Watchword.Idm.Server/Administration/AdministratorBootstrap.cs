using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Accounts;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Administration;

/// <summary>
/// The one-time code that makes the first administrator: 128 random bits, of which only the hash is kept, good for a day and for
/// one use.
/// </summary>
internal sealed class AdministratorBootstrap(
    IdmDbContext database, AccountDirectory accounts, TimeProvider time, ILogger<AdministratorBootstrap> logger)
{
    private const int CodeSizeInBytes = 16;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Makes a new code in the place of an earlier one; null if there is an administrator already.</summary>
    public async Task<(string Code, DateTimeOffset ExpiresAt)?> IssueAsync(CancellationToken cancellation)
    {
        if (await accounts.HasAdministratorAsync(cancellation))
        {
            return null;
        }

        string code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(CodeSizeInBytes));
        DateTimeOffset expiresAt = time.GetUtcNow() + Lifetime;
        ServerState state = await database.State.SingleAsync(cancellation);
        state.BootstrapCodeHash = Hash(code);
        state.BootstrapExpiresAt = expiresAt;
        await database.SaveChangesAsync(cancellation);
        return (code, expiresAt);
    }

    /// <summary>Makes the administrator and uses the code up; where the account is refused, the code stays good.</summary>
    public async Task<AccountView> RedeemAsync(BootstrapRequest request, CancellationToken cancellation)
    {
        string presented = Hash(request.Code.Trim());
        ServerState state = await database.State.AsNoTracking().SingleAsync(cancellation);
        if (state.BootstrapCodeHash is not { } expected || time.GetUtcNow() >= state.BootstrapExpiresAt
            || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(presented))
            || await accounts.HasAdministratorAsync(cancellation))
        {
            Log.BootstrapRefused(logger);
            throw new IdmFaultException(IdmFault.CodeRefused);
        }

        // Take the code first, in one statement: of two requests with the same code, one makes the administrator.
        int taken = await database.State.Where(row => row.BootstrapCodeHash == expected).ExecuteUpdateAsync(
            update => update.SetProperty(row => row.BootstrapCodeHash, (string?)null), cancellation);
        if (taken != 1)
        {
            throw new IdmFaultException(IdmFault.CodeRefused);
        }

        try
        {
            AccountView administrator = await accounts.CreateAsync(
                new NewAccount { UserName = request.UserName, Password = request.Password, Administrator = true }, cancellation);
            Log.Bootstrapped(logger, administrator.Subject);
            return administrator;
        }
        catch
        {
            await database.State.ExecuteUpdateAsync(
                update => update.SetProperty(row => row.BootstrapCodeHash, expected), CancellationToken.None);
            throw;
        }
    }

    private static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
