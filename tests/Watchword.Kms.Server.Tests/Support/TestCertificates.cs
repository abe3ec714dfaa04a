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

    /// <summary>In force under the clock of the machine, which clients look at, and under the fake one of the KMS.</summary>
    public static DateTimeOffset From { get; } = Earlier(TimeProvider.System.GetUtcNow(), KmsHost.StartOfPeriod()).AddDays(-30);

    /// <summary>The end of validity.</summary>
    public static DateTimeOffset To { get; } = From.AddYears(10);

    public string CaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    public static TestCertificates Create(string directory)
    {
        TestCertificates files = new(directory);
        files.Renew("localhost", From, To);
        return files;
    }

    /// <summary>Another CA and another certificate in the same files, as a renewal writes them.</summary>
    public void Renew(string name, DateTimeOffset from, DateTimeOffset to)
    {
        (string ca, string certificate, string key) = Make(name, from, to);
        File.WriteAllText(CaFile, ca);
        File.WriteAllText(CertificateFile, certificate);
        WriteKey(key);
    }

    /// <summary>Writes the private key, for its owner only.</summary>
    public void WriteKey(string pem)
    {
        File.WriteAllText(KeyFile, pem);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>A self-signed certificate for localhost with an RSA key that is too short.</summary>
    public void WriteSmallRsa()
    {
#pragma warning disable CA5385 // The point is that it is refused.
        using RSA key = RSA.Create(1024);
#pragma warning restore CA5385
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(From, To);
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        WriteKey(key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>PEM texts of a CA, a certificate for <paramref name="name"/> and loopback, and its key.</summary>
    public static (string Ca, string Certificate, string Key) Make(string name, DateTimeOffset from, DateTimeOffset to)
    {
        using ECDsa caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 ca = Authority("CN=Watchword test CA", caKey).CreateSelfSigned(from, to);
        return Make(ca, name, from, to);
    }

    /// <summary>The same under an intermediate CA, whose certificate is the first text.</summary>
    public static (string Intermediate, string Certificate, string Key) MakeUnderIntermediate(DateTimeOffset from,
        DateTimeOffset to)
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 root = Authority("CN=Watchword test root", rootKey).CreateSelfSigned(from, to);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 issued = Authority("CN=Watchword test intermediate", key)
            .Create(root, from, to, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 intermediate = issued.CopyWithPrivateKey(key);
        return Make(intermediate, "localhost", from, to);
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }

    private static (string Ca, string Certificate, string Key) Make(
        X509Certificate2 ca, string name, DateTimeOffset from, DateTimeOffset to)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=" + name, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(ca, from, to, RandomNumberGenerator.GetBytes(8));
        return (ca.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
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

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
