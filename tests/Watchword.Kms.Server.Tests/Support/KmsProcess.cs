using System.Diagnostics;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>The server as a process of its own, to be killed.</summary>
internal sealed class KmsProcess : IAsyncDisposable
{
    private const string ListeningMark = "Now listening on: ";

    private readonly Process _process;

    private KmsProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>What is started.</summary>
    public static string ServerFile => Path.Combine(AppContext.BaseDirectory, "Watchword.Kms.Server.dll");

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The configuration of a host as a command line.</summary>
    public static string[] Arguments(KmsHost host) =>
        [.. host.Settings().SelectMany(setting => new[] { "--" + setting.Key, setting.Value! })];

    /// <summary>Starts the server on the configuration of a host, and waits until it listens.</summary>
    public static async Task<KmsProcess> StartAsync(KmsHost host)
    {
        Process server = Tool.Start("dotnet", [ServerFile, .. Arguments(host)]);
        try
        {
            return new KmsProcess(server, await WaitForAddressAsync(server));
        }
        catch
        {
            await EndAsync(server);
            throw;
        }
    }

    /// <summary>SIGKILL: nothing in the process can do anything about it.</summary>
    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => EndAsync(_process);

    private static async ValueTask EndAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private static async Task<Uri> WaitForAddressAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.IndexOf(ListeningMark, StringComparison.Ordinal) is var at and >= 0)
            {
                // Read on, so that the server never waits for somebody to read its log.
                _ = server.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                _ = server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                return new Uri($"https://localhost:{new Uri(line[(at + ListeningMark.Length)..]).Port}");
            }
        }

        throw new InvalidOperationException(await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }
}
