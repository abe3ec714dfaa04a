using System.Net;
using Watchword.Sip;

namespace Watchword.ResourceServers.Tests.Mcx.Support;

/// <summary>A SIP core that takes messages for users.</summary>
internal sealed class TestCore : IAsyncDisposable
{
    private readonly SipStack _stack;

    private TestCore(SipStack stack) => _stack = stack;

    public int Status { get; set; } = 200;

    public List<SipRequest> Received { get; } = [];

    public SipDestination Destination => new(SipTransport.Tcp, "127.0.0.1", _stack.Listeners[0].EndPoint.Port);

    public static async Task<TestCore> StartAsync()
    {
        SipStack stack = new(new SipStackOptions
        {
            Listeners = [new SipListener(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, 0))],
            Peers = new SipPeers([new SipPeer("mcx") { Networks = [IPNetwork.Parse("127.0.0.1/32")] }]),
        });
        TestCore core = new(stack);
        foreach (string method in (string[])[SipMethods.Message, SipMethods.Notify])
        {
            stack.Map(method, (request, _) =>
            {
                lock (core.Received)
                {
                    core.Received.Add(request.Request);
                }

                return Task.FromResult(request.CreateResponse(core.Status));
            });
        }

        await stack.StartAsync();
        return core;
    }

    public ValueTask DisposeAsync() => _stack.DisposeAsync();
}
