using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Watchword.Identity;
using Watchword.Identity.Administration;
using Watchword.Idm.Server.Administration;
using Watchword.Idm.Server.Clients;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Hosting;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server;

/// <summary>What initialisation gives back once. A class, not a record: it carries a secret.</summary>
/// <param name="code">The one-time code.</param>
/// <param name="expiresAt">When it expires.</param>
public sealed class FirstAdministratorCode(string code, DateTimeOffset expiresAt)
{
    /// <summary>The one-time code for <c>POST /admin/v1/bootstrap</c>.</summary>
    public string Code { get; } = code;

    /// <summary>When it expires.</summary>
    public DateTimeOffset ExpiresAt { get; } = expiresAt;
}

/// <summary>The explicit act that makes a data directory: database, signing keys, the client of our own command line.</summary>
public static class IdmInitialization
{
    /// <summary>The client of the command line, registered with every MC scope and that of administration.</summary>
    public const string CommandLineClientId = "watchword-cli";

    /// <summary>The redirect URI of that client; its port is free.</summary>
    public const string CommandLineRedirectUri = "http://127.0.0.1/callback";

    /// <summary>
    /// Initialises the data directory of <paramref name="app"/>, built by <see cref="IdmApplication.Create"/> and not started yet. On
    /// one that is initialised already it makes a new code, as long as there is no administrator.
    /// </summary>
    /// <returns>The code of the first administrator; null where there is an administrator.</returns>
    /// <exception cref="IdmStartException">The directory cannot be initialised.</exception>
    public static async Task<FirstAdministratorCode?> RunAsync(WebApplication app, CancellationToken cancellation = default)
    {
        IdmOptions options = app.Services.GetRequiredService<IOptions<IdmOptions>>().Value;
        PrivateFiles.CreateDirectory(options.DataDirectory);
        await using AsyncServiceScope scope = app.Services.CreateAsyncScope();
        IdmDbContext database = scope.ServiceProvider.GetRequiredService<IdmDbContext>();
        SigningKeyRing ring = scope.ServiceProvider.GetRequiredService<SigningKeyRing>();
        bool fresh = !File.Exists(Path.Combine(options.DataDirectory, StartCheck.DatabaseFileName));
        if (fresh && ring.Exists)
        {
            throw new IdmStartException("The data directory holds signing keys but no database: it is not touched.");
        }

        if (!ring.Exists)
        {
            ring.Initialize();
        }

        await database.Database.MigrateAsync(cancellation);
        if (!await database.State.AnyAsync(cancellation))
        {
            await FillAsync(app, scope.ServiceProvider, database, cancellation);
        }

        (string Code, DateTimeOffset ExpiresAt)? issued =
            await scope.ServiceProvider.GetRequiredService<AdministratorBootstrap>().IssueAsync(cancellation);
        return issued is { } code ? new FirstAdministratorCode(code.Code, code.ExpiresAt) : null;
    }

    private static async Task FillAsync(
        WebApplication app, IServiceProvider services, IdmDbContext database, CancellationToken cancellation)
    {
        await database.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellation);
        await services.GetRequiredService<ClientDirectory>().CreateAsync(
            new NewClient
            {
                ClientId = CommandLineClientId,
                DisplayName = "watchword command line",
                Kind = ClientKinds.Native,
                RedirectUris = [CommandLineRedirectUri],
                Scopes = [.. McScopes.All, McScopes.IdmAdministration, McScopes.ServicesAdministration, .. KmsRoleScopes.All],
            },
            cancellation);
        bool isLab = app.Configuration.GetValue<bool>(StartCheck.LabKey);
        database.State.Add(new ServerState
        {
            InitializedAt = services.GetRequiredService<TimeProvider>().GetUtcNow(),
            IsLab = isLab,
        });
        await database.SaveChangesAsync(cancellation);
        Log.Initialized(app.Logger, isLab);
    }
}
