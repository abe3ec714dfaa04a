using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Watchword.Idm.Server.Tests.Support;

namespace Watchword.Idm.Server.Tests;

public sealed class TlsTests(SharedHost shared)
{
    [Theory]
    [InlineData(true, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)]
    [InlineData(false, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256)]
    public async Task Only_suites_with_authenticated_encryption_are_taken(bool taken, TlsCipherSuite ecdsa, TlsCipherSuite rsa)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Cipher suites can be chosen on Linux.");
        Uri issuer = new(shared.Host.Issuer);
        using TcpClient tcp = new();
        await tcp.ConnectAsync("127.0.0.1", issuer.Port, TestContext.Current.CancellationToken);
        await using SslStream tls = new(tcp.GetStream());
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "localhost",
#pragma warning disable CA5359, CA5398, CA1416 // What is offered is the matter of this test, not who answers.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            EnabledSslProtocols = SslProtocols.Tls12,
            CipherSuitesPolicy = new CipherSuitesPolicy([ecdsa, rsa]),
#pragma warning restore CA5359, CA5398, CA1416
        };
        Task handshake = tls.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
        if (taken)
        {
            await handshake;
        }
        else
        {
            await Should.ThrowAsync<AuthenticationException>(() => handshake);
        }
    }
}
