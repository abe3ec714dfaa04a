using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip;

/// <summary>TLS handshakes (RFC 3261 §26.3.1).</summary>
[SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "TS 33.210 §6.2.1 names these two.")]
internal static class SipTls
{
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>As server. A client may have no certificate, or one that nobody knows: its requests are refused then.</summary>
    public static async Task<SslStream> AcceptAsync(Stream stream, SipTlsOptions options, CancellationToken cancellationToken)
    {
        SslStream tls = new(stream);
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = options.ServerCertificate!(),
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                        certificate is not X509Certificate2 shown || options.ClientCertificateCheck?.Invoke(shown) != false,
                    EnabledSslProtocols = Versions,
                    CipherSuitesPolicy = options.CipherSuites,
                    AllowRenegotiation = false,
                    AllowTlsResume = false,
                    CertificateChainPolicy = WithoutFetching(X509ChainTrustMode.CustomRootTrust),
                },
                cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>As client. The server is the pinned one, or trusted by chain and name, or by the caller's own check.</summary>
    public static async Task<SslStream> ConnectAsync(
        Stream stream, SipDestination destination, SipTlsOptions? options, TimeProvider time, CancellationToken cancellationToken)
    {
        SslStream tls = new(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = destination.TlsName ?? destination.Host,
                    ClientCertificateContext = options?.ClientCertificate?.Invoke(),
                    RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                        certificate is X509Certificate2 shown && IsTrusted(destination, options, shown, errors, time.GetUtcNow()),
                    EnabledSslProtocols = Versions,
                    CipherSuitesPolicy = options?.CipherSuites,
                    AllowRenegotiation = false,
                    AllowTlsResume = false,
                    CertificateChainPolicy = WithoutFetching(X509ChainTrustMode.System),
                },
                cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static bool IsTrusted(
        SipDestination destination, SipTlsOptions? options, X509Certificate2 certificate, SslPolicyErrors errors,
        DateTimeOffset now)
    {
        if (destination.CertificateSha256 is string pinned)
        {
            return now >= new DateTimeOffset(certificate.NotBefore) && now <= new DateTimeOffset(certificate.NotAfter)
                && string.Equals(pinned, SipPeers.Fingerprint(certificate), StringComparison.OrdinalIgnoreCase);
        }

        return options?.ServerCertificateCheck is { } check ? check(destination, certificate, errors)
            : errors == SslPolicyErrors.None;
    }

    /// <summary>Someone else's certificate must not make us fetch anything.</summary>
    private static X509ChainPolicy WithoutFetching(X509ChainTrustMode trust) => new()
    {
        TrustMode = trust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
