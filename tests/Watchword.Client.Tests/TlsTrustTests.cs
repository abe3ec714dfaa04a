using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Watchword.Client.Tests.Support;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class TlsTrustTests : IDisposable
{
    private readonly TestProfile _profile = new();
    private readonly X509Certificate2 _ca = MakeCa("Test CA");
    private readonly X509Certificate2 _otherCa = MakeCa("Other CA");

    public void Dispose()
    {
        _ca.Dispose();
        _otherCa.Dispose();
        _profile.Dispose();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_server_of_the_given_CA_is_trusted(SslProtocols protocol) =>
        (await GetAsync(_ca, Issue(_ca, "localhost"), protocol)).ShouldBe("hello");

    [Fact]
    public async Task A_server_of_another_CA_is_not_trusted() =>
        (await FaultAsync(_ca, Issue(_otherCa, "localhost"))).ShouldBe(ClientFault.TlsNotTrusted);

    [Fact]
    public async Task A_server_with_another_name_is_not_trusted() =>
        (await FaultAsync(_ca, Issue(_ca, "elsewhere.test"))).ShouldBe(ClientFault.TlsNotTrusted);

    [Fact]
    public async Task A_certificate_that_has_ended_is_not_trusted() =>
        (await FaultAsync(_ca, Issue(_ca, "localhost", ended: true))).ShouldBe(ClientFault.TlsNotTrusted);

    [Fact]
    public async Task A_certificate_for_clients_is_not_trusted() =>
        (await FaultAsync(_ca, Issue(_ca, "localhost", usage: "1.3.6.1.5.5.7.3.2"))).ShouldBe(ClientFault.TlsNotTrusted);

    [Fact]
    public async Task A_private_CA_is_unknown_to_the_operating_system()
    {
        using TlsTrust trust = TlsTrust.OfOperatingSystem();
        (await FaultAsync(trust, Issue(_ca, "localhost"))).ShouldBe(ClientFault.TlsNotTrusted);
    }

    [Fact]
    public void A_CA_file_without_certificates_is_refused()
    {
        string path = Path.Combine(_profile.Directory, "ca.pem");
        ShouldFail(ClientFault.CaFileUnusable, () => TlsTrust.FromCaFile(path));
        foreach (string content in new[] { "", "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", _ca.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() })
        {
            File.WriteAllText(path, content);
            ShouldFail(ClientFault.CaFileUnusable, () => TlsTrust.FromCaFile(path));
        }
    }

    [Fact]
    public void The_handler_follows_no_redirect_and_keeps_no_cookie()
    {
        using TlsTrust trust = TlsTrust.FromCaPem(_ca.ExportCertificatePem());
        using SocketsHttpHandler handler = trust.CreateHandler();

        handler.AllowAutoRedirect.ShouldBeFalse();
        handler.UseCookies.ShouldBeFalse();
        handler.SslOptions.RemoteCertificateValidationCallback.ShouldBeNull();
        handler.SslOptions.EnabledSslProtocols.ShouldBe(SslProtocols.Tls12 | SslProtocols.Tls13);
    }

    private async Task<ClientFault> FaultAsync(X509Certificate2 ca, X509Certificate2 server)
    {
        using TlsTrust trust = TlsTrust.FromCaPem(ca.ExportCertificatePem());
        return await FaultAsync(trust, server);
    }

    private static async Task<ClientFault> FaultAsync(TlsTrust trust, X509Certificate2 server)
    {
        HttpRequestException e = await Should.ThrowAsync<HttpRequestException>(() => GetAsync(trust, server, SslProtocols.None));
        return HttpFaults.Map(e, new Uri("https://localhost")).Fault;
    }

    private static async Task<string> GetAsync(X509Certificate2 ca, X509Certificate2 server, SslProtocols protocol)
    {
        using TlsTrust trust = TlsTrust.FromCaPem(ca.ExportCertificatePem());
        return await GetAsync(trust, server, protocol);
    }

    private static async Task<string> GetAsync(TlsTrust trust, X509Certificate2 server, SslProtocols protocol)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, server, protocol);
        using SocketsHttpHandler handler = trust.CreateHandler();
        handler.UseProxy = false;
        using HttpClient http = new(handler);
        try
        {
            return await http.GetStringAsync($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/", TestContext.Current.CancellationToken);
        }
        finally
        {
            await serving;
            server.Dispose();
        }
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate, SslProtocols protocol)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        try
        {
            await using SslStream tls = new(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = protocol });
            byte[] buffer = new byte[4096];
            _ = await tls.ReadAsync(buffer);
            await tls.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"));
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // The client refused the certificate: what these tests are about.
        }
    }

    private static X509Certificate2 MakeCa(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static X509Certificate2 Issue(X509Certificate2 ca, string host, bool ended = false, string usage = "1.3.6.1.5.5.7.3.1")
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        DateTimeOffset end = new(ended ? 2001 : 2090, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using X509Certificate2 bare = request.Create(ca, DateTimeOffset.UnixEpoch.AddDays(1), end, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 withKey = bare.CopyWithPrivateKey(key);
        // A certificate with an ephemeral key cannot serve TLS everywhere: through PKCS #12 it can.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
