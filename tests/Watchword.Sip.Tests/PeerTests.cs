using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Watchword.Sip.Tests;

/// <summary>Only configured peers are served: by certificate on TLS, by address on UDP and TCP.</summary>
public sealed class PeerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SipRequest ThirdPartyRegister()
    {
        SipRequest request = SipRequest.Create(SipMethods.Register, Stacks.Psi, SipUri.Parse("sip:scscf@example.org"),
            Stacks.Alice);
        request.Headers.Add("P-Asserted-Identity", "<sip:scscf@example.org>");
        return request;
    }

    private static SipRequest Message() => SipRequest.CreateMessage(Stacks.Psi, Stacks.Alice, Stacks.Psi);

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public async Task An_address_that_is_not_listed_gets_403_and_is_counted(SipTransport transport)
    {
        int calls = 0;
        SipPeers peers = new([new SipPeer("elsewhere") { Networks = [IPNetwork.Parse("10.0.0.0/8")] }]);
        await using SipStack stack = await Stacks.StartAsync(
            Stacks.Options(transport, peers), (SipMethods.Register, Count), (SipMethods.Message, Count));
        using Counters counters = new(stack);
        await using SipStack sender = new(new SipStackOptions());

        (await sender.SendAsync(ThirdPartyRegister(), Stacks.To(stack, transport), Cancel)).StatusCode.ShouldBe(403);
        (await sender.SendAsync(Message(), Stacks.To(stack, transport), Cancel)).StatusCode.ShouldBe(403);
        (await sender.SendAsync(SipRequest.Create(SipMethods.Options, Stacks.Psi, Stacks.Alice, Stacks.Psi),
            Stacks.To(stack, transport), Cancel))
            .StatusCode.ShouldBe(403);
        calls.ShouldBe(0);
        counters["sip.server.refused stranger_pretends"].ShouldBe(1);
        counters["sip.server.refused stranger"].ShouldBe(2);
        counters["sip.server.requests"].ShouldBe(0);

        Task<SipResponse> Count(SipServerRequest request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            return Stacks.Ok(request, cancellationToken);
        }
    }

    [Theory]
    [InlineData("pinned", 200)]
    [InlineData("other", 403)]
    [InlineData("none", 403)]
    [InlineData("expired", 403)]
    public async Task On_tls_the_certificate_counts_and_the_address_does_not(string shown, int code)
    {
        using X509Certificate2 server = Stacks.Certificate("server");
        using X509Certificate2 pinned = Stacks.Certificate("core");
        using X509Certificate2 other = Stacks.Certificate("core");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        SipPeers peers = new([Stacks.Loopback with { CertificateSha256 = [Stacks.Fingerprint(pinned).ToUpperInvariant()] }]);
        SipStackOptions options = new()
        {
            Listeners = [new(SipTransport.Tls, new IPEndPoint(IPAddress.Loopback, 0))],
            Peers = peers,
            Tls = new() { ServerCertificate = () => Stacks.Context(server) },
            TimeProvider = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(shown == "expired" ? now.AddHours(2) : now),
        };
        await using SipStack stack = await Stacks.StartAsync(options, (SipMethods.Register, Stacks.Ok));
        X509Certificate2? certificate = shown switch { "other" => other, "none" => null, _ => pinned };
        await using SipStack sender = new(new SipStackOptions
        {
            Tls = new() { ClientCertificate = () => certificate is null ? null : Stacks.Context(certificate) },
        });
        SipResponse response = await sender.SendAsync(
            ThirdPartyRegister(), Stacks.To(stack,
                SipTransport.Tls) with { CertificateSha256 = Stacks.Fingerprint(server) }, Cancel);
        response.StatusCode.ShouldBe(code);
    }

    [Fact]
    public async Task A_certificate_can_be_refused_in_the_handshake()
    {
        using X509Certificate2 server = Stacks.Certificate("server");
        using X509Certificate2 client = Stacks.Certificate("client");
        await using SipStack stack = await Stacks.StartAsync(
            Stacks.Options(SipTransport.Tls,
                tls: new() { ServerCertificate = () => Stacks.Context(server), ClientCertificateCheck = _ => false }));
        await using SipStack sender = new(
            new SipStackOptions { Tls = new() { ClientCertificate = () => Stacks.Context(client) } });
        SipDestination destination = Stacks.To(stack, SipTransport.Tls) with { CertificateSha256 = Stacks.Fingerprint(server) };
        (await Should.ThrowAsync<SipSendException>(() => sender.SendAsync(Message(), destination,
            Cancel))).Fault.ShouldBe(SipSendFault.Transport);
    }

    [Fact]
    public async Task A_server_that_is_not_the_pinned_one_or_not_trusted_is_not_spoken_to()
    {
        using X509Certificate2 server = Stacks.Certificate("server");
        using X509Certificate2 other = Stacks.Certificate("server");
        await using SipStack stack = await Stacks.StartAsync(
            Stacks.Options(SipTransport.Tls,
                tls: new() { ServerCertificate = () => Stacks.Context(server) }), (SipMethods.Message, Stacks.Ok));
        await using SipStack sender = new(new SipStackOptions());
        SipDestination destination = Stacks.To(stack, SipTransport.Tls);
        foreach (SipDestination bad in new[] { destination, destination with { CertificateSha256 = Stacks.Fingerprint(other) } })
        {
            (await Should.ThrowAsync<SipSendException>(() => sender.SendAsync(Message(), bad,
                Cancel))).Fault.ShouldBe(SipSendFault.Transport);
        }

        await using SipStack own = new(new SipStackOptions
        {
            Tls = new() { ServerCertificateCheck = (_, certificate,
                _) => Stacks.Fingerprint(certificate) == Stacks.Fingerprint(server) },
        });
        (await own.SendAsync(Message(), destination, Cancel)).StatusCode.ShouldBe(403);
    }

    [Fact]
    public void Peers_are_found_and_faults_in_their_list_told()
    {
        SipPeer a = new("a") { Networks = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")] };
        SipPeer b = new("b") { Networks = [IPNetwork.Parse("10.1.0.0/16")], CertificateSha256 = [new string('a', 64)] };
        SipPeers peers = new([a, b]);
        peers.Find(IPAddress.Parse("10.1.2.3")).ShouldBe(a);
        peers.Find(IPAddress.Parse("::ffff:10.1.2.3")).ShouldBe(a);
        peers.Find(IPAddress.Parse("2001:db8::1")).ShouldBe(a);
        peers.Find(IPAddress.Parse("11.0.0.1")).ShouldBeNull();
        peers.Find(null, default).ShouldBeNull();
        Should.Throw<ArgumentException>(() => new SipPeers([a, a]));
        Should.Throw<ArgumentException>(() => new SipPeers([b, new SipPeer("c") { CertificateSha256 = [new string('A', 64)] }]));
        Should.Throw<ArgumentException>(() => new SipPeers([new SipPeer("c") { CertificateSha256 = ["ab"] }]));
    }
}
