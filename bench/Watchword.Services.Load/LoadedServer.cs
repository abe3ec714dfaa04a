using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Services.Load;

/// <summary>An MCX server as a process of its own, on loopback; killed and started again on the same files.</summary>
internal sealed class LoadedServer : IDisposable
{
    public const string Psi = "sip:mcptt@mcx.load.example";

    private const string ListeningMark = "Now listening on: ";

    private readonly string[] _settings;
    private Process _process;

    private LoadedServer(string[] settings, int port, Process process) => (_settings, Port, _process) = (settings, port, process);

    /// <summary>The TCP port of SIP.</summary>
    public int Port { get; }

    /// <summary>Resident memory in MiB.</summary>
    public double Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / (1024.0 * 1024);
        }
    }

    public static async Task<LoadedServer> StartAsync(string directory, TokenSigner signer)
    {
        signer.WriteJwks(Path.Combine(directory, "jwks.json"));
        WriteCertificate(directory);
        WriteSecret(Path.Combine(directory, "csk.key"), RandomNumberGenerator.GetBytes(32));
        using (ECDsa credential = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            WriteSecret(
                Path.Combine(directory, "entity.pem"),
                    System.Text.Encoding.ASCII.GetBytes(credential.ExportPkcs8PrivateKeyPem()));
        }

        int port = FreePort();
        string[] settings = Settings(directory, port);
        return new LoadedServer(settings, port, await StartAsync(settings));
    }

    /// <summary>SIGKILL, and a new process at once.</summary>
    public async Task KillAndRestartAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = await StartAsync(_settings);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static async Task<Process> StartAsync(string[] settings)
    {
        Process process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Watchword.ResourceServers.dll"), "run",
                .. settings])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }) ?? throw new InvalidOperationException("dotnet did not start");
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(ListeningMark, StringComparison.Ordinal))
            {
                // Read on, so that the server never waits for somebody to read its log.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                return process;
            }
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    private static string[] Settings(string directory, int port) =>
    [
        "--Services:DataDirectory", Path.Combine(directory, "data"),
        "--Services:Listen:0", "https://127.0.0.1:0",
        "--Services:Tls:CertificateFile", Path.Combine(directory, "server.pem"),
        "--Services:Tls:KeyFile", Path.Combine(directory, "server.key"),
        "--Services:Sip:Listen:0", string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{port}"),
        "--Services:Sip:Peers:0:Name", "load",
        "--Services:Sip:Peers:0:Networks:0", "127.0.0.1/32",
        "--Services:Sip:Peers:0:RequestsPerSecond", "100000",
        "--Services:Sip:Peers:0:Burst", "100000",
        "--Services:Mcx:Enabled", "true",
        "--Services:Mcx:Audience", TokenSigner.Audience,
        "--Services:Mcx:WarnHost", "mcx.load.example",
        "--Services:Mcx:CskKeyFile", Path.Combine(directory, "csk.key"),
        "--Services:Mcx:Services:0:Service", "MCPTT",
        "--Services:Mcx:Services:0:Psis:0", Psi,
        "--Services:Mcx:Identities:0:Uri", "sip:mdsi@mc.load.example",
        "--Services:Mcx:Identities:0:Idm", "https://127.0.0.1:9",
        "--Services:Mcx:Identities:0:Kms", "https://127.0.0.1:9",
        "--Services:Mcx:Identities:0:ClientId", "mcx",
        "--Services:Mcx:Identities:0:CredentialFile", Path.Combine(directory, "entity.pem"),
        "--Services:Mcx:Identities:0:StoreDirectory", Path.Combine(directory, "keys"),
        "--Services:Mcx:Identities:0:StoreKeyFile", Path.Combine(directory, "keys.key"),
        "--Authorization:Audience", "https://services.load.example",
        "--Authorization:Issuers:0:Issuer", TokenSigner.Issuer,
        "--Authorization:Issuers:0:JwksFile", Path.Combine(directory, "jwks.json"),
        "--Authorization:Issuers:0:IdentityDomains:0", TokenSigner.IdentityDomain,
        "--Authorization:Issuers:0:SecurityEvents:Policy", "Off",
    ];

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static void WriteCertificate(string directory)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(90));
        File.WriteAllText(Path.Combine(directory, "server.pem"), certificate.ExportCertificatePem());
        WriteSecret(
            Path.Combine(directory, "server.key"), System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    private static void WriteSecret(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
