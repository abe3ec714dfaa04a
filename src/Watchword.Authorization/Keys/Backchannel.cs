using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Authorization.Keys;

/// <summary>The connection on which keys are fetched from an IdM server: TLS 1.2 or 1.3, direct, no redirects, small
/// answers.</summary>
internal static class Backchannel
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const int MaxAnswerSize = 256 * 1024;

    public static bool IsHttps([NotNullWhen(true)] string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0;

    /// <summary>Makes a client that trusts only the CAs of <paramref name="caFile"/>, or the system's if there is none.</summary>
    /// <param name="caFile">PEM file, or null.</param>
    /// <param name="timeout">Time limit of a request.</param>
    /// <param name="certificate">What the client shows of itself, where asked.</param>
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values",
        Justification = "TS 33.210 6.2 names the versions.")]
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client owns the handler.")]
    public static HttpClient Create(string? caFile, TimeSpan timeout, X509Certificate2? certificate = null)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // The IdM server is reached directly, not through a proxy (TS 24.482 A.2.1.2).
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = timeout,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = caFile is null ? null : TrustOnly(caFile),
                ClientCertificates = certificate is null ? null : [certificate],
            },
        };
        return new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = MaxAnswerSize };
    }

    /// <summary>The certificates of a PEM file.</summary>
    /// <exception cref="CryptographicException">The file has a malformed certificate.</exception>
    public static X509Certificate2Collection ReadCertificates(string caFile)
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(caFile);
        return certificates;
    }

    /// <summary>Replaces the roots and nothing else: the host name is still checked by the TLS stream.</summary>
    private static X509ChainPolicy TrustOnly(string caFile)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // A private CA of an MC domain publishes no revocation lists on the open network.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        policy.CustomTrustStore.AddRange(ReadCertificates(caFile));
        return policy;
    }
}
