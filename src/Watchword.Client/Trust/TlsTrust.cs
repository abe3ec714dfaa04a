using System.Net;
using System.Net.Security;
using System.Net.Sockets;
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

    /// <summary>
    /// The same, with all connections through the home HTTP proxy (TS 24.482 A.2.1.2): whatever host a request names, the TLS
    /// tunnel goes to the proxy and the proxy's name is checked. The caller disposes it.
    /// </summary>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.UrlNotHttps"/>: the proxy's URL is none.</exception>
    public SocketsHttpHandler CreateHandler(HomeHttpProxy proxy)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        Uri url = HttpsUrl.Require(proxy.Url, "URL of the HTTP proxy");
        if (url.PathAndQuery != "/")
        {
            throw new WatchwordClientException(ClientFault.UrlNotHttps, "the URL of an HTTP proxy has no path");
        }

        SocketsHttpHandler handler = CreateHandler();
        // Proxies of the system are of another kind, and would be put in front of this one.
        handler.UseProxy = false;
        // The handler would compare the certificate with the host of the request: so TLS is made here.
        handler.ConnectCallback = (_, cancellation) => ConnectAsync(url, proxy.ClientCertificate, cancellation);
        return handler;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (X509Certificate2 root in _roots ?? [])
        {
            root.Dispose();
        }
    }

#pragma warning disable CA2000 // The stream owns what is below it, and the handler the stream.
    private async ValueTask<Stream> ConnectAsync(Uri proxy, X509Certificate2? certificate, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(proxy.IdnHost, proxy.Port), cancellation);
            SslStream tls = new(new NetworkStream(socket, ownsSocket: true));
            SslClientAuthenticationOptions options = CreateSslOptions();
            options.TargetHost = proxy.IdnHost;
            options.ApplicationProtocols = [SslApplicationProtocol.Http11];
            options.ClientCertificates = certificate is null ? null : [certificate];
            await tls.AuthenticateAsClientAsync(options, cancellation);
            return tls;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
#pragma warning restore CA2000

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
