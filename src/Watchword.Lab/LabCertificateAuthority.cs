using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Lab;

/// <summary>
/// The X.509 CA of one lab, in its data directory. No trust store is touched: a client is given <see cref="CaFile"/>.
/// </summary>
internal sealed class LabCertificateAuthority
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan CaLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(397);

    private readonly TimeProvider _time;

    private LabCertificateAuthority(string directory, TimeProvider time)
    {
        _time = time;
        CaFile = Path.Combine(directory, "ca.pem");
        CaKeyFile = Path.Combine(directory, "ca.key");
        ServerFile = Path.Combine(directory, "server.pem");
        ServerKeyFile = Path.Combine(directory, "server.key");
    }

    /// <summary>PEM file of the CA certificate: what a client has to trust.</summary>
    public string CaFile { get; }

    /// <summary>PEM file of the servers' certificate for <c>localhost</c> and the loopback addresses.</summary>
    public string ServerFile { get; }

    /// <summary>PEM file of the servers' private key, mode 0600.</summary>
    public string ServerKeyFile { get; }

    private string CaKeyFile { get; }

    /// <summary>Finds the CA in <paramref name="directory"/> or makes it; renews the servers' certificate in its last month.</summary>
    public static LabCertificateAuthority OpenOrCreate(string directory, TimeProvider time)
    {
        LabCertificateAuthority authority = new(directory, time);
        if (!File.Exists(authority.CaFile) || !File.Exists(authority.CaKeyFile))
        {
            authority.CreateCa();
            File.Delete(authority.ServerFile);
        }

        if (!authority.HasFreshServerCertificate())
        {
            authority.CreateServerCertificate();
        }

        return authority;
    }

    /// <summary>The certificate of a network entity, made anew for each start, with its key; the caller disposes it.</summary>
    public X509Certificate2 CreateEntityCertificate(string name)
    {
        using X509Certificate2 ca = X509Certificate2.CreateFromPemFile(CaFile, CaKeyFile);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}, O=Lab only", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], false));
        DateTimeOffset now = _time.GetUtcNow();
        using X509Certificate2 certificate = request.Create(ca, now.AddHours(-1), now.AddDays(30), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private bool HasFreshServerCertificate()
    {
        if (!File.Exists(ServerFile) || !File.Exists(ServerKeyFile))
        {
            return false;
        }

        using X509Certificate2 server = X509Certificate2.CreateFromPem(File.ReadAllText(ServerFile));
        return server.NotAfter.ToUniversalTime() > _time.GetUtcNow().UtcDateTime.AddDays(30);
    }

    private void CreateCa()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Watchword lab CA, O=Lab only", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = _time.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddHours(-1), now + CaLifetime);
        LabFiles.WriteSecret(CaKeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CaFile, certificate.ExportCertificatePem() + "\n");
    }

    private void CreateServerCertificate()
    {
        using X509Certificate2 ca = X509Certificate2.CreateFromPemFile(CaFile, CaKeyFile);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost, O=Lab only", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        DateTimeOffset now = _time.GetUtcNow();
        using X509Certificate2 certificate = request.Create(ca, now.AddHours(-1), now + ServerLifetime, RandomNumberGenerator.GetBytes(16));
        LabFiles.WriteSecret(ServerKeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(ServerFile, certificate.ExportCertificatePem() + "\n");
    }
}
