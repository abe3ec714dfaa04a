using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Kms.Load;

/// <summary>A KMS as a process of its own, on loopback over TLS, with a fresh domain.</summary>
internal sealed class LoadedServer : IDisposable
{
    private const string ListeningMark = "Now listening on: ";

    private readonly Process _process;
    private readonly X509Certificate2 _certificate;

    private LoadedServer(Process process, Uri address, X509Certificate2 certificate)
    {
        _process = process;
        Address = address;
        _certificate = certificate;
    }

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    /// <summary>Makes certificate, issuer keys and domain below the directory, and starts the server.</summary>
    public static async Task<LoadedServer> StartAsync(string directory, TokenSigner signer, string? postgreSql)
    {
        X509Certificate2 certificate = WriteCertificate(directory);
        signer.WriteJwks(Path.Combine(directory, "jwks.json"));
        string[] settings = Settings(directory, postgreSql);
        using (Process initialization = Start(["init-domain", .. settings, "--kms-uri", "kms.load.example", "--create-kek", "true"]))
        {
            string errors = await initialization.StandardError.ReadToEndAsync();
            await initialization.WaitForExitAsync();
            if (initialization.ExitCode != 0)
            {
                throw new InvalidOperationException($"init-domain: {errors}");
            }
        }

        Process process = Start(settings);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(ListeningMark, StringComparison.Ordinal) is var at and >= 0)
            {
                // Read on, so that the server never waits for somebody to read its log.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
                return new LoadedServer(
                    process, new Uri($"https://localhost:{new Uri(line[(at + ListeningMark.Length)..]).Port}"), certificate);
            }
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }

    /// <summary>A client that keeps its connections and trusts this server's certificate only.</summary>
    public HttpClient CreateClient(int connections) => new(
        new SocketsHttpHandler
        {
            MaxConnectionsPerServer = connections,
            PooledConnectionIdleTimeout = TimeSpan.FromHours(1),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { _certificate },
                },
            },
        })
    {
        BaseAddress = Address,
    };

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _certificate.Dispose();
    }

    private static string[] Settings(string directory, string? postgreSql)
    {
        List<string> settings =
        [
            "--Kms:DataDirectory", Path.Combine(directory, "data"),
            "--Kms:Custody:KeyEncryptionKeyFile", Path.Combine(directory, "kek"),
            "--Kms:PublicBaseUrl", "https://localhost:0",
            "--Kms:Listen:0", "https://127.0.0.1:0",
            "--Kms:Tls:CertificateFile", Path.Combine(directory, "server.pem"),
            "--Kms:Tls:KeyFile", Path.Combine(directory, "server.key"),
            "--Authorization:Audience", TokenSigner.Audience,
            "--Authorization:Issuers:0:Issuer", TokenSigner.Issuer,
            "--Authorization:Issuers:0:JwksFile", Path.Combine(directory, "jwks.json"),
            "--Authorization:Issuers:0:IdentityDomains:0", TokenSigner.IdentityDomain,
            "--Authorization:Issuers:0:SecurityEvents:Policy", "Off",
        ];
        if (postgreSql is not null)
        {
            settings.AddRange(["--Kms:Store:Provider", "PostgreSql", "--Kms:Store:ConnectionString", postgreSql]);
        }

        return [.. settings];
    }

    private static Process Start(string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Watchword.Kms.Server.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        }) ?? throw new InvalidOperationException("dotnet did not start");

    private static X509Certificate2 WriteCertificate(string directory)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        X509Certificate2 certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        File.WriteAllText(Path.Combine(directory, "server.pem"), certificate.ExportCertificatePem());
        string keyFile = Path.Combine(directory, "server.key");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return certificate;
    }
}
