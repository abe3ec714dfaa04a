using System.Net;
using Watchword.Sip;

namespace Watchword.Lab;

/// <summary>
/// What stands in for a SIP core in the lab: it takes PUBLISH of UEs, puts the identity that they prefer in the place of one that it has
/// authenticated, and hands them to the MCX server. A real core knows who registered; this one, on loopback, believes it.
/// </summary>
internal sealed class LabSipCore : IAsyncDisposable
{
    private const string Loopback = "127.0.0.1";

    /// <summary>What goes through as it is.</summary>
    private static readonly string[] Carried =
    [
        SipHeaderNames.Event, SipHeaderNames.Expires, SipHeaderNames.SipIfMatch, SipHeaderNames.PPreferredService, SipHeaderNames.AcceptContact,
        SipHeaderNames.ContentType,
    ];

    /// <summary>What an answer brings back.</summary>
    private static readonly string[] Returned =
    [
        SipHeaderNames.SipETag, SipHeaderNames.Expires, SipHeaderNames.Warning, SipHeaderNames.RetryAfter, SipHeaderNames.MinExpires,
        SipHeaderNames.ContentType,
    ];

    private readonly SipStack _stack;
    private readonly SipDestination _mcx;

    private LabSipCore(LabPorts ports, TimeProvider time)
    {
        Address = new SipDestination(SipTransport.Tcp, Loopback, ports.SipCore);
        _mcx = new SipDestination(SipTransport.Tcp, Loopback, ports.McxSip);
        _stack = new SipStack(new SipStackOptions
        {
            Listeners = [new SipListener(SipTransport.Tcp, new IPEndPoint(IPAddress.Loopback, ports.SipCore))],
            Peers = new SipPeers([new SipPeer("lab") { Networks = [IPNetwork.Parse(Loopback + "/32")] }]),
            TimeProvider = time,
        });
        _stack.Map(SipMethods.Publish, (request, cancellation) => ForwardAsync(request, cancellation));
    }

    /// <summary>Where UEs send to.</summary>
    public SipDestination Address { get; }

    public static async Task<LabSipCore> StartAsync(LabPorts ports, TimeProvider time, CancellationToken cancellation)
    {
        LabSipCore core = new(ports, time);
        try
        {
            await core._stack.StartAsync(cancellation);
            return core;
        }
        catch
        {
            await core.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends as a UE of the lab does, over TCP to this core.</summary>
    public Task<SipResponse> SendAsync(SipRequest request, CancellationToken cancellation) =>
        _stack.SendAsync(request, Address, cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private async Task<SipResponse> ForwardAsync(SipServerRequest received, CancellationToken cancellation)
    {
        SipRequest request = received.Request;
        if (request.Headers.PreferredIdentity is not [{ } identity] || request.Headers.From is not { } from || request.Headers.To is not { } to)
        {
            return received.CreateResponse(403);
        }

        SipRequest forwarded = SipRequest.Create(request.Method, request.RequestUri, from.Uri, to.Uri);
        forwarded.Headers.Add(SipHeaderNames.PAssertedIdentity, $"<{identity.Uri}>");
        Copy(request, forwarded, Carried);
        SipResponse answer = await _stack.SendAsync(forwarded, _mcx, cancellation);
        SipResponse response = received.CreateResponse(answer.StatusCode);
        Copy(answer, response, Returned);
        return response;
    }

    private static void Copy(SipMessage from, SipMessage to, string[] names)
    {
        foreach (string name in names)
        {
            if (from.Headers[name] is { } value)
            {
                to.Headers.Add(name, value);
            }
        }

        to.Body = from.Body;
    }
}
