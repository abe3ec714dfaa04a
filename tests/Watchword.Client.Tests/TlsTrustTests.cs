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

    [Fact]
    public async Task Through_the_home_proxy_its_name_is_checked_and_the_host_of_the_server_stays()
    {
        (string answer, string request) = await ThroughProxyAsync(Issue(_ca, "localhost"));
        answer.ShouldBe("hello");
        request.ShouldStartWith("GET /keymanagement/identity/v1/init HTTP/1.1\r\n");
        request.ShouldContain("\r\nHost: kms.home.test:7401\r\n");
    }

    [Fact]
    public async Task A_proxy_with_the_name_of_the_server_or_of_another_CA_is_not_trusted()
    {
        foreach (X509Certificate2 wrong in new[] { Issue(_ca, "kms.home.test"), Issue(_otherCa, "localhost") })
        {
            HttpRequestException e = await Should.ThrowAsync<HttpRequestException>(() => ThroughProxyAsync(wrong));
            HttpFaults.Map(e, new Uri("https://localhost")).Fault.ShouldBe(ClientFault.TlsNotTrusted);
        }
    }

    [Fact]
    public async Task A_proxy_that_wants_a_certificate_is_shown_the_one_of_the_options()
    {
        using X509Certificate2 own = Issue(_ca, "ue-1", usage: "1.3.6.1.5.5.7.3.2");
        string? shown = null;
        (string answer, _) = await ThroughProxyAsync(Issue(_ca, "localhost"), own, thumbprint => shown = thumbprint);
        answer.ShouldBe("hello");
        shown.ShouldBe(own.Thumbprint);
    }

    [Theory]
    [InlineData("http://proxy.home.test")]
    [InlineData("https://proxy.home.test/path")]
    [InlineData("proxy.home.test:443")]
    public void The_url_of_a_proxy_is_https_without_path(string url)
    {
        using TlsTrust trust = TlsTrust.OfOperatingSystem();
        ShouldFail(ClientFault.UrlNotHttps, () => trust.CreateHandler(new HomeHttpProxy { Url = url }));
    }

    private async Task<(string Answer, string Request)> ThroughProxyAsync(
        X509Certificate2 server, X509Certificate2? own = null, Action<string?>? shown = null)
    {
        using TlsTrust trust = TlsTrust.FromCaPem(_ca.ExportCertificatePem());
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<string> serving = ServeAsync(listener, server, SslProtocols.None, shown);
        using SocketsHttpHandler handler = trust.CreateHandler(new HomeHttpProxy
        {
            Url = $"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}", ClientCertificate = own,
        });
        using HttpClient http = new(handler);
        try
        {
            string answer = await http.GetStringAsync(
                "https://kms.home.test:7401/keymanagement/identity/v1/init", TestContext.Current.CancellationToken);
            return (answer, await serving);
        }
        finally
        {
            await serving;
            server.Dispose();
        }
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

    /// <returns>What was asked; empty if there was no request.</returns>
    private static async Task<string> ServeAsync(
        TcpListener listener, X509Certificate2 certificate, SslProtocols protocol, Action<string?>? shown = null)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        try
        {
            await using SslStream tls = new(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                EnabledSslProtocols = protocol,
                ClientCertificateRequired = shown is not null,
#pragma warning disable CA5359 // Which certificate is shown is the matter of the test, not who trusts it.
                RemoteCertificateValidationCallback = (_, own, _, _) =>
                {
                    shown?.Invoke(own?.GetCertHashString());
                    return true;
                },
#pragma warning restore CA5359
            });
            byte[] buffer = new byte[4096];
            int read = await tls.ReadAsync(buffer);
            await tls.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"));
            return Encoding.ASCII.GetString(buffer, 0, read);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // The client refused the certificate: what these tests are about.
            return string.Empty;
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
