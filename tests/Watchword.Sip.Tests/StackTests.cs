using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Watchword.Sip.Tests;

public sealed class StackTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    [InlineData(SipTransport.Tls)]
    public async Task A_request_travels_and_its_response_comes_back(SipTransport transport)
    {
        using X509Certificate2 server = Stacks.Certificate("server");
        using X509Certificate2 client = Stacks.Certificate("client");
        SipPeers peers = new([Stacks.Loopback with { CertificateSha256 = [Stacks.Fingerprint(client)] }]);
        SipServerRequest? seen = null;
        await using SipStack stack = await Stacks.StartAsync(
            Stacks.Options(transport, peers, new() { ServerCertificate = () => Stacks.Context(server) }),
            (SipMethods.Message, (request, _) =>
            {
                seen = request;
                SipResponse response = request.CreateResponse(200);
                SipBody.Write(response, SipBodyPart.Create("text/plain", Encoding.UTF8.GetBytes("answer")));
                return Task.FromResult(response);
            }));
        await using SipStack sender = new(
            new SipStackOptions { Tls = new() { ClientCertificate = () => Stacks.Context(client) } });

        for (int i = 0; i < 3; i++)
        {
            SipRequest request = SipRequest.CreateMessage(Stacks.Psi, Stacks.Alice, Stacks.Psi);
            SipBody.Write(request, SipBodyPart.Create("text/plain", Encoding.UTF8.GetBytes("question")));
            SipResponse response = await sender.SendAsync(
                request, Stacks.To(stack, transport) with { CertificateSha256 = Stacks.Fingerprint(server) }, Cancel);

            response.StatusCode.ShouldBe(200);
            response.Headers.To!.Tag.ShouldNotBeNull();
            Encoding.UTF8.GetString(SipBody.Read(response)[0].Content.Span).ShouldBe("answer");
            seen!.Peer.Name.ShouldBe("core");
            seen.Transport.ShouldBe(transport);
            Encoding.UTF8.GetString(SipBody.Read(seen.Request)[0].Content.Span).ShouldBe("question");
        }
    }
}
