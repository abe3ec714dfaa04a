using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Watchword.HttpProxy.Configuration;
using Watchword.HttpProxy.Http;

namespace Watchword.HttpProxy.Forwarding;

/// <summary>
/// Connections to the servers behind the proxy. TLS is made here and not by the handler, which would compare the certificate with
/// the <c>Host</c> of the client's request: the servers are known by the names of their destinations.
/// </summary>
internal sealed class DestinationConnections(ProxySettings settings, ProxyClientCertificate client, TimeProvider time) : IDisposable
{
    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http11];

    private readonly List<HttpMessageInvoker> _opened = [];

    /// <summary>A pool of connections for one lane.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The invoker disposes the handler.")]
    public HttpMessageInvoker Open(RouteSettings route)
    {
        HttpMessageInvoker invoker = new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                UseCookies = false,
                UseProxy = false,
                // A trace of the client's making does not travel on, and none of ours leaves.
                ActivityHeadersPropagator = null,
                ConnectTimeout = settings.Limits.ConnectTime,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
                MaxConnectionsPerServer = settings.Limits.ConcurrentRequests,
                MaxResponseHeadersLength = Math.Max(1, settings.Limits.HeaderOctets / 1024),
                RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
                ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
                ConnectCallback = (context, cancellation) => ConnectAsync(route, context.DnsEndPoint, cancellation),
            },
            disposeHandler: true);
        _opened.Add(invoker);
        return invoker;
    }

    public void Dispose()
    {
        foreach (HttpMessageInvoker invoker in _opened)
        {
            invoker.Dispose();
        }
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The stream owns the socket.")]
    private async ValueTask<Stream> ConnectAsync(RouteSettings route, DnsEndPoint where, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(where, cancellation);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new ProxyException(ProxyError.DestinationUnreachable, fault);
        }

        SslStream tls = new(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(Options(route, where.Host), cancellation);
            return tls;
        }
        catch (Exception fault) when (fault is AuthenticationException or IOException or OperationCanceledException)
        {
            await tls.DisposeAsync();
            throw new ProxyException(
                fault is AuthenticationException ? ProxyError.DestinationNotTrusted : ProxyError.DestinationUnreachable, fault);
        }
    }

    // TS 33.210 §6.2.1 names the versions; what the system would choose may be less.
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "The clause names these two.")]
    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "Certificates are compared with pins.")]
    private SslClientAuthenticationOptions Options(RouteSettings route, string host)
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = (route.ServerName ?? host).Trim('[', ']'),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = Protocols,
            ClientCertificateContext = client.Current?.Context,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = route.Trust.ServerPolicy(time.GetUtcNow()),
            // Every connection is proven anew, by the certificates that are in force.
            AllowTlsResume = false,
        };
        if (route.Trust.IsPinned)
        {
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                route.Trust.StillAccepts(certificate as X509Certificate2, time.GetUtcNow());
        }

        return options;
    }
}
