using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Primitives;
using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Identity;
using Watchword.Kms.Server.Http;
using Watchword.Kms.Server.Tests.Support;

namespace Watchword.Kms.Server.Tests;

public sealed class AssertedIdentityTests(AssertedIdentityTests.SharedHost shared) : IClassFixture<AssertedIdentityTests.SharedHost>
{
    private const string Entity = "sip:mcx-server@mc.test.example";
    private const string SecondEntity = "sip:gms@mc.test.example";
    private const string OthersEntity = "sip:other@mc.test.example";
    private const string User = "sip:alice.ptt@mc.test.example";

    private readonly KmsHost _host = shared.Host;

    [Theory]
    [InlineData(Entity)]
    [InlineData(SecondEntity)]
    public async Task A_trusted_peer_gets_the_keys_of_the_entity_that_it_asserts_and_no_other(string entity)
    {
        using HttpClient client = shared.Client(shared.Peer);
        using Answer answer = await PostAsync(client, AnnexDPaths.KeyProv(), Quoted(entity));
        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe([entity]);
        answer.Document.UserUri.ShouldBe(entity);
        KmsCertificate certificate = await _host.CertificateAsync();
        answer.KeySets[0].TryValidate(certificate, out ValidatedKeySet? validated, out KeySetFault fault).ShouldBeTrue(fault.ToString());
        validated!.Dispose();
    }

    [Fact]
    public async Task The_entity_may_be_named_in_the_path_and_the_body_and_nobody_else()
    {
        using HttpClient client = shared.Client(shared.Peer);
        string path = AnnexDPaths.KeyProv(Entity);
        using Answer good = await PostAsync(client, path, Quoted(Entity), body: _host.Request(path, Entity));
        good.KeySets.Select(keySet => keySet.UserUri).ShouldBe([Entity]);

        using Answer otherPath = await PostAsync(client, AnnexDPaths.KeyProv(SecondEntity), Quoted(Entity));
        otherPath.Status.ShouldBe(HttpStatusCode.Forbidden);
        otherPath.Error.ShouldBe(KmsError.IdentityNotRequesters);

        using Answer otherBody = await PostAsync(client, path, Quoted(Entity), body: _host.Request(path, SecondEntity));
        otherBody.Status.ShouldBe(HttpStatusCode.Forbidden);
        otherBody.Error.ShouldBe(KmsError.UserUriNotRequesters);
    }

    [Fact]
    public async Task A_trusted_peer_gets_the_certificate_of_the_kms()
    {
        using HttpClient client = shared.Client(shared.Peer);
        using Answer answer = await PostAsync(client, AnnexDPaths.Init, Quoted(Entity));
        ((KmsInit)answer.Document.Message!).Certificate.KmsUri.ShouldBe(KmsHost.KmsUri);
    }

    [Fact]
    public async Task The_audit_log_names_the_peer_and_the_log_names_no_identity()
    {
        using HttpClient client = shared.Client(shared.Peer);
        using Answer answer = await PostAsync(client, AnnexDPaths.KeyProv(), Quoted(Entity));
        using Answer refused = await PostAsync(client, AnnexDPaths.KeyProv(), Quoted(OthersEntity));
        string correlationId = answer.Headers.GetValues("X-Correlation-Id").Single();
        AuditEntry[] entries = [.. (await _host.AuditAsync()).Select(record => record.Entry)
            .Where(entry => entry.CorrelationId == correlationId)];
        entries.Select(entry => entry.Kind).ShouldBe([AuditKind.Intent, AuditKind.Outcome]);
        entries.ShouldAllBe(entry =>
            entry.Issuer == "asserted:" + Thumbprint(shared.Peer) && entry.Subject == Entity
            && entry.KeySets.Single().UserUri == Entity);
        lock (_host.Log)
        {
            _host.Log.ShouldContain(line => line.Contains(" 2006 ", StringComparison.Ordinal));
            _host.Log.ShouldNotContain(line => line.Contains("mc.test.example", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(OthersEntity)]
    [InlineData(User)]
    [InlineData("sip:MCX-server@mc.test.example")]
    [InlineData("sip:mcx-server@MC.test.example")]
    [InlineData("sips:mcx-server@mc.test.example")]
    public async Task A_peer_may_not_assert_another_identity(string identity)
    {
        using HttpClient client = shared.Client(shared.Peer);
        await ShouldBeRefusedAsync(client, KmsError.AssertedIdentityNotAllowed, Quoted(identity));
    }

    [Fact]
    public async Task What_one_peer_may_assert_another_may_not()
    {
        using HttpClient other = shared.Client(shared.OtherPeer);
        using Answer own = await PostAsync(other, AnnexDPaths.KeyProv(), Quoted(OthersEntity));
        own.KeySets.Select(keySet => keySet.UserUri).ShouldBe([OthersEntity]);
        await ShouldBeRefusedAsync(other, KmsError.AssertedIdentityNotAllowed, Quoted(Entity));
        (await _host.AuditAsync()).Count(record => record.Entry.Kind == AuditKind.Denied
            && record.Entry.Result == (int)KmsError.AssertedIdentityNotAllowed
            && record.Entry.Issuer == "asserted:" + Thumbprint(shared.OtherPeer)).ShouldBe(3);
    }

    [Theory]
    [InlineData(Entity)]
    [InlineData("\"" + Entity)]
    [InlineData(Entity + "\"")]
    [InlineData("\"")]
    [InlineData("\"\"")]
    [InlineData("'" + Entity + "'")]
    [InlineData("<" + Entity + ">")]
    [InlineData("\" " + Entity + "\"")]
    [InlineData("\"" + Entity + "\";x")]
    [InlineData("\"" + Entity + "\",\"" + Entity + "\"")]
    [InlineData("\"" + Entity + "\", \"" + SecondEntity + "\"")]
    [InlineData("\"sip:mcx\\-server@mc.test.example\"")]
    [InlineData("\"mcx-server@mc.test.example\"")]
    [InlineData("\"https://mcx-server.mc.test.example\"")]
    public async Task Anything_but_one_quoted_identity_is_refused(string value)
    {
        using HttpClient client = shared.Client(shared.Peer);
        await ShouldBeRefusedAsync(client, KmsError.AssertedIdentityMalformed, value);
    }

    [Fact]
    public async Task The_header_twice_is_refused()
    {
        AssertedIdentityHeader.TryRead(new StringValues([$"\"{Entity}\"", $"\"{Entity}\""]), out _).ShouldBeFalse();
        string line = $"{AssertedIdentityHeader.Name}: \"{Entity}\"\r\n";
        (await RawAsync(line)).ShouldStartWith("HTTP/1.1 200 ");
        string answer = await RawAsync(line + line);
        answer.ShouldStartWith("HTTP/1.1 403 ");
        answer.ShouldContain(((int)KmsError.AssertedIdentityMalformed).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Neither_token_nor_identity_is_refused()
    {
        using HttpClient client = shared.Client(shared.Peer);
        await ShouldBeRefusedAsync(client, KmsError.AssertedIdentityMissing, header: null);
    }

    [Fact]
    public async Task Without_a_certificate_no_request_gets_through()
    {
        using HttpClient client = shared.Client(null);
        await Should.ThrowAsync<HttpRequestException>(PostAsync(client, AnnexDPaths.KeyProv(), Quoted(Entity)));
        await Should.ThrowAsync<HttpRequestException>(PostAsync(client, AnnexDPaths.KeyProv(), null, _host.Token()));
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("issued by the server's own certificate authority")]
    [InlineData("pinned but expired")]
    [InlineData("pinned but not valid yet")]
    public async Task With_another_certificate_no_request_gets_through(string kind)
    {
        using X509Certificate2 unknown = TestCertificates.CreateClientCertificate(
            KmsHost.StartOfPeriod().AddDays(-1), KmsHost.StartOfPeriod().AddDays(1));
        using X509Certificate2 server = X509Certificate2.CreateFromPemFile(
            _host.Certificates.CertificateFile, _host.Certificates.KeyFile);
        using HttpClient client = shared.Client(kind switch
        {
            "unknown" => unknown,
            "pinned but expired" => shared.Expired,
            "pinned but not valid yet" => shared.NotYetValid,
            _ => server,
        });
        await Should.ThrowAsync<HttpRequestException>(PostAsync(client, AnnexDPaths.KeyProv(), Quoted(Entity)));
        await Should.ThrowAsync<HttpRequestException>(PostAsync(client, AnnexDPaths.KeyProv(), null, _host.Token()));
    }

    [Fact]
    public async Task A_certificate_that_expires_during_the_connection_authenticates_nobody_any_more()
    {
        DateTimeOffset start = KmsHost.StartOfPeriod();
        using X509Certificate2 certificate = TestCertificates.CreateClientCertificate(start.AddDays(-1), start.AddMinutes(5));
        await using KmsHost host = await KmsHost.StartAsync(
            [("Kms:AssertedIdentity:Listen:0", "https://127.0.0.1:0"), .. SharedHost.PeerSettings(0, certificate, Entity)]);
        using HttpClient client = host.Certificates.CreateClient(host.AssertedAddress!, certificate);
        using (Answer before = await PostAsync(client, AnnexDPaths.KeyProv(), Quoted(Entity)))
        {
            before.Status.ShouldBe(HttpStatusCode.OK);
        }

        host.Time.Advance(TimeSpan.FromMinutes(6));
        await ShouldBeRefusedAsync(client, KmsError.PeerNotTrusted, Quoted(Entity));
    }

    [Fact]
    public async Task On_the_ordinary_listener_the_header_is_nothing()
    {
        // The peer's certificate changes nothing: nobody asks for it there.
        using HttpClient peer = _host.Certificates.CreateClient(_host.Address, shared.Peer);
        foreach (HttpClient client in new[] { _host.Client, peer })
        {
            using Answer without = await PostAsync(client, AnnexDPaths.KeyProv(), Quoted(Entity));
            without.Status.ShouldBe(HttpStatusCode.Forbidden);
            without.Error.ShouldBe(KmsError.NoToken);
            without.Document.Message.ShouldBeNull();

            using Answer with = await PostAsync(client, AnnexDPaths.KeyProv(), Quoted(Entity), UserToken());
            with.KeySets.Select(keySet => keySet.UserUri).ShouldBe([User]);
        }
    }

    [Fact]
    public async Task On_the_listener_of_the_peers_a_token_decides_as_everywhere()
    {
        using HttpClient client = shared.Client(shared.Peer);
        foreach (string? header in new[] { null, Quoted(Entity), Quoted(OthersEntity), "malformed" })
        {
            using Answer answer = await PostAsync(client, AnnexDPaths.KeyProv(), header, UserToken());
            answer.KeySets.Select(keySet => keySet.UserUri).ShouldBe([User]);

            using Answer entity = await PostAsync(client, AnnexDPaths.KeyProv(Entity), header, UserToken());
            entity.Error.ShouldBe(KmsError.IdentityNotRequesters);
        }
    }

    [Fact]
    public async Task A_bad_credential_does_not_fall_back_to_the_header()
    {
        using HttpClient client = shared.Client(shared.Peer);
        using Answer expired = await PostAsync(
            client, AnnexDPaths.KeyProv(), Quoted(Entity), _host.Token(("exp", _host.Time.GetUtcNow().AddHours(-1).ToUnixTimeSeconds())));
        expired.Status.ShouldBe(HttpStatusCode.Unauthorized);
        expired.Error.ShouldBe(KmsError.InvalidToken);

        using Answer basic = await KmsHost.SendAsync(
            client, AnnexDPaths.KeyProv(), token: null,
            headers: [("Authorization", "Basic YTpi"), (AssertedIdentityHeader.Name, Quoted(Entity))]);
        basic.Status.ShouldBe(HttpStatusCode.Forbidden);
        basic.Error.ShouldBe(KmsError.NoToken);
    }

    [Fact]
    public async Task The_limit_of_requests_holds_for_each_asserted_entity()
    {
        await using KmsHost host = await KmsHost.StartAsync(
            [("Kms:AssertedIdentity:Listen:0", "https://127.0.0.1:0"), ("Kms:RequestsPerMinute", "1"),
            .. SharedHost.PeerSettings(0, shared.Peer, Entity, SecondEntity)]);
        using HttpClient client = host.Certificates.CreateClient(host.AssertedAddress!, shared.Peer);
        using Answer first = await PostAsync(client, AnnexDPaths.Init, Quoted(Entity));
        using Answer second = await PostAsync(client, AnnexDPaths.Init, Quoted(Entity));
        using Answer other = await PostAsync(client, AnnexDPaths.Init, Quoted(SecondEntity));
        (first.Status, second.Error, other.Status).ShouldBe((HttpStatusCode.OK, KmsError.TooManyRequests, HttpStatusCode.OK));
    }

    private static string Quoted(string identity) => $"\"{identity}\"";

    private static string Thumbprint(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256));

    private string UserToken() => _host.Token(("mcvideo_id", null), ("mcdata_id", null));

    private static Task<Answer> PostAsync(
        HttpClient client, string path, string? header, string? token = null, byte[]? body = null) =>
        KmsHost.SendAsync(client, path, token, body, headers: header is null ? [] : [(AssertedIdentityHeader.Name, header)]);

    private static async Task ShouldBeRefusedAsync(HttpClient client, KmsError fault, string? header)
    {
        foreach (string path in new[] { AnnexDPaths.Init, AnnexDPaths.KeyProv(), AnnexDPaths.KeyProv(Entity) })
        {
            using Answer answer = await PostAsync(client, path, header);
            answer.Status.ShouldBe(HttpStatusCode.Forbidden);
            ((int)answer.Error).ShouldBe((int)fault);
            answer.Document.Message.ShouldBeNull();
            answer.Document.UserUri.ShouldBe("sip:anonymous@anonymous.invalid");
            answer.Document.Error!.ErrorMsg.ShouldContain(answer.Headers.GetValues("X-Correlation-Id").Single());
        }
    }

    /// <summary>A request as octets, since a client of .NET joins header lines of one name.</summary>
    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "The server is our own.")]
    private async Task<string> RawAsync(string headers)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, _host.AssertedAddress!.Port, TestContext.Current.CancellationToken);
        await using SslStream tls = new(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                LocalCertificateSelectionCallback = (_, _, _, _, _) => shared.Peer,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
            TestContext.Current.CancellationToken);
        string request = $"POST {AnnexDPaths.KeyProv()} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n";
        await tls.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using StreamReader reader = new(tls, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public sealed class SharedHost : IAsyncLifetime
    {
        private static readonly DateTimeOffset _start = KmsHost.StartOfPeriod();

        internal X509Certificate2 Peer { get; } = Certificate(-1, 1);

        internal X509Certificate2 OtherPeer { get; } = Certificate(-1, 1);

        internal X509Certificate2 Expired { get; } = Certificate(-2, -1);

        internal X509Certificate2 NotYetValid { get; } = Certificate(1, 2);

        internal KmsHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await KmsHost.StartAsync(
            [("Kms:AssertedIdentity:Listen:0", "https://127.0.0.1:0"),
            .. PeerSettings(0, Peer, Entity, SecondEntity),
            .. PeerSettings(1, OtherPeer, OthersEntity),
            .. PeerSettings(2, Expired, Entity),
            .. PeerSettings(3, NotYetValid, Entity)]);

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            Peer.Dispose();
            OtherPeer.Dispose();
            Expired.Dispose();
            NotYetValid.Dispose();
        }

        internal static IEnumerable<(string Key, string? Value)> PeerSettings(
            int index, X509Certificate2 certificate, params string[] uris)
        {
            string section = $"Kms:AssertedIdentity:Peers:{index}:";
            yield return (section + "Thumbprint", Thumbprint(certificate));
            for (int i = 0; i < uris.Length; i++)
            {
                yield return ($"{section}EntityUris:{i}", uris[i]);
            }
        }

        internal HttpClient Client(X509Certificate2? certificate) =>
            Host.Certificates.CreateClient(Host.AssertedAddress!, certificate);

        private static X509Certificate2 Certificate(int fromDay, int toDay) =>
            TestCertificates.CreateClientCertificate(_start.AddDays(fromDay), _start.AddDays(toDay));
    }
}
