using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Watchword.Kms.Load;

/// <summary>A PostgreSQL of its own in a directory, synchronous commit on; stopped and gone when disposed.</summary>
internal sealed class PostgreSqlCluster : IDisposable
{
    private readonly string _binaries = FindBinaries();
    private readonly string _data;

    private PostgreSqlCluster(string directory)
    {
        _data = Path.Combine(directory, "postgresql");
        Port = FreePort();
    }

    public int Port { get; }

    public int ProcessId { get; private set; }

    public string ConnectionString =>
        $"Host=127.0.0.1;Port={Port};Username=watchword;Database=postgres;Maximum Pool Size=20";

    public static PostgreSqlCluster Start(string directory)
    {
        PostgreSqlCluster cluster = new(directory);
        cluster.Prepare(directory);
        cluster.Run("initdb", "-D", cluster._data, "-U", "watchword", "--auth=trust", "-E", "UTF8", "--locale=C");
        cluster.Run(
            "pg_ctl", "-D", cluster._data, "-w", "-l", Path.Combine(cluster._data, "log"), "-o",
            string.Create(CultureInfo.InvariantCulture, $"-p {cluster.Port} -c listen_addresses=127.0.0.1 -k {cluster._data}"),
            "start");
        cluster.ProcessId = int.Parse(
            File.ReadLines(Path.Combine(cluster._data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        return cluster;
    }

    public void Dispose() => Run("pg_ctl", "-D", _data, "-m", "immediate", "stop");

    /// <summary>PostgreSQL refuses to run as root: then an account of its own, which must reach the directory.</summary>
    private void Prepare(string directory)
    {
        Directory.CreateDirectory(_data);
        if (Environment.IsPrivilegedProcess)
        {
            Execute("chmod", "711", directory);
            Execute("chown", "postgres", _data);
        }
    }

    private void Run(string program, params string[] arguments)
    {
        string path = Path.Combine(_binaries, program);
        if (Environment.IsPrivilegedProcess)
        {
            Execute("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]);
        }
        else
        {
            Execute(path, arguments);
        }
    }

    private static void Execute(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { UseShellExecute = false, WorkingDirectory = "/" };
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
        }
    }

    private static string FindBinaries() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(path => path + "/bin").Last()
        : throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
