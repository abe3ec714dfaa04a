using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.HttpProxy.Tests.Support;

/// <summary>A CA with the files of what it certifies, in a directory of its own that goes with it.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _ca;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _directory = Directory.CreateTempSubdirectory("watchword-proxy-").FullName;

    public TestAuthority()
    {
        CertificateRequest request = new("CN=Proxy test CA", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _ca = request.CreateSelfSigned(From, To);
        CaFile = PathOf("ca.pem");
        File.WriteAllText(CaFile, _ca.ExportCertificatePem());
    }

    public static DateTimeOffset From { get; } = TimeProvider.System.GetUtcNow().AddDays(-1);

    public static DateTimeOffset To { get; } = From.AddYears(1);

    public string CaFile { get; }

    public X509Certificate2 Ca => _ca;

    public string PathOf(string name) => Path.Combine(_directory, name);

    /// <summary>A certificate with its key, and both in files.</summary>
    public Leaf Issue(string file, string name = "localhost", string? use = null, DateTimeOffset? until = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=" + name, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        if (name == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use ?? ServerUse)], false));
        using X509Certificate2 bare = request.Create(_ca, From, until ?? To, RandomNumberGenerator.GetBytes(16));
        string certificateFile = PathOf(file + ".pem");
        string keyFile = PathOf(file + ".key");
        File.WriteAllText(certificateFile, bare.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return new Leaf(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), certificateFile, keyFile);
    }

    public Leaf IssueClient(string file, string name = "client", DateTimeOffset? until = null) =>
        Issue(file, name, ClientUse, until);

    public void Dispose()
    {
        _ca.Dispose();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A certificate with its key.</summary>
internal sealed record Leaf(X509Certificate2 Certificate, string CertificateFile, string KeyFile)
{
    public string Thumbprint => Certificate.GetCertHashString(HashAlgorithmName.SHA256);
}
