using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Kms.Server.Tests.Support;

/// <summary>A CA and a server certificate for loopback, in PEM files of a directory.</summary>
internal sealed class TestCertificates
{
    private TestCertificates(string directory)
    {
        CaFile = Path.Combine(directory, "ca.pem");
        CertificateFile = Path.Combine(directory, "server.pem");
        KeyFile = Path.Combine(directory, "server.key");
    }

    public string CaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    public static TestCertificates Create(string directory)
    {
        TestCertificates files = new(directory);
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddHours(-1);
        using ECDsa caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest caRequest = new("CN=Watchword test CA", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        caRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        using X509Certificate2 ca = caRequest.CreateSelfSigned(from, from.AddDays(1));

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(ca, from, from.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(files.CaFile, ca.ExportCertificatePem());
        File.WriteAllText(files.CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(files.KeyFile, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    /// <summary>A certificate for a client, by itself and by nobody.</summary>
    public static X509Certificate2 CreateClientCertificate(DateTimeOffset from, DateTimeOffset to)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, to);
    }

    /// <summary>A client that trusts this CA and nothing else, and shows <paramref name="certificate"/> if it is asked to.</summary>
    public HttpClient CreateClient(Uri address, X509Certificate2? certificate = null)
    {
        X509Certificate2 ca = X509CertificateLoader.LoadCertificateFromFile(CaFile);
        SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(ca);
        if (certificate is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return new HttpClient(handler) { BaseAddress = address };
    }
}
