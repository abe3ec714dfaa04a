using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Hosting;

/// <summary>
/// Refuses to start on a data directory that was not initialised, that belongs to a lab where this is none (or the other way
/// round), or whose signing keys cannot be opened; brings the database to this version.
/// </summary>
internal sealed class StartCheck(
    IServiceScopeFactory scopes, IConfiguration configuration, IOptions<IdmOptions> options, SigningKeyRing ring,
    IdmIssuer issuer, ILogger<StartCheck> logger) : IHostedLifecycleService
{
    public const string DatabaseFileName = "idm.db";
    public const string LabKey = "Lab:Enabled";

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        string database = Path.Combine(options.Value.DataDirectory, DatabaseFileName);
        if (!File.Exists(database) || !ring.Exists)
        {
            throw new IdmStartException(
                $"The data directory {options.Value.DataDirectory} was not initialised. Run the verb 'init' first.");
        }

        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        IdmDbContext context = scope.ServiceProvider.GetRequiredService<IdmDbContext>();
        try
        {
            await context.Database.MigrateAsync(cancellationToken);
        }
        catch (SqliteException fault)
        {
            throw new IdmStartException($"The database {database} cannot be opened.", fault);
        }

        ServerState state = await context.State.AsNoTracking().SingleOrDefaultAsync(cancellationToken)
            ?? throw new IdmStartException($"The data directory {options.Value.DataDirectory} was initialised only half. Start afresh.");
        if (state.IsLab != configuration.GetValue<bool>(LabKey))
        {
            throw new IdmStartException(state.IsLab
                ? "This is the data of a lab, with passwords that lie about in files. A production server does not start on it."
                : "This is the data of a production server. A lab does not start on it.");
        }

        _ = ring.Active;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Log.Started(logger, issuer.Value);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
