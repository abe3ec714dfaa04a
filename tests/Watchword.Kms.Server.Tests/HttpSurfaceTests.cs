using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Watchword.KeyManagement;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

public sealed class HttpSurfaceTests : IClassFixture<TokenRefusalTests.SharedHost>
{
    private readonly KmsHost _host;

    public HttpSurfaceTests(TokenRefusalTests.SharedHost shared) => _host = shared.Host;

    [Theory]
    [InlineData("GET", "init")]
    [InlineData("PUT", "init")]
    [InlineData("DELETE", "keyprov")]
    [InlineData("GET", "keyprov/sip%3Aalice.ptt%40mc.test.example")]
    [InlineData("PATCH", "keyprov/sip%3Aalice.ptt%40mc.test.example/D6B4323200000000")]
    public async Task Anything_but_POST_is_405_with_Allow(string method, string path)
    {
        foreach (string? token in new[] { null, _host.Token() })
        {
            using HttpRequestMessage request = new(new HttpMethod(method), "/keymanagement/identity/v1/" + path);
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            using HttpResponseMessage response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
            response.Content.Headers.Allow.ShouldBe(["POST"]);
            KmsResponse.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Error!.ErrorCode
                .ShouldBe((int)KmsError.MethodNotAllowed);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/keymanagement/identity/v1")]
    [InlineData("/keymanagement/identity/v1/")]
    [InlineData("/keymanagement/identity/v1/unknown")]
    [InlineData("/keymanagement/identity/v1/certcache/")]
    [InlineData("/keymanagement/identity/v1/certupdatequery")]
    [InlineData("/keymanagement/identity/v1/init/x")]
    [InlineData("/keymanagement/identity/v1/init/")]
    [InlineData("/keymanagement/identity/v1/init?x=1")]
    [InlineData("/KEYMANAGEMENT/identity/v1/init")]
    [InlineData("/keymanagement/identity/v1/keyprov/")]
    [InlineData("/keymanagement/identity/v1/keyprov/a/b/c")]
    [InlineData("/keymanagement/identity/v1/keyprov/../init")]
    [InlineData("/keymanagement/identity/v1/%69nit")]
    public async Task Any_other_path_is_404_with_a_KmsError(string path)
    {
        using Answer answer = await _host.PostAsync(path, _host.Token());
        answer.Status.ShouldBeOneOf(HttpStatusCode.NotFound, HttpStatusCode.BadRequest);
        answer.Error.ShouldBeOneOf(KmsError.UnknownResource, KmsError.MalformedUri, KmsError.MalformedTime);
        answer.Document.ClientReqUrl.ShouldStartWith(_host.Address + "keymanagement/identity/v1");
        answer.Document.ClientReqUrl.ShouldNotContain("?");
        answer.Document.ClientReqUrl.ShouldNotContain("unknown");
    }

    [Theory]
    [InlineData("alice", KmsError.MalformedUri)]
    [InlineData("http%3A%2F%2Fx.example", KmsError.MalformedUri)]
    [InlineData("sip%3Aalice%zz", KmsError.MalformedUri)]
    [InlineData("sip%3Aal%FFice%40mc.test.example", KmsError.MalformedUri)]
    [InlineData("sip%3Aal%20ice%40mc.test.example", KmsError.MalformedUri)]
    [InlineData("sip%3Aalice.ptt%40mc.test.example/now", KmsError.MalformedTime)]
    [InlineData("sip%3Aalice.ptt%40mc.test.example/D6B43232", KmsError.MalformedTime)]
    [InlineData("sip%3Aalice.ptt%40mc.test.example/D6B432320000000G", KmsError.MalformedTime)]
    public async Task A_malformed_uri_or_time_is_400(string rest, KmsError error)
    {
        using Answer answer = await _host.PostAsync("/keymanagement/identity/v1/keyprov/" + rest, _host.Token());
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Error.ShouldBe(error);
    }

    [Theory]
    [InlineData(null, "application/xml; charset=utf-8")]
    [InlineData("*/*", "application/xml; charset=utf-8")]
    [InlineData("application/xml", "application/xml; charset=utf-8")]
    [InlineData("text/xml", "text/xml; charset=utf-8")]
    [InlineData("text/xml, application/xml;q=0.9", "text/xml; charset=utf-8")]
    [InlineData("text/xml;q=0.5, application/xml", "application/xml; charset=utf-8")]
    [InlineData("text/html, text/xml;q=0", "application/xml; charset=utf-8")]
    [InlineData("///", "application/xml; charset=utf-8")]
    public async Task The_media_type_follows_Accept(string? accept, string expected)
    {
        (string, string)[] headers = accept is null ? [] : [("Accept", accept)];
        using Answer answer = await _host.PostAsync(AnnexDPaths.Init, _host.Token(), headers: headers);
        answer.ContentType.ShouldBe(expected);
        using Answer refused = await _host.PostAsync(AnnexDPaths.Init, token: null, headers: headers);
        refused.ContentType.ShouldBe(expected);
    }

    [Fact]
    public async Task Every_answer_is_not_to_be_stored_and_has_a_correlation_id_of_its_own()
    {
        List<string> seen = [];
        foreach (string? token in new[] { _host.Token(), _host.Token(), null, "bad" })
        {
            using Answer answer = await _host.PostAsync(AnnexDPaths.Init, token, headers: ("X-Correlation-Id", "mine"));
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
            string id = answer.Headers.GetValues("X-Correlation-Id").Single();
            id.ShouldNotBe("mine");
            seen.ShouldNotContain(id);
            seen.Add(id);
        }
    }

    [Fact]
    public async Task The_server_is_alive_and_ready()
    {
        (await _host.Client.GetAsync("/health/live",
        TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _host.Client.GetAsync("/health/ready",
        TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable CS0618, SYSLIB0039, CA5397 // The point is that it does not work.
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore CS0618, SYSLIB0039, CA5397
    public async Task Only_TLS_1_2_and_1_3_are_spoken(SslProtocols protocol, bool works)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, _host.Address.Port, TestContext.Current.CancellationToken);
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(_host.Certificates.CaFile));
        await using SslStream tls = new(tcp.GetStream());
        Task handshake = tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocol,
            CertificateChainPolicy = trust },
            TestContext.Current.CancellationToken);
        if (works)
        {
            await handshake;
            tls.SslProtocol.ShouldBe(protocol);
        }
        else
        {
            await Should.ThrowAsync<Exception>(handshake);
        }
    }

    [Fact]
    public async Task A_requester_who_asks_too_often_is_told_when_to_come_back()
    {
        await using KmsHost host = await KmsHost.StartAsync(("Kms:RequestsPerMinute", "2"));
        for (int i = 0; i < 2; i++)
        {
            using Answer served = await host.PostAsync(AnnexDPaths.Init, host.Token());
            served.Status.ShouldBe(HttpStatusCode.OK);
        }

        using Answer refused = await host.PostAsync(AnnexDPaths.Init, host.Token());
        refused.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Error.ShouldBe(KmsError.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();

        using Answer other = await host.PostAsync(AnnexDPaths.Init, host.Token(("sub", "bob")));
        other.Status.ShouldBe(HttpStatusCode.OK);
    }
}
