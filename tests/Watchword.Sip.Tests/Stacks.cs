using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip.Tests;

/// <summary>Stacks on loopback for tests.</summary>
internal static class Stacks
{
    public static readonly SipUri Psi = SipUri.Parse("sip:mcptt@example.org");
    public static readonly SipUri Alice = SipUri.Parse("sip:alice@example.org");

    public static SipPeer Loopback { get; } = new("core") { Networks = [IPNetwork.Parse("127.0.0.0/8")] };

    public static SipStackOptions Options(SipTransport transport, SipPeers? peers = null, SipTlsOptions? tls = null) => new()
    {
        Listeners = [new(transport, new IPEndPoint(IPAddress.Loopback, 0))],
        Peers = peers ?? new([Loopback]),
        Tls = tls,
    };

    public static async Task<SipStack> StartAsync(SipStackOptions options,
        params (string Method, SipRequestHandler Handler)[] handlers)
    {
        SipStack stack = new(options);
        foreach ((string method, SipRequestHandler handler) in handlers)
        {
            stack.Map(method, handler);
        }

        await stack.StartAsync(TestContext.Current.CancellationToken);
        return stack;
    }

    public static SipDestination To(SipStack stack, SipTransport transport) =>
        new(transport, "127.0.0.1", stack.Listeners.First(l => l.Transport == transport).EndPoint.Port);

    public static Task<SipResponse> Ok(SipServerRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(request.CreateResponse(200));

    public static X509Certificate2 Certificate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public static SslStreamCertificateContext Context(X509Certificate2 certificate) =>
        SslStreamCertificateContext.Create(certificate, null, offline: true);

    public static string Fingerprint(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));
}
