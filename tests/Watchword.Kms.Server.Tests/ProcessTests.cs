using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Threading.Channels;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

/// <summary>The server as a process of its own under a service manager, which this test plays.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ProcessTests
{
    [Fact]
    public async Task It_reports_to_systemd_reloads_on_SIGHUP_and_dumps_no_core()
    {
        await using KmsHost host = await KmsHost.StartAsync();
        await host.StopAsync();
        int port = LoopbackPorts.FindUnused();
        string socket = Path.Combine(host.Directory, "notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(socket));
        Channel<string> told = Channel.CreateUnbounded<string>();
        // Always: a manager that does not read holds up who tells it something.
        Task reading = ReadAsync(manager, told.Writer);

        Dictionary<string, string?> settings = host.Settings();
        settings["Kms:Listen:0"] = $"https://127.0.0.1:{port}";
        // The clock of the process is the machine's, and the data may be ahead of it.
        settings["Kms:Tls:PollSeconds"] = "3600";
        string server = Path.Combine(AppContext.BaseDirectory, "Watchword.Kms.Server.dll");
        // The server looks whether its parent is called systemd.
        string shell = Path.Combine(host.Directory, "systemd");
        File.CreateSymbolicLink(shell, "/bin/sh");
        ProcessStartInfo start = new(shell)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("dotnet \"$@\"; exit $?");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(server);
        foreach ((string key, string? value) in settings)
        {
            start.ArgumentList.Add("--" + key);
            start.ArgumentList.Add(value!);
        }

        start.Environment["NOTIFY_SOCKET"] = socket;
        start.Environment["WATCHDOG_USEC"] = "200000";
        using Process process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await WaitForAsync(told.Reader, "READY=1");
            await WaitForAsync(told.Reader, "WATCHDOG=1");
            string child = (await File.ReadAllTextAsync(
                $"/proc/{process.Id}/task/{process.Id}/children", TestContext.Current.CancellationToken)).Trim();
            await CheckReloadAsync(host, child, port);

            string limits = await File.ReadAllTextAsync($"/proc/{child}/limits", TestContext.Current.CancellationToken);
            limits.Split('\n').Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..6].ShouldBe(["0", "0"]);

            (await Tool.RunAsync("kill", "-TERM", child)).ExitCode.ShouldBe(0);
            await WaitForAsync(told.Reader, "STOPPING=1");
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0, await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            manager.Dispose();
            await reading;
        }
    }

    private static async Task CheckReloadAsync(KmsHost host, string process, int port)
    {
        string before = await ShownAsync(port);
        host.Certificates.Renew("localhost", TestCertificates.From, TestCertificates.To);
        (await Tool.RunAsync("kill", "-HUP", process)).ExitCode.ShouldBe(0);
        string shown;
        do
        {
            shown = await ShownAsync(port);
        }
        while (shown == before);
        shown.ShouldBe(RawConnection.ThumbprintOf(host.Certificates.CertificateFile));
    }

    private static async Task<string> ShownAsync(int port)
    {
        using RawConnection connection = await RawConnection.OpenAsync(port);
        return connection.Thumbprint;
    }

    private static async Task ReadAsync(Socket manager, ChannelWriter<string> told)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int count = await manager.ReceiveAsync(buffer);
                told.TryWrite(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
            told.TryComplete();
        }
    }

    private static async Task WaitForAsync(ChannelReader<string> told, string message)
    {
        string received;
        do
        {
            received = await told.ReadAsync(TestContext.Current.CancellationToken);
        }
        while (!received.Contains(message, StringComparison.Ordinal));
    }
}
