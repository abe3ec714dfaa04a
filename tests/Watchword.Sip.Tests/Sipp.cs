using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Watchword.Sip.Tests;

/// <summary>One sipp process in a directory of its own, which goes with it.</summary>
internal static class Sipp
{
    /// <summary>Runs a scenario once and wants it to succeed.</summary>
    /// <param name="scenario">The file in <c>sipp/</c>, without its ending.</param>
    /// <param name="transport"><c>u1</c> for UDP, <c>t1</c> for TCP.</param>
    /// <param name="remotePort">The port of the server; null to wait for requests.</param>
    /// <param name="localPort">The port of sipp; null for a free one.</param>
    public static async Task RunAsync(string scenario, string transport, int? remotePort, int? localPort = null)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("sipp");
        try
        {
            List<string> arguments =
            [
                "-sf", Path.Combine(AppContext.BaseDirectory, "sipp", scenario + ".xml"), "-t", transport, "-i", "127.0.0.1",
                "-p", (localPort ?? LoopbackPorts.FindUnused()).ToString(CultureInfo.InvariantCulture), "-m", "1",
                "-timeout", "60s", "-timeout_error", "-nostdin", "-trace_err",
                "-error_file", Path.Combine(directory.FullName, "errors"),
            ];
            if (remotePort is int port)
            {
                arguments.Add($"127.0.0.1:{port}");
            }

            (int code, string output) = await RunProcessAsync("sipp", arguments, directory.FullName);
            string errors = Path.Combine(directory.FullName, "errors");
            code.ShouldBe(0, (File.Exists(errors) ? await File.ReadAllTextAsync(errors) : "") + output);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>Starts socat from a free TCP port to a TLS server; the port, and the process to dispose.</summary>
    public static async Task<(int Port, IDisposable Process)> StartTlsAsync(int tlsPort, string? clientPem)
    {
        int port = LoopbackPorts.FindUnused();
        string certificate = clientPem is null ? "" : $",cert={clientPem}";
        Process process = Process.Start(new ProcessStartInfo(
            "socat", [$"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork",
                $"OPENSSL:127.0.0.1:{tlsPort},verify=0{certificate}"]))!;
        Killed killed = new(process);
        for (int i = 0; ; i++)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
                return (port, killed);
            }
            catch (SocketException) when (i < 6000 && !process.HasExited)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task<(int Code, string Output)> RunProcessAsync(string name, List<string> arguments, string directory)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(name, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true,
                RedirectStandardError = true })!;
        using Killed killed = new(process);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await error + await output);
    }

    private sealed class Killed(Process process) : IDisposable
    {
        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            process.Dispose();
        }
    }
}
