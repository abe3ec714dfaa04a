using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Watchword.Client;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>
/// The UE as a SIP user agent: everything goes to one outbound proxy, the edge of the SIP core, and requests are taken from there and
/// from nobody else. The owner disposes it.
/// </summary>
internal sealed class UeSipAgent : IAsyncDisposable
{
    private const string MikeyMediaType = "application/mikey";

    private readonly SipStack _stack;
    private readonly SipDestination _proxy;
    private readonly Lock _lock = new();
    private readonly List<DocumentSubscriptionClient> _subscriptions = [];
    private readonly Func<ReadOnlyMemory<byte>, bool> _takeKey;
    private SipSendException? _silent;

    private UeSipAgent(SipStackOptions options, SipDestination proxy, Func<ReadOnlyMemory<byte>, bool> takeKey)
    {
        _proxy = proxy;
        _takeKey = takeKey;
        _stack = new SipStack(options);
        _stack.Map(SipMethods.Notify, (request, _) => Task.FromResult(Notify(request)));
        _stack.Map(SipMethods.Message, (request, _) => Task.FromResult(Message(request)));
    }

    /// <summary>Whether the SIP core did not answer; then nothing more is sent.</summary>
    public bool IsSilent => _silent is not null;

    /// <summary>Starts to listen.</summary>
    /// <param name="core">Where the core is.</param>
    /// <param name="certificate">The UE's own certificate, for TLS; the caller disposes it after the agent.</param>
    /// <param name="takeKey">Takes a key that came in a MESSAGE; false if it is not good.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="CliException">The core's name is not known, or its own end point cannot be had.</exception>
    public static async Task<UeSipAgent> StartAsync(
        UeSipCore core, X509Certificate2? certificate, Func<ReadOnlyMemory<byte>, bool> takeKey, CancellationToken cancellation)
    {
        (string host, int port) = UeSipOptions.ReadHostAndPort(core.Proxy, "--sip-proxy");
        SipDestination proxy = new(core.Transport, host, port) { CertificateSha256 = core.CertificateSha256 };
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address)
                ? [address]
                : await Dns.GetHostAddressesAsync(host, cancellation);
            IPEndPoint local = core.Listen is { } listen
                ? UeSipOptions.ReadEndPoint(listen)
                : new IPEndPoint(Toward(addresses[0], port), 0);
            UeSipAgent agent = new(Options(core, certificate, addresses, local), proxy, takeKey);
            try
            {
                await agent._stack.StartAsync(cancellation);
                return agent;
            }
            catch
            {
                await agent.DisposeAsync();
                throw;
            }
        }
        catch (SocketException fault)
        {
            throw new CliException(ExitCode.Unreachable, "the way to the SIP core cannot be opened", fault)
            {
                Cause = string.Create(CultureInfo.InvariantCulture, $"{core.Proxy}, {fault.SocketErrorCode}"),
                Clause = "RFC 3261 §18",
                Hint = "check --sip-proxy and --sip-listen",
            };
        }
    }

    /// <summary>Where the UE is reached.</summary>
    /// <param name="identity">The public user identity, of which the user part is taken.</param>
    public string ContactOf(string identity)
    {
        SipListener listener = _stack.Listeners[0];
        IPAddress address = listener.EndPoint.Address;
        string host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        string user = SipUri.Parse(identity).User is { } name ? name + "@" : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"sip:{user}{host}:{listener.EndPoint.Port};transport={listener.Transport.ToString().ToLowerInvariant()}");
    }

    /// <summary>
    /// Sends a request into the core. After a request that got no answer nothing is sent any more: it would get none either.
    /// </summary>
    /// <exception cref="SipSendException">No final response came, to this request or to one before.</exception>
    public async Task<SipResponse> SendAsync(SipRequest request, CancellationToken cancellation)
    {
        if (_silent is { } fault)
        {
            throw fault;
        }

        try
        {
            return await _stack.SendAsync(request, _proxy, cancellation);
        }
        catch (SipSendException e)
        {
            _silent = e;
            throw;
        }
    }

    /// <summary>Gives notifications to a subscription from now on.</summary>
    public void Add(DocumentSubscriptionClient subscription)
    {
        lock (_lock)
        {
            _subscriptions.Add(subscription);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private static SipStackOptions Options(
        UeSipCore core, X509Certificate2? certificate, IPAddress[] addresses, IPEndPoint local)
    {
        SslStreamCertificateContext? shown = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null);
        return new SipStackOptions
        {
            Listeners = [new SipListener(core.Transport, local)],
            Peers = new SipPeers([new SipPeer("core")
            {
                Networks = core.Transport == SipTransport.Tls
                    ? []
                    : [.. addresses.Select(address => new IPNetwork(address, address.GetAddressBytes().Length * 8))],
                CertificateSha256 = core.CertificateSha256 is { } pinned ? [pinned] : [],
            }]),
            Tls = shown is null ? null : new SipTlsOptions { ServerCertificate = () => shown, ClientCertificate = () => shown },
            DropStrangersOnUdp = true,
        };
    }

    /// <summary>The own address from which the system would send there; nothing is sent to find it.</summary>
    private static IPAddress Toward(IPAddress remote, int port)
    {
        using Socket probe = new(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(remote, port);
        return ((IPEndPoint)probe.LocalEndPoint!).Address;
    }

    private SipResponse Notify(SipServerRequest received)
    {
        DocumentSubscriptionClient[] subscriptions;
        lock (_lock)
        {
            subscriptions = [.. _subscriptions];
        }

        foreach (DocumentSubscriptionClient subscription in subscriptions)
        {
            if (subscription.TryTake(received.Request, out SipResponse? response))
            {
                return response;
            }
        }

        return received.CreateResponse(481);
    }

    /// <summary>A key that a server sends by itself (TS 33.180 5.7, 5.8); 488 lets it know that the key was not taken.</summary>
    private SipResponse Message(SipServerRequest received)
    {
        if (!SipBody.TryRead(received.Request, out IReadOnlyList<SipBodyPart> parts))
        {
            return received.CreateResponse(400);
        }

        SipBodyPart[] keys = [.. parts.Where(part => part.ContentType.Is(MikeyMediaType))];
        return received.CreateResponse(keys.Length == 0 ? 415 : keys.All(key => _takeKey(key.Content)) ? 200 : 488);
    }
}
