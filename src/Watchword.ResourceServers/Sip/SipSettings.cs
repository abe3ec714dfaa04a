using System.Net;
using Watchword.Hosting;
using Watchword.Sip;

namespace Watchword.ResourceServers.Sip;

/// <summary>Where and with whom this process speaks SIP, checked. Immutable.</summary>
/// <param name="Listeners">Where it listens.</param>
/// <param name="Peers">Who may send requests.</param>
/// <param name="Core">Where requests to users go; null if none is named.</param>
/// <param name="Host">The host of Via and Contact; null for the address that a request leaves from.</param>
/// <param name="DropStrangersOnUdp">Whether strangers on UDP get no answer.</param>
internal sealed record SipSettings(
    IReadOnlyList<SipListener> Listeners, SipPeers Peers, SipDestination? Core, string? Host, bool DropStrangersOnUdp)
{
    private const int DefaultPort = 5060;
    private const int DefaultTlsPort = 5061;

    /// <summary>Checks the section; every fault is named.</summary>
    public static SipSettings Check(SipOptions options, ConfigurationFaults faults)
    {
        List<SipListener> listeners = [];
        for (int i = 0; i < options.Listen.Count; i++)
        {
            if (TryRead(options.Listen[i], out SipTransport transport, out string host, out int port)
                && IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
            {
                listeners.Add(new SipListener(transport, new IPEndPoint(address, port)));
            }
            else
            {
                faults.Add($"{SipOptions.Section}:Listen:{i}", "is no udp://, tcp:// or tls:// with an address and port",
                    "write such as tcp://10.0.0.1:5060");
            }
        }

        if (options.Listen.Count == 0)
        {
            faults.Add($"{SipOptions.Section}:Listen", "is empty", "write where the SIP core sends requests to");
        }

        return new SipSettings(
            listeners, CheckPeers(options, faults), CheckCore(options, faults), options.Host.Length == 0 ? null : options.Host,
            options.DropStrangersOnUdp);
    }

    private static SipPeers CheckPeers(SipOptions options, ConfigurationFaults faults)
    {
        if (options.Peers.Count == 0)
        {
            faults.Add($"{SipOptions.Section}:Peers", "is empty", "name the SIP core: everybody else gets 403");
        }

        List<SipPeer> peers = [];
        for (int i = 0; i < options.Peers.Count; i++)
        {
            SipPeerOptions peer = options.Peers[i];
            string section = $"{SipOptions.Section}:Peers:{i}";
            List<IPNetwork> networks = [];
            foreach (string text in peer.Networks)
            {
                if (IPNetwork.TryParse(text, out IPNetwork network))
                {
                    networks.Add(network);
                }
                else
                {
                    faults.Add($"{section}:Networks", "has something that is no network", "write such as 10.0.0.0/28");
                }
            }

            if (peer.Name.Length == 0 || (networks.Count == 0 && peer.CertificateSha256.Count == 0))
            {
                faults.Add(section, "has no Name, or neither Networks nor CertificateSha256", "write how the peer is known");
            }

            if (peer.RequestsPerSecond < 1 || peer.Burst < peer.RequestsPerSecond)
            {
                faults.Add($"{section}:Burst", "is less than RequestsPerSecond, or that is less than 1",
                    "write 1 or more of each");
            }

            peers.Add(new SipPeer(peer.Name)
            {
                Networks = networks,
                CertificateSha256 = [.. peer.CertificateSha256],
                RequestsPerSecond = peer.RequestsPerSecond,
                Burst = peer.Burst,
            });
        }

        try
        {
            return new SipPeers(peers);
        }
        catch (ArgumentException)
        {
            faults.Add($"{SipOptions.Section}:Peers", "share a name or a certificate, or a fingerprint is none",
                "write 64 hexadecimal digits, each once");
            return SipPeers.None;
        }
    }

    private static SipDestination? CheckCore(SipOptions options, ConfigurationFaults faults)
    {
        if (options.Core.Length == 0)
        {
            return null;
        }

        if (!TryRead(options.Core, out SipTransport transport, out string host, out int port))
        {
            faults.Add($"{SipOptions.Section}:Core", "is no udp://, tcp:// or tls://",
                "write such as tcp://core.example.org:5060");
            return null;
        }

        if (transport == SipTransport.Tls && options.CoreCertificateSha256.Length != 64)
        {
            faults.Add($"{SipOptions.Section}:CoreCertificateSha256", "is no SHA-256", "write that of the core's certificate");
        }

        return new SipDestination(transport, host, port)
        {
            CertificateSha256 = options.CoreCertificateSha256.Length == 0 ? null : options.CoreCertificateSha256,
        };
    }

    private static bool TryRead(string text, out SipTransport transport, out string host, out int port)
    {
        (transport, host, port) = (default, string.Empty, 0);
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.AbsolutePath is not ("/" or "")
            || !Enum.TryParse(uri.Scheme, ignoreCase: true, out transport) || uri.Host.Length == 0)
        {
            return false;
        }

        host = uri.Host;
        port = uri.Port >= 0 ? uri.Port : transport == SipTransport.Tls ? DefaultTlsPort : DefaultPort;
        return uri.Scheme is "udp" or "tcp" or "tls";
    }
}
