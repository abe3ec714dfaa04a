using System.Diagnostics;
using System.Globalization;
using Npgsql;

[assembly: AssemblyFixture(typeof(Watchword.Kms.EntityFrameworkCore.Tests.Support.PostgreSqlCluster))]

namespace Watchword.Kms.EntityFrameworkCore.Tests.Support;

/// <summary>
/// A real PostgreSQL for the tests of an assembly: made in a temporary directory, reached by a socket in it, stopped and removed at
/// the end. A shell guards it: when its standard input closes, because the tests are over or were killed, it stops the server
/// and removes the directory.
/// </summary>
public sealed class PostgreSqlCluster : IAsyncDisposable
{
    // The server refuses to run as root. Durability is off for this cluster alone.
    private const string Script = """
        set -eu
        dir=$1 bin=$2
        as=
        if [ "$(id -u)" -eq 0 ]; then
          for user in postgres nobody; do id "$user" >/dev/null 2>&1 && break; done
          chown "$user" "$dir"
          as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
        fi
        cd "$dir"
        trap 'cd /; rm -rf "$dir"' EXIT
        $as "$bin/initdb" -D "$dir/data" -U tests -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
        $as "$bin/postgres" -D "$dir/data" -c fsync=off -c listen_addresses= -c unix_socket_directories="$dir" \
          -c max_connections=300 -c shared_buffers=64MB -c log_destination=stderr >>"$dir/log" 2>&1 </dev/null &
        server=$!
        until "$bin/pg_isready" -q -h "$dir" -U tests -d postgres; do
          kill -0 "$server" 2>/dev/null || { cat "$dir/log" >&2; exit 1; }
          sleep 0.05
        done
        echo ready
        cat >/dev/null
        kill -INT "$server"
        wait "$server" || true
        """;

    private readonly SemaphoreSlim _start = new(1, 1);
    private string? _directory;
    private Process? _guard;
    private int _databases;

    /// <summary>A new, empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        string name = string.Create(CultureInfo.InvariantCulture, $"kms{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync(ConnectionString("postgres"), $"CREATE DATABASE {name}", cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>One statement, as an operator would enter it.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = new(connectionString + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_guard is { } guard)
        {
            NpgsqlConnection.ClearAllPools();
            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
            guard.Dispose();
        }

        _start.Dispose();
    }

    private string ConnectionString(string database) => $"Host={_directory};Username=tests;Database={database};Maximum Pool Size=20";

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await _start.WaitAsync(cancellationToken);
        try
        {
            if (_guard is not null)
            {
                return;
            }

            _directory = Directory.CreateTempSubdirectory("watchword-pg-").FullName;
            ProcessStartInfo start = new("/bin/sh", ["-c", Script, "sh", _directory, Programs()])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            _guard = Process.Start(start)!;
            if (await _guard.StandardOutput.ReadLineAsync(cancellationToken) != "ready")
            {
                throw new InvalidOperationException(await _guard.StandardError.ReadToEndAsync(cancellationToken));
            }
        }
        finally
        {
            _start.Release();
        }
    }

    /// <summary>Debian keeps the programs of each version out of PATH; the newest is taken.</summary>
    private static string Programs()
    {
        const string versions = "/usr/lib/postgresql";
        IEnumerable<string> folders = (Directory.Exists(versions) ? Directory.GetDirectories(versions) : [])
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int number) ? number : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':'));
        return folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");
    }
}
