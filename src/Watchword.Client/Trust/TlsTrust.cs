using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Client;

/// <summary>
/// Whom TLS trusts: one CA file, or the system's store. The host name is always checked, and nothing here turns a check off
/// (TS 33.180 6.1.2; TLS 1.2 and 1.3 of TS 33.210 clause 6.2).
/// </summary>
public sealed class TlsTrust : IDisposable
{
    private const long MaxCaFileOctets = 1 << 20;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private readonly X509Certificate2Collection? _roots;

    private TlsTrust(X509Certificate2Collection? roots) => _roots = roots;

    /// <summary>Trusts what the operating system trusts, with its revocation checks.</summary>
    public static TlsTrust OfOperatingSystem() => new(null);

    /// <summary>Trusts only the certificates in a PEM file.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.CaFileUnusable"/>.</exception>
    public static TlsTrust FromCaFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return new FileInfo(path).Length > MaxCaFileOctets
                ? throw new WatchwordClientException(ClientFault.CaFileUnusable, $"{path} is longer than 1 MiB")
                : FromCaPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WatchwordClientException(ClientFault.CaFileUnusable, path, inner: e);
        }
    }

    /// <summary>Trusts only the certificates in a PEM text.</summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.CaFileUnusable"/>.</exception>
    public static TlsTrust FromCaPem(ReadOnlySpan<char> pem)
    {
        X509Certificate2Collection roots = [];
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new WatchwordClientException(ClientFault.CaFileUnusable, "not PEM certificates", inner: e);
        }

        return roots.Count > 0
            ? new TlsTrust(roots)
            : throw new WatchwordClientException(ClientFault.CaFileUnusable, "no certificate in it");
    }

    /// <summary>
    /// A new handler with this trust: TLS 1.2 and 1.3, no automatic redirects, no cookies, no proxy credentials. The caller disposes it.
    /// </summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 64,
        SslOptions = CreateSslOptions(),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (X509Certificate2 root in _roots ?? [])
        {
            root.Dispose();
        }
    }

    private SslClientAuthenticationOptions CreateSslOptions()
    {
        SslClientAuthenticationOptions options = new()
        {
#pragma warning disable CA5398 // The 3GPP profile names the versions (TS 33.210 6.2): the system's default may allow less or more.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
            CertificateRevocationCheckMode = X509RevocationMode.Online,
        };
        if (_roots is null)
        {
            return options;
        }

        // A private CA publishes no revocation list and no issuer certificates on the network: asking would only hang or leak.
        options.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(_roots);
        // The Extended Key Usage of the peer stays required: SslStream adds it only where no policy is given.
        options.CertificateChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return options;
    }
}
